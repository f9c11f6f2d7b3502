// Lion as Keras writes it: w -= rate sign(β1 m + (1 - β1) g)      m = β2 m + (1 - β2) g
import { loadLanes, storeLanes } from './float4';

/** One step of `count` weights.  scalars: rate, β1, 1 - β1, β2, 1 - β2. Overwrites w, m. */
export function lionStep(w: usize, m: usize, g: usize, scalars: usize, count: i32): void {
  lionLanes(4, 0, w, m, g, scalars, count);
  lionLanes(1, count & ~3, w, m, g, scalars, count);
}

// @ts-ignore: decorator
@inline
function lionLanes(lanes: i32, i: i32, w: usize, m: usize, g: usize, scalars: usize, count: i32): void {
  const rate = f32x4.splat(load<f32>(scalars)), zero = f32x4.splat(0);
  const beta1 = f32x4.splat(load<f32>(scalars, 4)), rest1 = f32x4.splat(load<f32>(scalars, 8));
  const beta2 = f32x4.splat(load<f32>(scalars, 12)), rest2 = f32x4.splat(load<f32>(scalars, 16));
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    const gradient = loadLanes(lanes, g + at), m4 = loadLanes(lanes, m + at);
    const sum = f32x4.add(f32x4.mul(beta1, m4), f32x4.mul(rest1, gradient));
    const sign = f32x4.sub(v128.and(f32x4.gt(sum, zero), rate), v128.and(f32x4.lt(sum, zero), rate));
    // NaN has no sign, and must not pass for 0: the loss will say it.
    const step = v128.bitselect(sum, sign, f32x4.ne(sum, sum));
    storeLanes(lanes, w + at, f32x4.sub(loadLanes(lanes, w + at), step));
    storeLanes(lanes, m + at, f32x4.add(f32x4.mul(beta2, m4), f32x4.mul(rest2, gradient)));
  }
}
