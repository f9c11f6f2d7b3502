// The width of a digit's strokes: measured, and dilated where fitting into 20 × 20 pixels would leave next to nothing of them.
import type { GrayPicture } from './picture.js';

/**
 * The strokes' mean width in pixels: area over length, the length being half the outline.
 * A slanting line's outline of pixels is longer than the line, 4 / π = 1.273 times on average.
 */
export function strokeWidth({ gray, width, height }: GrayPicture): number {
  const isStroke = (x: number, y: number) => x >= 0 && x < width && y >= 0 && y < height && gray[y * width + x]! >= 128;
  let area = 0,
    outline = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      area += gray[y * width + x]! / 255;
      if (!isStroke(x, y)) continue;
      for (const beside of [isStroke(x - 1, y), isStroke(x + 1, y), isStroke(x, y - 1), isStroke(x, y + 1)])
        if (!beside) outline++;
    }
  }
  return (area / (outline / 2)) * 1.273;
}

/**
 * Dilation by a disc with a soft edge, until strokes `width` pixels wide come out `wanted` pixels wide
 * where the digit, which the picture holds without margins, is fitted into a box of `boxSide` pixels.
 */
export function dilateStrokes(
  { gray, width, height }: GrayPicture,
  stroke: number,
  wanted: number,
  boxSide: number,
): GrayPicture {
  // The grown digit is `2 radius` longer, too: (stroke + 2 radius) · boxSide / (longer side + 2 radius) = wanted.
  const radius = (wanted * Math.max(width, height) - stroke * boxSide) / (2 * (boxSide - wanted));
  const reach = Math.ceil(radius);
  const wide = {
    gray: new Uint8Array((width + 2 * reach) * (height + 2 * reach)),
    width: width + 2 * reach,
    height: height + 2 * reach,
  };
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const weight = Math.min(1, radius + 0.5 - Math.sqrt(dx * dx + dy * dy));
      if (weight <= 0) continue;
      for (let y = 0, at = 0; y < height; y++) {
        let to = (y + reach + dy) * wide.width + reach + dx;
        for (let x = 0; x < width; x++, at++, to++) {
          const value = gray[at]! * weight;
          if (value > wide.gray[to]!) wide.gray[to] = value;
        }
      }
    }
  }
  return wide;
}
