// Clipping of gradients, before a step.
import { high, loadLanes, low, storeLanes } from './float4';

/** g [count] is brought into [-limit, limit]; NaN stays.  scalars: limit. */
export function clipValues(g: usize, scalars: usize, count: i32): void {
  clipLanes(4, 0, g, scalars, count);
  clipLanes(1, count & ~3, g, scalars, count);
}

// @ts-ignore: decorator
@inline
function clipLanes(lanes: i32, i: i32, g: usize, scalars: usize, count: i32): void {
  const limit = f32x4.splat(load<f32>(scalars)), lowest = f32x4.neg(limit);
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    storeLanes(lanes, g + at, f32x4.max(f32x4.min(loadLanes(lanes, g + at), limit), lowest));
  }
}

/** sum = the squares of x [count], added up as four f64: always in the same order.  sum: one f64. */
export function sumOfSquares(sum: usize, x: usize, count: i32): void {
  let a = f64x2.splat(0), b = f64x2.splat(0);
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  for (; x < end4; x += 16) {
    const x4 = v128.load(x), lower = low(x4), upper = high(x4);
    a = f64x2.add(a, f64x2.mul(lower, lower));
    b = f64x2.add(b, f64x2.mul(upper, upper));
  }
  const both = f64x2.add(a, b);
  let total = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; x < end; x += 4) { const value = <f64>load<f32>(x); total += value * value; }
  store<f64>(sum, total);
}

/**
 * g [count] is shortened with its tensor, or with all of them, where the norm is above the limit: the norm's square is the sum of
 * `parts` f64 at `sums`, added in their order.  scalars: limit.
 */
export function clipByNorm(g: usize, sums: usize, scalars: usize, count: i32, parts: i32): void {
  let total: f64 = 0;
  for (let i = 0; i < parts; i++) total += load<f64>(sums + (<usize>i << 3));
  const limit = <f64>load<f32>(scalars), norm = sqrt<f64>(total);
  // NaN and Infinity pass, so that the loss shows them.
  if (norm <= limit) return;
  scaleLanes(4, 0, g, <f32>(limit / norm), count);
  scaleLanes(1, count & ~3, g, <f32>(limit / norm), count);
}

// @ts-ignore: decorator
@inline
function scaleLanes(lanes: i32, i: i32, g: usize, factor: f32, count: i32): void {
  const factor4 = f32x4.splat(factor);
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    storeLanes(lanes, g + at, f32x4.mul(factor4, loadLanes(lanes, g + at)));
  }
}
