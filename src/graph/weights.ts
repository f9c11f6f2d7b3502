// The values of a model's variables: all in one run, or a tensor each.
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { formatShape, sameShape } from '../base/shape.js';
import { checkTensor, type Tensor } from '../base/tensor.js';
import { initialize } from '../initializers/index.js';
import { countOf, type Variable } from './variable.js';

/** All in one run: those that are known by their names, and first values of this seed for the others, which are known from then on. */
export function firstWeights(
  variables: readonly Variable[],
  seed: number,
  known: Map<string, Float32Array>,
): Float32Array<ArrayBuffer> {
  const weights = new Float32Array(countOf(variables));
  let index = 0;
  for (const { name, role, initializer, values: given, shape, size, offset } of variables) {
    const values = weights.subarray(offset, offset + size);
    // Statistics have no number: the first weights of the layers behind them stay what they are without.
    const number = role === 'weight' ? index++ : 0;
    const stored = known.get(name);
    if (stored) values.set(stored);
    else {
      if (given) values.set(given());
      else initialize(initializer, values, shape, seed, number);
      known.set(name, values.slice());
    }
  }
  return weights;
}

/** Copies. */
export function splitWeights(weights: Float32Array, variables: readonly Variable[]): Tensor<Float32Array>[] {
  return variables.map(({ shape, size, offset }) => ({
    data: weights.slice(offset, offset + size),
    shape: [...shape],
  }));
}

export function joinWeights(tensors: readonly Tensor[], variables: readonly Variable[], weights: Float32Array): void {
  for (const [i, { offset }] of variables.entries()) weights.set(tensors[i]!.data, offset);
}

/** Throws unless it is a tensor for each variable, of its shape, and of numbers that are finite as f32 and not below its minimum. */
export function checkWeights(tensors: readonly Tensor[], variables: readonly Variable[], who: string): void {
  check(
    Array.isArray(tensors) && tensors.length === variables.length,
    () =>
      `${who} needs ${variables.length} tensors, got ${Array.isArray(tensors) ? tensors.length : describe(tensors)}`,
  );
  for (const [i, { name, shape, minimum = -Infinity }] of variables.entries()) {
    const given = tensors[i]!;
    checkTensor(given, `${who}: ${name}`);
    check(
      sameShape(given.shape, shape),
      () => `${who} needs ${name} ${formatShape(shape)}, got ${formatShape(given.shape)}`,
    );
    const bad = given.data.findIndex((value: number) => !Number.isFinite(value));
    check(
      bad < 0,
      () => `${who}: ${name} holds ${given.data[bad]} at ${bad}; go back to weights from before they became so`,
    );
    const low = given.data.findIndex((value: number) => value < minimum);
    check(low < 0, () => `${who} needs values of at least ${minimum} in ${name}, got ${given.data[low]} at ${low}`);
  }
}
