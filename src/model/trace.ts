// Symbolic tensors → how the layers that made them are connected.
import { check } from '../base/errors.js';
import { checkOptions, listed } from '../base/options.js';
import { formatShape, sameShape, type Shape } from '../base/shape.js';
import type { SymbolicTensor } from '../layers/layer.js';
import { isUsable, LARGEST, outputOf, placeLayer, type PlacedLayer } from './placedLayer.js';
import type { LayerCall, Topology } from './topology.js';

/** Each layer is looked up among those before it: a file that describes a million would take hours. */
export const MOST_LAYERS = 1000;

/** Options of {@link input}. */
export interface InputOptions {
  /** Shape of one example, e.g. [28, 28, 1]. */
  readonly shape: Shape;
  /** Default 'input', and a number from the second on. */
  readonly name?: string;
}

/**
 * An input of a model, which layers are applied to.
 *
 * @example
 * ```js
 * import { input } from 'wasm-cnn';
 *
 * input({ shape: [28, 28, 1], name: 'image' }).shape; // [28, 28, 1]
 * ```
 */
export function input(options: InputOptions): SymbolicTensor {
  checkOptions(options, ['shape', 'name'], 'input');
  const { shape, name } = options;
  check(
    isUsable(shape),
    () =>
      `input needs its shape as an array of whole numbers above 0, fewer than ${LARGEST} values in all, got ${listed(shape)}`,
  );
  check(
    name === undefined || (typeof name === 'string' && /^[\w.-]{1,200}$/.test(name)),
    () => `an input's name is made of up to 200 letters, digits, _ . and -, got ${listed(name)}`,
  );
  return { shape: [...shape], source: null, name };
}

/** Each tensor that the outputs are made of, after those that it is made of. */
function inOrder(outputs: readonly SymbolicTensor[]): readonly SymbolicTensor[] {
  const order = new Set<SymbolicTensor>();
  const entered = new Set<SymbolicTensor>();
  const open = [...outputs].reverse();
  while (open.length > 0) {
    const tensor = open.at(-1)!;
    const missing = tensor.source?.inputs.filter((each) => !order.has(each)) ?? [];
    if (missing.length > 0) {
      check(
        !entered.has(tensor),
        () => `model needs layers without a cycle, but an output of ${tensor.source!.layer.kind} depends on itself`,
      );
      entered.add(tensor);
      open.push(...missing.reverse());
    } else {
      order.add(tensor);
      open.pop();
    }
  }
  return [...order];
}

/** How the layers between them are connected. */
export function trace(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): { topology: Topology; firstOutputs: readonly SymbolicTensor[] } {
  for (const tensor of inputs)
    check(tensor.source === null, () => 'model needs inputs that input() returned, got the output of a layer');
  check(new Set(inputs).size === inputs.length, 'model has the same input twice; leave one out');
  const numbers = new Map(inputs.map((tensor, i) => [tensor, i]));
  const names = uniqueNames(inputs.map(({ name = 'input' }) => name));
  const [layers, calls, firstOutputs]: [PlacedLayer[], LayerCall[], SymbolicTensor[]] = [[], [], []];
  for (const tensor of inOrder(outputs)) {
    if (numbers.has(tensor)) continue;
    check(
      tensor.source !== null,
      () =>
        `model's outputs depend on ${tensor.name ? `the input '${tensor.name}'` : 'an input'} ${formatShape(tensor.shape)} that is not among its inputs; add it there`,
    );
    check(calls.length < MOST_LAYERS, `a model has at most ${MOST_LAYERS} calls of layers; leave some out`);
    const { layer, name, nested } = tensor.source;
    const shapes = tensor.source.inputs.map(({ shape }) => shape);
    let number = layers.findIndex((placed) => placed.layer === layer);
    if (number < 0) {
      number =
        layers.push(
          placeLayer(
            layer,
            shapes,
            layers,
            nested
              ? freeName(
                  name!,
                  layers.map((placed) => placed.name),
                )
              : name,
          ),
        ) - 1;
      firstOutputs.push(tensor);
    } else checkSameVariables(layers[number]!, shapes);
    calls.push({ layer: number, inputs: tensor.source.inputs.map((each) => numbers.get(each)!) });
    numbers.set(tensor, inputs.length + calls.length - 1);
  }
  const outputNames = uniqueNames(
    outputs.map((tensor) => {
      const number = numbers.get(tensor)!;
      return names[number] ?? layers[calls[number - inputs.length]!.layer]!.name;
    }),
  );
  const topology: Topology = {
    inputs: inputs.map(({ shape }, i) => ({ name: names[i]!, shape })),
    layers,
    calls,
    outputs: outputs.map((tensor, i) => ({ name: outputNames[i]!, tensor: numbers.get(tensor)! })),
  };
  return { topology, firstOutputs };
}

/** 'dense', or if that is taken, 'dense_1' … */
function freeName(name: string, taken: readonly string[]): string {
  let free = name;
  for (let i = 1; taken.includes(free); i++) free = `${name}_${i}`;
  return free;
}

/** 'input', 'input_1' … */
function uniqueNames(names: readonly string[]): readonly string[] {
  return names.reduce<readonly string[]>((taken, name) => [...taken, freeName(name, taken)], []);
}

/** A layer that is called again has the weights that it has. */
function checkSameVariables({ layer, name, specs }: PlacedLayer, shapes: readonly Shape[]): void {
  outputOf(layer, shapes, name);
  const again = layer.variables(shapes);
  check(
    again.length === specs.length && specs.every(({ shape }, i) => sameShape(shape, again[i]!.shape)),
    () =>
      `${name} was applied to other shapes before and its weights fit those, got ${shapes.map(formatShape).join(', ')}; use another layer there`,
  );
}
