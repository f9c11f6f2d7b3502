// Two-dimensional convolution in plain f64 loops: every product of the sum is visited once, by one loop nest for all passes.
import { slide, type Padding, type Pair } from './windows.js';

export interface Conv2dSizes {
  readonly n: number;
  readonly inH: number;
  readonly inW: number;
  readonly inC: number;
  readonly outC: number;
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

/** [outH, outW] */
export function conv2dOutput({ inH, inW, kernelSize, strides, padding }: Conv2dSizes): Pair {
  return [slide(inH, kernelSize[0], strides[0], padding).out, slide(inW, kernelSize[1], strides[1], padding).out];
}

/** y [n, outH, outW, outC] from x [n, inH, inW, inC], w [kH, kW, inC, outC], b [outC]. */
export function conv2dForward(x: Float64Array, w: Float64Array, b: Float64Array, sizes: Conv2dSizes): Float64Array {
  const { n, outC } = sizes;
  const [outH, outW] = conv2dOutput(sizes);
  const y = new Float64Array(n * outH * outW * outC);
  for (let i = 0; i < y.length; i++) y[i] = b[i % outC]!;
  visit(sizes, (atY, atX, atW) => {
    for (let o = 0; o < outC; o++) y[atY + o]! += x[atX]! * w[atW + o]!;
  });
  return y;
}

export function conv2dBackwardInput(dy: Float64Array, w: Float64Array, sizes: Conv2dSizes): Float64Array {
  const { n, inH, inW, inC, outC } = sizes;
  const dx = new Float64Array(n * inH * inW * inC);
  visit(sizes, (atY, atX, atW) => {
    for (let o = 0; o < outC; o++) dx[atX]! += dy[atY + o]! * w[atW + o]!;
  });
  return dx;
}

export function conv2dBackwardWeights(dy: Float64Array, x: Float64Array, sizes: Conv2dSizes): Float64Array {
  const { inC, outC, kernelSize } = sizes;
  const dw = new Float64Array(kernelSize[0] * kernelSize[1] * inC * outC);
  visit(sizes, (atY, atX, atW) => {
    for (let o = 0; o < outC; o++) dw[atW + o]! += dy[atY + o]! * x[atX]!;
  });
  return dw;
}

export function conv2dBackwardBias(dy: Float64Array, { outC }: Conv2dSizes): Float64Array {
  const db = new Float64Array(outC);
  for (let i = 0; i < dy.length; i++) db[i % outC]! += dy[i]!;
  return db;
}

/**
 * Calls `product` for each (output pixel, input channel under the kernel): the element x[atX] meets the outC weights from w[atW]
 * in the outC sums from y[atY]. Padding is zero, so what lies outside the image is left out.
 */
function visit(sizes: Conv2dSizes, product: (atY: number, atX: number, atW: number) => void): void {
  const {
    n,
    inH,
    inW,
    inC,
    outC,
    kernelSize: [kH, kW],
    strides: [strideH, strideW],
    padding,
  } = sizes;
  const rows = slide(inH, kH, strideH, padding);
  const columns = slide(inW, kW, strideW, padding);
  for (let example = 0; example < n; example++)
    for (let outRow = 0; outRow < rows.out; outRow++)
      for (let outColumn = 0; outColumn < columns.out; outColumn++)
        for (let kRow = 0; kRow < kH; kRow++)
          for (let kColumn = 0; kColumn < kW; kColumn++) {
            const row = outRow * strideH - rows.before + kRow;
            const column = outColumn * strideW - columns.before + kColumn;
            if (row < 0 || row >= inH || column < 0 || column >= inW) continue;
            for (let channel = 0; channel < inC; channel++)
              product(
                ((example * rows.out + outRow) * columns.out + outColumn) * outC,
                ((example * inH + row) * inW + column) * inC + channel,
                ((kRow * kW + kColumn) * inC + channel) * outC,
              );
          }
}
