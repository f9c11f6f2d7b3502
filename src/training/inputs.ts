// What a model is given: a tensor, or one for each of its inputs; and labels, or some for each of the outputs that have a loss.
import { check } from '../base/errors.js';
import { describe, isOfNames, isRecord } from '../base/options.js';
import { formatBatchShape, formatShape, sameShape, sizeOf, type Shape } from '../base/shape.js';
import type { Labels } from './labels.js';
import { checkTensor, type Tensor } from '../base/tensor.js';

/** A tensor [n, …inputShape]; for several inputs an array in their order, or an object by their names. */
export type Inputs = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** Labels; for several outputs that have a loss an array in their order, or an object by their names. */
export type Targets = Labels | readonly Labels[] | Readonly<Record<string, Labels>>;

interface NamedShape {
  readonly name: string;
  readonly shape: Shape;
}

/** A tensor, or what was meant as one: a Promise of one, say. */
function isTensor(x: unknown): boolean {
  return !isRecord(x) || !isOfNames(x) || 'shape' in x || 'data' in x;
}

/** A tensor for each input, of its shape and with as many examples each; throws one sentence where they are not. */
export function inputsOf(x: Inputs, inputs: readonly NamedShape[], who: string): readonly Tensor[] {
  const several = inputs.length > 1;
  const names = inputs.map(({ name }) => name);
  const given = listOf(x, names);
  check(
    given.length === inputs.length,
    () =>
      `${who} needs x as ${several ? `${inputs.length} tensors, for ${names.join(', ')}, got ` : 'one tensor, got an array of '}${given.length}`,
  );
  for (const [i, { name, shape }] of inputs.entries()) {
    const what = several ? `x of ${name}` : 'x';
    const tensor = given[i] as Tensor;
    checkTensor(tensor, `${who}'s ${what}`);
    const [n, ...example] = tensor.shape;
    check(sameShape(example, shape), () => {
      const examples = tensor.data.length / sizeOf(shape);
      const isFlat = example.length < shape.length && examples % 1 === 0;
      return `${who} needs ${what} ${formatBatchShape(shape)}, got ${formatShape(tensor.shape)}${isFlat ? `; write ${formatShape([examples, ...shape])}` : ''}`;
    });
    const count = (given[0] as Tensor).shape[0];
    check(
      n === count,
      () => `${who} needs as many examples of each input, got ${count} of ${names[0]} and ${n} of ${name}`,
    );
  }
  return given as readonly Tensor[];
}

function listOf(x: Inputs, names: readonly string[]): readonly unknown[] {
  if (Array.isArray(x)) return x;
  if (isTensor(x)) return [x];
  const unknown = Object.keys(x).find((name) => !names.includes(name));
  check(
    unknown === undefined,
    () =>
      `the model has no input '${unknown}'; there is ${names.join(', ')}${'y' in x ? '; write fit(train.x, train.y)' : ''}`,
  );
  return names.map((name) => (x as Record<string, unknown>)[name]);
}

/** Labels for each output that has a loss; makeTargets() checks what they are. */
export function targetsOf(y: Targets, outputs: readonly string[], who: string): readonly Labels[] {
  if (outputs.length === 1 && (Array.isArray(y) || isTensor(y)))
    return Array.isArray(y) && y.length === 1 && typeof y[0] === 'object' ? y : [y as Labels];
  if (Array.isArray(y)) {
    check(
      y.length === outputs.length,
      () => `${who} needs y as ${outputs.length} labels or tensors, for ${outputs.join(', ')}, got ${y.length}`,
    );
    return y as readonly Labels[];
  }
  check(
    !isTensor(y) && outputs.every((name) => name in (y as object)),
    () =>
      `${who} needs y as an array or an object of ${outputs.join(', ')}, got ${describe(y) === 'an object' ? `one of ${Object.keys(y).join(', ') || 'nothing'}` : describe(y)}`,
  );
  const unknown = Object.keys(y as object).find((name) => !outputs.includes(name));
  check(unknown === undefined, () => `${who}'s y has '${unknown}', and what has a loss is ${outputs.join(', ')}`);
  return outputs.map((name) => (y as Record<string, Labels>)[name]!);
}
