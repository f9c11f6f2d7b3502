// Batch normalization: y = gamma · (x - mean) / √(variance + ε) + beta, channel by channel, and ReLU where it follows.
// x, y [rows, channels]: each pixel of each example is a row.
//
//   forward    sums of each shard ──► barrier ──► each shard: affine of all sums, in shard order ──► y
//   backward   sums of each shard ──► barrier ──► each shard: slopes of all sums, in shard order ──► dx
//
//   sums     f64 [2, channels], one after another for the shards: Σ x and Σ x²; in the backward pass Σ g and Σ g · x̂
//   affine   f32 [4, channels]: center, scale, shift, 1 / deviation     y = (x - center) · scale + shift, x̂ = (x - center) / deviation
//   slopes   f32 [2, channels]: a, b                                    dx = g · scale - ((x - center) · b + a)
//
// Sums in f64, as Σ x² / n - mean² cancels where the mean is large; the center is taken away first, so that y does not cancel either.

/** Rows that stay in the first cache while groups of channels are summed in registers, one group after another. */
const TILE = 64;

// @ts-ignore: decorator
@inline
function low(x: v128): v128 { return f64x2.promote_low_f32x4(x); }
// @ts-ignore: decorator
@inline
function high(x: v128): v128 { return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)); }
/** Two sums at `to` += value */
// @ts-ignore: decorator
@inline
function add(to: usize, value: v128): void { v128.store(to, f64x2.add(v128.load(to), value)); }
/** The float4 number `row` of an affine or of slopes, at the channel whose column `at` points to. */
// @ts-ignore: decorator
@inline
function part(at: usize, row: usize, rowBytes: usize): v128 { return v128.load(at + row * rowBytes); }
// @ts-ignore: decorator
@inline
function apply(x: v128, center: v128, scale: v128, shift: v128): v128 { return f32x4.add(f32x4.mul(f32x4.sub(x, center), scale), shift); }

/** Overwrites sums with Σ x and Σ x². */
export function batchNormSums(sums: usize, x: usize, rows: i32, channels: i32): void {
  const rowBytes = <usize>channels << 2, squares = <usize>channels << 3;
  memory.fill(sums, 0, squares << 1);
  for (let row = 0; row < rows; row += TILE) {
    const tileBytes = <usize>min(TILE, rows - row) * rowBytes;
    let c = 0, from = x, to = sums;
    for (; c + 8 <= channels; c += 8) {
      let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
      for (let at = from, end = from + tileBytes; at < end; at += rowBytes) {
        const a = v128.load(at), b = v128.load(at, 16);
        const a0 = low(a), a1 = high(a), b0 = low(b), b1 = high(b);
        s0 = f64x2.add(s0, a0); q0 = f64x2.add(q0, f64x2.mul(a0, a0));
        s1 = f64x2.add(s1, a1); q1 = f64x2.add(q1, f64x2.mul(a1, a1));
        s2 = f64x2.add(s2, b0); q2 = f64x2.add(q2, f64x2.mul(b0, b0));
        s3 = f64x2.add(s3, b1); q3 = f64x2.add(q3, f64x2.mul(b1, b1));
      }
      add(to, s0); add(to + 16, s1); add(to + 32, s2); add(to + 48, s3);
      add(to + squares, q0); add(to + squares + 16, q1); add(to + squares + 32, q2); add(to + squares + 48, q3);
      from += 32;
      to += 64;
    }
    for (; c + 4 <= channels; c += 4) {
      let s0 = f64x2.splat(0), s1 = s0, q0 = s0, q1 = s0;
      for (let at = from, end = from + tileBytes; at < end; at += rowBytes) {
        const a = v128.load(at), a0 = low(a), a1 = high(a);
        s0 = f64x2.add(s0, a0); q0 = f64x2.add(q0, f64x2.mul(a0, a0));
        s1 = f64x2.add(s1, a1); q1 = f64x2.add(q1, f64x2.mul(a1, a1));
      }
      add(to, s0); add(to + 16, s1);
      add(to + squares, q0); add(to + squares + 16, q1);
      from += 16;
      to += 32;
    }
    for (; c < channels; c++) {
      let sum: f64 = 0, square: f64 = 0;
      for (let at = from, end = from + tileBytes; at < end; at += rowBytes) {
        const value = <f64>load<f32>(at);
        sum += value;
        square += value * value;
      }
      store<f64>(to, load<f64>(to) + sum);
      store<f64>(to + squares, load<f64>(to + squares) + square);
      from += 4;
      to += 8;
    }
    x += tileBytes;
  }
}

/** Sum number `at` (in bytes) of all shards, first shard first. */
// @ts-ignore: decorator
@inline
function total(sums: usize, at: usize, shards: i32, channels: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < shards; i++) sum += load<f64>(sums + at + (<usize>(i * channels) << 4));
  return sum;
}

/** The variance of `count` values; rounding may have put it below 0. */
// @ts-ignore: decorator
@inline
function varianceOf(squares: f64, mean: f64, count: i32): f64 {
  return max<f64>(squares / <f64>count - mean * mean, 0);
}

/** Writes a channel's column of an affine; gamma and beta are addresses, 0: they are 1 and 0. */
// @ts-ignore: decorator
@inline
function storeAffine(affine: usize, rowBytes: usize, mean: f64, variance: f64, gamma: usize, beta: usize, epsilon: f64): void {
  const reciprocal = 1 / sqrt<f64>(variance + epsilon), center = <f32>mean;
  const scale = gamma ? <f64>load<f32>(gamma) * reciprocal : reciprocal;
  store<f32>(affine, center);
  store<f32>(affine + rowBytes, <f32>scale);
  // What rounding took from the mean goes here.
  store<f32>(affine + 2 * rowBytes, <f32>((beta ? <f64>load<f32>(beta) : 0) + (<f64>center - mean) * scale));
  store<f32>(affine + 3 * rowBytes, <f32>reciprocal);
}

/** affine of the sums of all shards: `count` rows in all.  gamma, beta [channels] (0: none) */
export function batchNormAffine(
  affine: usize, sums: usize, gamma: usize, beta: usize, shards: i32, count: i32, epsilon: f64, channels: i32,
): void {
  const rowBytes = <usize>channels << 2;
  for (let at: usize = 0; at < rowBytes; at += 4) {
    const mean = total(sums, at << 1, shards, channels) / <f64>count;
    const squares = total(sums, (rowBytes + at) << 1, shards, channels);
    storeAffine(affine + at, rowBytes, mean, varianceOf(squares, mean, count), gamma && gamma + at, beta && beta + at, epsilon);
  }
}

/** affine of moving statistics.  mean, variance, gamma, beta [channels] (gamma, beta 0: none) */
export function batchNormMovingAffine(
  affine: usize, mean: usize, variance: usize, gamma: usize, beta: usize, epsilon: f64, channels: i32,
): void {
  const rowBytes = <usize>channels << 2;
  for (let at: usize = 0; at < rowBytes; at += 4) {
    storeAffine(affine + at, rowBytes, load<f32>(mean + at), load<f32>(variance + at), gamma && gamma + at, beta && beta + at, epsilon);
  }
}

/** Moves statistics towards those of the batch (of n values, not n - 1: Keras' way): new = momentum · old + (1 - momentum) · the batch's. */
export function batchNormMove(
  mean: usize, variance: usize, sums: usize, shards: i32, count: i32, momentum: f64, channels: i32,
): void {
  const rowBytes = <usize>channels << 2;
  for (let at: usize = 0; at < rowBytes; at += 4) {
    const batchMean = total(sums, at << 1, shards, channels) / <f64>count;
    const batchVariance = varianceOf(total(sums, (rowBytes + at) << 1, shards, channels), batchMean, count);
    store<f32>(mean + at, <f32>(momentum * <f64>load<f32>(mean + at) + (1 - momentum) * batchMean));
    store<f32>(variance + at, <f32>(momentum * <f64>load<f32>(variance + at) + (1 - momentum) * batchVariance));
  }
}

/** y = (x - center) · scale + shift, then ReLU where relu = 1.   y may be x */
export function batchNormForward(y: usize, x: usize, affine: usize, rows: i32, channels: i32, relu: i32): void {
  const rowBytes = <usize>channels << 2, bytes4 = <usize>(channels & ~3) << 2, least = f32x4.splat(relu ? 0 : -Infinity);
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (; at < bytes4; at += 16) {
      const value = apply(v128.load(x + at), part(affine + at, 0, rowBytes), part(affine + at, 1, rowBytes), part(affine + at, 2, rowBytes));
      v128.store(y + at, f32x4.max(value, least));
    }
    for (; at < rowBytes; at += 4) {
      const value = (load<f32>(x + at) - load<f32>(affine + at)) * load<f32>(affine + rowBytes + at) + load<f32>(affine + 2 * rowBytes + at);
      store<f32>(y + at, max<f32>(value, f32x4.extract_lane(least, 0)));
    }
    x += rowBytes;
    y += rowBytes;
  }
}

/**
 * Overwrites sums with Σ g and Σ g · x̂, where g = dy, or with relu = 1 dy where y > 0 (y is made again from x, to the same bits); and
 * dbeta and dgamma [channels] with the same in f32 (0: none).
 */
export function batchNormBackwardSums(
  sums: usize, dgamma: usize, dbeta: usize, dy: usize, x: usize, affine: usize, rows: i32, channels: i32, relu: i32,
): void {
  const rowBytes = <usize>channels << 2, products = <usize>channels << 3, all = i32x4.splat(relu - 1), zero = f32x4.splat(0);
  memory.fill(sums, 0, products << 1);
  for (let row = 0; row < rows; row += TILE) {
    const tileBytes = <usize>min(TILE, rows - row) * rowBytes;
    let c = 0, from = x, fromDy = dy, to = sums, column = affine;
    for (; c + 4 <= channels; c += 4) {
      const center = part(column, 0, rowBytes), scale = part(column, 1, rowBytes), shift = part(column, 2, rowBytes);
      const reciprocal = part(column, 3, rowBytes);
      let s0 = f64x2.splat(0), s1 = s0, p0 = s0, p1 = s0;
      for (let at: usize = 0; at < tileBytes; at += rowBytes) {
        const value = v128.load(from + at);
        const g = v128.and(v128.load(fromDy + at), v128.or(all, f32x4.gt(apply(value, center, scale, shift), zero)));
        const normal = f32x4.mul(f32x4.sub(value, center), reciprocal);
        const g0 = low(g), g1 = high(g);
        s0 = f64x2.add(s0, g0); p0 = f64x2.add(p0, f64x2.mul(g0, low(normal)));
        s1 = f64x2.add(s1, g1); p1 = f64x2.add(p1, f64x2.mul(g1, high(normal)));
      }
      add(to, s0); add(to + 16, s1);
      add(to + products, p0); add(to + products + 16, p1);
      from += 16; fromDy += 16; column += 16;
      to += 32;
    }
    for (; c < channels; c++) {
      const center = load<f32>(column), scale = load<f32>(column + rowBytes), shift = load<f32>(column + 2 * rowBytes);
      const reciprocal = load<f32>(column + 3 * rowBytes);
      let sum: f64 = 0, product: f64 = 0;
      for (let at: usize = 0; at < tileBytes; at += rowBytes) {
        const value = load<f32>(from + at);
        const g = !relu || (value - center) * scale + shift > 0 ? <f64>load<f32>(fromDy + at) : 0;
        sum += g;
        product += g * <f64>((value - center) * reciprocal);
      }
      store<f64>(to, load<f64>(to) + sum);
      store<f64>(to + products, load<f64>(to + products) + product);
      from += 4; fromDy += 4; column += 4;
      to += 8;
    }
    x += tileBytes;
    dy += tileBytes;
  }
  for (let at: usize = 0; at < rowBytes; at += 4) {
    if (dbeta) store<f32>(dbeta + at, <f32>load<f64>(sums + (at << 1)));
    if (dgamma) store<f32>(dgamma + at, <f32>load<f64>(sums + products + (at << 1)));
  }
}

/** slopes of the backward sums of all shards: `count` rows in all. */
export function batchNormSlopes(slopes: usize, sums: usize, affine: usize, shards: i32, count: i32, channels: i32): void {
  const rowBytes = <usize>channels << 2;
  for (let at: usize = 0; at < rowBytes; at += 4) {
    const scale = <f64>load<f32>(affine + rowBytes + at) / <f64>count;
    store<f32>(slopes + at, <f32>(scale * total(sums, at << 1, shards, channels)));
    const product = total(sums, (rowBytes + at) << 1, shards, channels);
    store<f32>(slopes + rowBytes + at, <f32>(scale * product * <f64>load<f32>(affine + 3 * rowBytes + at)));
  }
}

/** dx = scale · (g - mean of g - x̂ · mean of g · x̂), g as in batchNormBackwardSums.   dx may be dy */
export function batchNormBackward(
  dx: usize, dy: usize, x: usize, affine: usize, slopes: usize, rows: i32, channels: i32, relu: i32,
): void {
  const rowBytes = <usize>channels << 2, bytes4 = <usize>(channels & ~3) << 2, all = i32x4.splat(relu - 1), zero = f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (; at < bytes4; at += 16) {
      const scale = part(affine + at, 1, rowBytes), centered = f32x4.sub(v128.load(x + at), part(affine + at, 0, rowBytes));
      const y = f32x4.add(f32x4.mul(centered, scale), part(affine + at, 2, rowBytes));
      const g = v128.and(v128.load(dy + at), v128.or(all, f32x4.gt(y, zero)));
      const mean = f32x4.add(f32x4.mul(centered, part(slopes + at, 1, rowBytes)), v128.load(slopes + at));
      v128.store(dx + at, f32x4.sub(f32x4.mul(g, scale), mean));
    }
    for (; at < rowBytes; at += 4) {
      const scale = load<f32>(affine + rowBytes + at), centered = load<f32>(x + at) - load<f32>(affine + at);
      const g: f32 = !relu || centered * scale + load<f32>(affine + 2 * rowBytes + at) > 0 ? load<f32>(dy + at) : 0;
      store<f32>(dx + at, g * scale - (centered * load<f32>(slopes + rowBytes + at) + load<f32>(slopes + at)));
    }
    x += rowBytes;
    dy += rowBytes;
    dx += rowBytes;
  }
}

/** y = x · scale, column by column.   x, y [rows, columns]; scale [columns]; y may be x */
export function scaleColumns(y: usize, x: usize, scale: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2, bytes4 = <usize>(columns & ~3) << 2;
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (; at < bytes4; at += 16) v128.store(y + at, f32x4.mul(v128.load(x + at), v128.load(scale + at)));
    for (; at < rowBytes; at += 4) store<f32>(y + at, load<f32>(x + at) * load<f32>(scale + at));
    x += rowBytes;
    y += rowBytes;
  }
}
