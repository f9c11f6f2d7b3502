// Convolution of any size as a matrix multiplication on columns (im2col).   Arrays are [n, height, width, channels].
//
//   one example           x [inH, inW, inC]  ──im2col──►  columns [outH · outW, K],   K = kH · kW · inC
//   forward               y  [outH · outW, outC]  = columns · W [K, outC]  (+ b, ReLU)
//   backward, weights     dw [K, outC]           += columnsᵀ · dy
//   backward, input       columns                 = dy · Wᵀ,  then each column goes back to where it came from (col2im)
//
// Columns are made one example at a time, so that they stay in the cache. W and Wᵀ come as panels (gemm.ts).
import { ADD, gemm, packPanels, RELU, STORE } from './gemm';

/** Copies `count` floats; both ends may be at any multiple of 4 bytes. */
// @ts-ignore: decorator
@inline
function copyFloats(to: usize, from: usize, count: i32): void {
  const end = to + (<usize>count << 2), end4 = to + (<usize>(count & ~3) << 2);
  while (to < end4) { v128.store(to, v128.load(from)); to += 16; from += 16; }
  while (to < end) { store<f32>(to, load<f32>(from)); to += 4; from += 4; }
}

// @ts-ignore: decorator
@inline
function addFloats(to: usize, from: usize, count: i32): void {
  const end = to + (<usize>count << 2), end4 = to + (<usize>(count & ~3) << 2);
  while (to < end4) { v128.store(to, f32x4.add(v128.load(to), v128.load(from))); to += 16; from += 16; }
  while (to < end) { store<f32>(to, load<f32>(to) + load<f32>(from)); to += 4; from += 4; }
}

/** columns [outH · outW, kH · kW · inC] from x [inH, inW, inC]; zeros where the padding is. */
export function im2col(columns: usize, x: usize, inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32): void {
  const rowFloats = kW * inC;
  for (let outY = 0; outY < outH; outY++) {
    for (let outX = 0; outX < outW; outX++) {
      const fromX = outX * strideW - padLeft;
      const left = max(0, -fromX), right = min(kW, inW - fromX);
      for (let kY = 0; kY < kH; kY++) {
        const inY = outY * strideH + kY - padTop;
        if (inY < 0 || inY >= inH || right <= left) memory.fill(columns, 0, <usize>rowFloats << 2);
        else {
          const from = x + (<usize>((inY * inW + fromX + left) * inC) << 2);
          if (right - left == kW) copyFloats(columns, from, rowFloats);
          else {
            memory.fill(columns, 0, <usize>rowFloats << 2);
            copyFloats(columns + (<usize>(left * inC) << 2), from, (right - left) * inC);
          }
        }
        columns += <usize>rowFloats << 2;
      }
    }
  }
}

/** The way back of im2col: adds each column to the places of dx [inH, inW, inC] it was read from; the caller zeroes dx. */
function col2im(dx: usize, columns: usize, inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32): void {
  const rowFloats = kW * inC;
  for (let outY = 0; outY < outH; outY++) {
    for (let outX = 0; outX < outW; outX++) {
      const fromX = outX * strideW - padLeft;
      const left = max(0, -fromX), right = min(kW, inW - fromX);
      for (let kY = 0; kY < kH; kY++) {
        const inY = outY * strideH + kY - padTop;
        if (inY >= 0 && inY < inH && right > left) {
          addFloats(dx + (<usize>((inY * inW + fromX + left) * inC) << 2), columns + (<usize>(left * inC) << 2), (right - left) * inC);
        }
        columns += <usize>rowFloats << 2;
      }
    }
  }
}

/** y = conv(x, W) + b, then ReLU where relu = 1.  panels: W [K, outC] packed; columns: scratch [outH · outW, K]. Overwrites y. */
export function conv2dForward(
  y: usize, x: usize, panels: usize, bias: usize, columns: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32, relu: i32,
): void {
  const k = kH * kW * inC, positions = outH * outW;
  for (let i = 0; i < n; i++) {
    im2col(columns, x, inH, inW, inC, outH, outW, kH, kW, strideH, strideW, padTop, padLeft);
    gemm(y, columns, panels, bias, positions, outC, k, outC, k, 1, relu ? RELU : STORE);
    x += <usize>(inH * inW * inC) << 2;
    y += <usize>(positions * outC) << 2;
  }
}

/** Adds to dw [K, outC]; the caller zeroes it.  columns, dyPanels: scratch [outH · outW, K] and [⌈outC / 8⌉, outH · outW, 8]. */
export function conv2dBackwardWeights(
  dw: usize, dy: usize, x: usize, columns: usize, dyPanels: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  const k = kH * kW * inC, positions = outH * outW;
  for (let i = 0; i < n; i++) {
    im2col(columns, x, inH, inW, inC, outH, outW, kH, kW, strideH, strideW, padTop, padLeft);
    packPanels(dyPanels, dy, positions, outC, outC, 1, positions);
    gemm(dw, columns, dyPanels, 0, k, outC, positions, outC, 1, k, ADD);
    x += <usize>(inH * inW * inC) << 2;
    dy += <usize>(positions * outC) << 2;
  }
}

/** Overwrites dx.  transposed: Wᵀ [outC, K] packed; columns: scratch [outH · outW, K]. */
export function conv2dBackwardInput(
  dx: usize, dy: usize, transposed: usize, columns: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  const k = kH * kW * inC, positions = outH * outW, inBytes = <usize>(inH * inW * inC) << 2;
  for (let i = 0; i < n; i++) {
    gemm(columns, dy, transposed, 0, positions, k, outC, k, outC, 1, STORE);
    memory.fill(dx, 0, inBytes);
    col2im(dx, columns, inH, inW, inC, outH, outW, kH, kW, strideH, strideW, padTop, padLeft);
    dx += inBytes;
    dy += <usize>(positions * outC) << 2;
  }
}
