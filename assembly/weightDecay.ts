// Decay of weights, before a step.
import { loadLanes, storeLanes } from './float4';

/** w [count] -= w · share.  scalars: share, learning rate times decay. */
export function decayWeights(w: usize, scalars: usize, count: i32): void {
  decayLanes(4, 0, w, scalars, count);
  decayLanes(1, count & ~3, w, scalars, count);
}

// @ts-ignore: decorator
@inline
function decayLanes(lanes: i32, i: i32, w: usize, scalars: usize, count: i32): void {
  const share = f32x4.splat(load<f32>(scalars));
  //@pairs
  for (; i + lanes <= count; i += lanes) {
    const at = <usize>i << 2;
    const w4 = loadLanes(lanes, w + at);
    storeLanes(lanes, w + at, f32x4.sub(w4, f32x4.mul(w4, share)));
  }
}
