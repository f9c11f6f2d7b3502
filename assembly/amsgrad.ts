// Adam (adam.ts) that divides by the root of the largest v so far, as Keras writes it (Reddi, Kale and Kumar,
// https://openreview.net/forum?id=ryQu7f-RZ):
//   m = β1 m + (1 - β1) g      v = β2 v + (1 - β2) g²      v̂ = max(v̂, v)      w -= α m / (√v̂ + ε)
import { loadLanes, storeLanes } from './float4';

/** One step of `count` weights.  scalars as adamStep's. Overwrites w, m, v, vHat. */
export function amsgradStep(w: usize, m: usize, v: usize, vHat: usize, g: usize, scalars: usize, count: i32): void {
  amsgradLanes(4, 0, w, m, v, vHat, g, scalars, count);
  amsgradLanes(1, count & ~3, w, m, v, vHat, g, scalars, count);
}

// @ts-ignore: decorator
@inline
function amsgradLanes(
  lanes: i32, i: i32, w: usize, m: usize, v: usize, vHat: usize, g: usize, scalars: usize, count: i32,
): void {
  const alpha = f32x4.splat(load<f32>(scalars)), epsilon = f32x4.splat(load<f32>(scalars, 4));
  const beta1 = f32x4.splat(load<f32>(scalars, 8)), rest1 = f32x4.splat(load<f32>(scalars, 12));
  const beta2 = f32x4.splat(load<f32>(scalars, 16)), rest2 = f32x4.splat(load<f32>(scalars, 20));
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    const gradient = loadLanes(lanes, g + at);
    const m4 = f32x4.add(f32x4.mul(beta1, loadLanes(lanes, m + at)), f32x4.mul(rest1, gradient));
    const v4 = f32x4.add(f32x4.mul(beta2, loadLanes(lanes, v + at)), f32x4.mul(rest2, f32x4.mul(gradient, gradient)));
    const largest = f32x4.max(loadLanes(lanes, vHat + at), v4);
    storeLanes(lanes, m + at, m4);
    storeLanes(lanes, v + at, v4);
    storeLanes(lanes, vHat + at, largest);
    const step = f32x4.div(f32x4.mul(alpha, m4), f32x4.add(f32x4.sqrt(largest), epsilon));
    storeLanes(lanes, w + at, f32x4.sub(loadLanes(lanes, w + at), step));
  }
}
