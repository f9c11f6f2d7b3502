// Images of a batch, and below each what augmentation made of it.
import { check } from '../base/errors.js';
import { checkTensor, type Tensor } from '../base/tensor.js';
import { drawPixels } from './pixels.js';
import { MARGIN, openPlot, TITLE_SIZE, widthOf, write, type CreateCanvas, type PlotCanvas } from './style.js';

/** Options of {@link drawAugmentedBatch}. */
export interface AugmentedBatchPlotOptions {
  readonly title?: string;
  /** Images in a row; default 12. */
  readonly columns?: number;
}

/** Height of an image, at most. */
const SIDE = 84;
const GAP = 4;
const CAPTION = 'Below each image: what augmentation makes of it';

/**
 * Draws `images` and `augmented` [n, height, width, 1, 3 or 4], which may be of two sizes, without their opacity.
 *
 * @example
 * ```ts
 * import { openCanvas } from 'wasm-cnn/node';
 * import { drawAugmentedBatch } from 'wasm-cnn/plots';
 *
 * const { createCanvas } = await openCanvas();
 * const images = { data: new Uint8Array(2 * 28 * 28), shape: [2, 28, 28, 1] };
 * drawAugmentedBatch(createCanvas, images, images, { title: 'As they are' });
 * ```
 */
export function drawAugmentedBatch(
  createCanvas: CreateCanvas,
  images: Tensor<Uint8Array>,
  augmented: Tensor<Uint8Array>,
  { title = 'An augmented batch', columns = 12 }: AugmentedBatchPlotOptions = {},
): PlotCanvas {
  for (const [name, tensor] of Object.entries({ images, augmented })) {
    checkTensor(tensor, `drawAugmentedBatch: ${name}`);
    const { shape } = tensor;
    check(
      shape.length === 4 && shape[0] === images.shape[0] && [1, 3, 4].includes(shape[3]!),
      () =>
        `drawAugmentedBatch needs ${name} [n, height, width, 1, 3 or 4], as many of each, got [${shape.join(', ')}]`,
    );
  }
  const cells = [images, augmented].map(({ data, shape: [, height, width, channels] }) => {
    const largest = Math.max(width!, height!);
    const scale = largest > SIDE ? SIDE / largest : Math.floor(SIDE / largest);
    const cell = { height: Math.max(1, Math.round(height! * scale)), width: Math.max(1, Math.round(width! * scale)) };
    return { data, height: height!, width: width!, channels: channels!, cell };
  });
  const n = images.shape[0]!;
  const [perRow, columnWidth] = [Math.min(columns, n), Math.max(...cells.map(({ cell }) => cell.width)) + GAP];
  const pairHeight = cells.reduce((sum, { cell }) => sum + cell.height + GAP, 0) + 3 * GAP;
  const ruler = openPlot(createCanvas, 1, 1).ctx;
  const top = MARGIN + 58;
  const widest = Math.max(perRow * columnWidth, widthOf(ruler, title, TITLE_SIZE, true), widthOf(ruler, CAPTION));
  const { canvas, ctx } = openPlot(
    createCanvas,
    2 * MARGIN + widest,
    top + Math.ceil(n / perRow) * pairHeight + MARGIN,
  );
  write(ctx, title, MARGIN, MARGIN + TITLE_SIZE - 4, { size: TITLE_SIZE, bold: true });
  write(ctx, CAPTION, MARGIN, MARGIN + 40);
  for (let i = 0; i < n; i++) {
    const x = MARGIN + (i % perRow) * columnWidth;
    let y = top + Math.floor(i / perRow) * pairHeight;
    for (const { data, height, width, channels, cell } of cells) {
      const size = height * width * channels;
      const pixels = { data: data.subarray(i * size, (i + 1) * size), height, width, channels };
      drawPixels(ctx, pixels, x, y, cell.width, cell.height);
      y += cell.height + GAP;
    }
  }
  return canvas;
}
