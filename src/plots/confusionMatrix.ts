// A confusion matrix as a heat-map: true labels in rows, predicted labels in columns, recall and precision at the margins.
import { check } from '../base/errors.js';
import { checkTensor, type Tensor } from '../base/tensor.js';
import {
  COLORS,
  count,
  MARGIN,
  openPlot,
  percent,
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

const ROW = 40;
const KEY =
  'Shade: share of the row. Right answers, on the diagonal, are blue; wrong ones are orange and reach full shade at 10 %.';
/** The share of a row at which a wrong cell is fully shaded; a root below it, so that one image in a thousand still shows. */
const FULL_WRONG_SHARE = 0.1;
/** A count of 0 stands back. */
const FAINT = '#8a8a8a';

/** Draws `counts` [classes, classes]; row i, column j holds how many images of class i were taken for class j. */
export function drawConfusionMatrix(
  createCanvas: CreateCanvas,
  counts: Tensor,
  options: ConfusionMatrixOptions = {},
): PlotCanvas {
  checkTensor(counts, 'drawConfusionMatrix: counts');
  const [classes = 0, across] = counts.shape;
  check(
    counts.shape.length === 2 && classes >= 2 && across === classes,
    `drawConfusionMatrix needs counts [classes, classes] of at least 2 classes, got [${counts.shape.join(', ')}]`,
  );
  const names = Array.from({ length: classes }, (_, i) => options.classNames?.[i] ?? String(i));
  const at = (truth: number, predicted: number) => counts.data[truth * classes + predicted]!;
  const inRow = sums(classes, at);
  const inColumn = sums(classes, (column, row) => at(row, column));
  const total = inRow.reduce((sum, n) => sum + n, 0);
  const right = names.reduce((sum, _, i) => sum + at(i, i), 0);
  const title = `${options.title ?? 'Confusion matrix'}: ${count(right)} of ${count(total)} right (${shareOf(right, total)})`;

  const ruler = openPlot(createCanvas, 1, 1).ctx;
  const wide = (texts: readonly string[]) => Math.max(...texts.map((text) => widthOf(ruler, text, TEXT_SIZE, true)));
  const cell = Math.max(48, wide([...names, '100.0 %', ...Array.from(counts.data, count)]) + 14);
  const left = MARGIN + wide([...names, 'true label', 'precision']) + 12;
  const top = MARGIN + 112;
  const gridWidth = classes * cell;
  const width =
    Math.max(
      left + gridWidth + cell + 12,
      2 * MARGIN + widthOf(ruler, title, TITLE_SIZE, true),
      2 * MARGIN + widthOf(ruler, KEY),
    ) + 8;
  const { canvas, ctx } = openPlot(createCanvas, width, top + (classes + 1) * ROW + MARGIN);

  write(ctx, title, MARGIN, MARGIN + TITLE_SIZE - 4, { size: TITLE_SIZE, bold: true });
  write(ctx, KEY, MARGIN, MARGIN + 40, { color: COLORS.quiet });
  const centreOf = (column: number) => left + column * cell + cell / 2;
  const baselineOf = (row: number) => top + row * ROW + ROW / 2 + 5;
  write(ctx, 'predicted label', left + gridWidth / 2, top - 36, { color: COLORS.quiet, align: 'center' });
  write(ctx, 'true label', left - 12, top - 12, { color: COLORS.quiet, align: 'right' });
  write(ctx, 'recall', centreOf(classes) + 8, top - 12, { color: COLORS.quiet, align: 'center' });
  write(ctx, 'precision', left - 12, baselineOf(classes) + 4, { color: COLORS.quiet, align: 'right' });
  names.forEach((name, i) => {
    write(ctx, name, centreOf(i), top - 12, { bold: true, align: 'center' });
    write(ctx, name, left - 12, baselineOf(i), { bold: true, align: 'right' });
    write(ctx, shareOf(at(i, i), inRow[i]!), centreOf(classes) + 8, baselineOf(i), { align: 'center' });
    write(ctx, shareOf(at(i, i), inColumn[i]!), centreOf(i), baselineOf(classes) + 4, { align: 'center' });
  });
  for (let truth = 0; truth < classes; truth++) {
    for (let predicted = 0; predicted < classes; predicted++) {
      const n = at(truth, predicted);
      const share = inRow[truth]! === 0 ? 0 : n / inRow[truth]!;
      const hit = truth === predicted;
      const depth = hit ? share : Math.sqrt(Math.min(1, share / FULL_WRONG_SHARE));
      const ground = shade(hit ? COLORS.blue : COLORS.vermillion, depth);
      ctx.fillStyle = `rgb(${ground.join(', ')})`;
      ctx.fillRect(left + predicted * cell, top + truth * ROW, cell, ROW);
      ctx.strokeStyle = COLORS.rule;
      ctx.lineWidth = 1;
      ctx.strokeRect(left + predicted * cell + 0.5, top + truth * ROW + 0.5, cell, ROW);
      const color = isDark(ground) ? COLORS.ground : n === 0 ? FAINT : COLORS.ink;
      write(ctx, count(n), centreOf(predicted), baselineOf(truth), { color, bold: hit, align: 'center' });
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
  return whole === 0 ? '–' : percent(part / whole);
}

/** Red, green, blue: white at depth 0, `color` at depth 1. */
function shade(color: string, depth: number): number[] {
  return [1, 3, 5].map((i) => Math.round(255 + (parseInt(color.slice(i, i + 2), 16) - 255) * depth));
}

/** Whether white letters read better than black ones; luma of Rec. 601. */
function isDark([red = 0, green = 0, blue = 0]: readonly number[]): boolean {
  return 0.299 * red + 0.587 * green + 0.114 * blue < 110;
}
