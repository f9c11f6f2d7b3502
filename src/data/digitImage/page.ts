// Page detection: finds the light sheet of paper that a digit was written on, where the picture shows it whole on a darker table.
import type { Box, GrayPicture } from './picture.js';
import { ranked } from './ranked.js';

/** The page without its edges, or null where the picture's border is as light as the rest or the light part has no page's shape. */
export function detectPage({ gray, width, height }: GrayPicture): Box | null {
  const border = borderLevel(gray, width);
  const middle = ranked(gray, gray.length >> 1)[0]!;
  if (middle - border < 50) return null;
  const threshold = (middle + border) / 2;
  const inColumn = new Uint32Array(width),
    inRow = new Uint32Array(height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (gray[at]! <= threshold) continue;
      inColumn[x]!++;
      inRow[y]!++;
    }
  }
  const [left, right] = rangeOf(inColumn),
    [top, bottom] = rangeOf(inRow);
  const pageWidth = right - left,
    pageHeight = bottom - top;
  let area = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) if (gray[y * width + x]! > threshold) area++;
  const isPage =
    Math.min(pageWidth, pageHeight) >= 40 &&
    pageWidth * pageHeight >= 0.3 * width * height &&
    Math.max(pageWidth, pageHeight) <= 2 * Math.min(pageWidth, pageHeight) &&
    area >= 0.75 * pageWidth * pageHeight;
  if (!isPage) return null;
  const edge = 0.04 * Math.max(pageWidth, pageHeight);
  return {
    left: Math.ceil(left + edge),
    top: Math.ceil(top + edge),
    right: Math.floor(right - edge),
    bottom: Math.floor(bottom - edge),
  };
}

/** The gray that three quarters of the picture's outermost pixels do not exceed. */
function borderLevel(gray: Uint8Array, width: number): number {
  const border = gray
    .filter((_, i) => i < width || i >= gray.length - width || i % width === 0 || i % width === width - 1)
    .sort();
  return border[Math.floor(0.75 * (border.length - 1))]!;
}

/** First and last line that hold at least half as many pixels as the fullest one. */
function rangeOf(counts: Uint32Array): [number, number] {
  const half = Math.max(...counts) / 2;
  let end = counts.length;
  while (end > 0 && counts[end - 1]! < half) end--;
  return [counts.findIndex((n) => n >= half), end];
}
