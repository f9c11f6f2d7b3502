// A layer in its place in a model: named, with known shapes and variables.
import { check } from '../base/errors.js';
import { listed } from '../base/options.js';
import { formatShape, LARGEST, sizeOf, type Shape } from '../base/shape.js';
import { placeVariables, type Variable, type VariableSpec } from '../graph/variable.js';
import type { Layer } from '../layers/layer.js';

export { LARGEST };

export interface PlacedLayer {
  readonly layer: Layer;
  readonly name: string;
  /** Shape of one example, of the first call's first input and of its output. */
  readonly input: Shape;
  readonly output: Shape;
  readonly specs: readonly VariableSpec[];
}

export function isUsable(shape: Shape): boolean {
  return (
    Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size > 0) && sizeOf(shape) < LARGEST
  );
}

/** Puts a layer behind those before it; throws one sentence where it does not fit what comes in. */
export function placeLayer(
  layer: Layer,
  inputs: readonly Shape[],
  before: readonly PlacedLayer[],
  given: string | undefined = layer.options.name,
): PlacedLayer {
  const same = before.filter((placed) => placed.layer.kind === layer.kind).length;
  const name = given ?? (same === 0 ? layer.kind : `${layer.kind}_${same}`);
  check(
    typeof name === 'string' && /^[\w.-]{1,200}$/.test(name),
    () => `a layer's name is made of up to 200 letters, digits, _ . and -, got ${listed(name)}`,
  );
  const twin = before.find((placed) => placed.name === name || (placed.layer === layer && placed.specs.length > 0));
  check(!twin, () => `the model already has a layer '${twin!.name}'; make another one`);
  const output = outputOf(layer, inputs, name);
  const specs = layer.variables(inputs);
  const count = [...before.flatMap((placed) => placed.specs), ...specs].reduce(
    (sum, { shape }) => sum + sizeOf(shape),
    0,
  );
  check(
    count < LARGEST,
    () => `${name} brings the model to ${count} parameters, more than WebAssembly's memory holds; make it smaller`,
  );
  return { layer, name, input: inputs[0]!, output, specs };
}

/** Shape of what a layer called so makes of the inputs; throws one sentence where it cannot. */
export function outputOf(layer: Layer, inputs: readonly Shape[], name: string): Shape {
  const output = layer.outputShape(inputs, name);
  check(
    isUsable(output),
    () =>
      `${name} makes ${formatShape(output)} values of one example, and WebAssembly's memory holds fewer than ${LARGEST}; make the input or the layer smaller`,
  );
  return output;
}

/** Variables of each layer. */
export function variablesOf(layers: readonly PlacedLayer[]): readonly (readonly Variable[])[] {
  return placeVariables(layers.map(({ layer: { trainable }, name, specs }) => ({ layer: name, trainable, specs })));
}
