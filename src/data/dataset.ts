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
export function takeExamples(examples: Examples, order: Uint32Array): Examples {
  const [, ...shape] = examples.x.shape;
  const room = { data: new Uint8Array(order.length * sizeOf(shape)), shape: [order.length, ...shape] };
  return moveExamples(examples, order, { x: room, y: new Uint8Array(order.length) });
}

/** Moves the examples with these numbers, which ascend, to the front of their own memory: the others are overwritten. */
export function keepExamples(examples: Examples, order: Uint32Array): Examples {
  const { x, y } = examples;
  const [, ...shape] = x.shape;
  const front = { data: x.data.subarray(0, order.length * sizeOf(shape)), shape: [order.length, ...shape] };
  return moveExamples(examples, order, { x: front, y: y.subarray(0, order.length) });
}

function moveExamples({ x, y }: Examples, order: Uint32Array, to: Examples): Examples {
  const [, ...shape] = x.shape;
  const size = sizeOf(shape);
  for (const [i, example] of order.entries()) {
    to.x.data.set(x.data.subarray(example * size, (example + 1) * size), i * size);
    to.y[i] = y[example]!;
  }
  return to;
}
