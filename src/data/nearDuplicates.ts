// Pictures that are nearly the same: copies, scaled, or compressed once more. One in the training set and one in the test set make the
// test's accuracy too good.
import { RandomStream } from '../base/random.js';
import type { Tensor } from '../base/tensor.js';

/** Cells of a picture's signature on a side: means of gray. */
const SIDE = 12;
const CELLS = SIDE * SIDE;
/** Signatures are of one picture where they differ by less than this share of what the picture itself varies by. */
const NEAR = 0.05;
/** Gray levels by which a picture varies at least, in the mean: blank ones are all alike. */
const CONTRAST = 4;

/**
 * Signatures with the same bits in any of the bands are compared. A bit tells whether one cell is lighter than another by more than the
 * margin, so that it seldom changes with the last gray levels; a fixed choice of cells.
 */
const BANDS = 8;
const BITS = 16;
const MARGIN = 8;
/** So many of a bucket are looked at: in sparse drawings one may hold thousands, and a picture has its place in others, too. */
const MOST = 64;
const random = new RandomStream(0);
const pairs = Array.from({ length: BANDS * BITS }, () => [random.below(CELLS), random.below(CELLS)] as const);

/** For each of `images` [n, height, width, channels]: the number of one of `others` that is nearly the same, or -1. */
export function nearDuplicates(images: Tensor<Uint8Array>, others: Tensor<Uint8Array>): Int32Array {
  const [mine, theirs] = [signaturesOf(images), signaturesOf(others)];
  const found = new Int32Array(images.shape[0]!).fill(-1);
  for (let band = 0; band < BANDS; band++) {
    const buckets = new Map<number, number[]>();
    for (let other = 0; other < others.shape[0]!; other++) {
      const bits = bitsOf(theirs, other, band);
      const bucket = buckets.get(bits);
      if (!bucket) buckets.set(bits, [other]);
      else if (bucket.length < MOST) bucket.push(other);
    }
    for (const image of found.keys()) {
      const limit = NEAR * varianceOf(mine, image);
      if (found[image]! >= 0 || limit < NEAR * CONTRAST * CELLS) continue;
      const near = buckets.get(bitsOf(mine, image, band))?.find((other) => isNear(mine, image, theirs, other, limit));
      if (near !== undefined) found[image] = near;
    }
  }
  return found;
}

function bitsOf(cells: Uint8Array, image: number, band: number): number {
  const at = image * CELLS;
  let bits = 0;
  for (let i = band * BITS; i < (band + 1) * BITS; i++) {
    const [one, other] = pairs[i]!;
    bits = 2 * bits + (cells[at + one]! > cells[at + other]! + MARGIN ? 1 : 0);
  }
  return bits;
}

function isNear(a: Uint8Array, image: number, b: Uint8Array, other: number, limit: number): boolean {
  let left = limit;
  for (let i = 0; i < CELLS && left >= 0; i++) left -= Math.abs(a[image * CELLS + i]! - b[other * CELLS + i]!);
  return left >= 0;
}

/** The sum of the cells' distances from their mean. */
function varianceOf(cells: Uint8Array, image: number): number {
  const own = cells.subarray(image * CELLS, (image + 1) * CELLS);
  const mean = own.reduce((sum, cell) => sum + cell, 0) / CELLS;
  return own.reduce((sum, cell) => sum + Math.abs(cell - mean), 0);
}

/** [n, CELLS] */
function signaturesOf({ data, shape }: Tensor<Uint8Array>): Uint8Array {
  const [n, height, width, channels] = shape as [number, number, number, number];
  const [rows, columns] = [cellsOf(height), cellsOf(width)];
  const cells = new Uint8Array(n * CELLS);
  for (let image = 0, at = 0; image < n; image++)
    for (const row of rows)
      for (const column of columns) {
        let sum = 0;
        for (const { i: y, share } of row)
          for (const { i: x, share: part } of column) {
            const pixel = ((image * height + y) * width + x) * channels;
            for (let c = 0; c < channels; c++) sum += share * part * data[pixel + c]!;
          }
        cells[at++] = Math.round(sum / channels);
      }
  return cells;
}

/** For each cell of a side: the pixels under it, and the share that each has in its mean. */
function cellsOf(size: number): { readonly i: number; readonly share: number }[][] {
  return Array.from({ length: SIDE }, (_, cell) => {
    const [start, end] = [(cell * size) / SIDE, ((cell + 1) * size) / SIDE];
    return Array.from({ length: Math.ceil(end) - Math.floor(start) }, (_, j) => {
      const i = Math.floor(start) + j;
      return { i, share: (Math.min(end, i + 1) - Math.max(start, i)) / (end - start) };
    });
  });
}
