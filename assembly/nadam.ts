// Nadam as Keras writes it (Dozat): Adam whose step takes the coming momentum.
//   m = β1 m + (1 - β1) g      v = β2 v + (1 - β2) g²      w -= rate (a m + b g) / (√(v / c) + ε)
// where a = u' / (1 - U u'), b = (1 - u) / (1 - U) and c = 1 - β2^t: u and u' are the momenta of this step and the next,
// U the product of all up to this one (src/optimizers/nadam.ts).
import { loadLanes, storeLanes } from './float4';

/** One step of `count` weights.  scalars: rate, ε, β1, 1 - β1, β2, 1 - β2, a, b, c. Overwrites w, m, v. */
export function nadamStep(w: usize, m: usize, v: usize, g: usize, scalars: usize, count: i32): void {
  nadamLanes(4, 0, w, m, v, g, scalars, count);
  nadamLanes(1, count & ~3, w, m, v, g, scalars, count);
}

// @ts-ignore: decorator
@inline
function nadamLanes(lanes: i32, i: i32, w: usize, m: usize, v: usize, g: usize, scalars: usize, count: i32): void {
  const rate = f32x4.splat(load<f32>(scalars)), epsilon = f32x4.splat(load<f32>(scalars, 4));
  const beta1 = f32x4.splat(load<f32>(scalars, 8)), rest1 = f32x4.splat(load<f32>(scalars, 12));
  const beta2 = f32x4.splat(load<f32>(scalars, 16)), rest2 = f32x4.splat(load<f32>(scalars, 20));
  const a = f32x4.splat(load<f32>(scalars, 24)), b = f32x4.splat(load<f32>(scalars, 28));
  const c = f32x4.splat(load<f32>(scalars, 32));
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    const gradient = loadLanes(lanes, g + at);
    const m4 = f32x4.add(f32x4.mul(beta1, loadLanes(lanes, m + at)), f32x4.mul(rest1, gradient));
    const v4 = f32x4.add(f32x4.mul(beta2, loadLanes(lanes, v + at)), f32x4.mul(rest2, f32x4.mul(gradient, gradient)));
    storeLanes(lanes, m + at, m4);
    storeLanes(lanes, v + at, v4);
    const direction = f32x4.add(f32x4.mul(a, m4), f32x4.mul(b, gradient));
    const step = f32x4.div(f32x4.mul(rate, direction), f32x4.add(f32x4.sqrt(f32x4.div(v4, c)), epsilon));
    storeLanes(lanes, w + at, f32x4.sub(loadLanes(lanes, w + at), step));
  }
}
