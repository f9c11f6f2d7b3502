// The order of the examples in an epoch, and the way of a batch into the engine's memory.
import { RandomStream } from '../base/random.js';
import type { TensorData } from '../base/tensor.js';

/** The numbers 0 … n - 1. */
export function inOrder(n: number): Uint32Array {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  return order;
}

/**
 * The numbers 0 … n - 1, shuffled for this epoch unless asked not to: a pure function of (seed, epoch).
 *
 * @example
 * ```js
 * import { epochOrder } from 'wasm-cnn/parallel';
 *
 * epochOrder(5, 1, 0, true); // [3, 1, 2, 0, 4]
 * ```
 */
export function epochOrder(n: number, seed: number, epoch: number, shuffle: boolean): Uint32Array {
  const order = inOrder(n);
  if (shuffle) new RandomStream(seed, 3, epoch).shuffle(order);
  return order;
}

/** Number of elements from which a copy in one piece is faster than a loop, although it leaves an object an example to the garbage collector. */
const WHOLE_FROM = 128;

/** to[at …] = from[first … first + count). */
export function copyValues(
  to: Uint8Array | Float32Array,
  at: number,
  from: TensorData,
  first: number,
  count: number,
): void {
  if (count >= WHOLE_FROM) to.set(from.subarray(first, first + count), at);
  else for (let j = 0; j < count; j++) to[at + j] = from[first + j]!;
}

/** Copies examples order[start … start + count), or without an order just those, of `size` elements each to the beginning of `to`. */
export function copyExamples(
  to: Uint8Array | Float32Array,
  from: TensorData,
  size: number,
  order: Uint32Array | null,
  start: number,
  count: number,
): void {
  if (!order) return to.set(from.subarray(start * size, (start + count) * size));
  for (let i = 0; i < count; i++) copyValues(to, i * size, from, order[start + i]! * size, size);
}
