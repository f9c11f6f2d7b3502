// A layer in its place in a model: named, with known shapes and parameters.
import { check } from '../base/errors.js';
import type { Layer } from '../layers/layer.js';
import type { Parameter } from '../compiler/ops/op.js';
import { formatShape, LARGEST, sizeOf, type Shape } from '../base/shape.js';

export { LARGEST };

export interface PlacedLayer {
  readonly layer: Layer;
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  readonly parameters: readonly Parameter[];
}

export function isUsable(shape: Shape): boolean {
  return (
    Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size > 0) && sizeOf(shape) < LARGEST
  );
}

/** Puts a layer behind those before it; throws one sentence where it does not fit what comes in. */
export function placeLayer(layer: Layer, input: Shape, before: readonly PlacedLayer[]): PlacedLayer {
  const same = before.filter((placed) => placed.layer.kind === layer.kind).length;
  const name = layer.options.name ?? (same === 0 ? layer.kind : `${layer.kind}_${same}`);
  check(
    typeof name === 'string' && /^[\w.-]{1,200}$/.test(name),
    () => `a layer's name is made of up to 200 letters, digits, _ . and -, got ${JSON.stringify(name)}`,
  );
  check(
    !before.some((placed) => placed.name === name),
    () => `the model already has a layer '${name}'; give this one another name`,
  );
  const output = layer.outputShape(input, name);
  check(
    isUsable(output),
    () =>
      `${name} makes ${formatShape(output)} values of one example, and WebAssembly's memory holds fewer than ${LARGEST}; make the input or the layer smaller`,
  );
  let offset = before.flatMap((each) => each.parameters).reduce((sum, { size }) => sum + size, 0);
  const parameters = layer.weights(input).map((spec): Parameter => {
    const parameter = { ...spec, name: `${name}/${spec.name}`, size: sizeOf(spec.shape), offset };
    offset += parameter.size;
    return parameter;
  });
  check(
    offset < LARGEST,
    () => `${name} brings the model to ${offset} parameters, more than WebAssembly's memory holds; make it smaller`,
  );
  return { layer, name, input, output, parameters };
}
