// Test images on one picture, each with the predicted label, its probability, and the true label where that is another.
import { check } from '../base/errors.js';
import { formatCount, formatPercent } from '../base/table.js';
import { argmax } from '../metrics/index.js';
import { checkTensor, type Tensor } from '../base/tensor.js';
import { drawPixels } from './pixels.js';
import {
  COLORS,
  MARGIN,
  openPlot,
  shortened,
  TITLE_SIZE,
  widthOf,
  write,
  type Context2D,
  type CreateCanvas,
  type PlotCanvas,
} from './style.js';

export interface SampleGridOptions {
  /** What the images are, for the title; "random test images" unless told. */
  readonly subject?: string;
  /** One name a class; its number unless told. */
  readonly classNames?: readonly string[];
  /** Images in a row; about as many as there are rows unless told. */
  readonly columns?: number;
  /** What stands under each image, as the name of its file. */
  readonly captions?: readonly string[];
}

interface Verdict {
  /** Null where the true class is not known. */
  readonly right: boolean | null;
  /** One line, or two. */
  readonly label: readonly string[];
  readonly probability: string;
}

const LINE = 18;
const FRAME = 5;
/** A caption makes cells no wider than this, and is cut. */
const CAPTION_WIDTH = 140;
/** Labels wider than this have the true class on a line of its own, and names wider than the second are cut. */
const [LABEL_WIDTH, NAME_WIDTH] = [220, 280];
const KEY = 'Under each image: predicted label and its probability.';
const KEY_WRONG = 'A frame with a cross: predicted wrongly; the true label follows.';

/**
 * Draws `images` [n, height, width, 1, 3 or 4] in rows, without their opacity. `labels` holds the n true classes, null for one that is not
 * known; `probabilities` [n, classes] what the model says. Wrong predictions carry a thick frame and a cross.
 *
 * @example
 * ```ts
 * import { openCanvas } from 'wasm-cnn/node';
 * import { drawSampleGrid } from 'wasm-cnn/plots';
 *
 * const { createCanvas } = await openCanvas();
 * const images = { data: new Uint8Array(2 * 28 * 28), shape: [2, 28, 28, 1] };
 * const probabilities = { data: Float32Array.of(0.9, 0.1, 0.2, 0.8), shape: [2, 2] };
 * drawSampleGrid(createCanvas, images, [0, 1], probabilities, { classNames: ['cat', 'dog'] });
 * ```
 */
export function drawSampleGrid(
  createCanvas: CreateCanvas,
  images: Tensor<Uint8Array>,
  labels: ArrayLike<number | null>,
  probabilities: Tensor<Float32Array>,
  options: SampleGridOptions = {},
): PlotCanvas {
  checkTensor(images, 'drawSampleGrid: images');
  checkTensor(probabilities, 'drawSampleGrid: probabilities');
  const [n = 0, height = 0, width = 0, channels = 0] = images.shape;
  check(
    images.shape.length === 4 && n > 0 && width > 0 && height > 0 && [1, 3, 4].includes(channels),
    `drawSampleGrid needs images [n, height, width, 1, 3 or 4] with n of at least 1, got [${images.shape.join(', ')}]`,
  );
  check(
    labels.length === n &&
      probabilities.shape.length === 2 &&
      probabilities.shape[0] === n &&
      probabilities.shape[1]! > 0,
    `drawSampleGrid needs a label and a row of probabilities for each of the ${n} images, ` +
      `got ${labels.length} labels and probabilities [${probabilities.shape.join(', ')}]`,
  );
  const ruler = openPlot(createCanvas, 1, 1).ctx;
  const verdicts = judge(labels, probabilities, options.classNames, ruler);
  const countOf = (right: boolean): number => verdicts.filter((verdict) => verdict.right === right).length;
  const wrong = countOf(false);
  const subject = options.subject ?? (n === 1 ? 'random test image' : 'random test images');
  const isKnown = verdicts.some(({ right }) => right !== null);
  const title = `${formatCount(n)} ${subject}${isKnown ? `: ${formatCount(countOf(true))} right, ${formatCount(wrong)} wrong` : ''}`;
  const keys = [KEY, ...(wrong === 0 ? [] : [KEY_WRONG])];

  const columns = Math.min(n, options.columns ?? Math.ceil(Math.sqrt(n)));
  const rows = Math.ceil(n / columns);
  const [imageWidth, imageHeight] = enlarge(width, height, n);
  const textWidth = Math.max(
    ...verdicts.flatMap(({ label, probability }) => [
      ...label.map((line) => widthOf(ruler, line, 14, true)),
      widthOf(ruler, probability),
    ]),
  );
  const captionWidth = Math.max(0, ...(options.captions ?? []).map((caption) => widthOf(ruler, caption, 12)));
  const cellWidth = Math.max(imageWidth + 4 * FRAME, textWidth + 12, Math.min(captionWidth, CAPTION_WIDTH) + 12);
  const captions = options.captions?.map((caption) => shortened(ruler, caption, cellWidth - 8, 12));
  const labelLines = Math.max(...verdicts.map(({ label }) => label.length));
  const cellHeight = imageHeight + 2 * FRAME + (labelLines + (captions ? 2 : 1)) * LINE + 16;
  const headWidth = Math.max(widthOf(ruler, title, TITLE_SIZE, true), ...keys.map((key) => widthOf(ruler, key)));
  const top = MARGIN + 34 + LINE * keys.length;
  const canvasWidth = 2 * MARGIN + Math.max(columns * cellWidth, headWidth);
  const { canvas, ctx } = openPlot(createCanvas, canvasWidth, top + rows * cellHeight + 4);

  write(ctx, title, MARGIN, MARGIN + TITLE_SIZE - 4, { size: TITLE_SIZE, bold: true });
  keys.forEach((key, i) => write(ctx, key, MARGIN, MARGIN + 40 + i * LINE, { color: COLORS.quiet }));
  const left = Math.floor((canvasWidth - columns * cellWidth) / 2);
  const size = width * height * channels;
  verdicts.forEach((verdict, i) => {
    const center = left + (i % columns) * cellWidth + Math.floor(cellWidth / 2);
    const x = center - Math.floor(imageWidth / 2),
      y = top + Math.floor(i / columns) * cellHeight + FRAME;
    const data = images.data.subarray(i * size, (i + 1) * size);
    const isWrong = verdict.right === false;
    if (isWrong) markWrong(ctx, x, y, imageWidth, imageHeight);
    drawPixels(ctx, { data, width, height, channels }, x, y, imageWidth, imageHeight);
    if (isWrong) drawCross(ctx, x + imageWidth, y);
    const baseline = y + imageHeight + FRAME + 16;
    const color = isWrong ? COLORS.vermillion : COLORS.ink;
    const quiet = isWrong ? color : COLORS.quiet;
    const lines = [
      ...verdict.label.map((text) => ({ text, style: { bold: isWrong, color } })),
      { text: verdict.probability, style: { color: quiet } },
      ...(captions ? [{ text: captions[i]!, style: { color: COLORS.quiet, size: 12 } }] : []),
    ];
    for (const [line, { text, style }] of lines.entries())
      write(ctx, text, center, baseline + line * LINE, { ...style, align: 'center' });
  });
  return canvas;
}

function judge(
  labels: ArrayLike<number | null>,
  probabilities: Tensor<Float32Array>,
  names: readonly string[] | undefined,
  ruler: Context2D,
): Verdict[] {
  const classes = probabilities.shape[1]!;
  const nameOf = (label: number): string => shortened(ruler, names?.[label] ?? String(label), NAME_WIDTH, 14, true);
  const verdicts = Array.from({ length: labels.length }, (_, i) => {
    const predicted = argmax(probabilities.data, i * classes, classes);
    const truth = labels[i]!;
    return {
      right: truth === null ? null : predicted === truth,
      label: [nameOf(predicted), ...(truth === null || truth === predicted ? [] : [`true ${nameOf(truth)}`])],
      // Rounded to f32 it may be 1.
      probability: formatPercent(Math.min(probabilities.data[i * classes + predicted]!, 1 - 1e-7), 1),
    };
  });
  const joined = verdicts.map((verdict) => ({ ...verdict, label: [verdict.label.join(', ')] }));
  return joined.every(({ label }) => widthOf(ruler, label[0]!, 14, true) <= LABEL_WIDTH) ? joined : verdicts;
}

/** The size an image is shown at: a whole multiple, so that its pixels stay square; large images are reduced. */
function enlarge(width: number, height: number, n: number): [number, number] {
  const wanted = n <= 36 ? 112 : n <= 144 ? 84 : 56;
  const longer = Math.max(width, height);
  const scale = longer <= wanted ? Math.floor(wanted / longer) : wanted / longer;
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

function markWrong(ctx: Context2D, x: number, y: number, width: number, height: number): void {
  ctx.fillStyle = COLORS.vermillion;
  ctx.fillRect(x - FRAME, y - FRAME, width + 2 * FRAME, height + 2 * FRAME);
}

/** A white cross on a square in the image's upper right corner. */
function drawCross(ctx: Context2D, right: number, top: number): void {
  const side = 20,
    inset = 6;
  const x = right + FRAME - side,
    y = top - FRAME;
  ctx.fillStyle = COLORS.vermillion;
  ctx.fillRect(x, y, side, side);
  ctx.strokeStyle = COLORS.ground;
  ctx.lineWidth = 2.5;
  ctx.beginPath();
  ctx.moveTo(x + inset, y + inset);
  ctx.lineTo(x + side - inset, y + side - inset);
  ctx.moveTo(x + side - inset, y + inset);
  ctx.lineTo(x + inset, y + side - inset);
  ctx.stroke();
}
