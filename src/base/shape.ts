// Shapes: plain arrays of positive whole numbers. A layer's shapes leave out the batch axis, as Keras' `inputShape` does.
import { check } from './errors.js';
import { describe } from './options.js';

/** Sizes of the axes: [height, width, channels] of an image. */
export type Shape = readonly number[];

/** Floats that WebAssembly's 4 GiB cannot hold. Sizes below it, and sums of two, fit the kernels' 32 bits. */
export const LARGEST = 1073741824;

/** How many elements a shape holds; 1 for []. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** [28, 28, 1] as people write it. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** [n, 28, 28, 1]: any number of examples of this shape. */
export function formatBatchShape(shape: Shape): string {
  return `[${['n', ...shape].join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** A whole number ≥ minimum, or one sentence about `what`. */
export function checkWhole(value: unknown, what: string, minimum = 1): number {
  check(
    typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum,
    () => `${what} must be a whole number of at least ${minimum}, got ${describe(value)}`,
  );
  return value as number;
}
