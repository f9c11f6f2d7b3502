// Activations made of straight lines, element by element.   y may be x, dx may be dy: each element is read before it is written.

// @ts-ignore: decorator
@inline
function clippedRelu4(x: v128, slope: f32, threshold: f32, top: f32): v128 {
  const at = f32x4.splat(threshold);
  // Not below the lowest number: 0 · infinity is NaN.
  const below = f32x4.mul(f32x4.splat(slope), f32x4.max(f32x4.sub(x, at), f32x4.splat(-3.4028234663852886e38)));
  return v128.bitselect(f32x4.min(x, f32x4.splat(top)), below, f32x4.ge(x, at));
}

// @ts-ignore: decorator
@inline
function clippedReluSlope4(y: v128, slope: f32, top: f32): v128 {
  const inside = v128.and(f32x4.splat(1), f32x4.lt(y, f32x4.splat(top)));
  return v128.bitselect(inside, f32x4.splat(slope), f32x4.gt(y, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function hardSigmoid4(x: v128): v128 {
  const six = f32x4.splat(6);
  return f32x4.div(f32x4.min(f32x4.max(f32x4.add(x, f32x4.splat(3)), f32x4.splat(0)), six), six);
}

// @ts-ignore: decorator
@inline
function hardSigmoidSlope4(y: v128): v128 {
  const inside = v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.lt(y, f32x4.splat(1)));
  return v128.and(f32x4.splat(1 / 6.0), inside);
}

// @ts-ignore: decorator
@inline
function hardSwishSlope4(x: v128): v128 {
  const three = f32x4.splat(3);
  const middle = f32x4.add(f32x4.div(x, three), f32x4.splat(0.5));
  const low = v128.andnot(middle, f32x4.le(x, f32x4.neg(three)));
  return v128.bitselect(f32x4.splat(1), low, f32x4.ge(x, three));
}

/** y = slope · (x - threshold) below the threshold, x from there, and at most `top`.   threshold ≥ 0 */
export function clippedReluForward(y: usize, x: usize, count: i32, slope: f32, threshold: f32, top: f32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  //@pairs
  while (x < end4) { v128.store(y, clippedRelu4(v128.load(x), slope, threshold, top)); x += 16; y += 16; }
  while (x < end) { v128.store_lane<f32>(y, clippedRelu4(v128.load32_splat(x), slope, threshold, top), 0); x += 4; y += 4; }
}

/** dx = dy where 0 < y < top, 0 above, slope · dy below. */
export function clippedReluBackward(dx: usize, dy: usize, y: usize, count: i32, slope: f32, top: f32): void {
  const end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  //@pairs
  while (y < end4) { v128.store(dx, f32x4.mul(v128.load(dy), clippedReluSlope4(v128.load(y), slope, top))); y += 16; dy += 16; dx += 16; }
  while (y < end) { store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(clippedReluSlope4(v128.load32_splat(y), slope, top), 0)); y += 4; dy += 4; dx += 4; }
}

/** y = x / 6 + 1/2, between 0 and 1 */
export function hardSigmoidForward(y: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  //@pairs
  while (x < end4) { v128.store(y, hardSigmoid4(v128.load(x))); x += 16; y += 16; }
  while (x < end) { v128.store_lane<f32>(y, hardSigmoid4(v128.load32_splat(x)), 0); x += 4; y += 4; }
}

/** dx = dy / 6 where 0 < y < 1, else 0. */
export function hardSigmoidBackward(dx: usize, dy: usize, y: usize, count: i32): void {
  const end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  //@pairs
  while (y < end4) { v128.store(dx, f32x4.mul(v128.load(dy), hardSigmoidSlope4(v128.load(y)))); y += 16; dy += 16; dx += 16; }
  while (y < end) { store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(hardSigmoidSlope4(v128.load32_splat(y)), 0)); y += 4; dy += 4; dx += 4; }
}

/** y = x · hardSigmoid x */
export function hardSwishForward(y: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  //@pairs
  while (x < end4) { const v = v128.load(x); v128.store(y, f32x4.mul(v, hardSigmoid4(v))); x += 16; y += 16; }
  while (x < end) { const v = v128.load32_splat(x); v128.store_lane<f32>(y, f32x4.mul(v, hardSigmoid4(v)), 0); x += 4; y += 4; }
}

/** dx = dy · (0 up to x = -3, x / 3 + 1/2, 1 from 3) */
export function hardSwishBackward(dx: usize, dy: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  //@pairs
  while (x < end4) { v128.store(dx, f32x4.mul(v128.load(dy), hardSwishSlope4(v128.load(x)))); x += 16; dy += 16; dx += 16; }
  while (x < end) { store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(hardSwishSlope4(v128.load32_splat(x)), 0)); x += 4; dy += 4; dx += 4; }
}

/**
 * y = x where x > 0, else alpha · x.   x, y [n, rows, columns, channels]; alpha has a value for each of the last three axes that has a
 * stride (in elements) above 0, and is shared along the others.
 */
export function preluForward(
  y: usize, x: usize, alpha: usize, n: i32, rows: i32, columns: i32, channels: i32, rowStride: i32, columnStride: i32, channelStride: i32,
): void {
  for (let i = 0; i < n * rows; i++) {
    for (let column = 0; column < columns; column++) {
      let a = alpha + (<usize>(i % rows * rowStride + column * columnStride) << 2);
      for (let channel = 0; channel < channels; channel++) {
        const v = load<f32>(x);
        store<f32>(y, v > 0 ? v : load<f32>(a) * v);
        x += 4; y += 4; a += <usize>channelStride << 2;
      }
    }
  }
}

/** dx = dy · (1 where x > 0, else alpha), where dx is not 0; adds dy · x of what is not above 0 to dAlpha. */
export function preluBackward(
  dx: usize, dAlpha: usize, dy: usize, x: usize, alpha: usize,
  n: i32, rows: i32, columns: i32, channels: i32, rowStride: i32, columnStride: i32, channelStride: i32,
): void {
  for (let i = 0; i < n * rows; i++) {
    for (let column = 0; column < columns; column++) {
      let at = <usize>(i % rows * rowStride + column * columnStride) << 2;
      for (let channel = 0; channel < channels; channel++) {
        const v = load<f32>(x), gradient = load<f32>(dy);
        if (v <= 0) store<f32>(dAlpha + at, load<f32>(dAlpha + at) + gradient * v);
        if (dx) { store<f32>(dx, v > 0 ? gradient : load<f32>(alpha + at) * gradient); dx += 4; }
        x += 4; dy += 4; at += <usize>channelStride << 2;
      }
    }
  }
}
