// An image's own pixels on a canvas: enlarged as sharp squares, reduced by averaging, never smoothed.
import type { Context2D } from './style.js';

/** Bytes in row-major order, 1 (gray), 3 (red, green, blue) or 4 channels, of which the opacity is not drawn. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Draws `image` into the rectangle; to be sharp, `width` and `height` are whole multiples of the image's. */
export function drawPixels(ctx: Context2D, image: Pixels, x: number, y: number, width: number, height: number): void {
  const target = ctx.createImageData(width, height);
  scalePixels(target.data, image, width, height);
  ctx.putImageData(target as never, x, y);
}

/** Writes the image as `width` × `height` pixels of red, green, blue and opacity. */
export function scalePixels(target: Uint8ClampedArray, image: Pixels, width: number, height: number): void {
  for (let row = 0, at = 0; row < height; row++) {
    const [top, bottom] = sourceRange(row, height, image.height);
    for (let column = 0; column < width; column++, at += 4) {
      const [left, right] = sourceRange(column, width, image.width);
      for (let c = 0; c < 3; c++) {
        const channel = image.channels === 1 ? 0 : c;
        let sum = 0;
        for (let sourceY = top; sourceY < bottom; sourceY++) {
          for (let sourceX = left; sourceX < right; sourceX++) {
            sum += image.data[(sourceY * image.width + sourceX) * image.channels + channel]!;
          }
        }
        target[at + c] = sum / ((bottom - top) * (right - left));
      }
      target[at + 3] = 255;
    }
  }
}

/** The source pixels, at least one, under target pixel `i`. */
function sourceRange(i: number, targetSize: number, sourceSize: number): [number, number] {
  const start = Math.floor((i * sourceSize) / targetSize);
  return [start, Math.max(start + 1, Math.floor(((i + 1) * sourceSize) / targetSize))];
}
