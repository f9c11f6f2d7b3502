// Layer normalization: y = gamma · (x - mean) / √(variance + ε) + beta, with mean and variance of each row.   x, y [rows, columns]
//
//   moments   f32 [rows, 3]: center, rest, 1 / deviation     the mean is center + rest: rounded once it would cost digits of x - mean
//
// Sums of a row are f64, in two pairs of lanes and then the tail: the order follows from the columns alone.

import { high, low } from './float4';

// @ts-ignore: decorator
@inline
function across(a: v128, b: v128): f64 {
  const sum = f64x2.add(a, b);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Overwrites y and moments (0: not kept).  gamma, beta [columns] (0: 1 and 0).  y may be x */
export function layerNormForward(
  y: usize, moments: usize, x: usize, gamma: usize, beta: usize, rows: i32, columns: i32, epsilon: f64,
): void {
  const rowBytes = <usize>columns << 2, bytes4 = <usize>(columns & ~3) << 2;
  for (let row = 0; row < rows; row++) {
    let a = f64x2.splat(0), b = a, at: usize = 0;
    for (; at < bytes4; at += 16) { const value = v128.load(x + at); a = f64x2.add(a, low(value)); b = f64x2.add(b, high(value)); }
    let sum = across(a, b);
    for (; at < rowBytes; at += 4) sum += <f64>load<f32>(x + at);
    const mean = sum / <f64>columns, mean2 = f64x2.splat(mean);

    a = f64x2.splat(0); b = a; at = 0;
    for (; at < bytes4; at += 16) {
      const value = v128.load(x + at), u = f64x2.sub(low(value), mean2), v = f64x2.sub(high(value), mean2);
      a = f64x2.add(a, f64x2.mul(u, u));
      b = f64x2.add(b, f64x2.mul(v, v));
    }
    let squares = across(a, b);
    for (; at < rowBytes; at += 4) { const u = <f64>load<f32>(x + at) - mean; squares += u * u; }
    const center = <f32>mean, rest = <f32>(mean - <f64>center), reciprocal = <f32>(1 / sqrt<f64>(squares / <f64>columns + epsilon));
    if (moments) {
      store<f32>(moments, center);
      store<f32>(moments, rest, 4);
      store<f32>(moments, reciprocal, 8);
      moments += 12;
    }

    const center4 = f32x4.splat(center), rest4 = f32x4.splat(rest), reciprocal4 = f32x4.splat(reciprocal);
    for (at = 0; at < bytes4; at += 16) {
      let value = f32x4.mul(f32x4.sub(f32x4.sub(v128.load(x + at), center4), rest4), reciprocal4);
      if (gamma) value = f32x4.mul(value, v128.load(gamma + at));
      if (beta) value = f32x4.add(value, v128.load(beta + at));
      v128.store(y + at, value);
    }
    for (; at < rowBytes; at += 4) {
      let value: f32 = (load<f32>(x + at) - center - rest) * reciprocal;
      if (gamma) value *= load<f32>(gamma + at);
      if (beta) value += load<f32>(beta + at);
      store<f32>(y + at, value);
    }
    x += rowBytes;
    y += rowBytes;
  }
}

/**
 * Overwrites dx (0: not needed) with (g - mean of g - x̂ · mean of g · x̂) / deviation, g = dy · gamma; adds Σ dy · x̂ to dgamma and Σ dy to
 * dbeta (0: none), row by row.   dx may be dy
 */
export function layerNormBackward(
  dx: usize, dgamma: usize, dbeta: usize, dy: usize, x: usize, moments: usize, gamma: usize, rows: i32, columns: i32,
): void {
  const rowBytes = <usize>columns << 2, bytes4 = <usize>(columns & ~3) << 2;
  for (let row = 0; row < rows; row++) {
    const center = load<f32>(moments), rest = load<f32>(moments, 4), reciprocal = load<f32>(moments, 8);
    const center4 = f32x4.splat(center), rest4 = f32x4.splat(rest), reciprocal4 = f32x4.splat(reciprocal);
    let s0 = f64x2.splat(0), s1 = s0, p0 = s0, p1 = s0, at: usize = 0;
    for (; at < bytes4; at += 16) {
      const slope = v128.load(dy + at), normal = f32x4.mul(f32x4.sub(f32x4.sub(v128.load(x + at), center4), rest4), reciprocal4);
      if (dgamma) v128.store(dgamma + at, f32x4.add(v128.load(dgamma + at), f32x4.mul(slope, normal)));
      if (dbeta) v128.store(dbeta + at, f32x4.add(v128.load(dbeta + at), slope));
      const g = gamma ? f32x4.mul(slope, v128.load(gamma + at)) : slope, g0 = low(g), g1 = high(g);
      s0 = f64x2.add(s0, g0); p0 = f64x2.add(p0, f64x2.mul(g0, low(normal)));
      s1 = f64x2.add(s1, g1); p1 = f64x2.add(p1, f64x2.mul(g1, high(normal)));
    }
    let sum = across(s0, s1), product = across(p0, p1);
    for (; at < rowBytes; at += 4) {
      const slope = load<f32>(dy + at), normal: f32 = (load<f32>(x + at) - center - rest) * reciprocal;
      if (dgamma) store<f32>(dgamma + at, load<f32>(dgamma + at) + slope * normal);
      if (dbeta) store<f32>(dbeta + at, load<f32>(dbeta + at) + slope);
      const g: f32 = gamma ? slope * load<f32>(gamma + at) : slope;
      sum += <f64>g;
      product += <f64>g * <f64>normal;
    }
    if (dx) {
      const a = <f32>(sum / <f64>columns), b = <f32>(product / <f64>columns), a4 = f32x4.splat(a), b4 = f32x4.splat(b);
      for (at = 0; at < bytes4; at += 16) {
        const slope = v128.load(dy + at), g = gamma ? f32x4.mul(slope, v128.load(gamma + at)) : slope;
        const normal = f32x4.mul(f32x4.sub(f32x4.sub(v128.load(x + at), center4), rest4), reciprocal4);
        v128.store(dx + at, f32x4.mul(f32x4.sub(g, f32x4.add(f32x4.mul(normal, b4), a4)), reciprocal4));
      }
      for (; at < rowBytes; at += 4) {
        const slope = load<f32>(dy + at), g: f32 = gamma ? slope * load<f32>(gamma + at) : slope;
        const normal: f32 = (load<f32>(x + at) - center - rest) * reciprocal;
        store<f32>(dx + at, (g - (normal * b + a)) * reciprocal);
      }
      dx += rowBytes;
    }
    x += rowBytes;
    dy += rowBytes;
    moments += 12;
  }
}
