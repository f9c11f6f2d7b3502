// The moving average of weights, after a step.
import { loadLanes, storeLanes } from './float4';

/** average [count] = momentum · average + rest · w; unless `overwrite` is 0, w becomes it.  scalars: momentum, rest, overwrite. */
export function moveAverage(average: usize, w: usize, scalars: usize, count: i32): void {
  averageLanes(4, 0, average, w, scalars, count);
  averageLanes(1, count & ~3, average, w, scalars, count);
  if (load<f32>(scalars, 8) != 0) memory.copy(w, average, <usize>count << 2);
}

// @ts-ignore: decorator
@inline
function averageLanes(lanes: i32, i: i32, average: usize, w: usize, scalars: usize, count: i32): void {
  const momentum = f32x4.splat(load<f32>(scalars)), rest = f32x4.splat(load<f32>(scalars, 4));
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    const kept = f32x4.mul(momentum, loadLanes(lanes, average + at));
    const moved = f32x4.add(kept, f32x4.mul(rest, loadLanes(lanes, w + at)));
    storeLanes(lanes, average + at, moved);
  }
}
