// Some images of each class of a data set, a row a class.
import { check } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import { formatCount } from '../base/table.js';
import { checkTensor, type Tensor } from '../base/tensor.js';
import { membersOf } from '../data/dataset.js';
import { drawPixels } from './pixels.js';
import {
  COLORS,
  MARGIN,
  openPlot,
  shortened,
  TITLE_SIZE,
  widthOf,
  write,
  type CreateCanvas,
  type PlotCanvas,
} from './style.js';

/** Options of {@link drawContactSheet}. */
export interface ContactSheetOptions {
  readonly title?: string;
  /** One name a class; its number unless told. */
  readonly classNames?: readonly string[];
  /** Images of a class, chosen by the seed; default 12. */
  readonly columns?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Side of an image, at most. */
const SIDE = 84;
const GAP = 4;
/** What a name takes at most. */
const NAME_WIDTH = 280;
/** More classes than this are not drawn. */
const MOST_ROWS = 100;

/**
 * Draws some of `images` [n, height, width, 1, 3 or 4], without their opacity, whose classes `labels` are.
 *
 * @example
 * ```ts
 * import { openCanvas } from 'wasm-cnn/node';
 * import { drawContactSheet } from 'wasm-cnn/plots';
 *
 * const { createCanvas } = await openCanvas();
 * const images = { data: new Uint8Array(2 * 28 * 28), shape: [2, 28, 28, 1] };
 * drawContactSheet(createCanvas, images, [0, 1], { classNames: ['cat', 'dog'] });
 * ```
 */
export function drawContactSheet(
  createCanvas: CreateCanvas,
  images: Tensor<Uint8Array>,
  labels: ArrayLike<number>,
  { title = 'Images by class', classNames, columns = 12, seed = 0 }: ContactSheetOptions = {},
): PlotCanvas {
  checkTensor(images, 'drawContactSheet: images');
  const [n = 0, height = 0, width = 0, channels = 0] = images.shape;
  check(
    images.shape.length === 4 && n > 0 && [1, 3, 4].includes(channels) && labels.length === n,
    () =>
      `drawContactSheet needs images [n, height, width, 1, 3 or 4] and n labels, got [${images.shape.join(', ')}] and ${labels.length}`,
  );
  const ruler = openPlot(createCanvas, 1, 1).ctx;
  const members = membersOf(labels, classNames?.length ?? 0);
  const rows = members.slice(0, MOST_ROWS).map((all, label) => ({
    name: shortened(ruler, classNames?.[label] ?? String(label), NAME_WIDTH, 14, true),
    total: all.length,
    shown: chosen(all, columns, new RandomStream(seed, label)),
  }));
  const left = members.length - rows.length;

  const scale =
    Math.max(width, height) > SIDE ? SIDE / Math.max(width, height) : Math.floor(SIDE / Math.max(width, height));
  const [cellWidth, cellHeight] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const notes = rows.map(({ total }) => `${formatCount(total)} image${total === 1 ? '' : 's'}`);
  const nameWidth = Math.max(
    ...rows.map(({ name }, i) => Math.max(widthOf(ruler, name, 14, true), widthOf(ruler, notes[i]!))),
  );
  const shown = Math.max(...rows.map((row) => row.shown.length));
  const rowHeight = Math.max(cellHeight, 36) + GAP;
  const top = MARGIN + 40;
  const x0 = MARGIN + nameWidth + 16;
  const { canvas, ctx } = openPlot(
    createCanvas,
    MARGIN + Math.max(x0 + shown * (cellWidth + GAP), MARGIN + widthOf(ruler, title, TITLE_SIZE, true)),
    top + rows.length * rowHeight + (left > 0 ? 24 : 0) + MARGIN,
  );
  write(ctx, title, MARGIN, MARGIN + TITLE_SIZE - 4, { size: TITLE_SIZE, bold: true });
  const size = width * height * channels;
  for (const [row, { name, shown }] of rows.entries()) {
    const y = top + row * rowHeight;
    const middle = y + Math.floor(rowHeight / 2);
    write(ctx, name, MARGIN, middle - 3, { bold: true });
    write(ctx, notes[row]!, MARGIN, middle + 14, { color: shown.length === 0 ? COLORS.vermillion : COLORS.quiet });
    for (const [column, image] of shown.entries()) {
      const data = images.data.subarray(image * size, (image + 1) * size);
      const x = x0 + column * (cellWidth + GAP);
      drawPixels(ctx, { data, width, height, channels }, x, y, cellWidth, cellHeight);
    }
  }
  if (left > 0)
    write(ctx, `and ${formatCount(left)} classes more`, MARGIN, top + rows.length * rowHeight + 18, {
      color: COLORS.quiet,
    });
  return canvas;
}

function chosen(members: readonly number[], most: number, random: RandomStream): readonly number[] {
  const all = [...members];
  random.shuffle(all);
  return all.slice(0, most);
}
