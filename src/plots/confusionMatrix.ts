// A confusion matrix as a heat-map: true labels in rows, predicted labels in columns, recall and precision at the margins.
import { check } from '../base/errors.js';
import { formatCount, formatPercent } from '../base/table.js';
import { checkTensor, type Tensor } from '../base/tensor.js';
import {
  COLORS,
  MARGIN,
  openPlot,
  shortened,
  TEXT_SIZE,
  TITLE_SIZE,
  widthOf,
  write,
  type CreateCanvas,
  type PlotCanvas,
} from './style.js';

export interface ConfusionMatrixOptions {
  /** "Confusion matrix" unless told. */
  readonly title?: string;
  /** One name a class; its number unless told. */
  readonly classNames?: readonly string[];
}

/** More classes than this have small cells, and no precision below them. */
const MOST_LARGE = 25;
/** More than this are not drawn. */
const MOST = 256;
const [LARGE, SMALL] = [
  { row: 40, cell: 48, padding: 14, size: TEXT_SIZE },
  { row: 20, cell: 20, padding: 6, size: 10 },
];
/** What a name takes at most above its column: wider ones make room for the classes' numbers; and before its row. */
const [HEADER_WIDTH, NAME_WIDTH] = [110, 280];
/** A count of 0 stands back. */
const FAINT = '#8a8a8a';

/**
 * Draws `counts` [classes, classes]; row i, column j holds how many images of class i were taken for class j.
 *
 * @example
 * ```ts
 * import { openCanvas } from 'wasm-cnn/node';
 * import { drawConfusionMatrix } from 'wasm-cnn/plots';
 *
 * const { createCanvas } = await openCanvas();
 * const counts = { data: Int32Array.of(9, 1, 2, 8), shape: [2, 2] };
 * drawConfusionMatrix(createCanvas, counts, { classNames: ['cat', 'dog'] });
 * ```
 */
export function drawConfusionMatrix(
  createCanvas: CreateCanvas,
  counts: Tensor,
  options: ConfusionMatrixOptions = {},
): PlotCanvas {
  checkTensor(counts, 'drawConfusionMatrix: counts');
  const [classes = 0, across] = counts.shape;
  check(
    counts.shape.length === 2 && classes >= 2 && across === classes && classes <= MOST,
    `drawConfusionMatrix needs counts [classes, classes] of 2 to ${MOST} classes, got [${counts.shape.join(', ')}]`,
  );
  const ruler = openPlot(createCanvas, 1, 1).ctx;
  const isLarge = classes <= MOST_LARGE;
  const { row, size, ...least } = isLarge ? LARGE : SMALL;
  const wide = (texts: readonly string[]) => Math.max(...texts.map((text) => widthOf(ruler, text, size, true)));
  const numbers = Array.from({ length: classes }, (_, i) => String(i));
  const own = numbers.map((number, i) => options.classNames?.[i] ?? number);
  const areShort = isLarge && wide(own) <= HEADER_WIDTH;
  const headers = areShort ? own : numbers;
  const names = own.map((name, i) =>
    shortened(ruler, areShort || name === numbers[i] ? name : `${i} ${name}`, NAME_WIDTH, size, true),
  );
  const at = (truth: number, predicted: number) => counts.data[truth * classes + predicted]!;
  const inRow = sums(classes, at);
  const inColumn = sums(classes, (column, row) => at(row, column));
  // The largest share of a row that is wrong is fully shaded.
  const share = (truth: number, predicted: number) => (inRow[truth] === 0 ? 0 : at(truth, predicted) / inRow[truth]!);
  const shares = own.flatMap((_, truth) =>
    own.map((_, predicted) => (truth === predicted ? 0 : share(truth, predicted))),
  );
  const mostWrong = Math.max(...shares);
  const key = `Shade: share of the row. Right answers, on the diagonal, are blue; wrong ones are orange${mostWrong > 0 ? `, the darkest ${formatPercent(mostWrong)}` : ''}.`;
  const total = inRow.reduce((sum, n) => sum + n, 0);
  const right = own.reduce((sum, _, i) => sum + at(i, i), 0);
  const title = `${options.title ?? 'Confusion matrix'}: ${formatCount(right)} of ${formatCount(total)} right (${shareOf(right, total)})`;

  const texts = [...headers, ...(isLarge ? ['100.00 %'] : []), ...Array.from(counts.data, formatCount)];
  const cell = Math.max(least.cell, wide(texts) + least.padding);
  const shareWidth = Math.max(cell, widthOf(ruler, '100.00 %', size, true) + 14, widthOf(ruler, 'recall'));
  const left = MARGIN + Math.max(wide(names), widthOf(ruler, 'true label'), widthOf(ruler, 'precision')) + 12;
  const top = MARGIN + 112;
  const gridWidth = classes * cell;
  const width =
    Math.max(
      left + gridWidth + shareWidth + 12,
      2 * MARGIN + widthOf(ruler, title, TITLE_SIZE, true),
      2 * MARGIN + widthOf(ruler, key),
    ) + 8;
  const { canvas, ctx } = openPlot(createCanvas, width, top + (classes + (isLarge ? 1 : 0)) * row + MARGIN);

  write(ctx, title, MARGIN, MARGIN + TITLE_SIZE - 4, { size: TITLE_SIZE, bold: true });
  write(ctx, key, MARGIN, MARGIN + 40, { color: COLORS.quiet });
  const centerOf = (column: number) => left + column * cell + cell / 2;
  const recallX = left + gridWidth + 8 + shareWidth / 2;
  const baselineOf = (line: number) => top + line * row + row / 2 + Math.round(0.36 * size);
  write(ctx, 'predicted label', left + gridWidth / 2, top - 36, { color: COLORS.quiet, align: 'center' });
  write(ctx, 'true label', left - 12, top - 12, { color: COLORS.quiet, align: 'right' });
  write(ctx, 'recall', recallX, top - 12, { color: COLORS.quiet, align: 'center' });
  if (isLarge) write(ctx, 'precision', left - 12, baselineOf(classes) + 4, { color: COLORS.quiet, align: 'right' });
  names.forEach((name, i) => {
    write(ctx, headers[i]!, centerOf(i), top - 12, { size, bold: true, align: 'center' });
    write(ctx, name, left - 12, baselineOf(i), { size, bold: true, align: 'right' });
    write(ctx, shareOf(at(i, i), inRow[i]!), recallX, baselineOf(i), { size, align: 'center' });
    if (isLarge) write(ctx, shareOf(at(i, i), inColumn[i]!), centerOf(i), baselineOf(classes) + 4, { align: 'center' });
  });
  for (let truth = 0; truth < classes; truth++) {
    for (let predicted = 0; predicted < classes; predicted++) {
      const n = at(truth, predicted);
      const hit = truth === predicted;
      const depth = hit ? share(truth, predicted) : share(truth, predicted) / (mostWrong || 1);
      const ground = shade(hit ? COLORS.blue : COLORS.vermillion, depth);
      ctx.fillStyle = `rgb(${ground.join(', ')})`;
      ctx.fillRect(left + predicted * cell, top + truth * row, cell, row);
      ctx.strokeStyle = COLORS.rule;
      ctx.lineWidth = 1;
      ctx.strokeRect(left + predicted * cell + 0.5, top + truth * row + 0.5, cell, row);
      const color = isDark(ground) ? COLORS.ground : n === 0 ? FAINT : COLORS.ink;
      if (isLarge || n > 0)
        write(ctx, formatCount(n), centerOf(predicted), baselineOf(truth), { size, color, bold: hit, align: 'center' });
    }
  }
  return canvas;
}

function sums(classes: number, at: (line: number, i: number) => number): number[] {
  return Array.from({ length: classes }, (_, line) => {
    let sum = 0;
    for (let i = 0; i < classes; i++) sum += at(line, i);
    return sum;
  });
}

/** A dash where nothing was to be found or nothing was predicted. */
function shareOf(part: number, whole: number): string {
  return whole === 0 ? '–' : formatPercent(part / whole);
}

/** Red, green, blue: white at depth 0, `color` at depth 1. */
function shade(color: string, depth: number): number[] {
  return [1, 3, 5].map((i) => Math.round(255 + (parseInt(color.slice(i, i + 2), 16) - 255) * depth));
}

/** Whether white letters read better than black ones; luma of Rec. 601. */
function isDark([red = 0, green = 0, blue = 0]: readonly number[]): boolean {
  return 0.299 * red + 0.587 * green + 0.114 * blue < 110;
}
