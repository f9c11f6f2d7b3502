// Short words for four floats at a time, and for them as two pairs of doubles.

// @ts-ignore: decorator
@inline
export function twice(x: v128): v128 { return f32x4.add(x, x); }
// @ts-ignore: decorator
@inline
export function times(factor: f32, x: v128): v128 { return f32x4.mul(f32x4.splat(factor), x); }
/** The float4 at `to` += value */
// @ts-ignore: decorator
@inline
export function add(to: usize, value: v128): void { v128.store(to, f32x4.add(v128.load(to), value)); }
/** Four floats where lanes is 4, or one and zeros. */
// @ts-ignore: decorator
@inline
export function loadLanes(lanes: i32, at: usize): v128 { return lanes == 4 ? v128.load(at) : v128.load32_zero(at); }
// @ts-ignore: decorator
@inline
export function storeLanes(lanes: i32, at: usize, value: v128): void {
  if (lanes == 4) v128.store(at, value);
  else v128.store32_lane(at, value, 0);
}
/** The first two as doubles, and the last two. */
// @ts-ignore: decorator
@inline
export function low(x: v128): v128 { return f64x2.promote_low_f32x4(x); }
// @ts-ignore: decorator
@inline
export function high(x: v128): v128 { return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)); }
