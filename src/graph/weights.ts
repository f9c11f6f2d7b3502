// A model's weights: all in one run, in layer order, kernel then bias; or a tensor each.
import { check } from '../base/errors.js';
import { initialize } from '../initializers/index.js';
import type { Parameter } from '../compiler/ops/op.js';
import { describe } from '../base/options.js';
import { formatShape, sameShape } from '../base/shape.js';
import { checkTensor, type Tensor } from '../base/tensor.js';

/** First weights of this seed, after those that there are already: the run may be shorter than the parameters. */
export function extendWeights(weights: Float32Array, parameters: readonly Parameter[], seed: number): Float32Array {
  const extended = new Float32Array(parameters.reduce((sum, { size }) => sum + size, 0));
  extended.set(weights);
  for (const [index, { initializer, shape, size, offset }] of parameters.entries()) {
    if (offset >= weights.length) initialize(initializer, extended.subarray(offset, offset + size), shape, seed, index);
  }
  return extended;
}

/** Copies. */
export function splitWeights(weights: Float32Array, parameters: readonly Parameter[]): Tensor<Float32Array>[] {
  return parameters.map(({ shape, size, offset }) => ({
    data: weights.slice(offset, offset + size),
    shape: [...shape],
  }));
}

export function joinWeights(tensors: readonly Tensor[], parameters: readonly Parameter[], weights: Float32Array): void {
  for (const [i, { offset }] of parameters.entries()) weights.set(tensors[i]!.data, offset);
}

/** Throws unless it is a tensor for each parameter, of its shape. */
export function checkWeights(tensors: readonly Tensor[], parameters: readonly Parameter[], who: string): void {
  check(
    Array.isArray(tensors) && tensors.length === parameters.length,
    () =>
      `${who} needs ${parameters.length} tensors, got ${Array.isArray(tensors) ? tensors.length : describe(tensors)}`,
  );
  for (const [i, { name, shape }] of parameters.entries()) {
    const given = tensors[i]!;
    checkTensor(given, `${who}: ${name}`);
    check(
      sameShape(given.shape, shape),
      () => `${who} needs ${name} ${formatShape(shape)}, got ${formatShape(given.shape)}`,
    );
  }
}
