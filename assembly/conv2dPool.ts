// Convolution (stride 1), ReLU and 2 × 2 max pooling as one: what the pool drops is never stored.
//
//   x [inH, inW, inC]        the four convolution outputs of a pool window        y     [poolH, poolW, outC]  the largest, + b, ReLU
//   ┌─┬─┬─┬─┐                ┌───────┬───────┐                                     argmax [poolH, poolW, outC]  which one, a byte:
//   ├─┼─┼─┼─┤  kH × kW  ──►  │ 0     │ 1     │  ──►  8 channels at a time                 row · 2 + column
//   ├─┼─┼─┼─┤                ├───────┼───────┤
//   └─┴─┴─┴─┘                │ 2     │ 3     │
//                            └───────┴───────┘
// Padding is laid around x beforehand (padImage), so that nothing here looks for edges.
import { madd } from './madd';

/** The largest of four vectors + bias, through ReLU. */
// @ts-ignore: decorator
@inline
export function pooled(bias: v128, value0: v128, value1: v128, value2: v128, value3: v128): v128 {
  return f32x4.max(f32x4.add(f32x4.max(f32x4.max(value0, value1), f32x4.max(value2, value3)), bias), f32x4.splat(0));
}

/** Which of four vectors (window order 0 1 2 3, the first of equals) is the largest, lane by lane, as i32x4. */
// @ts-ignore: decorator
@inline
export function winnersOf(value0: v128, value1: v128, value2: v128, value3: v128): v128 {
  // A comparison is -1 where true: 0 - it is the argmax within the upper pair, 2 - it that within the lower.
  const argmaxAbove = i32x4.neg(f32x4.gt(value1, value0)), argmaxBelow = i32x4.sub(i32x4.splat(2), f32x4.gt(value3, value2));
  return v128.bitselect(argmaxBelow, argmaxAbove, f32x4.gt(f32x4.max(value2, value3), f32x4.max(value0, value1)));
}

/** One pool window, 8 channels: a tile of 4 × 8 results, whose rows are the window's four positions.  argmax: 0 for none. */
function windowTile(
  y: usize, argmax: usize, x: usize, w: usize, bias: usize, kH: i32, rowBytes: usize, stepBytes: usize, outC: i32, kernelRowBytes: usize,
): void {
  const wBytes = <usize>outC << 2;
  const zero = f32x4.splat(0);
  let low0 = zero, high0 = zero, low1 = zero, high1 = zero, low2 = zero, high2 = zero, low3 = zero, high3 = zero;
  for (let kY = 0; kY < kH; kY++) {
    const end = w + kernelRowBytes, x1 = x + stepBytes, x2 = x + rowBytes, x3 = x2 + stepBytes;
    let at: usize = 0;
    do {
      const wLow = v128.load(w), wHigh = v128.load(w, 16);
      let value = v128.load32_splat(x + at);
      low0 = madd(low0, value, wLow);
      high0 = madd(high0, value, wHigh);
      value = v128.load32_splat(x1 + at);
      low1 = madd(low1, value, wLow);
      high1 = madd(high1, value, wHigh);
      value = v128.load32_splat(x2 + at);
      low2 = madd(low2, value, wLow);
      high2 = madd(high2, value, wHigh);
      value = v128.load32_splat(x3 + at);
      low3 = madd(low3, value, wLow);
      high3 = madd(high3, value, wHigh);
      at += 4;
      w += wBytes;
    } while (w < end);
    x += rowBytes;
  }
  const biasLow = bias ? v128.load(bias) : zero, biasHigh = bias ? v128.load(bias, 16) : zero;
  v128.store(y, pooled(biasLow, low0, low1, low2, low3));
  v128.store(y, pooled(biasHigh, high0, high1, high2, high3), 16);
  if (argmax) {
    const words = i16x8.narrow_i32x4_s(winnersOf(low0, low1, low2, low3), winnersOf(high0, high1, high2, high3));
    v128.store64_lane(argmax, i8x16.narrow_i16x8_s(words, words), 0);
  }
}

/** Whether `rows` rows of `floats` numbers are all 0. */
function isZeroPatch(x: usize, rows: i32, floats: i32, rowBytes: usize): bool {
  let bits: u32 = 0;
  for (; rows > 0; rows--) {
    for (let at = x, end = x + (<usize>floats << 2); at < end; at += 4) bits |= load<u32>(at);
    x += rowBytes;
  }
  return bits == 0;
}

/** All channels of a window over zeros: y = ReLU(b), and the first position wins. */
function zeroWindow(y: usize, argmax: usize, bias: usize, outC: i32): void {
  const zero = f32x4.splat(0);
  if (argmax) memory.fill(argmax, 0, outC);
  for (const end = y + (<usize>outC << 2); y < end; y += 32) {
    v128.store(y, bias ? f32x4.max(f32x4.add(zero, v128.load(bias)), zero) : zero);
    v128.store(y, bias ? f32x4.max(f32x4.add(zero, v128.load(bias, 16)), zero) : zero, 16);
    if (bias) bias += 32;
  }
}

/**
 * y, argmax (0: none, where nothing is trained) of n padded examples x [n, inH, inW, inC].  w: [kH · kW · inC, outC], outC a multiple
 * of 8. A window over zeros alone, as most of a digit's image is, costs next to nothing.
 */
export function conv2dPoolForward(
  y: usize, argmax: usize, x: usize, w: usize, bias: usize, n: i32,
  inH: i32, inW: i32, inC: i32, poolH: i32, poolW: i32, outC: i32, kH: i32, kW: i32,
): void {
  const rowBytes = <usize>(inW * inC) << 2, stepBytes = <usize>inC << 2, kernelRowBytes = <usize>(kW * inC * outC) << 2;
  for (let i = 0; i < n; i++) {
    for (let poolY = 0; poolY < poolH; poolY++) {
      let corner = x + <usize>(2 * poolY) * rowBytes;
      for (let poolX = 0; poolX < poolW; poolX++) {
        if (isZeroPatch(corner, kH + 1, (kW + 1) * inC, rowBytes)) zeroWindow(y, argmax, bias, outC);
        else {
          for (let j: usize = 0; j < <usize>outC; j += 8) {
            const at = j << 2, argmaxAt = argmax ? argmax + j : 0;
            windowTile(y + at, argmaxAt, corner, w + at, bias ? bias + at : 0, kH, rowBytes, stepBytes, outC, kernelRowBytes);
          }
        }
        corner += 2 * stepBytes;
        y += <usize>outC << 2;
        if (argmax) argmax += <usize>outC;
      }
    }
    x += <usize>inH * rowBytes;
  }
}

/**
 * Adds to dw [kH, kW, 1, outC] and db (0: none) for one input channel and kW ≤ 4: only the position that won a window passes its
 * gradient on. For each channel, three kernel rows at a time stay in registers, a vector a row:
 *   row kY of dw += g · x[y + kY, x … x + 3]         (lanes from kW on and rows from kH on are thrown away: up to two rows and
 *                                                     three floats past x are read, which are in the engine's memory)
 */
export function conv2dPoolBackwardOneChannel(
  dw: usize, db: usize, dy: usize, y: usize, argmax: usize, x: usize, n: i32,
  inH: i32, inW: i32, poolH: i32, poolW: i32, outC: i32, kH: i32, kW: i32,
): void {
  const rowBytes = <usize>inW << 2, cellBytes = <usize>outC << 2, count = poolH * poolW * outC;
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < outC; c++) {
      let sum: f32 = 0;
      for (let kY = 0; kY < kH; kY += 3) {
        let row0 = f32x4.splat(0), row1 = row0, row2 = row0;
        let bias = row0;
        let g = dy + (<usize>c << 2), value = y + (<usize>c << 2), argmaxAt = argmax + <usize>c, line = x + <usize>kY * rowBytes;
        for (let poolY = 0; poolY < poolH; poolY++) {
          let corner = line;
          const end = corner + (<usize>poolW << 3);
          while (corner < end) {
            const which = <usize>load<u8>(argmaxAt), at = corner + ((which & 1) << 2) + (which >> 1) * rowBytes;
            const gradient = v128.and(v128.load32_splat(g), f32x4.gt(v128.load32_splat(value), f32x4.splat(0)));
            row0 = madd(row0, gradient, v128.load(at));
            row1 = madd(row1, gradient, v128.load(at + rowBytes));
            row2 = madd(row2, gradient, v128.load(at + 2 * rowBytes));
            bias = f32x4.add(bias, gradient);
            corner += 8;
            g += cellBytes;
            value += cellBytes;
            argmaxAt += <usize>outC;
          }
          line += 2 * rowBytes;
        }
        addKernelRow(dw, row0, kY, kH, kW, outC, c);
        addKernelRow(dw, row1, kY + 1, kH, kW, outC, c);
        addKernelRow(dw, row2, kY + 2, kH, kW, outC, c);
        sum = f32x4.extract_lane(bias, 0);
      }
      if (db) store<f32>(db + (<usize>c << 2), load<f32>(db + (<usize>c << 2)) + sum);
    }
    dy += <usize>count << 2;
    y += <usize>count << 2;
    argmax += <usize>count;
    x += <usize>inH * rowBytes;
  }
}

/** dw[kY, 0 … kW - 1, 0, channel] += lanes of row */
function addKernelRow(dw: usize, row: v128, kY: i32, kH: i32, kW: i32, outC: i32, channel: i32): void {
  if (kY >= kH) return;
  let at = dw + (<usize>(kY * kW * outC + channel) << 2);
  for (let kX = 0; kX < kW; kX++) {
    store<f32>(at, load<f32>(at) + f32x4.extract_lane(row, 0));
    row = v128.shuffle<f32>(row, row, 1, 2, 3, 3);
    at += <usize>outC << 2;
  }
}
