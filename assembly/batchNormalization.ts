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
// Sums are f32 within TILE rows, of what is left when the mean of the shard's first rows is taken away (or the center), and f64 beyond:
// Σ x² / n - mean² cancels where the mean is large. The center is taken away first, so that y does not cancel either.

import { high, low } from './float4';

/** Rows that groups of channels work on in registers, one group after another; they stay in the first cache. */
const TILE = 16;

/** The first channels & ~3 sums at `to` += what a tile gives, f32. */
function addTile(to: usize, tile: usize, channels: i32): void {
  for (const end = tile + (<usize>(channels & ~3) << 2); tile < end; tile += 16) {
    const values = v128.load(tile);
    v128.store(to, f64x2.add(v128.load(to), low(values)));
    v128.store(to, f64x2.add(v128.load(to, 16), high(values)), 16);
    to += 32;
  }
}

/** base [channels] = about the mean of the first TILE rows. */
function baseOf(base: usize, x: usize, rows: i32, channels: i32): void {
  const rowBytes = <usize>channels << 2, count = min(TILE, rows), bytes = <usize>count * rowBytes;
  let c = 0;
  //@pairs always
  for (; c + 4 <= channels; c += 4) {
    let sum = f32x4.splat(0);
    for (let at = x, end = x + bytes; at < end; at += rowBytes) sum = f32x4.add(sum, v128.load(at));
    v128.store(base, f32x4.div(sum, f32x4.splat(<f32>count)));
    base += 16; x += 16;
  }
  for (; c < channels; c++) {
    let sum: f32 = 0;
    for (let at = x, end = x + bytes; at < end; at += rowBytes) sum += load<f32>(at);
    store<f32>(base, sum / <f32>count);
    base += 4; x += 4;
  }
}

/** Overwrites sums with Σ x and Σ x².  scratch: f32 [3, channels] */
export function batchNormSums(sums: usize, scratch: usize, x: usize, rows: i32, channels: i32): void {
  const rowBytes = <usize>channels << 2, squares = <usize>channels << 3;
  memory.fill(sums, 0, squares << 1);
  baseOf(scratch, x, rows, channels);
  for (let row = 0; row < rows; row += TILE) {
    const tileBytes = <usize>min(TILE, rows - row) * rowBytes;
    let c = 0, from = x, base = scratch;
    //@pairs always
    for (; c + 4 <= channels; c += 4) {
      const taken = v128.load(base);
      let sum = f32x4.splat(0), square = f32x4.splat(0);
      for (let at = from, end = from + tileBytes; at < end; at += rowBytes) {
        const value = f32x4.sub(v128.load(at), taken);
        sum = f32x4.add(sum, value);
        square = f32x4.add(square, f32x4.mul(value, value));
      }
      v128.store(base + rowBytes, sum);
      v128.store(base + 2 * rowBytes, square);
      from += 16; base += 16;
    }
    addTile(sums, scratch + rowBytes, channels);
    addTile(sums + squares, scratch + 2 * rowBytes, channels);
    let to = sums + ((from - x) << 1);
    for (; c < channels; c++) {
      let sum: f64 = 0, square: f64 = 0;
      for (let at = from, end = from + tileBytes; at < end; at += rowBytes) {
        const value = <f64>(load<f32>(at) - load<f32>(base));
        sum += value;
        square += value * value;
      }
      store<f64>(to, load<f64>(to) + sum);
      store<f64>(to + squares, load<f64>(to + squares) + square);
      from += 4; base += 4;
      to += 8;
    }
    x += tileBytes;
  }
  // Σ (d + b) = Σ d + n b and Σ (d + b)² = Σ d² + 2 b Σ d + n b², where b was taken away.
  for (let c = 0; c < channels; c++) {
    const b = <f64>load<f32>(scratch + (<usize>c << 2)), sum = load<f64>(sums), square = load<f64>(sums + squares), n = <f64>rows;
    store<f64>(sums, sum + n * b);
    store<f64>(sums + squares, square + b * (2 * sum + n * b));
    sums += 8;
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
export function batchNormUpdateMoving(
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
  const rowBytes = <usize>channels << 2, least = f32x4.splat(relu ? 0 : -Infinity), aside = y - x;
  for (let row = 0; row < rows; row += TILE) {
    const tileBytes = <usize>min(TILE, rows - row) * rowBytes;
    let c = 0, from = x, column = affine;
    //@pairs always
    for (; c + 4 <= channels; c += 4) {
      const center = v128.load(column), scale = v128.load(column + rowBytes), shift = v128.load(column + 2 * rowBytes);
      for (let at = from, end = from + tileBytes; at < end; at += rowBytes) {
        const y = f32x4.add(f32x4.mul(f32x4.sub(v128.load(at), center), scale), shift);
        v128.store(at + aside, f32x4.max(y, least));
      }
      from += 16; column += 16;
    }
    for (; c < channels; c++) {
      const center = load<f32>(column), scale = load<f32>(column + rowBytes), shift = load<f32>(column + 2 * rowBytes);
      for (let at = from, end = from + tileBytes; at < end; at += rowBytes)
        store<f32>(at + aside, max<f32>((load<f32>(at) - center) * scale + shift, f32x4.extract_lane(least, 0)));
      from += 4; column += 4;
    }
    x += tileBytes;
  }
}

/**
 * Overwrites sums with Σ g and Σ g · x̂, where g = dy, or with relu = 1 dy where y > 0 (y is recomputed from x, bit for bit); and
 * dbeta and dgamma [channels] with the same in f32 (0: none).
  scratch: f32 [2, channels]
 */
export function batchNormBackwardSums(
  sums: usize, dgamma: usize, dbeta: usize, scratch: usize, dy: usize, x: usize, affine: usize, rows: i32, channels: i32, relu: i32,
): void {
  const rowBytes = <usize>channels << 2, products = <usize>channels << 3, all = i32x4.splat(relu - 1), zero = f32x4.splat(0);
  memory.fill(sums, 0, products << 1);
  for (let row = 0; row < rows; row += TILE) {
    const tileBytes = <usize>min(TILE, rows - row) * rowBytes;
    let c = 0, first: usize = 0, column = affine, tile = scratch;
    //@pairs always
    for (; c + 4 <= channels; c += 4) {
      const center = v128.load(column), scale = v128.load(column + rowBytes), shift = v128.load(column + 2 * rowBytes);
      let sum = f32x4.splat(0), product = f32x4.splat(0);
      for (let at = first; at < first + tileBytes; at += rowBytes) {
        const centered = f32x4.sub(v128.load(x + at), center), y = f32x4.add(f32x4.mul(centered, scale), shift);
        const g = v128.and(v128.load(dy + at), v128.or(all, f32x4.gt(y, zero)));
        sum = f32x4.add(sum, g);
        product = f32x4.add(product, f32x4.mul(g, centered));
      }
      v128.store(tile, sum);
      v128.store(tile + rowBytes, product);
      first += 16; column += 16; tile += 16;
    }
    addTile(sums, scratch, channels);
    addTile(sums + products, scratch + rowBytes, channels);
    let to = sums + (first << 1);
    for (; c < channels; c++) {
      const center = load<f32>(column), scale = load<f32>(column + rowBytes), shift = load<f32>(column + 2 * rowBytes);
      let sum: f64 = 0, product: f64 = 0;
      for (let at = first; at < first + tileBytes; at += rowBytes) {
        const centered: f32 = load<f32>(x + at) - center;
        const g = !relu || centered * scale + shift > 0 ? <f64>load<f32>(dy + at) : 0;
        sum += g;
        product += g * <f64>centered;
      }
      store<f64>(to, load<f64>(to) + sum);
      store<f64>(to + products, load<f64>(to + products) + product);
      first += 4; column += 4;
      to += 8;
    }
    x += tileBytes;
    dy += tileBytes;
  }
  for (let c: usize = 0; c < <usize>channels; c++) {
    const at = sums + products + (c << 3);
    store<f64>(at, load<f64>(at) * <f64>load<f32>(affine + 3 * rowBytes + (c << 2)));
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
  const rowBytes = <usize>channels << 2, all = i32x4.splat(relu - 1), zero = f32x4.splat(0);
  for (let row = 0; row < rows; row += TILE) {
    const tileBytes = <usize>min(TILE, rows - row) * rowBytes;
    let c = 0, at: usize = 0, column = affine, slope = slopes;
    //@pairs
    for (; c + 4 <= channels; c += 4) {
      const center = v128.load(column), scale = v128.load(column + rowBytes), shift = v128.load(column + 2 * rowBytes);
      const a = v128.load(slope), b = v128.load(slope + rowBytes);
      for (let i = at; i < at + tileBytes; i += rowBytes) {
        const centered = f32x4.sub(v128.load(x + i), center), y = f32x4.add(f32x4.mul(centered, scale), shift);
        const g = v128.and(v128.load(dy + i), v128.or(all, f32x4.gt(y, zero)));
        v128.store(dx + i, f32x4.sub(f32x4.mul(g, scale), f32x4.add(f32x4.mul(centered, b), a)));
      }
      at += 16; column += 16; slope += 16;
    }
    for (; c < channels; c++) {
      const center = load<f32>(column), scale = load<f32>(column + rowBytes), shift = load<f32>(column + 2 * rowBytes);
      const a = load<f32>(slope), b = load<f32>(slope + rowBytes);
      for (let i = at; i < at + tileBytes; i += rowBytes) {
        const centered: f32 = load<f32>(x + i) - center;
        const g: f32 = !relu || centered * scale + shift > 0 ? load<f32>(dy + i) : 0;
        store<f32>(dx + i, g * scale - (centered * b + a));
      }
      at += 4; column += 4; slope += 4;
    }
    x += tileBytes;
    dy += tileBytes;
    dx += tileBytes;
  }
}

/** y = x · scale, column by column.   x, y [rows, columns]; scale [columns]; y may be x */
export function scaleColumns(y: usize, x: usize, scale: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2, bytes4 = <usize>(columns & ~3) << 2;
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    //@pairs
    for (; at < bytes4; at += 16) v128.store(y + at, f32x4.mul(v128.load(x + at), v128.load(scale + at)));
    for (; at < rowBytes; at += 4) store<f32>(y + at, load<f32>(x + at) * load<f32>(scale + at));
    x += rowBytes;
    y += rowBytes;
  }
}
