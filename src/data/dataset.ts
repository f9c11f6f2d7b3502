// A data set of images with class labels, whatever its source.
import { sizeOf } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';

/** Images [n, height, width, channels] as bytes, and n class indices. */
export interface Examples {
  readonly x: Tensor<Uint8Array>;
  readonly y: Uint8Array;
}

export interface Dataset {
  /** Short and stable: 'mnist', 'builtin-digits', or a folder's name. */
  readonly name: string;
  /** One sentence for people: which source was taken. */
  readonly source: string;
  readonly train: Examples;
  readonly test: Examples;
}

/** A copy of the examples with these numbers, in their order. */
export function takeExamples({ x, y }: Examples, order: Uint32Array): Examples {
  const [, ...shape] = x.shape;
  const size = sizeOf(shape);
  const data = new Uint8Array(order.length * size);
  const labels = new Uint8Array(order.length);
  for (const [i, example] of order.entries()) {
    data.set(x.data.subarray(example * size, (example + 1) * size), i * size);
    labels[i] = y[example]!;
  }
  return { x: { data, shape: [order.length, ...shape] }, y: labels };
}
