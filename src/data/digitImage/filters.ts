// Filters over windows: averages, and the least and greatest values that tell strokes from the background.
import type { GrayPicture } from './picture.js';

/** Binomial 3 × 3 averages. */
export function soften({ gray, width, height }: GrayPicture): GrayPicture {
  const soft = new Uint8Array(gray.length);
  for (let y = 0, at = 0; y < height; y++) {
    const above = Math.max(0, y - 1) * width,
      here = y * width,
      below = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++, at++) {
      const left = Math.max(0, x - 1),
        right = Math.min(width - 1, x + 1);
      const column = (i: number) => gray[above + i]! + 2 * gray[here + i]! + gray[below + i]!;
      soft[at] = Math.round((column(left) + 2 * column(x) + column(right)) / 16);
    }
  }
  return { gray: soft, width, height };
}

/** Means of squares of 2 · `radius` + 1 pixels, cut at the picture's edge. */
export function boxBlur(values: Uint8Array, width: number, height: number, radius: number): Float32Array {
  const rows = new Float32Array(values.length),
    both = new Float32Array(values.length);
  for (let y = 0; y < height; y++) blurLine(values, rows, y * width, 1, width, radius);
  for (let x = 0; x < width; x++) blurLine(rows, both, x, width, height, radius);
  return both;
}

function blurLine(
  from: ArrayLike<number>,
  to: Float32Array,
  start: number,
  step: number,
  count: number,
  radius: number,
): void {
  let sum = 0;
  for (let i = 0; i < Math.min(radius, count); i++) sum += from[start + i * step]!;
  for (let i = 0; i < count; i++) {
    if (i + radius < count) sum += from[start + (i + radius) * step]!;
    if (i > radius) sum -= from[start + (i - radius - 1) * step]!;
    to[start + i * step] = sum / (Math.min(count - 1, i + radius) - Math.max(0, i - radius) + 1);
  }
}

/** Morphological opening: what is narrower than 2 · `radius` + 1 on either axis sinks to what is around it. In steps. */
export function* opening(
  values: Float32Array,
  width: number,
  height: number,
  radius: number,
): Generator<undefined, Float32Array> {
  const negative = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) negative[i] = -values[i]!;
  const lowest = dilate(negative, width, height, radius);
  for (let i = 0; i < lowest.length; i++) lowest[i] = -lowest[i]!;
  yield;
  return dilate(lowest, width, height, radius);
}

/**
 * The greatest value within `radius` on both axes; windows end at the picture's edge.
 * Runs within blocks of one window's length, forth and back, meet in every window (van Herk, 1992).
 */
export function dilate(values: Float32Array, width: number, height: number, radius: number): Float32Array {
  const rows = new Float32Array(values.length),
    both = new Float32Array(values.length);
  const forth = new Float32Array(values.length),
    back = new Float32Array(values.length);
  for (let y = 0; y < height; y++) slide(values, rows, y * width, width, 1, 1, radius, forth, back);
  // All columns at once, row after row: that is how memory likes to be read.
  slide(rows, both, 0, height, width, width, radius, forth, back);
  return both;
}

/** A line of `count` groups of `size` values, `step` apart: each value's window holds those at its place in the groups nearby. */
function slide(
  from: Float32Array,
  to: Float32Array,
  start: number,
  count: number,
  size: number,
  step: number,
  radius: number,
  forth: Float32Array,
  back: Float32Array,
): void {
  const block = 2 * radius + 1;
  for (let i = 0, at = start; i < count; i++, at += step) {
    const first = i % block === 0;
    for (let j = at; j < at + size; j++) {
      const value = from[j]!;
      forth[j] = first || value > forth[j - step]! ? value : forth[j - step]!;
    }
  }
  for (let i = count - 1, at = start + (count - 1) * step; i >= 0; i--, at -= step) {
    const last = i === count - 1 || (i + 1) % block === 0;
    for (let j = at; j < at + size; j++) {
      const value = from[j]!;
      back[j] = last || value > back[j + step]! ? value : back[j + step]!;
    }
  }
  for (let i = 0, at = start; i < count; i++, at += step) {
    const first = Math.max(0, i - radius),
      last = Math.min(count - 1, i + radius);
    const toFirst = (first - i) * step,
      toLast = (last - i) * step;
    const inOneBlock = Math.floor(first / block) === Math.floor(last / block),
      fromStart = first % block === 0;
    for (let j = at; j < at + size; j++) {
      const a = back[j + toFirst]!,
        b = forth[j + toLast]!;
      to[j] = inOneBlock ? (fromStart ? b : a) : a > b ? a : b;
    }
  }
}
