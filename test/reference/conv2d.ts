// Two-dimensional convolution in plain f64 loops: every product of the sum is visited once, by one loop nest for all passes.
import { slide, type Paddings, type Pair, type Slide } from './windows.js';

export interface Conv2dSizes {
  readonly n: number;
  readonly inH: number;
  readonly inW: number;
  readonly inC: number;
  readonly outC: number;
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Paddings;
  /** Default 1 both ways. */
  readonly dilationRate?: Pair;
  /** Default 1: w is [kH, kW, inC / groups, outC], and each group of outputs sees its group of inputs. */
  readonly groups?: number;
}

/** Windows along axis 0 (vertical) or 1. */
export function conv2dSlide(sizes: Omit<Conv2dSizes, 'n' | 'inC' | 'outC'>, axis: 0 | 1): Slide {
  const { inH, inW, kernelSize, strides, padding, dilationRate = [1, 1] } = sizes;
  const window = (kernelSize[axis] - 1) * dilationRate[axis] + 1;
  return slide(axis === 0 ? inH : inW, window, strides[axis], typeof padding === 'string' ? padding : padding[axis]);
}

/** [outH, outW] */
export function conv2dOutput(sizes: Omit<Conv2dSizes, 'n' | 'inC' | 'outC'>): Pair {
  return [conv2dSlide(sizes, 0).out, conv2dSlide(sizes, 1).out];
}

/** y [n, outH, outW, outC] from x [n, inH, inW, inC], w [kH, kW, inC / groups, outC], b [outC]. */
export function conv2dForward(x: Float64Array, w: Float64Array, b: Float64Array, sizes: Conv2dSizes): Float64Array {
  const { n, outC } = sizes;
  const [outH, outW] = conv2dOutput(sizes);
  const y = new Float64Array(n * outH * outW * outC);
  for (let i = 0; i < y.length; i++) y[i] = b[i % outC]!;
  visit(sizes, (atY, atX, atW, count) => {
    for (let o = 0; o < count; o++) y[atY + o]! += x[atX]! * w[atW + o]!;
  });
  return y;
}

export function conv2dBackwardInput(dy: Float64Array, w: Float64Array, sizes: Conv2dSizes): Float64Array {
  const { n, inH, inW, inC } = sizes;
  const dx = new Float64Array(n * inH * inW * inC);
  visit(sizes, (atY, atX, atW, count) => {
    for (let o = 0; o < count; o++) dx[atX]! += dy[atY + o]! * w[atW + o]!;
  });
  return dx;
}

export function conv2dBackwardWeights(dy: Float64Array, x: Float64Array, sizes: Conv2dSizes): Float64Array {
  const { inC, outC, kernelSize, groups = 1 } = sizes;
  const dw = new Float64Array((kernelSize[0] * kernelSize[1] * inC * outC) / groups);
  visit(sizes, (atY, atX, atW, count) => {
    for (let o = 0; o < count; o++) dw[atW + o]! += dy[atY + o]! * x[atX]!;
  });
  return dw;
}

export function conv2dBackwardBias(dy: Float64Array, { outC }: Conv2dSizes): Float64Array {
  const db = new Float64Array(outC);
  for (let i = 0; i < dy.length; i++) db[i % outC]! += dy[i]!;
  return db;
}

/**
 * Calls `product` for each (output pixel, input channel under the kernel): the element x[atX] meets the `count` weights from w[atW]
 * in as many sums from y[atY], those of its group. Padding is zero, so what lies outside the image is left out.
 */
function visit(sizes: Conv2dSizes, product: (atY: number, atX: number, atW: number, count: number) => void): void {
  const { n, inH, inW, inC, outC, strides, dilationRate = [1, 1], groups = 1 } = sizes;
  const [kH, kW] = sizes.kernelSize;
  const rows = conv2dSlide(sizes, 0);
  const columns = conv2dSlide(sizes, 1);
  const [groupIn, groupOut] = [inC / groups, outC / groups];
  for (let example = 0; example < n; example++)
    for (let outRow = 0; outRow < rows.out; outRow++)
      for (let outColumn = 0; outColumn < columns.out; outColumn++)
        for (let kRow = 0; kRow < kH; kRow++)
          for (let kColumn = 0; kColumn < kW; kColumn++) {
            const row = outRow * strides[0] - rows.before + kRow * dilationRate[0];
            const column = outColumn * strides[1] - columns.before + kColumn * dilationRate[1];
            if (row < 0 || row >= inH || column < 0 || column >= inW) continue;
            for (let channel = 0; channel < inC; channel++) {
              const [group, inGroup] = [Math.floor(channel / groupIn), channel % groupIn];
              product(
                ((example * rows.out + outRow) * columns.out + outColumn) * outC + group * groupOut,
                ((example * inH + row) * inW + column) * inC + channel,
                ((kRow * kW + kColumn) * groupIn + inGroup) * outC + group * groupOut,
                groupOut,
              );
            }
          }
}
