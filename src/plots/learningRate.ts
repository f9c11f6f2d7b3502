// The loss by the learning rate, as findLearningRate() has seen it, drawn by Chart.js.
import { formatRate } from '../base/table.js';
import { Chart, LogarithmicScale, type ChartConfiguration } from 'chart.js';
import { check } from '../base/errors.js';
import { chartFont, putLineChart } from './lineChart.js';
import { COLORS, MARGIN, openPlot, TEXT_SIZE, TITLE_SIZE, write, type CreateCanvas, type PlotCanvas } from './style.js';

Chart.register(LogarithmicScale);

/** What findLearningRate() returns. */
export interface LearningRateFigures {
  readonly learningRates: readonly number[];
  readonly losses: readonly number[];
  readonly smoothed: readonly number[];
  readonly suggestion: number | null;
  readonly lowest: number;
}

/** Options of {@link drawLearningRate}. */
export interface LearningRateOptions {
  /** "Learning rate" unless told. */
  readonly title?: string;
}

const [WIDTH, HEIGHT, HEAD] = [860, 440, 84];
/** Batches stand back behind their mean. */
const FAINT = '#a8a8a8';
/** What is so many times above the first smoothed loss is cut off: it would flatten all that matters. */
const HIGHEST = 1.6;

/**
 * Draws the losses and the smoothed ones over the rates, with the suggested rate.
 *
 * @example
 * ```ts
 * import { openCanvas } from 'wasm-cnn/node';
 * import { drawLearningRate } from 'wasm-cnn/plots';
 *
 * const { createCanvas } = await openCanvas();
 * const found = { learningRates: [0.001, 0.01], losses: [2, 1], smoothed: [2, 1], suggestion: 0.01, lowest: 0.01 };
 * drawLearningRate(createCanvas, found);
 * ```
 */
export function drawLearningRate(
  createCanvas: CreateCanvas,
  found: LearningRateFigures,
  options: LearningRateOptions = {},
): PlotCanvas {
  const { learningRates, losses, smoothed, suggestion, lowest } = found;
  check(
    losses.length > 0 && learningRates.length === losses.length && smoothed.length === losses.length,
    'drawLearningRate needs what findLearningRate() returns, of at least one step',
  );
  const { canvas, ctx } = openPlot(createCanvas, WIDTH + 2 * MARGIN, HEAD + HEIGHT + MARGIN);
  write(ctx, options.title ?? 'Learning rate', MARGIN, MARGIN + TITLE_SIZE - 4, { size: TITLE_SIZE, bold: true });
  write(ctx, summarize(suggestion, lowest), MARGIN, MARGIN + 40, { color: COLORS.quiet });
  putLineChart(ctx, createCanvas, { x: MARGIN, y: HEAD, width: WIDTH, height: HEIGHT }, configuration(found));
  return canvas;
}

function summarize(suggestion: number | null, lowest: number): string {
  const best = `lowest at ${formatRate(lowest)}`;
  return suggestion === null
    ? `The loss does not fall at any rate; it is ${best}`
    : `The loss falls most steeply at ${formatRate(suggestion)}, and is ${best}`;
}

function configuration({
  learningRates,
  losses,
  smoothed,
  suggestion,
}: LearningRateFigures): ChartConfiguration<'line'> {
  const font = chartFont();
  const points = (values: readonly number[]) => values.map((y, i) => ({ x: learningRates[i]!, y }));
  const [least, highest] = [
    Math.min(0, ...losses),
    HIGHEST * Math.max(...smoothed.slice(0, Math.ceil(smoothed.length / 2))),
  ];
  const at = suggestion === null ? -1 : learningRates.indexOf(suggestion);
  return {
    type: 'line',
    data: {
      datasets: [
        { label: 'each batch', data: points(losses), borderColor: FAINT, borderWidth: 1.5, pointRadius: 0 },
        { label: 'smoothed', data: points(smoothed), borderColor: COLORS.blue, borderWidth: 2.5, pointRadius: 0 },
        ...(at < 0
          ? []
          : [
              {
                ...{ label: 'falls most steeply', data: [{ x: suggestion!, y: smoothed[at]! }], showLine: false },
                ...{ borderColor: COLORS.vermillion, backgroundColor: COLORS.ground, pointStyle: 'triangle' as const },
                ...{ pointRadius: 8, pointBorderWidth: 2.5, order: -1 },
              },
            ]),
      ],
    },
    options: {
      scales: {
        x: {
          type: 'logarithmic',
          min: learningRates[0]!,
          max: learningRates.at(-1)!,
          title: { display: true, text: 'learning rate', color: COLORS.ink, font },
          ticks: {
            color: COLORS.ink,
            font: { ...font, size: TEXT_SIZE - 1 },
            maxRotation: 0,
            callback: String,
          },
          // Before any is left out for want of room: of those that stay most would be no powers of ten.
          afterBuildTicks(axis) {
            axis.ticks = axis.ticks.filter(({ value }) => isPowerOfTen(value));
          },
          grid: { color: COLORS.rule },
        },
        y: {
          min: least,
          max: highest,
          title: { display: true, text: 'loss', color: COLORS.ink, font },
          ticks: {
            color: COLORS.ink,
            font: { ...font, size: TEXT_SIZE - 1 },
            maxTicksLimit: 8,
            includeBounds: false,
            callback: (value) => String(Number(Number(value).toPrecision(2))),
          },
          grid: { color: COLORS.rule },
        },
      },
      plugins: {
        legend: {
          align: 'start',
          labels: { usePointStyle: true, pointStyle: 'line', padding: 16, color: COLORS.ink, font },
        },
      },
    },
  };
}

function isPowerOfTen(value: number): boolean {
  return /^1(e[-+]\d+|0*)$|^0\.0*1$/.test(String(value));
}
