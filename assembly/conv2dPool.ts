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
import { WIDE } from './vectors';

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

/** One pool window, 8 channels or 16: a tile of 4 × 8 (16) results, whose rows are the window's four positions.  argmax: 0 for none. */
// @ts-ignore: decorator
@inline
function windowTile(
  columns16: bool, y: usize, argmax: usize, x: usize, w: usize, bias: usize, kH: i32, rowBytes: usize, stepBytes: usize, outC: i32, kernelRowBytes: usize,
): void {
  const wBytes = <usize>outC << 2;
  const zero = f32x4.splat(0);
  let sum00 = zero, sum01 = zero, sum02 = zero, sum03 = zero, sum10 = zero, sum11 = zero, sum12 = zero, sum13 = zero;
  let sum20 = zero, sum21 = zero, sum22 = zero, sum23 = zero, sum30 = zero, sum31 = zero, sum32 = zero, sum33 = zero;
  for (let kY = 0; kY < kH; kY++) {
    const end = w + kernelRowBytes, x1 = x + stepBytes, x2 = x + rowBytes, x3 = x2 + stepBytes;
    let at: usize = 0;
    do {
      const w0 = v128.load(w), w1 = v128.load(w, 16);
      let w2 = zero, w3 = zero;
      if (columns16) {
        w2 = v128.load(w, 32);
        w3 = v128.load(w, 48);
      }
      let value = v128.load32_splat(x + at);
      sum00 = madd(sum00, value, w0);
      sum01 = madd(sum01, value, w1);
      if (columns16) {
        sum02 = madd(sum02, value, w2);
        sum03 = madd(sum03, value, w3);
      }
      value = v128.load32_splat(x1 + at);
      sum10 = madd(sum10, value, w0);
      sum11 = madd(sum11, value, w1);
      if (columns16) {
        sum12 = madd(sum12, value, w2);
        sum13 = madd(sum13, value, w3);
      }
      value = v128.load32_splat(x2 + at);
      sum20 = madd(sum20, value, w0);
      sum21 = madd(sum21, value, w1);
      if (columns16) {
        sum22 = madd(sum22, value, w2);
        sum23 = madd(sum23, value, w3);
      }
      value = v128.load32_splat(x3 + at);
      sum30 = madd(sum30, value, w0);
      sum31 = madd(sum31, value, w1);
      if (columns16) {
        sum32 = madd(sum32, value, w2);
        sum33 = madd(sum33, value, w3);
      }
      at += 4;
      w += wBytes;
    } while (w < end);
    x += rowBytes;
  }
  // Without a bias anything that can be loaded, and nothing of it kept.
  const kept = i32x4.splat(bias ? -1 : 0), biasFrom = bias ? bias : y;
  const bias0 = v128.and(v128.load(biasFrom), kept), bias1 = v128.and(v128.load(biasFrom, 16), kept);
  if (columns16) {
    const bias2 = v128.and(v128.load(biasFrom, 32), kept), bias3 = v128.and(v128.load(biasFrom, 48), kept);
    v128.store(y, pooled(bias2, sum02, sum12, sum22, sum32), 32);
    v128.store(y, pooled(bias3, sum03, sum13, sum23, sum33), 48);
  }
  v128.store(y, pooled(bias0, sum00, sum10, sum20, sum30));
  v128.store(y, pooled(bias1, sum01, sum11, sum21, sum31), 16);
  if (argmax) {
    const words = i16x8.narrow_i32x4_s(winnersOf(sum00, sum10, sum20, sum30), winnersOf(sum01, sum11, sum21, sum31));
    if (columns16) {
      const others = i16x8.narrow_i32x4_s(winnersOf(sum02, sum12, sum22, sum32), winnersOf(sum03, sum13, sum23, sum33));
      v128.store(argmax, i8x16.narrow_i16x8_s(words, others));
    } else v128.store64_lane(argmax, i8x16.narrow_i16x8_s(words, words), 0);
  }
}
function windowTile16(y: usize, argmax: usize, x: usize, w: usize, bias: usize, kH: i32, rowBytes: usize, stepBytes: usize, outC: i32, kernelRowBytes: usize): void {
  windowTile(true, y, argmax, x, w, bias, kH, rowBytes, stepBytes, outC, kernelRowBytes);
}
function windowTile8(y: usize, argmax: usize, x: usize, w: usize, bias: usize, kH: i32, rowBytes: usize, stepBytes: usize, outC: i32, kernelRowBytes: usize): void {
  windowTile(false, y, argmax, x, w, bias, kH, rowBytes, stepBytes, outC, kernelRowBytes);
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
  const zero = f32x4.splat(0), channelBytes = <usize>outC << 2;
  if (argmax) memory.fill(argmax, 0, outC);
  for (let at: usize = 0; at < channelBytes; at += 16) v128.store(y + at, pooled(bias ? v128.load(bias + at) : zero, zero, zero, zero, zero));
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
          for (let j: usize = 0; j < <usize>outC; ) {
            const at = j << 2, argmaxAt = argmax ? argmax + j : 0, biasAt = bias ? bias + at : 0;
            if (WIDE && j + 16 <= <usize>outC) {
              windowTile16(y + at, argmaxAt, corner, w + at, biasAt, kH, rowBytes, stepBytes, outC, kernelRowBytes);
              j += 16;
            } else {
              windowTile8(y + at, argmaxAt, corner, w + at, biasAt, kH, rowBytes, stepBytes, outC, kernelRowBytes);
              j += 8;
            }
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

/** Lists the windows of one example that are not over zeros alone: (address of the window's corner, its number); returns the list's end. */
function listWindows(list: usize, x: usize, inW: i32, poolH: i32, poolW: i32, kH: i32, kW: i32): usize {
  const rowBytes = <usize>inW << 2;
  for (let poolY = 0; poolY < poolH; poolY++) {
    let corner = x + <usize>(2 * poolY) * rowBytes;
    for (let poolX = 0; poolX < poolW; poolX++) {
      store<u32>(list, <u32>corner);
      store<u32>(list, poolY * poolW + poolX, 4);
      list += <usize>!isZeroPatch(corner, kH + 1, kW + 1, rowBytes) << 3;
      corner += 8;
    }
  }
  return list;
}

/** db [outC] += dy of one example where y > 0; outC a multiple of 4. */
function addBiasGradient(db: usize, dy: usize, y: usize, cells: i32, outC: i32): void {
  const cellBytes = <usize>outC << 2, zero = f32x4.splat(0), end = db + cellBytes;
  //@pairs
  while (db < end) {
    let sum = f32x4.splat(0), at = dy;
    const aside = y - dy;
    for (let cell = 0; cell < cells; cell++) {
      sum = f32x4.add(sum, v128.and(v128.load(at), f32x4.gt(v128.load(at + aside), zero)));
      at += cellBytes;
    }
    v128.store(db, f32x4.add(v128.load(db), sum));
    db += 16; dy += 16; y += 16;
  }
}

/**
 * Adds to dw [kH, kW, 1, outC] and db (0: none) for one input channel and kW ≤ 4; outC a multiple of 4. Only the position that won a
 * window passes its gradient on, and only windows that are not over zeros alone get any. For each channel, three kernel rows at a time stay
 * in registers, a vector a row:
 *   row kY of dw += g · x[y + kY, x … x + 3]         (lanes from kW on and rows from kH on are thrown away: up to two rows and
 *                                                     three floats past x are read, which are in the engine's memory)
 * Scratch: list [poolH · poolW + 1, 8 bytes].
 */
export function conv2dPoolBackwardOneChannel(
  dw: usize, db: usize, dy: usize, y: usize, argmax: usize, x: usize, list: usize, n: i32,
  inH: i32, inW: i32, poolH: i32, poolW: i32, outC: i32, kH: i32, kW: i32,
): void {
  const rowBytes = <usize>inW << 2, cells = poolH * poolW, count = cells * outC, zero = f32x4.splat(0);
  for (let i = 0; i < n; i++) {
    if (db) addBiasGradient(db, dy, y, cells, outC);
    const end = listWindows(list, x, inW, poolH, poolW, kH, kW);
    for (let c = 0; c < outC; c++) {
      const g = dy + (<usize>c << 2), value = y + (<usize>c << 2), argmaxOfChannel = argmax + <usize>c;
      for (let kY = 0; kY < kH; kY += 3) {
        let row0 = zero, row1 = zero, row2 = zero;
        for (let window = list; window < end; window += 8) {
          const cell = <usize>(load<i32>(window, 4) * outC), which = <usize>load<u8>(argmaxOfChannel + cell);
          const at = <usize>load<u32>(window) + ((which & 1) << 2) + ((which >> 1) + <usize>kY) * rowBytes;
          const gradient = v128.and(v128.load32_splat(g + (cell << 2)), f32x4.gt(v128.load32_splat(value + (cell << 2)), zero));
          row0 = madd(row0, gradient, v128.load(at));
          row1 = madd(row1, gradient, v128.load(at + rowBytes));
          row2 = madd(row2, gradient, v128.load(at + 2 * rowBytes));
        }
        addKernelRow(dw, row0, kY, kH, kW, outC, c);
        addKernelRow(dw, row1, kY + 1, kH, kW, outC, c);
        addKernelRow(dw, row2, kY + 2, kH, kW, outC, c);
      }
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
