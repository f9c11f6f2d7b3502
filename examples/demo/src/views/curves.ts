// Loss and accuracy as they come, drawn by Chart.js in the page's colors.
import { Chart, LinearScale, LineController, LineElement, PointElement, type ChartConfiguration } from 'chart.js';
import { find } from '../page/element.js';
import { onThemeChange, readTheme } from '../page/theme.js';
import { formatShare } from '../page/format.js';
import type { Point, SavedCurves } from '../training/progress.js';

Chart.register(LinearScale, LineController, LineElement, PointElement);

type LineChart = Chart<'line', Point[]>;

export class Curves {
  readonly #accuracy = find('accuracy-chart', HTMLCanvasElement);
  readonly #loss = find('loss-chart', HTMLCanvasElement);
  #accuracyChart: LineChart;
  #lossChart: LineChart;
  #shown: SavedCurves | null = null;

  constructor() {
    this.#accuracyChart = this.#make(this.#accuracy, (value) => `${Math.round(100 * value)} %`, 1);
    this.#lossChart = this.#make(this.#loss, String);
    onThemeChange(() => {
      this.#accuracyChart.destroy();
      this.#lossChart.destroy();
      this.#accuracyChart = this.#make(this.#accuracy, (value) => `${Math.round(100 * value)} %`, 1);
      this.#lossChart = this.#make(this.#loss, String);
      if (this.#shown) this.show(this.#shown);
    });
  }

  show(curves: SavedCurves): void {
    this.#shown = curves;
    fill(this.#accuracyChart, curves.accuracy, curves.testAccuracy, curves.total);
    fill(this.#lossChart, curves.loss, curves.validationLoss, curves.total);
    const last = (points: readonly Point[]): number => points.at(-1)?.y ?? NaN;
    this.#accuracy.ariaLabel = `Accuracy over the images seen; training now ${formatShare(last(curves.accuracy))}, test ${formatShare(last(curves.testAccuracy))}`;
    this.#loss.ariaLabel = `Loss over the images seen; training now ${last(curves.loss).toFixed(3)}`;
  }

  clear(): void {
    this.#shown = null;
    for (const chart of [this.#accuracyChart, this.#lossChart]) fill(chart, [], [], 1);
  }

  #make(canvas: HTMLCanvasElement, format: (value: number) => string, max?: number): LineChart {
    const theme = readTheme();
    const line = (color: string) => ({
      data: [] as Point[],
      borderColor: color,
      backgroundColor: color,
      borderWidth: 2,
      pointRadius: 0,
      tension: 0,
    });
    const ticks = {
      color: theme.quiet,
      font: { family: 'system-ui, sans-serif', size: 11 },
      maxRotation: 0,
      maxTicksLimit: 5,
    };
    const config: ChartConfiguration<'line', Point[]> = {
      type: 'line',
      data: { datasets: [line(theme.train), line(theme.test)] },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        events: [],
        parsing: false,
        normalized: true,
        scales: {
          x: {
            type: 'linear',
            min: 0,
            ticks: { ...ticks, callback: (value, _, all) => (all.at(-1)!.value > 1 ? shortCount(Number(value)) : '') },
            grid: { display: false },
            border: { color: theme.rule },
          },
          y: {
            ...(max === undefined ? { beginAtZero: true, suggestedMax: 2.4 } : { min: 0, max }),
            afterFit: (axis) => (axis.width = 44),
            ticks: { ...ticks, callback: (value) => format(Number(value)) },
            grid: { color: theme.rule },
            border: { display: false },
          },
        },
      },
    };
    return new Chart(canvas, config);
  }
}

function fill(chart: LineChart, train: readonly Point[], test: readonly Point[], end: number): void {
  const [first, second] = chart.data.datasets;
  first!.data = train as Point[];
  second!.data = test as Point[];
  // A few points are no line yet.
  second!.pointRadius = test.length <= 12 ? 3 : 0;
  chart.options.scales!['x']!.max = end;
  chart.update('none');
}

/** 12000 → '12k' */
function shortCount(n: number): string {
  return n >= 1e6 ? `${n / 1e6}M` : n >= 1000 ? `${n / 1000}k` : String(n);
}
