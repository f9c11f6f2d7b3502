// RMSprop as Keras writes it: ε stands within the root.
//   v = ρ v + (1 - ρ) g²      step = rate g / √(v + ε), centered: √(v - a² + ε) with a = ρ a + (1 - ρ) g
//   w -= step, with momentum: m = momentum m + step, w -= m
import { loadLanes, storeLanes } from './float4';

/** One step of `count` weights; m and a are 0 where there are none.  scalars: rate, ρ, 1 - ρ, momentum, ε. */
export function rmspropStep(w: usize, v: usize, m: usize, a: usize, g: usize, scalars: usize, count: i32): void {
  rmspropLanes(4, 0, w, v, m, a, g, scalars, count);
  rmspropLanes(1, count & ~3, w, v, m, a, g, scalars, count);
}

// @ts-ignore: decorator
@inline
function rmspropLanes(
  lanes: i32, i: i32, w: usize, v: usize, m: usize, a: usize, g: usize, scalars: usize, count: i32,
): void {
  const rate = f32x4.splat(load<f32>(scalars));
  const rho = f32x4.splat(load<f32>(scalars, 4)), rest = f32x4.splat(load<f32>(scalars, 8));
  const momentum = f32x4.splat(load<f32>(scalars, 12)), epsilon = f32x4.splat(load<f32>(scalars, 16));
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    const gradient = loadLanes(lanes, g + at);
    const v4 = f32x4.add(f32x4.mul(rho, loadLanes(lanes, v + at)), f32x4.mul(rest, f32x4.mul(gradient, gradient)));
    storeLanes(lanes, v + at, v4);
    let square = v4;
    if (a) {
      const a4 = f32x4.add(f32x4.mul(rho, loadLanes(lanes, a + at)), f32x4.mul(rest, gradient));
      storeLanes(lanes, a + at, a4);
      // A variance is not below 0, but rounding may bring it there.
      square = f32x4.max(f32x4.sub(v4, f32x4.mul(a4, a4)), f32x4.splat(0));
    }
    let step = f32x4.div(f32x4.mul(rate, gradient), f32x4.sqrt(f32x4.add(square, epsilon)));
    if (m) {
      step = f32x4.add(f32x4.mul(momentum, loadLanes(lanes, m + at)), step);
      storeLanes(lanes, m + at, step);
    }
    storeLanes(lanes, w + at, f32x4.sub(loadLanes(lanes, w + at), step));
  }
}
