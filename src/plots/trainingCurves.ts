// Loss and accuracy over the epochs, two panels side by side, drawn by Chart.js.
import { Chart, Title, type ChartConfiguration, type ChartDataset } from 'chart.js';
import { check } from '../base/errors.js';
import { formatPercent } from '../base/table.js';
import { chartFont, putLineChart } from './lineChart.js';
import { epochPoints, hasCurves, type EpochFigures, type Figure } from './epochPoints.js';
import { COLORS, MARGIN, openPlot, TEXT_SIZE, TITLE_SIZE, write, type CreateCanvas, type PlotCanvas } from './style.js';

Chart.register(Title);

export type { EpochFigures };

export interface TrainingCurvesOptions {
  /** "Training" unless told. */
  readonly title?: string;
}

const PANEL_WIDTH = 520;
const PANEL_HEIGHT = 380;
const HEAD = 84;

/**
 * Draws the curves of the epochs, of which there is at least one; validation curves where there are such figures.
 *
 * @example
 * ```ts
 * import { openCanvas } from 'wasm-cnn/node';
 * import { drawTrainingCurves } from 'wasm-cnn/plots';
 *
 * const { createCanvas } = await openCanvas();
 * const epochs = [1, 2].map((epoch) => ({ epoch, loss: 1 / epoch, accuracy: 1 - 0.1 / epoch }));
 * drawTrainingCurves(createCanvas, epochs);
 * ```
 */
export function drawTrainingCurves(
  createCanvas: CreateCanvas,
  epochs: readonly EpochFigures[],
  options: TrainingCurvesOptions = {},
): PlotCanvas {
  check(epochs.length > 0, 'drawTrainingCurves needs the figures of at least one epoch, got none');
  const { canvas, ctx } = openPlot(createCanvas, 3 * MARGIN + 2 * PANEL_WIDTH, HEAD + PANEL_HEIGHT + MARGIN);
  write(ctx, options.title ?? 'Training', MARGIN, MARGIN + TITLE_SIZE - 4, { size: TITLE_SIZE, bold: true });
  write(ctx, summarize(epochs.at(-1)!), MARGIN, MARGIN + 40, { color: COLORS.quiet });
  const panels = [
    panelOf('Loss', epochs, 'loss', 'valLoss', { beginAtZero: true }, (loss) => String(loss)),
    panelOf(
      'Accuracy',
      epochs,
      'accuracy',
      'valAccuracy',
      { max: 1 },
      (share) => `${Number((100 * share).toFixed(2))} %`,
    ),
  ];
  for (const [i, panel] of panels.entries()) {
    const place = { x: MARGIN + i * (PANEL_WIDTH + MARGIN), y: HEAD, width: PANEL_WIDTH, height: PANEL_HEIGHT };
    putLineChart(ctx, createCanvas, place, panel);
  }
  return canvas;
}

function summarize({ epoch, loss, accuracy, valLoss, valAccuracy }: EpochFigures): string {
  const training = `After epoch ${epoch}: training loss ${loss.toFixed(4)}, accuracy ${formatPercent(accuracy)}`;
  if (valLoss === undefined || valAccuracy === undefined) return training;
  return `${training}; validation loss ${valLoss.toFixed(4)}, accuracy ${formatPercent(valAccuracy)}`;
}

function panelOf(
  title: string,
  epochs: readonly EpochFigures[],
  training: Figure,
  validation: Figure,
  range: object,
  formatTick: (value: number) => string,
): ChartConfiguration<'line'> {
  const first = epochs[0]!.epoch,
    last = epochs.at(-1)!.epoch;
  const datasets = [lineOf('training', epochs, training)];
  if (epochs.some((figures) => figures[validation] !== undefined))
    datasets.push(lineOf('validation', epochs, validation));
  return {
    type: 'line',
    data: { datasets },
    options: {
      clip: false,
      scales: {
        x: {
          type: 'linear',
          // Figures of a single epoch stand in the middle.
          min: first - (first === last || hasCurves(epochs) ? 1 : 0),
          max: last + (first === last && !hasCurves(epochs) ? 1 : 0),
          afterBuildTicks: (axis) => {
            axis.ticks = epochTicks(first, last).map((value) => ({ value }));
          },
          title: { display: true, text: 'epoch', color: COLORS.ink, font: chartFont(TEXT_SIZE) },
          ticks: { color: COLORS.ink, font: chartFont(TEXT_SIZE - 1), autoSkip: false, maxRotation: 0 },
          grid: { color: COLORS.rule },
        },
        y: {
          ...range,
          ticks: {
            color: COLORS.ink,
            font: chartFont(TEXT_SIZE - 1),
            maxTicksLimit: 8,
            callback: (value) => formatTick(Number(value)),
          },
          grid: { color: COLORS.rule },
        },
      },
      plugins: {
        title: {
          display: true,
          text: title,
          align: 'start',
          color: COLORS.ink,
          font: chartFont(TEXT_SIZE + 2, true),
          padding: { top: 0, bottom: 4 },
        },
        legend: {
          align: 'start',
          labels: { usePointStyle: true, boxHeight: 7, padding: 16, color: COLORS.ink, font: chartFont(TEXT_SIZE) },
        },
      },
    },
  };
}

/** Training is a solid line with dots, validation a dashed line with triangles. */
function lineOf(
  label: 'training' | 'validation',
  epochs: readonly EpochFigures[],
  figure: Figure,
): ChartDataset<'line', { x: number; y: number }[]> {
  const color = label === 'training' ? COLORS.blue : COLORS.vermillion;
  const points = epochPoints(epochs, figure);
  const radius = epochs.length > 25 ? 3 : 5;
  const isWithin = points.length > epochs.length;
  return {
    label,
    data: points,
    borderColor: color,
    backgroundColor: label === 'training' ? color : COLORS.ground,
    borderWidth: 2,
    borderDash: label === 'training' ? [] : [7, 4],
    pointStyle: label === 'training' ? 'circle' : 'triangle',
    pointRadius: isWithin ? 0 : label === 'training' ? radius - 1 : radius,
    pointBorderWidth: 2,
    pointBorderColor: color,
  };
}

/** Ticks at no more than 11 whole numbers from `first` to `last`, evenly apart. */
function epochTicks(first: number, last: number): number[] {
  const step =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((size) => (last - first) / size <= 10) ??
    Math.ceil((last - first) / 10);
  const ticks = [first];
  for (let tick = (Math.floor(first / step) + 1) * step; tick <= last; tick += step) ticks.push(tick);
  return ticks;
}
