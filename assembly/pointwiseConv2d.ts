// Convolution with a kernel of 1 × 1 and strides of 1: the matrix product of all pixels [pixels, channels] and W, nothing copied. The
// pixels are taken in blocks whose rows stay in the nearest cache while every panel of W, or of dy, passes by.
import { ADD, gemmGrid, RELU, STORE } from './gemm';

/** Pixels of a block. */
const BLOCK: i32 = 64;

/** y [pixels, outC] = x [pixels, inC] · W in panels + bias, then ReLU where relu = 1. With W transposed in the panels: dx from dy. */
export function pointwiseConv2d(y: usize, x: usize, panels: usize, bias: usize, pixels: i32, inC: i32, outC: i32, relu: i32): void {
  for (; pixels > 0; pixels -= BLOCK) {
    gemmGrid(y, x, panels, bias, 1, min(BLOCK, pixels), outC, 1, inC, 0, outC, 0, inC, 0, 1, 16 * inC, 16, 16 * inC, relu ? RELU : STORE);
    x += <usize>(BLOCK * inC) << 2;
    y += <usize>(BLOCK * outC) << 2;
  }
}

/** Adds to dw [inC, outC], block after block; the caller zeroes it. */
export function pointwiseConv2dBackwardWeights(dw: usize, dy: usize, x: usize, pixels: i32, inC: i32, outC: i32): void {
  for (; pixels > 0; pixels -= BLOCK) {
    gemmGrid(dw, x, dy, 0, 1, inC, outC, 1, min(BLOCK, pixels), 0, outC, 0, 1, 0, inC, 0, outC, 16, ADD);
    x += <usize>(BLOCK * inC) << 2;
    dy += <usize>(BLOCK * outC) << 2;
  }
}
