// Many small images on one canvas: feature maps and filters, bright for large values.
import type { Picture } from 'wasm-cnn/images';
import { context } from './element.js';

export interface Tiles {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  /** Pixels between two tiles. */
  readonly gap: number;
  /** Value of tile i at column x and row y, in -1 … 1, or its color. */
  at(i: number, x: number, y: number): number | Rgb;
}

export type Rgb = readonly [red: number, green: number, blue: number];

/** From -1 over 0 to 1. */
export interface Shades {
  readonly negative: Rgb;
  readonly zero: Rgb;
  readonly positive: Rgb;
}

/** What the network sees is drawn as MNIST is, bright on black, in both themes; what pulls down is orange. */
export const SEEN: Shades = { negative: [230, 120, 30], zero: [12, 14, 18], positive: [255, 255, 255] };

export function drawTiles(
  canvas: HTMLCanvasElement,
  { count, width, height, columns, gap, at }: Tiles,
  { negative, zero, positive }: Shades,
): void {
  const rows = Math.ceil(count / columns);
  const [fullWidth, fullHeight] = [columns * (width + gap) - gap, rows * (height + gap) - gap];
  if (canvas.width !== fullWidth || canvas.height !== fullHeight)
    [canvas.width, canvas.height] = [fullWidth, fullHeight];
  const ctx = context(canvas);
  const picture = ctx.createImageData(fullWidth, fullHeight);
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * (width + gap),
      top = Math.floor(i / columns) * (height + gap);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = at(i, x, y);
        const pixel = 4 * ((top + y) * fullWidth + left + x);
        if (typeof value === 'number') {
          const far = value < 0 ? negative : positive;
          const depth = Math.min(1, Math.abs(value));
          for (let c = 0; c < 3; c++) picture.data[pixel + c] = zero[c]! + (far[c]! - zero[c]!) * depth;
        } else picture.data.set(value, pixel);
        picture.data[pixel + 3] = 255;
      }
    }
  }
  ctx.putImageData(picture, 0, 0);
}

/** A picture in its own colors, on a canvas of its size; a gray one as the digits are. */
export function drawImage(canvas: HTMLCanvasElement, { data, width, height, channels }: Picture): void {
  const at = (_: number, x: number, y: number): number | Rgb => {
    const pixel = channels * (width * y + x);
    return channels === 1 ? data[pixel]! / 255 : [data[pixel]!, data[pixel + 1]!, data[pixel + 2]!];
  };
  drawTiles(canvas, { count: 1, width, height, columns: 1, gap: 0, at }, SEEN);
}
