// Which way the edges of strokes run, and about where: a histogram of oriented gradients (Dalal and Triggs, 2005). Two images of one
// digit agree in it although their strokes lie a little apart, and a letter does not although its ink lies where a digit's does.

const SIDE = 28;
/** Squares on a side, of 7 × 7 pixels; a pixel counts in the four nearest, by how near they are. */
const CELLS = 4;
/** Every 30 degrees, so that no sine of the host's is needed: x and y of each, and the first once more. */
const HALF = 0.5,
  HIGH = Math.sqrt(3) / 2;
const COUNT = 12;
const XS = Float64Array.of(1, HIGH, HALF, 0, -HALF, -HIGH, -1, -HIGH, -HALF, 0, HALF, HIGH, 1);
const YS = Float64Array.of(0, HALF, HIGH, 1, HIGH, HALF, 0, -HALF, -HIGH, -1, -HIGH, -HALF, 0);

/** `image`: 28 × 28 bytes. A vector of length 1 with a number for each direction in each square. */
export function strokeDirections(image: Uint8Array): Float32Array {
  const smooth = smoothed(image);
  const sums = new Float32Array(CELLS * CELLS * COUNT);
  for (let y = 1; y < SIDE - 1; y++) {
    for (let x = 1; x < SIDE - 1; x++) {
      const at = y * SIDE + x;
      const dx = smooth[at + 1]! - smooth[at - 1]!,
        dy = smooth[at + SIDE]! - smooth[at - SIDE]!;
      if (dx !== 0 || dy !== 0) addGradient(sums, x, y, dx, dy);
    }
  }
  // The root: a long stroke counts more than a short one, but does not drown it.
  let squares = 0;
  for (let i = 0; i < sums.length; i++) {
    squares += sums[i]!;
    sums[i] = Math.sqrt(sums[i]!);
  }
  const length = Math.sqrt(squares) || 1;
  for (let i = 0; i < sums.length; i++) sums[i]! /= length;
  return sums;
}

/** Splits the gradient between the two directions beside it, and each part between the four nearest squares. */
function addGradient(sums: Float32Array, x: number, y: number, dx: number, dy: number): void {
  // The first of the two, in the quarter where the gradient is.
  let first = dy >= 0 ? (dx > 0 ? 0 : 3) : dx < 0 ? 6 : 9;
  while (XS[first + 1]! * dy - YS[first + 1]! * dx > 0) first++;
  const second = (first + 1) % COUNT;
  // Their sine is 1/2, and these are not below 0 but by rounding.
  const ofFirst = Math.max(0, 2 * (dx * YS[second]! - dy * XS[second]!)),
    ofSecond = Math.max(0, 2 * (XS[first]! * dy - YS[first]! * dx));
  const column = ((x + 0.5) * CELLS) / SIDE - 0.5,
    row = ((y + 0.5) * CELLS) / SIDE - 0.5;
  const left = Math.floor(column),
    top = Math.floor(row);
  for (let r = Math.max(0, top); r <= Math.min(CELLS - 1, top + 1); r++) {
    for (let c = Math.max(0, left); c <= Math.min(CELLS - 1, left + 1); c++) {
      const share = (1 - Math.abs(row - r)) * (1 - Math.abs(column - c));
      const cell = (r * CELLS + c) * COUNT;
      sums[cell + first]! += share * ofFirst;
      sums[cell + second]! += share * ofSecond;
    }
  }
}

/** 1 2 1 across and down, so that steps of single pixels are no edges. */
function smoothed(image: Uint8Array): Float32Array {
  const across = new Float32Array(SIDE * SIDE),
    both = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const x = i % SIDE;
    across[i] = (x > 0 ? image[i - 1]! : 0) + 2 * image[i]! + (x < SIDE - 1 ? image[i + 1]! : 0);
  }
  for (let i = 0; i < SIDE * SIDE; i++)
    both[i] = (i >= SIDE ? across[i - SIDE]! : 0) + 2 * across[i]! + (i < SIDE * SIDE - SIDE ? across[i + SIDE]! : 0);
  return both;
}
