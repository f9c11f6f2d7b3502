// Depthwise convolution: each channel with a kernel of its own. Arrays are [n, height, width, channels], kernels w [kH, kW, channels].
//
// Four channels at a time walk along a line of the image, or eight in a wide build; the last channels go one by one. Kernels of 3 × 3
// and 5 × 5 with strides of 1 or 2 keep in registers what belongs to a line of the kernel, and what moves on from column to column:
//
//   gather    keeps weights; columns of x pass by, sums of y move on: forward, and with stride 1 back to dx, with the kernel flipped
//   scatter   keeps weights; columns of dy pass by, sums of dx move on: back to dx with stride 2
//   weights   keeps sums of dw; columns of x pass by, values of dy move on
//
// 3 × 3 takes its three lines at once; 5 × 5, whose 25 weights are too many, takes line after line and adds. Lines of the kernel above and
// below the image are weights of 0 on a line that is there. Any other kernel goes tap by tap (`eachTap`).
//
// Zeros are made of a loaded vector: V8 packs two constants only where both are in one block, and where they go is not in our hands.
// Weights are loaded under a condition and not masked: V8 would repeat the mask for each column.
import { loadLanes, storeLanes } from './float4';
import { madd } from './madd';
import { addBias } from './sums';

// @ts-ignore: decorator
@inline
function inside(at: i32, size: i32): bool { return <u32>at < <u32>size; }
// @ts-ignore: decorator
@inline
function clamp(at: i32, size: i32): i32 { return max(0, min(size - 1, at)); }

/** The value, and where `added` is -1 and not 0 what is at `at` as well. */
// @ts-ignore: decorator
@inline
function plus(value: v128, at: v128, added: i32): v128 { return f32x4.add(value, v128.and(at, i32x4.splat(added))); }

/** A line of outputs. top: the image's line under the kernel's first; tap: bytes from one weight to the next. */
// @ts-ignore: decorator
@inline
function gatherLine(
  lanes: i32, k: i32, stride: i32, y: usize, x: usize, w: usize, tap: usize, top: i32, inH: i32, inW: i32, outW: i32, padLeft: i32,
  c: i32, channels: i32, pixel: usize,
): void {
  // Outputs are complete from this column on.
  const complete = k - 1 - padLeft, line = <usize>inW * pixel;
  //@pairs
  for (; c + lanes <= channels; c += lanes) {
    const offset = <usize>c << 2;
    for (let kY = 0; kY < k; kY += k == 3 ? 3 : 1) {
      if (kY > 0 && !inside(top + kY, inH)) continue;
      // a, b, d are of three lines, weights numbered from the last, which completes an output.
      const from = w + offset + <usize>(k * kY) * tap, any = loadLanes(lanes, from), zero = v128.xor(any, any), added = -i32(kY > 0);
      let a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero;
      let b0 = zero, b1 = zero, b2 = zero, d0 = zero, d1 = zero, d2 = zero;
      if (inside(top + kY, inH)) {
        const last = from + <usize>(k - 1) * tap;
        a0 = loadLanes(lanes, last); a1 = loadLanes(lanes, last - tap); a2 = loadLanes(lanes, last - 2 * tap);
        if (k == 5) { a3 = loadLanes(lanes, from + tap); a4 = any; }
      }
      if (k == 3 && inside(top + 1, inH)) {
        b0 = loadLanes(lanes, from + 5 * tap); b1 = loadLanes(lanes, from + 4 * tap); b2 = loadLanes(lanes, from + 3 * tap);
      }
      if (k == 3 && inside(top + 2, inH)) {
        d0 = loadLanes(lanes, from + 8 * tap); d1 = loadLanes(lanes, from + 7 * tap); d2 = loadLanes(lanes, from + 6 * tap);
      }
      const lines = x + offset;
      let xA = lines + <usize>clamp(top + kY, inH) * line;
      let xB = lines + <usize>clamp(top + 1, inH) * line, xD = lines + <usize>clamp(top + 2, inH) * line;
      let sum0 = zero, sum1 = zero, sum2 = zero, sum3 = zero, to = y + offset;
      const end = to + <usize>outW * pixel;
      if (stride == 1) {
        let column = 0;
        for (const last = min(inW, outW + k - 1 - padLeft); column < last; column++) {
          let value = loadLanes(lanes, xA), sum = madd(sum0, value, a0);
          sum0 = madd(sum1, value, a1);
          if (k == 3) {
            sum1 = f32x4.mul(value, a2);
            value = loadLanes(lanes, xB);
            sum = madd(sum, value, b0);
            sum0 = madd(sum0, value, b1);
            sum1 = madd(sum1, value, b2);
            value = loadLanes(lanes, xD);
            sum = madd(sum, value, d0);
            sum0 = madd(sum0, value, d1);
            sum1 = madd(sum1, value, d2);
          } else {
            sum1 = madd(sum2, value, a2);
            sum2 = madd(sum3, value, a3);
            sum3 = f32x4.mul(value, a4);
          }
          xA += pixel; xB += pixel; xD += pixel;
          if (column < complete) continue;
          if (k == 5) sum = plus(sum, loadLanes(lanes, to), added);
          storeLanes(lanes, to, sum);
          to += pixel;
        }
        for (; to < end; column++) {
          let sum = sum0;
          sum0 = sum1;
          sum1 = k == 5 ? sum2 : zero;
          sum2 = sum3;
          sum3 = zero;
          if (column < complete) continue;
          if (k == 5) sum = plus(sum, loadLanes(lanes, to), added);
          storeLanes(lanes, to, sum);
          to += pixel;
        }
      } else {
        const before = <usize>padLeft * pixel;
        xA -= before; xB -= before; xD -= before;
        for (let column = -padLeft; to < end; column += 2) {
          let sum = sum0;
          sum0 = sum1;
          sum1 = zero;
          if (inside(column, inW)) {
            let value = loadLanes(lanes, xA);
            sum = madd(sum, value, a0);
            sum0 = madd(sum0, value, a2);
            if (k == 5) sum1 = f32x4.mul(value, a4);
            else {
              value = loadLanes(lanes, xB);
              sum = madd(sum, value, b0);
              sum0 = madd(sum0, value, b2);
              value = loadLanes(lanes, xD);
              sum = madd(sum, value, d0);
              sum0 = madd(sum0, value, d2);
            }
          }
          if (inside(column + 1, inW)) {
            let value = loadLanes(lanes, xA + pixel);
            sum0 = madd(sum0, value, a1);
            if (k == 5) sum1 = madd(sum1, value, a3);
            else {
              value = loadLanes(lanes, xB + pixel);
              sum0 = madd(sum0, value, b1);
              value = loadLanes(lanes, xD + pixel);
              sum0 = madd(sum0, value, d1);
            }
          }
          xA += 2 * pixel; xB += 2 * pixel; xD += 2 * pixel;
          if (column < complete) continue;
          if (k == 5) sum = plus(sum, loadLanes(lanes, to), added);
          storeLanes(lanes, to, sum);
          to += pixel;
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function gatherBoth(
  k: i32, stride: i32, y: usize, x: usize, w: usize, tap: usize, top: i32, inH: i32, inW: i32, outW: i32, channels: i32, padLeft: i32,
): void {
  const pixel = <usize>channels << 2;
  gatherLine(4, k, stride, y, x, w, tap, top, inH, inW, outW, padLeft, 0, channels, pixel);
  gatherLine(1, k, stride, y, x, w, tap, top, inH, inW, outW, padLeft, channels & ~3, channels, pixel);
}
function gather3s1(y: usize, x: usize, w: usize, tap: usize, top: i32, inH: i32, inW: i32, outW: i32, channels: i32, padLeft: i32): void {
  gatherBoth(3, 1, y, x, w, tap, top, inH, inW, outW, channels, padLeft);
}
function gather3s2(y: usize, x: usize, w: usize, tap: usize, top: i32, inH: i32, inW: i32, outW: i32, channels: i32, padLeft: i32): void {
  gatherBoth(3, 2, y, x, w, tap, top, inH, inW, outW, channels, padLeft);
}
function gather5s1(y: usize, x: usize, w: usize, tap: usize, top: i32, inH: i32, inW: i32, outW: i32, channels: i32, padLeft: i32): void {
  gatherBoth(5, 1, y, x, w, tap, top, inH, inW, outW, channels, padLeft);
}
function gather5s2(y: usize, x: usize, w: usize, tap: usize, top: i32, inH: i32, inW: i32, outW: i32, channels: i32, padLeft: i32): void {
  gatherBoth(5, 2, y, x, w, tap, top, inH, inW, outW, channels, padLeft);
}

/** gather for n examples. tap: bytes from one weight to the next, negative for a flipped kernel. */
function gather(
  k: i32, stride: i32, y: usize, x: usize, w: usize, tap: usize, n: i32,
  inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32,
): void {
  const pixel = <usize>channels << 2;
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      const top = outY * stride - padTop;
      if (k == 3 && stride == 1) gather3s1(y, x, w, tap, top, inH, inW, outW, channels, padLeft);
      else if (k == 3) gather3s2(y, x, w, tap, top, inH, inW, outW, channels, padLeft);
      else if (stride == 1) gather5s1(y, x, w, tap, top, inH, inW, outW, channels, padLeft);
      else gather5s2(y, x, w, tap, top, inH, inW, outW, channels, padLeft);
      y += <usize>outW * pixel;
    }
    x += <usize>(inH * inW) * pixel;
  }
}

/** A line of dx with stride 2, `row` lines below the first that the kernel is over. */
// @ts-ignore: decorator
@inline
function scatterLine(
  lanes: i32, k: i32, dx: usize, dy: usize, w: usize, row: i32, inW: i32, outH: i32, outW: i32, padLeft: i32,
  c: i32, channels: i32, pixel: usize,
): void {
  const line = <usize>outW * pixel, tap = pixel, outY = row >> 1, phase = row & 1;
  //@pairs
  for (; c + lanes <= channels; c += lanes) {
    const offset = <usize>c << 2;
    // Even lines take every other line of the kernel from the first, odd ones from the second; with k = 3 that is two, a and b, or one.
    for (let kY = phase; kY < k; kY += k == 3 ? 3 : 2) {
      const y = outY - (kY >> 1), from = w + offset + <usize>(k * kY) * tap;
      const any = loadLanes(lanes, from), zero = v128.xor(any, any), added = -i32(kY > phase);
      if (kY > phase && !inside(y, outH)) continue;
      let a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, b0 = zero, b1 = zero, b2 = zero;
      if (inside(y, outH)) {
        a0 = any; a1 = loadLanes(lanes, from + tap); a2 = loadLanes(lanes, from + 2 * tap);
        if (k == 5) { a3 = loadLanes(lanes, from + 3 * tap); a4 = loadLanes(lanes, from + 4 * tap); }
      }
      if (k == 3 && phase == 0 && inside(outY - 1, outH)) {
        b0 = loadLanes(lanes, from + 6 * tap); b1 = loadLanes(lanes, from + 7 * tap); b2 = loadLanes(lanes, from + 8 * tap);
      }
      let dyA = dy + offset + <usize>clamp(y, outH) * line, dyB = dy + offset + <usize>clamp(outY - 1, outH) * line;
      let sum0 = zero, sum1 = zero, sum2 = zero, out = 0, to = dx + offset - <usize>padLeft * pixel;
      for (let column = -padLeft; column < inW; column += 2) {
        let even = sum0, odd = sum1;
        sum0 = sum2;
        sum1 = zero;
        sum2 = zero;
        if (out < outW) {
          const a = loadLanes(lanes, dyA);
          even = madd(even, a, a0);
          odd = madd(odd, a, a1);
          sum0 = madd(sum0, a, a2);
          if (k == 5) {
            sum1 = f32x4.mul(a, a3);
            sum2 = f32x4.mul(a, a4);
          } else {
            const b = loadLanes(lanes, dyB);
            even = madd(even, b, b0);
            odd = madd(odd, b, b1);
            sum0 = madd(sum0, b, b2);
          }
        }
        out++;
        dyA += pixel; dyB += pixel;
        if (column >= 0) {
          if (k == 5) even = plus(even, loadLanes(lanes, to), added);
          storeLanes(lanes, to, even);
        }
        if (column >= -1 && column + 1 < inW) {
          if (k == 5) odd = plus(odd, loadLanes(lanes, to + pixel), added);
          storeLanes(lanes, to + pixel, odd);
        }
        to += 2 * pixel;
      }
    }
  }
}
// @ts-ignore: decorator
@inline
function scatter(
  k: i32, dx: usize, dy: usize, w: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32,
): void {
  const pixel = <usize>channels << 2;
  for (let i = 0; i < n; i++) {
    for (let row = padTop; row < padTop + inH; row++) {
      scatterLine(4, k, dx, dy, w, row, inW, outH, outW, padLeft, 0, channels, pixel);
      scatterLine(1, k, dx, dy, w, row, inW, outH, outW, padLeft, channels & ~3, channels, pixel);
      dx += <usize>inW * pixel;
    }
    dy += <usize>(outH * outW) * pixel;
  }
}

/** What a line of dy gives to dw; `top` as above. */
// @ts-ignore: decorator
@inline
function weightsLine(
  lanes: i32, k: i32, stride: i32, dw: usize, dy: usize, x: usize, top: i32, inH: i32, inW: i32, outW: i32, padLeft: i32,
  c: i32, channels: i32, pixel: usize,
): void {
  const line = <usize>inW * pixel, tap = pixel, step = <usize>stride * pixel;
  const last = min(inW, stride * (outW - 1) + k - padLeft);
  //@pairs
  for (; c + lanes <= channels; c += lanes) {
    const offset = <usize>c << 2;
    for (let kY = 0; kY < k; kY += k == 3 ? 3 : 1) {
      if (k == 5 && !inside(top + kY, inH)) continue;
      const sums = dw + offset + <usize>(k * kY) * tap, first = loadLanes(lanes, sums), zero = v128.xor(first, first);
      let a0 = first, a1 = loadLanes(lanes, sums + tap), a2 = loadLanes(lanes, sums + 2 * tap), a3 = zero, a4 = zero;
      let b0 = zero, b1 = zero, b2 = zero, d0 = zero, d1 = zero, d2 = zero;
      if (k == 3) {
        b0 = loadLanes(lanes, sums + 3 * tap); b1 = loadLanes(lanes, sums + 4 * tap); b2 = loadLanes(lanes, sums + 5 * tap);
        d0 = loadLanes(lanes, sums + 6 * tap); d1 = loadLanes(lanes, sums + 7 * tap); d2 = loadLanes(lanes, sums + 8 * tap);
      } else { a3 = loadLanes(lanes, sums + 3 * tap); a4 = loadLanes(lanes, sums + 4 * tap); }
      const lines = x + offset - <usize>padLeft * pixel;
      let xA = lines + <usize>clamp(top + kY, inH) * line;
      let xB = lines + <usize>clamp(top + 1, inH) * line, xD = lines + <usize>clamp(top + 2, inH) * line;
      // dy of the output that a column is under the first tap of, and of those before it.
      let g0 = zero, g1 = zero, g2 = zero, g3 = zero, g4 = zero, from = dy + offset;
      const end = from + <usize>outW * pixel;
      for (let column = -padLeft; column < last; column += stride) {
        g4 = g3; g3 = g2; g2 = g1; g1 = g0; g0 = zero;
        if (from < end) g0 = loadLanes(lanes, from);
        from += pixel;
        if (inside(column, inW)) {
          let value = loadLanes(lanes, xA);
          a0 = madd(a0, value, g0);
          if (stride == 1) { a1 = madd(a1, value, g1); a2 = madd(a2, value, g2); }
          else a2 = madd(a2, value, g1);
          if (k == 3) {
            value = loadLanes(lanes, xB);
            b0 = madd(b0, value, g0);
            if (stride == 1) { b1 = madd(b1, value, g1); b2 = madd(b2, value, g2); }
            else b2 = madd(b2, value, g1);
            value = loadLanes(lanes, xD);
            d0 = madd(d0, value, g0);
            if (stride == 1) { d1 = madd(d1, value, g1); d2 = madd(d2, value, g2); }
            else d2 = madd(d2, value, g1);
          } else if (stride == 1) {
            a3 = madd(a3, value, g3);
            a4 = madd(a4, value, g4);
          } else a4 = madd(a4, value, g2);
        }
        if (stride == 2 && inside(column + 1, inW)) {
          let value = loadLanes(lanes, xA + pixel);
          a1 = madd(a1, value, g0);
          if (k == 3) {
            value = loadLanes(lanes, xB + pixel);
            b1 = madd(b1, value, g0);
            value = loadLanes(lanes, xD + pixel);
            d1 = madd(d1, value, g0);
          } else a3 = madd(a3, value, g1);
        }
        xA += step; xB += step; xD += step;
      }
      // Lines outside of the image had sums of something else.
      if (inside(top + kY, inH)) {
        storeLanes(lanes, sums, a0); storeLanes(lanes, sums + tap, a1); storeLanes(lanes, sums + 2 * tap, a2);
        if (k == 5) { storeLanes(lanes, sums + 3 * tap, a3); storeLanes(lanes, sums + 4 * tap, a4); }
      }
      if (k == 3 && inside(top + 1, inH)) {
        storeLanes(lanes, sums + 3 * tap, b0); storeLanes(lanes, sums + 4 * tap, b1); storeLanes(lanes, sums + 5 * tap, b2);
      }
      if (k == 3 && inside(top + 2, inH)) {
        storeLanes(lanes, sums + 6 * tap, d0); storeLanes(lanes, sums + 7 * tap, d1); storeLanes(lanes, sums + 8 * tap, d2);
      }
    }
  }
}
// @ts-ignore: decorator
@inline
function weights(
  k: i32, stride: i32, dw: usize, dy: usize, x: usize, n: i32, inH: i32, inW: i32, outH: i32, outW: i32, channels: i32, padTop: i32, padLeft: i32,
): void {
  const pixel = <usize>channels << 2;
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      const top = outY * stride - padTop;
      weightsLine(4, k, stride, dw, dy, x, top, inH, inW, outW, padLeft, 0, channels, pixel);
      weightsLine(1, k, stride, dw, dy, x, top, inH, inW, outW, padLeft, channels & ~3, channels, pixel);
      dy += <usize>outW * pixel;
    }
    x += <usize>(inH * inW) * pixel;
  }
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
  if (size != 0) gather(size, strideH, y, x, w, pixel, n, inH, inW, outH, outW, channels, padTop, padLeft);
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
  if (size != 0 && strideH == 1) gather(size, 1, dx, dy, lastTap, -pixel, n, outH, outW, inH, inW, channels, size - 1 - padTop, size - 1 - padLeft);
  else if (size == 3) scatter(3, dx, dy, w, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 5) scatter(5, dx, dy, w, n, inH, inW, outH, outW, channels, padTop, padLeft);
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
  if (size == 3 && strideH == 1) weights(3, 1, dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 3) weights(3, 2, dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 5 && strideH == 1) weights(5, 1, dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
  else if (size == 5) weights(5, 2, dw, dy, x, n, inH, inW, outH, outW, channels, padTop, padLeft);
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
