// Depthwise convolution: each channel with a kernel of its own. Arrays are [n, height, width, channels], kernels w [kH, kW, channels].
//
// Four channels at a time walk along a line of the image (the last channels one by one). Kernels of 3 × 3 and 5 × 5 with strides of 1 or 2
// keep the line's weights in registers, and so the sums of the outputs that the current column reaches: each input is loaded once a line.
//
//   gather    columns of x, sums of outputs: forward, and with stride 1 back to dx, which is the same with the kernel flipped
//   scatter   columns of dy, sums of dx: back to dx with stride 2, where each pair of columns takes the even or the odd taps
//   weights   sums of one line of the kernel, over the columns of dy
//
// 3 × 3 takes the three lines of x at once; 5 × 5, whose 25 weights are too many, takes line after line and adds to y. Kernel lines above
// and below the image are weights of 0 on a line that is there. Any other kernel goes tap by tap (`eachTap`).
import { madd } from './madd';
import { addBias } from './sums';

// @ts-ignore: decorator
@inline
function load4(wide: bool, at: usize): v128 { return wide ? v128.load(at) : v128.load32_zero(at); }
// @ts-ignore: decorator
@inline
function store4(wide: bool, at: usize, value: v128): void {
  if (wide) v128.store(at, value);
  else v128.store32_lane(at, value, 0);
}
/** Column `column` of a line, 0 outside of it. */
// @ts-ignore: decorator
@inline
function columnOf(wide: bool, line: usize, column: i32, columns: i32, pixel: usize): v128 {
  return <u32>column < <u32>columns ? load4(wide, line + <usize>column * pixel) : f32x4.splat(0);
}
// @ts-ignore: decorator
@inline
function inside(at: i32, size: i32): bool { return <u32>at < <u32>size; }
// @ts-ignore: decorator
@inline
function clamp(at: i32, size: i32): i32 { return max(0, min(size - 1, at)); }

/** y [outW] = three lines of x under a kernel of 3 × 3; outputs o at columns stride · o - padLeft + 0, 1, 2.  padLeft ≤ 2 */
// @ts-ignore: decorator
@inline
function gather3(
  wide: bool, stride: i32, y: usize, x0: usize, x1: usize, x2: usize, inW: i32, outW: i32, padLeft: i32, pixel: usize,
  w00: v128, w01: v128, w02: v128, w10: v128, w11: v128, w12: v128, w20: v128, w21: v128, w22: v128,
): void {
  const zero = f32x4.splat(0), yEnd = y + <usize>outW * pixel;
  let a = zero, b = zero;
  if (stride == 1) {
    const last = min(inW, outW + 2 - padLeft), unstored = 2 - padLeft;
    for (let column = 0; column < last; column++) {
      let x = load4(wide, x0);
      let out = madd(a, x, w02);
      a = madd(b, x, w01);
      b = f32x4.mul(x, w00);
      x = load4(wide, x1);
      out = madd(out, x, w12);
      a = madd(a, x, w11);
      b = madd(b, x, w10);
      x = load4(wide, x2);
      out = madd(out, x, w22);
      a = madd(a, x, w21);
      b = madd(b, x, w20);
      if (column >= unstored) {
        store4(wide, y, out);
        y += pixel;
      }
      x0 += pixel;
      x1 += pixel;
      x2 += pixel;
    }
    // One column and no padding on its left: a is of no output yet.
    if (last < unstored) a = b;
    for (; y < yEnd; y += pixel) {
      store4(wide, y, a);
      a = b;
      b = zero;
    }
  } else {
    if (padLeft == 0) a = madd(madd(f32x4.mul(load4(wide, x0), w00), load4(wide, x1), w10), load4(wide, x2), w20);
    const past = <usize>(1 - padLeft) * pixel;
    x0 += past;
    x1 += past;
    x2 += past;
    for (let column = 1 - padLeft; y < yEnd; column += 2) {
      if (inside(column, inW)) {
        a = madd(a, load4(wide, x0), w01);
        a = madd(a, load4(wide, x1), w11);
        a = madd(a, load4(wide, x2), w21);
      }
      x0 += pixel;
      x1 += pixel;
      x2 += pixel;
      b = zero;
      if (inside(column + 1, inW)) {
        let x = load4(wide, x0);
        a = madd(a, x, w02);
        b = f32x4.mul(x, w00);
        x = load4(wide, x1);
        a = madd(a, x, w12);
        b = madd(b, x, w10);
        x = load4(wide, x2);
        a = madd(a, x, w22);
        b = madd(b, x, w20);
      }
      x0 += pixel;
      x1 += pixel;
      x2 += pixel;
      store4(wide, y, a);
      a = b;
      y += pixel;
    }
  }
}

/** y [outW] = (or +=, but for the first line) one line of x under a line of five taps.  padLeft ≤ 4 */
// @ts-ignore: decorator
@inline
function gather5(
  wide: bool, stride: i32, first: bool, y: usize, x: usize, inW: i32, outW: i32, padLeft: i32, pixel: usize,
  w0: v128, w1: v128, w2: v128, w3: v128, w4: v128,
): void {
  const zero = f32x4.splat(0), yEnd = y + <usize>outW * pixel;
  let a = zero, b = zero, c = zero, d = zero;
  // The first outputs are complete after as many columns, or pairs of columns.
  let unstored = stride == 1 ? 4 : 2;
  for (let column = -padLeft; y < yEnd; column += stride) {
    let out = a;
    if (stride == 1) {
      a = b;
      b = c;
      c = d;
      d = zero;
      if (inside(column, inW)) {
        const value = load4(wide, x + <usize>column * pixel);
        out = madd(out, value, w4);
        a = madd(a, value, w3);
        b = madd(b, value, w2);
        c = madd(c, value, w1);
        d = f32x4.mul(value, w0);
      }
    } else {
      a = b;
      b = zero;
      if (inside(column, inW)) {
        const value = load4(wide, x + <usize>column * pixel);
        out = madd(out, value, w4);
        a = madd(a, value, w2);
        b = f32x4.mul(value, w0);
      }
      if (inside(column + 1, inW)) {
        const value = load4(wide, x + <usize>(column + 1) * pixel);
        a = madd(a, value, w3);
        b = madd(b, value, w1);
      }
    }
    if (--unstored >= 0) continue;
    store4(wide, y, first ? out : f32x4.add(out, load4(wide, y)));
    y += pixel;
  }
}

/** dx [inW] = (or +=, but for the first) what one line of dy (k = 5) or two (k = 3) give it with stride 2. */
// @ts-ignore: decorator
@inline
function scatter(
  wide: bool, k: i32, first: bool, dx: usize, dy0: usize, dy1: usize, inW: i32, outW: i32, padLeft: i32, pixel: usize,
  w0: v128, w1: v128, w2: v128, w3: v128, w4: v128, v0: v128, v1: v128, v2: v128,
): void {
  const zero = f32x4.splat(0);
  let a = zero, b = zero, c = zero, out = 0;
  for (let column = -padLeft; column < inW; column += 2) {
    let even = a, odd = b;
    a = c;
    b = zero;
    c = zero;
    if (out < outW) {
      let value = load4(wide, dy0);
      even = madd(even, value, w0);
      odd = madd(odd, value, w1);
      a = madd(a, value, w2);
      if (k == 5) {
        b = f32x4.mul(value, w3);
        c = f32x4.mul(value, w4);
      } else {
        value = load4(wide, dy1);
        even = madd(even, value, v0);
        odd = madd(odd, value, v1);
        a = madd(a, value, v2);
      }
    }
    out++;
    dy0 += pixel;
    dy1 += pixel;
    const at = dx + <usize>column * pixel;
    if (column >= 0) store4(wide, at, first ? even : f32x4.add(even, load4(wide, at)));
    if (column >= -1 && column + 1 < inW) store4(wide, at + pixel, first ? odd : f32x4.add(odd, load4(wide, at + pixel)));
  }
}

/** The line's sums over dy [outW] of dy times each of k columns under the kernel are added to dw, whose taps lie tap apart. */
// @ts-ignore: decorator
@inline
function weights(
  wide: bool, k: i32, stride: i32, dw: usize, tap: usize, dy: usize, x: usize, inW: i32, outW: i32, padLeft: i32, pixel: usize,
): void {
  const zero = f32x4.splat(0);
  let sum0 = load4(wide, dw), sum1 = load4(wide, dw + tap), sum2 = load4(wide, dw + 2 * tap), sum3 = zero, sum4 = zero;
  if (k == 5) {
    sum3 = load4(wide, dw + 3 * tap);
    sum4 = load4(wide, dw + 4 * tap);
  }
  // Columns under the kernel; those that the next output has as well move on.
  let column = -padLeft, x0 = columnOf(wide, x, column, inW, pixel), x1 = zero, x2 = zero, x3 = zero;
  if (stride == 1 || k == 5) x1 = columnOf(wide, x, column + 1, inW, pixel);
  if (k == 5) x2 = columnOf(wide, x, column + 2, inW, pixel);
  if (k == 5 && stride == 1) x3 = columnOf(wide, x, column + 3, inW, pixel);
  column += k - stride;
  let at = x + <usize>column * pixel;
  for (const end = dy + <usize>outW * pixel; dy < end; dy += pixel) {
    const value = load4(wide, dy);
    let next = zero, before = zero;
    if (stride == 2) {
      if (inside(column, inW)) before = load4(wide, at);
      at += pixel;
      column++;
    }
    if (inside(column, inW)) next = load4(wide, at);
    at += pixel;
    column++;
    if (k == 3) {
      if (stride == 2) x1 = before;
      sum0 = madd(sum0, value, x0);
      sum1 = madd(sum1, value, x1);
      sum2 = madd(sum2, value, next);
      x0 = stride == 2 ? next : x1;
      x1 = next;
    } else {
      if (stride == 2) x3 = before;
      sum0 = madd(sum0, value, x0);
      sum1 = madd(sum1, value, x1);
      sum2 = madd(sum2, value, x2);
      sum3 = madd(sum3, value, x3);
      sum4 = madd(sum4, value, next);
      x0 = stride == 2 ? x2 : x1;
      x1 = stride == 2 ? x3 : x2;
      x2 = stride == 2 ? next : x3;
      x3 = next;
    }
  }
  store4(wide, dw, sum0);
  store4(wide, dw + tap, sum1);
  store4(wide, dw + 2 * tap, sum2);
  if (k == 5) {
    store4(wide, dw + 3 * tap, sum3);
    store4(wide, dw + 4 * tap, sum4);
  }
}

/** A line of the kernel's weights for four channels, or zeros where it is outside of the image. */
// @ts-ignore: decorator
@inline
function weightOf(wide: bool, w: usize, there: bool): v128 { return there ? load4(wide, w) : f32x4.splat(0); }

/** gather for one line of outputs and four channels (or one): `top` is the image's line under the kernel's first. */
// @ts-ignore: decorator
@inline
function gatherLine(
  wide: bool, k: i32, stride: i32, y: usize, x: usize, w: usize, tap: usize, top: i32, inH: i32, inW: i32, outW: i32, padLeft: i32, pixel: usize,
): void {
  const line = <usize>inW * pixel;
  if (k == 3) {
    const in0 = inside(top, inH), in1 = inside(top + 1, inH), in2 = inside(top + 2, inH);
    gather3(
      wide, stride, y, x + <usize>clamp(top, inH) * line, x + <usize>clamp(top + 1, inH) * line, x + <usize>clamp(top + 2, inH) * line, inW, outW, padLeft, pixel,
      weightOf(wide, w, in0), weightOf(wide, w + tap, in0), weightOf(wide, w + 2 * tap, in0),
      weightOf(wide, w + 3 * tap, in1), weightOf(wide, w + 4 * tap, in1), weightOf(wide, w + 5 * tap, in1),
      weightOf(wide, w + 6 * tap, in2), weightOf(wide, w + 7 * tap, in2), weightOf(wide, w + 8 * tap, in2),
    );
  } else {
    let first = true;
    for (let kY = 0; kY < 5; kY++) {
      if (inside(top + kY, inH)) {
        gather5(wide, stride, first, y, x + <usize>(top + kY) * line, inW, outW, padLeft, pixel, load4(wide, w), load4(wide, w + tap), load4(wide, w + 2 * tap), load4(wide, w + 3 * tap), load4(wide, w + 4 * tap));
        first = false;
      }
      w += 5 * tap;
    }
    if (first) clearPixels(wide, y, outW, pixel);
  }
}

function clearPixels(wide: bool, y: usize, count: i32, pixel: usize): void {
  for (; count > 0; count--) {
    store4(wide, y, f32x4.splat(0));
    y += pixel;
  }
}

/** gather for n examples. tap: bytes from one weight to the next, negative for a flipped kernel. */
// @ts-ignore: decorator
@inline
function gatherImages(
  k: i32, stride: i32, y: usize, x: usize, w: usize, tap: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32,
): void {
  const pixel = <usize>channels << 2;
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      const top = outY * stride - padTop;
      let c = 0;
      for (; c + 4 <= channels; c += 4) gatherLine(true, k, stride, y + (<usize>c << 2), x + (<usize>c << 2), w + (<usize>c << 2), tap, top, inH, inW, outW, padLeft, pixel);
      for (; c < channels; c++) gatherLine(false, k, stride, y + (<usize>c << 2), x + (<usize>c << 2), w + (<usize>c << 2), tap, top, inH, inW, outW, padLeft, pixel);
      y += <usize>outW * pixel;
    }
    x += <usize>(inH * inW) * pixel;
  }
}
function gather3s1(y: usize, x: usize, w: usize, tap: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  gatherImages(3, 1, y, x, w, tap, n, inH, inW, outH, outW, channels, padTop, padLeft);
}
function gather3s2(y: usize, x: usize, w: usize, tap: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  gatherImages(3, 2, y, x, w, tap, n, inH, inW, outH, outW, channels, padTop, padLeft);
}
function gather5s1(y: usize, x: usize, w: usize, tap: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  gatherImages(5, 1, y, x, w, tap, n, inH, inW, outH, outW, channels, padTop, padLeft);
}
function gather5s2(y: usize, x: usize, w: usize, tap: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  gatherImages(5, 2, y, x, w, tap, n, inH, inW, outH, outW, channels, padTop, padLeft);
}

/** scatter for one line of dx and four channels (or one). */
// @ts-ignore: decorator
@inline
function scatterLine(
  wide: bool, k: i32, dx: usize, dy: usize, w: usize, tap: usize, row: i32, inW: i32, outH: i32, outW: i32, padLeft: i32, pixel: usize,
): void {
  const line = <usize>outW * pixel, phase = row & 1, outY = row >> 1, zero = f32x4.splat(0);
  if (k == 3) {
    // Even lines take taps 0 of dy's line and 2 of the one before, odd ones tap 1.
    const in0 = inside(outY, outH), in1 = phase == 0 && inside(outY - 1, outH), at = w + <usize>(3 * phase) * tap;
    scatter(
      wide, 3, true, dx, dy + <usize>clamp(outY, outH) * line, dy + <usize>clamp(outY - 1, outH) * line, inW, outW, padLeft, pixel,
      weightOf(wide, at, in0), weightOf(wide, at + tap, in0), weightOf(wide, at + 2 * tap, in0), zero, zero,
      weightOf(wide, w + 6 * tap, in1), weightOf(wide, w + 7 * tap, in1), weightOf(wide, w + 8 * tap, in1),
    );
  } else {
    let first = true;
    for (let kY = phase; kY < 5; kY += 2) {
      const y = outY - (kY >> 1), at = w + <usize>(5 * kY) * tap;
      if (!inside(y, outH)) continue;
      scatter(wide, 5, first, dx, dy + <usize>y * line, 0, inW, outW, padLeft, pixel, load4(wide, at), load4(wide, at + tap), load4(wide, at + 2 * tap), load4(wide, at + 3 * tap), load4(wide, at + 4 * tap), zero, zero, zero);
      first = false;
    }
    if (first) clearPixels(wide, dx, inW, pixel);
  }
}
// @ts-ignore: decorator
@inline
function scatterImages(k: i32, dx: usize, dy: usize, w: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  const pixel = <usize>channels << 2;
  for (let i = 0; i < n; i++) {
    for (let y = 0; y < inH; y++) {
      let c = 0;
      for (; c + 4 <= channels; c += 4) scatterLine(true, k, dx + (<usize>c << 2), dy + (<usize>c << 2), w + (<usize>c << 2), pixel, y + padTop, inW, outH, outW, padLeft, pixel);
      for (; c < channels; c++) scatterLine(false, k, dx + (<usize>c << 2), dy + (<usize>c << 2), w + (<usize>c << 2), pixel, y + padTop, inW, outH, outW, padLeft, pixel);
      dx += <usize>inW * pixel;
    }
    dy += <usize>(outH * outW) * pixel;
  }
}
function scatter3(dx: usize, dy: usize, w: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  scatterImages(3, dx, dy, w, n, inH, inW, outH, outW, channels, padTop, padLeft);
}
function scatter5(dx: usize, dy: usize, w: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  scatterImages(5, dx, dy, w, n, inH, inW, outH, outW, channels, padTop, padLeft);
}

// @ts-ignore: decorator
@inline
function weightsImages(k: i32, stride: i32, dw: usize, dy: usize, x: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  const pixel = <usize>channels << 2, line = <usize>inW * pixel;
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      for (let kY = 0; kY < k; kY++) {
        const row = outY * stride - padTop + kY;
        if (!inside(row, inH)) continue;
        const to = dw + <usize>(k * kY) * pixel, from = x + <usize>row * line;
        let c = 0;
        for (; c + 4 <= channels; c += 4) weights(true, k, stride, to + (<usize>c << 2), pixel, dy + (<usize>c << 2), from + (<usize>c << 2), inW, outW, padLeft, pixel);
        for (; c < channels; c++) weights(false, k, stride, to + (<usize>c << 2), pixel, dy + (<usize>c << 2), from + (<usize>c << 2), inW, outW, padLeft, pixel);
      }
      dy += <usize>outW * pixel;
    }
    x += <usize>inH * line;
  }
}
function weights3s1(dw: usize, dy: usize, x: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  weightsImages(3, 1, dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
}
function weights3s2(dw: usize, dy: usize, x: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  weightsImages(3, 2, dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
}
function weights5s1(dw: usize, dy: usize, x: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  weightsImages(5, 1, dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
}
function weights5s2(dw: usize, dy: usize, x: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32): void {
  weightsImages(5, 2, dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
}

/** to [count, channels] += a · b, element by element; each moves on by its step (in bytes, 0 for none) from pixel to pixel. */
function mulAddPixels(to: usize, toStep: usize, a: usize, aStep: usize, b: usize, bStep: usize, count: i32, channels: i32): void {
  const bytes = <usize>channels << 2, bytes4 = <usize>(channels & ~3) << 2;
  for (; count > 0; count--) {
    let c: usize = 0;
    for (; c < bytes4; c += 16) v128.store(to + c, madd(v128.load(to + c), v128.load(a + c), v128.load(b + c)));
    for (; c < bytes; c += 4) v128.store32_lane(to + c, madd(v128.load32_zero(to + c), v128.load32_zero(a + c), v128.load32_zero(b + c)), 0);
    to += toStep;
    a += aStep;
    b += bStep;
  }
}

const FORWARD: i32 = 0, INPUT: i32 = 1, WEIGHTS: i32 = 2;

/** Any kernel, tap by tap: adds x · w to y, dy · w to dx (in x's place) or dy · x to dw (in w's place). */
function eachTap(
  pass: i32, y: usize, x: usize, w: usize, n: i32,
  inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, padTop: i32, padLeft: i32,
): void {
  const pixel = <usize>channels << 2, xStep = <usize>strideW * pixel;
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      for (let kY = 0; kY < kH; kY++) {
        const row = outY * strideH - padTop + kY * dilationH;
        if (!inside(row, inH)) continue;
        for (let kX = 0; kX < kW; kX++) {
          // Outputs whose column under this tap, strideW · outX - before, is in the image.
          const before = padLeft - kX * dilationW, first = before > 0 ? (before + strideW - 1) / strideW : 0;
          const end = inW + before > 0 ? min(outW, (inW + before - 1) / strideW + 1) : 0;
          const atX = x + <usize>(row * inW + first * strideW - before) * pixel, atY = y + <usize>first * pixel, atW = w + <usize>(kY * kW + kX) * pixel;
          if (pass == FORWARD) mulAddPixels(atY, pixel, atX, xStep, atW, 0, end - first, channels);
          else if (pass == INPUT) mulAddPixels(atX, xStep, atY, pixel, atW, 0, end - first, channels);
          else mulAddPixels(atW, 0, atY, pixel, atX, xStep, end - first, channels);
        }
      }
      y += <usize>outW * pixel;
    }
    x += <usize>(inH * inW) * pixel;
  }
}

/** 3 or 5 where there are kernels for the size, else 0. */
// @ts-ignore: decorator
@inline
function fastSize(kH: i32, kW: i32, strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, padTop: i32, padLeft: i32): i32 {
  const fast = kH == kW && (kH == 3 || kH == 5) && strideH == strideW && strideH <= 2 && dilationH == 1 && dilationW == 1 && padTop < kH && padLeft < kW;
  return fast ? kH : 0;
}

/** Overwrites y.  bias [channels], or 0 for none. */
export function depthwiseConv2dForward(
  y: usize, x: usize, w: usize, bias: usize, n: i32,
  inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, padTop: i32, padLeft: i32,
): void {
  const pixel = <usize>channels << 2, size = fastSize(kH, kW, strideH, strideW, dilationH, dilationW, padTop, padLeft);
  if (size == 3 && strideH == 1) gather3s1(y, x, w, pixel, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 3) gather3s2(y, x, w, pixel, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 5 && strideH == 1) gather5s1(y, x, w, pixel, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 5) gather5s2(y, x, w, pixel, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else {
    memory.fill(y, 0, <usize>(n * outH * outW) * pixel);
    eachTap(FORWARD, y, x, w, n, inH, inW, outH, outW, channels, kH, kW, strideH, strideW, dilationH, dilationW, padTop, padLeft);
  }
  if (bias != 0) addBias(y, bias, n * outH * outW, channels);
}

/** Overwrites dx. */
export function depthwiseConv2dBackwardInput(
  dx: usize, dy: usize, w: usize, n: i32,
  inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, padTop: i32, padLeft: i32,
): void {
  const pixel = <usize>channels << 2, size = fastSize(kH, kW, strideH, strideW, dilationH, dilationW, padTop, padLeft);
  const lastTap = w + <usize>(kH * kW - 1) * pixel;
  if (size == 3 && strideH == 1) gather3s1(dx, dy, lastTap, -pixel, n, outH, outW, inH, inW, channels, 2 - padTop, 2 - padLeft);
  else if (size == 3) scatter3(dx, dy, w, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 5 && strideH == 1) gather5s1(dx, dy, lastTap, -pixel, n, outH, outW, inH, inW, channels, 4 - padTop, 4 - padLeft);
  else if (size == 5) scatter5(dx, dy, w, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else {
    memory.fill(dx, 0, <usize>(n * inH * inW) * pixel);
    eachTap(INPUT, dy, dx, w, n, inH, inW, outH, outW, channels, kH, kW, strideH, strideW, dilationH, dilationW, padTop, padLeft);
  }
}

/** Adds to dw [kH, kW, channels]; the caller zeroes it. */
export function depthwiseConv2dBackwardWeights(
  dw: usize, dy: usize, x: usize, n: i32,
  inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, padTop: i32, padLeft: i32,
): void {
  const size = fastSize(kH, kW, strideH, strideW, dilationH, dilationW, padTop, padLeft);
  if (size == 3 && strideH == 1) weights3s1(dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 3) weights3s2(dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 5 && strideH == 1) weights5s1(dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 5) weights5s2(dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else eachTap(WEIGHTS, dy, x, dw, n, inH, inW, outH, outW, channels, kH, kW, strideH, strideW, dilationH, dilationW, padTop, padLeft);
}

/** to [count] = the sums of from [count, times] over times, first value first: the backward pass of repeatRows of single columns. */
export function sumRepeatedChannels(to: usize, from: usize, count: i32, times: i32): void {
  for (; count > 0; count--) {
    let sum = load<f32>(from);
    from += 4;
    for (let i = 1; i < times; i++) {
      sum += load<f32>(from);
      from += 4;
    }
    store<f32>(to, sum);
    to += 4;
  }
}
