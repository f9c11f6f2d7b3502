// Resizing as in TensorFlow 2: pixel i has its center at i + ½, so the center of output pixel o lies at
// (o + ½) · in / out in the input.   x [n, inH, inW, channels], y [n, outH, outW, channels]

/** The input pixel in which the center of output pixel o lies. */
// @ts-ignore: decorator
@inline
function nearest(o: i32, inSize: i32, outSize: i32): i32 {
  return <i32>(<i64>(2 * o + 1) * <i64>inSize / (2 * <i64>outSize));
}

/** y = the nearest pixel of x. */
export function resizeNearestForward(y: usize, x: usize, n: i32, inH: i32, inW: i32, channels: i32, outH: i32, outW: i32): void {
  const pixel = <usize>channels << 2, wide = <usize>(channels & ~3) << 2;
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      const row = x + <usize>(nearest(outY, inH, outH) * inW) * pixel;
      for (let outX = 0; outX < outW; outX++) {
        let from = row + <usize>nearest(outX, inW, outW) * pixel;
        const end = from + pixel;
        for (const end4 = from + wide; from < end4; ) { v128.store(y, v128.load(from)); y += 16; from += 16; }
        while (from < end) { store<f32>(y, load<f32>(from)); y += 4; from += 4; }
      }
    }
    x += <usize>(inH * inW) * pixel;
  }
}

/** Overwrites dx: each dy goes to the pixel that it was taken from, the first one first. */
export function resizeNearestBackward(dx: usize, dy: usize, n: i32, inH: i32, inW: i32, channels: i32, outH: i32, outW: i32): void {
  const pixel = <usize>channels << 2, wide = <usize>(channels & ~3) << 2;
  memory.fill(dx, 0, <usize>(n * inH * inW) * pixel);
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      const row = dx + <usize>(nearest(outY, inH, outH) * inW) * pixel;
      for (let outX = 0; outX < outW; outX++) {
        let to = row + <usize>nearest(outX, inW, outW) * pixel;
        const end = to + pixel;
        for (const end4 = to + wide; to < end4; ) { v128.store(to, f32x4.add(v128.load(to), v128.load(dy))); to += 16; dy += 16; }
        while (to < end) { store<f32>(to, load<f32>(to) + load<f32>(dy)); to += 4; dy += 4; }
      }
    }
    dx += <usize>(inH * inW) * pixel;
  }
}

/** Position of output pixel o among the centers of the input's pixels, at least -½. */
// @ts-ignore: decorator
@inline
function center(o: i32, inSize: i32, outSize: i32): f64 {
  return (<f64>o + 0.5) * <f64>inSize / <f64>outSize - 0.5;
}

/** y = the four pixels of x around its place, weighted by how near they are; beyond the edge, what is at the edge. */
export function resizeBilinearForward(y: usize, x: usize, n: i32, inH: i32, inW: i32, channels: i32, outH: i32, outW: i32): void {
  const pixel = <usize>channels << 2;
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      const atY = center(outY, inH, outH), floorY = floor<f64>(atY), partY = <f32>(atY - floorY), partY4 = f32x4.splat(partY);
      const above = x + <usize>(max(<i32>floorY, 0) * inW) * pixel, below = x + <usize>(min(<i32>floorY + 1, inH - 1) * inW) * pixel;
      for (let outX = 0; outX < outW; outX++) {
        const atX = center(outX, inW, outW), floorX = floor<f64>(atX), partX = f32x4.splat(<f32>(atX - floorX));
        const left = <usize>max(<i32>floorX, 0) * pixel, right = <usize>min(<i32>floorX + 1, inW - 1) * pixel;
        let a = above + left, b = above + right, c = below + left, d = below + right;
        const end = a + pixel, end4 = a + (<usize>(channels & ~3) << 2);
        while (a < end4) {
          const top = between4(v128.load(a), v128.load(b), partX), bottom = between4(v128.load(c), v128.load(d), partX);
          v128.store(y, between4(top, bottom, partY4));
          a += 16; b += 16; c += 16; d += 16; y += 16;
        }
        while (a < end) {
          const top = between4(v128.load32_zero(a), v128.load32_zero(b), partX), bottom = between4(v128.load32_zero(c), v128.load32_zero(d), partX);
          store<f32>(y, f32x4.extract_lane(between4(top, bottom, partY4), 0));
          a += 4; b += 4; c += 4; d += 4; y += 4;
        }
      }
    }
    x += <usize>(inH * inW) * pixel;
  }
}

/** a where part is 0, b where it is 1. */
// @ts-ignore: decorator
@inline
function between4(a: v128, b: v128, part: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), part));
}

/** to += value · weight, so many floats. */
// @ts-ignore: decorator
@inline
function addWeighted(to: usize, value: usize, bytes: usize, wide: usize, weight: f32): void {
  const weight4 = f32x4.splat(weight), end = to + bytes;
  for (const end4 = to + wide; to < end4; ) { v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load(value), weight4))); to += 16; value += 16; }
  while (to < end) { store<f32>(to, load<f32>(to) + load<f32>(value) * weight); to += 4; value += 4; }
}

/** Overwrites dx: each dy goes to the four pixels that it was made of, by the same weights. */
export function resizeBilinearBackward(dx: usize, dy: usize, n: i32, inH: i32, inW: i32, channels: i32, outH: i32, outW: i32): void {
  const pixel = <usize>channels << 2, wide = <usize>(channels & ~3) << 2;
  memory.fill(dx, 0, <usize>(n * inH * inW) * pixel);
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      const atY = center(outY, inH, outH), floorY = floor<f64>(atY), partY = <f32>(atY - floorY);
      const above = dx + <usize>(max(<i32>floorY, 0) * inW) * pixel, below = dx + <usize>(min(<i32>floorY + 1, inH - 1) * inW) * pixel;
      for (let outX = 0; outX < outW; outX++) {
        const atX = center(outX, inW, outW), floorX = floor<f64>(atX), partX = <f32>(atX - floorX);
        const left = <usize>max(<i32>floorX, 0) * pixel, right = <usize>min(<i32>floorX + 1, inW - 1) * pixel;
        addWeighted(above + left, dy, pixel, wide, (1 - partX) * (1 - partY));
        addWeighted(above + right, dy, pixel, wide, partX * (1 - partY));
        addWeighted(below + left, dy, pixel, wide, (1 - partX) * partY);
        addWeighted(below + right, dy, pixel, wide, partX * partY);
        dy += pixel;
      }
    }
    dx += <usize>(inH * inW) * pixel;
  }
}
