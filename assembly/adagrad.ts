// Adagrad as Keras writes it: a += g²      w -= rate g / √(a + ε)
import { loadLanes, storeLanes } from './float4';

/** One step of `count` weights.  scalars: rate, ε. Overwrites w, a. */
export function adagradStep(w: usize, a: usize, g: usize, scalars: usize, count: i32): void {
  adagradLanes(4, 0, w, a, g, scalars, count);
  adagradLanes(1, count & ~3, w, a, g, scalars, count);
}

// @ts-ignore: decorator
@inline
function adagradLanes(lanes: i32, i: i32, w: usize, a: usize, g: usize, scalars: usize, count: i32): void {
  const rate = f32x4.splat(load<f32>(scalars)), epsilon = f32x4.splat(load<f32>(scalars, 4));
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    const gradient = loadLanes(lanes, g + at);
    const sum = f32x4.add(loadLanes(lanes, a + at), f32x4.mul(gradient, gradient));
    storeLanes(lanes, a + at, sum);
    const step = f32x4.div(f32x4.mul(rate, gradient), f32x4.sqrt(f32x4.add(sum, epsilon)));
    storeLanes(lanes, w + at, f32x4.sub(loadLanes(lanes, w + at), step));
  }
}
