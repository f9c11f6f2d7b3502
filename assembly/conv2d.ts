// Convolution of any size, as matrix multiplications whose a is read straight from the image (gemmGrid): no window is ever copied.
// Arrays are [n, height, width, channels]; each example is laid into zeros first where its windows reach over the edge.
//
//                        row of c                       columns of a summed over                      b
//   forward   y     =    position (outY, outX)          kernel row kY, then kW · inC in a line        W [kH · kW · inC, outC] in panels
//   weights   dw    +=   kY, then kW · inC in a line    positions (outY, outX)                        dy [outH · outW, outC]
//   input     dx    =    position (inY, inX)            rows of dy, then taps · outC in a line        W flipped, in panels by phase
//
// A phase: with stride 2 the even rows of dx are reached by other taps than the odd ones. Rows and columns of dx are taken in strideH ·
// strideW sets of equal taps, and each set is a stride-1 convolution of dy.
import { ADD, gemmGrid, packPanels, RELU, STORE } from './gemm';
import { padImage, padTo } from './padding';

/** Lines or pixels of the image with its zeros: all of it, and as far as the windows reach. */
// @ts-ignore: decorator
@inline
function paddedSize(size: i32, out: i32, stride: i32, kernel: i32, padding: i32): i32 {
  return max(padding + size, (out - 1) * stride + kernel);
}

/** y = conv(x, W) + b, then ReLU where relu = 1. Overwrites y.  panels: W [kH · kW · inC, outC] packed; padded: scratch for one example. */
export function conv2dForward(
  y: usize, x: usize, panels: usize, bias: usize, padded: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32, relu: i32,
): void {
  const height = paddedSize(inH, outH, strideH, kH, padTop), width = paddedSize(inW, outW, strideW, kW, padLeft), row = width * inC;
  for (let i = 0; i < n; i++) {
    const image = padTo(padded, x, inH, inW, inC, height, width, padTop, padLeft);
    gemmGrid(y, image, panels, bias, outH, outW, outC, kH, kW * inC, outW * outC, outC, strideH * row, strideW * inC, row, 1, 16 * kW * inC, 16, 16 * kH * kW * inC, relu ? RELU : STORE);
    x += <usize>(inH * inW * inC) << 2;
    y += <usize>(outH * outW * outC) << 2;
  }
}

/** Adds to dw [kH, kW, inC, outC]; the caller zeroes it.  padded: as in conv2dForward. */
export function conv2dBackwardWeights(
  dw: usize, dy: usize, x: usize, padded: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  const height = paddedSize(inH, outH, strideH, kH, padTop), width = paddedSize(inW, outW, strideW, kW, padLeft), row = width * inC;
  for (let i = 0; i < n; i++) {
    const image = padTo(padded, x, inH, inW, inC, height, width, padTop, padLeft);
    gemmGrid(dw, image, dy, 0, kH, kW * inC, outC, outH, outW, kW * inC * outC, outC, row, 1, strideH * row, strideW * inC, outW * outC, outC, 16, ADD);
    x += <usize>(inH * inW * inC) << 2;
    dy += <usize>(outH * outW * outC) << 2;
  }
}

/** Taps of one axis that reach a phase: kernel rows phase, phase + stride, … */
// @ts-ignore: decorator
@inline
function tapsOf(phase: i32, kernel: i32, stride: i32): i32 {
  return (kernel - phase + stride - 1) / stride;
}

/** The first row of dx in a phase: (row + padTop) mod stride = phase. */
// @ts-ignore: decorator
@inline
function firstOf(phase: i32, padding: i32, stride: i32): i32 {
  return (phase + stride - padding % stride) % stride;
}

/** panels [kH · kW · outC rows in all, inC] of W flipped (rotated by 180°): phase after phase, in each the last tap first. */
export function conv2dFlippedPanels(panels: usize, w: usize, inC: i32, outC: i32, kH: i32, kW: i32, strideH: i32, strideW: i32): void {
  const tapBytes = <usize>(inC * outC) << 2, rowBytes: usize = 64, panelsOfRow = <usize>((inC + 15) >> 4);
  for (let phaseY = 0; phaseY < min(strideH, kH); phaseY++) {
    for (let phaseX = 0; phaseX < min(strideW, kW); phaseX++) {
      const tapsY = tapsOf(phaseY, kH, strideH), tapsX = tapsOf(phaseX, kW, strideW), rows = tapsY * tapsX * outC;
      let to = panels;
      for (let tapY = tapsY - 1; tapY >= 0; tapY--) {
        for (let tapX = tapsX - 1; tapX >= 0; tapX--) {
          const kY = phaseY + tapY * strideH, kX = phaseX + tapX * strideW;
          packPanels(to, w + <usize>(kY * kW + kX) * tapBytes, outC, inC, 1, outC, rows);
          to += <usize>outC * rowBytes;
        }
      }
      panels += panelsOfRow * <usize>rows * rowBytes;
    }
  }
}

/** Overwrites dx.  flipped: conv2dFlippedPanels; padded: scratch [outH + 2 · ⌈kH / strideH⌉, outW + 2 · ⌈kW / strideW⌉, outC]. */
export function conv2dBackwardInput(
  dx: usize, dy: usize, flipped: usize, padded: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  // Rows of dy before and after those there are, as far as taps of a phase reach.
  const above = tapsOf(0, kH, strideH) - 1, before = tapsOf(0, kW, strideW) - 1;
  const below = max(0, (inH - 1 + padTop) / strideH - outH + 1), after = max(0, (inW - 1 + padLeft) / strideW - outW + 1);
  const row = (before + outW + after) * outC, inBytes = <usize>(inH * inW * inC) << 2, panelsOfRow = <usize>((inC + 15) >> 4);
  for (let i = 0; i < n; i++) {
    padImage(padded, dy, outH, outW, outC, above, before, below, after);
    if (strideH > kH || strideW > kW) memory.fill(dx, 0, inBytes);
    let panels = flipped;
    for (let phaseY = 0; phaseY < min(strideH, kH); phaseY++) {
      const tapsY = tapsOf(phaseY, kH, strideH), y = firstOf(phaseY, padTop, strideH), fromY = (y + padTop) / strideH - (tapsY - 1) + above;
      for (let phaseX = 0; phaseX < min(strideW, kW); phaseX++) {
        const tapsX = tapsOf(phaseX, kW, strideW), x = firstOf(phaseX, padLeft, strideW), fromX = (x + padLeft) / strideW - (tapsX - 1) + before;
        gemmGrid(
          dx + (<usize>((y * inW + x) * inC) << 2), padded + (<usize>(fromY * row + fromX * outC) << 2), panels, 0,
          (inH - y + strideH - 1) / strideH, (inW - x + strideW - 1) / strideW, inC, tapsY, tapsX * outC,
          strideH * inW * inC, strideW * inC, row, outC, row, 1, 16 * tapsX * outC, 16, 16 * tapsY * tapsX * outC, STORE,
        );
        panels += panelsOfRow * <usize>(tapsY * tapsX * outC) << 6;
      }
    }
    dx += inBytes;
    dy += <usize>(outH * outW * outC) << 2;
  }
}
