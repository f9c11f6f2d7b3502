// Adadelta as Keras writes it:
//   a = ρ a + (1 - ρ) g²      d = √(c + ε) g / √(a + ε)      c = ρ c + (1 - ρ) d²      w -= rate d
import { loadLanes, storeLanes } from './float4';

/** One step of `count` weights.  scalars: rate, ρ, 1 - ρ, ε. Overwrites w, a, c. */
export function adadeltaStep(w: usize, a: usize, c: usize, g: usize, scalars: usize, count: i32): void {
  adadeltaLanes(4, 0, w, a, c, g, scalars, count);
  adadeltaLanes(1, count & ~3, w, a, c, g, scalars, count);
}

// @ts-ignore: decorator
@inline
function adadeltaLanes(lanes: i32, i: i32, w: usize, a: usize, c: usize, g: usize, scalars: usize, count: i32): void {
  const rate = f32x4.splat(load<f32>(scalars)), epsilon = f32x4.splat(load<f32>(scalars, 12));
  const rho = f32x4.splat(load<f32>(scalars, 4)), rest = f32x4.splat(load<f32>(scalars, 8));
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    const gradient = loadLanes(lanes, g + at), changes = loadLanes(lanes, c + at);
    const a4 = f32x4.add(f32x4.mul(rho, loadLanes(lanes, a + at)), f32x4.mul(rest, f32x4.mul(gradient, gradient)));
    storeLanes(lanes, a + at, a4);
    const root = f32x4.sqrt(f32x4.add(changes, epsilon));
    const change = f32x4.div(f32x4.mul(root, gradient), f32x4.sqrt(f32x4.add(a4, epsilon)));
    storeLanes(lanes, c + at, f32x4.add(f32x4.mul(rho, changes), f32x4.mul(rest, f32x4.mul(change, change))));
    storeLanes(lanes, w + at, f32x4.sub(loadLanes(lanes, w + at), f32x4.mul(rate, change)));
  }
}
