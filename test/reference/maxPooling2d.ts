// Maximum over windows of each channel, in plain loops. Of equal maxima the first in scan order (row by row) wins; padding never wins.
import { slide, type Padding, type Pair } from './windows.js';

export interface MaxPooling2dSizes {
  readonly n: number;
  readonly inH: number;
  readonly inW: number;
  readonly channels: number;
  readonly poolSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

/** [outH, outW] */
export function maxPooling2dOutput({ inH, inW, poolSize, strides, padding }: MaxPooling2dSizes): Pair {
  return [slide(inH, poolSize[0], strides[0], padding).out, slide(inW, poolSize[1], strides[1], padding).out];
}

/** y [n, outH, outW, channels] from x [n, inH, inW, channels]. */
export function maxPooling2dForward(x: Float64Array, sizes: MaxPooling2dSizes): Float64Array {
  return Float64Array.from(maxPooling2dWinners(x, sizes), (winner) => x[winner]!);
}

export function maxPooling2dBackward(dy: Float64Array, x: Float64Array, sizes: MaxPooling2dSizes): Float64Array {
  const dx = new Float64Array(x.length);
  maxPooling2dWinners(x, sizes).forEach((winner, i) => {
    dx[winner]! += dy[i]!;
  });
  return dx;
}

/** For each element of y, in order, the index in x of its maximum. */
export function maxPooling2dWinners(x: Float64Array, sizes: MaxPooling2dSizes): number[] {
  const {
    n,
    inH,
    inW,
    channels,
    poolSize: [poolH, poolW],
    strides: [strideH, strideW],
    padding,
  } = sizes;
  const rows = slide(inH, poolH, strideH, padding);
  const columns = slide(inW, poolW, strideW, padding);
  const winners: number[] = [];
  for (let example = 0; example < n; example++)
    for (let outRow = 0; outRow < rows.out; outRow++)
      for (let outColumn = 0; outColumn < columns.out; outColumn++)
        for (let channel = 0; channel < channels; channel++) {
          let winner = -1;
          for (let poolRow = 0; poolRow < poolH; poolRow++)
            for (let poolColumn = 0; poolColumn < poolW; poolColumn++) {
              const row = outRow * strideH - rows.before + poolRow;
              const column = outColumn * strideW - columns.before + poolColumn;
              if (row < 0 || row >= inH || column < 0 || column >= inW) continue;
              const candidate = ((example * inH + row) * inW + column) * channels + channel;
              if (winner < 0 || x[candidate]! > x[winner]!) winner = candidate;
            }
          winners.push(winner);
        }
  return winners;
}
