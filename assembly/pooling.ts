// Max pooling of any window and stride.   x [n, inH, inW, channels], y and argmax [n, outH, outW, channels]
// The first of equal values wins, in the order of the window's rows; padding never wins, and NaN always does: it must not be hidden.

/** y = the largest value of each window; argmax (0: none) = that value's index within its example, for the backward pass. */
export function maxPooling2dForward(
  y: usize, argmax: usize, x: usize, n: i32,
  inH: i32, inW: i32, channels: i32, outH: i32, outW: i32, poolH: i32, poolW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      const top = max(0, outY * strideH - padTop), bottom = min(inH, outY * strideH - padTop + poolH);
      for (let outX = 0; outX < outW; outX++) {
        const left = max(0, outX * strideW - padLeft), right = min(inW, outX * strideW - padLeft + poolW);
        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          let best = f32x4.splat(-Infinity), bestAt = i32x4.splat((top * inW + left) * channels + c);
          for (let inY = top; inY < bottom; inY++) {
            for (let inX = left; inX < right; inX++) {
              const at = (inY * inW + inX) * channels + c;
              const value = v128.load(x + (<usize>at << 2));
              const better = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
              best = v128.bitselect(value, best, better);
              bestAt = v128.bitselect(i32x4.splat(at), bestAt, better);
            }
          }
          v128.store(y, best);
          y += 16;
          if (argmax) { v128.store(argmax, i32x4.add(bestAt, i32x4(0, 1, 2, 3))); argmax += 16; }
        }
        for (; c < channels; c++) {
          let best: f32 = -Infinity, bestAt = (top * inW + left) * channels + c;
          for (let inY = top; inY < bottom; inY++) {
            for (let inX = left; inX < right; inX++) {
              const at = (inY * inW + inX) * channels + c;
              const value = load<f32>(x + (<usize>at << 2));
              if (value > best || value != value) { best = value; bestAt = at; }
            }
          }
          store<f32>(y, best);
          y += 4;
          if (argmax) { store<i32>(argmax, bestAt); argmax += 4; }
        }
      }
    }
    x += <usize>(inH * inW * channels) << 2;
  }
}

/**
 * Bit-identical, but first along each line and then down: inH · outW · poolW + outH · outW · poolH values are compared, not
 * outH · outW · poolH · poolW. A line's winner is the first of its equals, or its last NaN, and so is a window's among its lines'.
 * Scratch: lines, and with argmax lineArgmax (else 0), [inH, outW, channels].
 */
export function maxPooling2dForwardByAxis(
  y: usize, argmax: usize, x: usize, lines: usize, lineArgmax: usize, n: i32,
  inH: i32, inW: i32, channels: i32, outH: i32, outW: i32, poolH: i32, poolW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  const outBytes = <usize>(outH * outW * channels) << 2;
  for (let i = 0; i < n; i++) {
    maxPooling2dForward(lines, lineArgmax, x, 1, inH, inW, channels, inH, outW, 1, poolW, 1, strideW, 0, padLeft);
    maxPooling2dForward(y, argmax, lines, 1, inH, outW, channels, outH, outW, poolH, 1, strideH, 1, padTop, 0);
    for (const end = argmax ? argmax + outBytes : 0; argmax < end; argmax += 4) store<i32>(argmax, load<i32>(lineArgmax + (<usize>load<i32>(argmax) << 2)));
    x += <usize>(inH * inW * channels) << 2;
    y += outBytes;
  }
}

/** Overwrites dx [n, inSize]: each dy [n, outSize] goes to the value that won; overlapping windows add up. */
export function maxPooling2dBackward(dx: usize, dy: usize, argmax: usize, n: i32, inSize: i32, outSize: i32): void {
  memory.fill(dx, 0, <usize>(n * inSize) << 2);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < outSize; j++) {
      const at = dx + (<usize>load<i32>(argmax) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(dy));
      argmax += 4;
      dy += 4;
    }
    dx += <usize>inSize << 2;
  }
}
