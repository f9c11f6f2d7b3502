// Stochastic gradient descent in Keras' form.
import { loadLanes, storeLanes } from './float4';

/** w -= rate g, for `count` weights.  scalars: rate. */
export function sgdStep(w: usize, g: usize, scalars: usize, count: i32): void {
  sgdLanes(4, 0, w, g, scalars, count);
  sgdLanes(1, count & ~3, w, g, scalars, count);
}

// @ts-ignore: decorator
@inline
function sgdLanes(lanes: i32, i: i32, w: usize, g: usize, scalars: usize, count: i32): void {
  const rate = f32x4.splat(load<f32>(scalars));
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    storeLanes(lanes, w + at, f32x4.sub(loadLanes(lanes, w + at), f32x4.mul(rate, loadLanes(lanes, g + at))));
  }
}

/** m = momentum m - rate g; w += m, or with Nesterov's momentum w += momentum m - rate g.  scalars: rate, momentum. */
export function momentumStep(w: usize, m: usize, g: usize, scalars: usize, count: i32, nesterov: i32): void {
  if (nesterov) {
    momentumLanes(4, 0, w, m, g, scalars, count, true);
    momentumLanes(1, count & ~3, w, m, g, scalars, count, true);
  } else {
    momentumLanes(4, 0, w, m, g, scalars, count, false);
    momentumLanes(1, count & ~3, w, m, g, scalars, count, false);
  }
}

// @ts-ignore: decorator
@inline
function momentumLanes(
  lanes: i32, i: i32, w: usize, m: usize, g: usize, scalars: usize, count: i32, nesterov: bool,
): void {
  const rate = f32x4.splat(load<f32>(scalars)), momentum = f32x4.splat(load<f32>(scalars, 4));
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    const change = f32x4.mul(rate, loadLanes(lanes, g + at));
    const moved = f32x4.sub(f32x4.mul(momentum, loadLanes(lanes, m + at)), change);
    storeLanes(lanes, m + at, moved);
    let step = moved;
    if (nesterov) step = f32x4.sub(f32x4.mul(momentum, moved), change);
    storeLanes(lanes, w + at, f32x4.add(loadLanes(lanes, w + at), step));
  }
}
