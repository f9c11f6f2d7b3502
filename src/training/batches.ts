// The order of the examples in an epoch, and the way of a batch into the engine's memory.
import { RandomStream } from '../base/random.js';
import type { TensorData } from '../base/tensor.js';

/** The numbers 0 … n - 1. */
export function inOrder(n: number): Uint32Array {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  return order;
}

/** The numbers 0 … n - 1, shuffled for this epoch unless asked not to: a pure function of (seed, epoch). */
export function epochOrder(n: number, seed: number, epoch: number, shuffle: boolean): Uint32Array {
  const order = inOrder(n);
  if (shuffle) new RandomStream(seed, 3, epoch).shuffle(order);
  return order;
}

/** Copies examples order[start … start + count) of `size` elements each to the beginning of `to`. */
export function copyExamples(
  to: Uint8Array | Float32Array,
  from: TensorData,
  size: number,
  order: Uint32Array,
  start: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const source = order[start + i]! * size;
    const target = i * size;
    // A loop and not set(subarray()): that would leave two objects an example for the garbage collector.
    for (let j = 0; j < size; j++) to[target + j] = from[source + j]!;
  }
}
