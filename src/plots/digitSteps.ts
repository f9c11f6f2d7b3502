// One picture of a person's own, a digit or anything else: as it came, what the network saw of it, and what the network says.
import { formatPercent } from '../base/table.js';
import type { GrayPicture } from '../data/digitImage/picture.js';
import { verdictOf } from '../data/verdict.js';
import { drawPixels, type Pixels } from './pixels.js';
import {
  COLORS,
  MARGIN,
  openPlot,
  shortened,
  TEXT_SIZE,
  TITLE_SIZE,
  widthOf,
  write,
  type Context2D,
  type CreateCanvas,
  type PlotCanvas,
} from './style.js';

export interface DigitSteps {
  /** The picture as it came: gray, or in colors. */
  readonly picture: GrayPicture | Pixels;
  /** The image that the network saw. */
  readonly seen: GrayPicture | Pixels;
  /** What was done to get there, a few words each. */
  readonly notes: readonly string[];
  /** What speaks against its being one digit. */
  readonly doubts?: readonly string[];
  /** One number a class, at least two. */
  readonly probabilities: ArrayLike<number>;
  readonly classNames?: readonly string[];
}

const SIDE = 280;
const GAP = 32;
const BAR_WIDTH = 220;
const LINE = 20;
/** Most classes shown; of more the most probable ones. */
const MOST_CLASSES = 14;
/** What a name takes at most. */
const NAME_WIDTH = 240;

/**
 * Draws a picture of a digit on its way into the network, and what the network says of it.
 *
 * @example
 * ```ts
 * import { openCanvas } from 'wasm-cnn/node';
 * import { drawDigitSteps } from 'wasm-cnn/plots';
 *
 * const { createCanvas } = await openCanvas();
 * const seen = { gray: new Uint8Array(28 * 28), width: 28, height: 28 };
 * drawDigitSteps(createCanvas, { picture: seen, seen, notes: ['taken as it is'], probabilities: [0.1, 0.9] });
 * ```
 */
export function drawDigitSteps(
  createCanvas: CreateCanvas,
  { picture, seen, notes, doubts, probabilities, classNames }: DigitSteps,
): PlotCanvas {
  const shares = Array.from(probabilities);
  const { digit: best, sure, sentence } = verdictOf(shares, doubts, classNames);
  const ruler = openPlot(createCanvas, 1, 1).ctx;
  const all = shares.map((share, i) => ({
    share,
    isBest: i === best,
    name: shortened(ruler, classNames?.[i] ?? String(i), NAME_WIDTH, TEXT_SIZE, true),
  }));
  const shown = all.length <= MOST_CLASSES ? all : all.sort((a, b) => b.share - a.share).slice(0, MOST_CLASSES);
  const nameWidth = Math.max(...shown.map(({ name }) => widthOf(ruler, name, TEXT_SIZE, true)));
  const barHeight = Math.min(40, Math.max(18, Math.floor(SIDE / shown.length)));
  const panelHeight = Math.max(SIDE, barHeight * shown.length);
  const top = MARGIN + 62;
  const texts = [widthOf(ruler, sentence, TITLE_SIZE, sure), ...notes.map((note) => widthOf(ruler, `• ${note}`))];
  const width = 2 * MARGIN + Math.max(2 * (SIDE + GAP) + nameWidth + 8 + BAR_WIDTH + 70, ...texts);
  const { canvas, ctx } = openPlot(
    createCanvas,
    width,
    top + panelHeight + MARGIN + (notes.length === 0 ? 0 : notes.length * LINE + 12),
  );

  // Bold is what is sure.
  write(ctx, sentence, MARGIN, MARGIN + TITLE_SIZE - 4, { size: TITLE_SIZE, bold: sure });
  const [first, second, third] = [MARGIN, MARGIN + SIDE + GAP, MARGIN + 2 * (SIDE + GAP)];
  write(ctx, `the picture, ${picture.width} × ${picture.height}`, first, top - 10, { color: COLORS.quiet });
  drawFitted(ctx, picture, first, top);
  write(ctx, `what the network saw, ${seen.width} × ${seen.height}`, second, top - 10, { color: COLORS.quiet });
  drawFitted(ctx, seen, second, top);
  const rest = shares.length - shown.length;
  write(ctx, rest > 0 ? `what it says, without the ${rest} least probable` : 'what it says', third, top - 10, {
    color: COLORS.quiet,
  });
  shown.forEach(({ share, isBest, name }, i) => {
    const y = top + i * barHeight,
      baseline = y + barHeight / 2 + 5;
    const bold = sure && isBest;
    write(ctx, name, third + nameWidth, baseline, { bold, align: 'right' });
    ctx.fillStyle = isBest ? COLORS.blue : COLORS.quiet;
    ctx.fillRect(third + nameWidth + 8, y + 3, Math.max(1, Math.round(BAR_WIDTH * share)), barHeight - 6);
    write(ctx, formatPercent(share, 1), third + nameWidth + 16 + Math.round(BAR_WIDTH * share), baseline, { bold });
  });
  notes.forEach((note, i) => write(ctx, `• ${note}`, MARGIN, top + panelHeight + 30 + i * LINE));
  return canvas;
}

/** Draws it as large as fits a square of SIDE pixels, enlarged by whole numbers only. A thin line separates white paper from the white ground. */
function drawFitted(ctx: Context2D, given: GrayPicture | Pixels, x: number, y: number): void {
  const picture = 'gray' in given ? { ...given, data: given.gray, channels: 1 } : given;
  const longer = Math.max(picture.width, picture.height);
  const scale = longer <= SIDE ? Math.floor(SIDE / longer) : SIDE / longer;
  const width = Math.max(1, Math.round(picture.width * scale)),
    height = Math.max(1, Math.round(picture.height * scale));
  drawPixels(ctx, picture, x, y, width, height);
  ctx.strokeStyle = COLORS.rule;
  ctx.lineWidth = 1;
  ctx.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
}
