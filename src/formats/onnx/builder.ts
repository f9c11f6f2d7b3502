// The model that is made of an ONNX graph: layers, their weights, and how they are called.
import { check } from '../../base/errors.js';
import { sizeOf, type Shape } from '../../base/shape.js';
import type { ModelArchive } from '../archive.js';
import type { NamedTensor } from '../safetensors.js';
import { unmapped } from './value.js';

/** More than a model has, as some are not needed in the end. */
const MOST_CALLS = 4000;

/** Values by the names of a layer's weights. */
export type Weights = Readonly<Record<string, NamedTensor>>;

interface Built {
  readonly className: string;
  readonly name: string;
  config: Record<string, unknown>;
  weights: Weights;
  /** What it was made of: another layer of the same is this one. */
  key: string | null;
}

export interface Call {
  layer: number;
  readonly inputs: readonly number[];
}

export class Builder {
  readonly layers: Built[] = [];
  readonly calls: Call[] = [];
  /** Shapes of one example: all inputs, then the output of each call. */
  readonly shapes: Shape[];
  readonly #inputs: readonly { name: string; shape: Shape }[];
  readonly #names = new Set<string>();
  readonly #byKey = new Map<string, number>();
  /** What layers made for the node at hand are called. */
  node = '';

  constructor(inputs: readonly { name: string; shape: Shape }[]) {
    this.#inputs = inputs;
    this.shapes = inputs.map(({ shape }) => shape);
  }

  /** Calls a new layer, or the one that was made of the same; the number of its output. */
  call(
    className: string,
    config: Record<string, unknown>,
    inputs: readonly number[],
    shape: Shape,
    weights: Weights = {},
    key: string | null = null,
  ): number {
    let layer = key === null ? undefined : this.#byKey.get(key);
    if (layer === undefined) {
      layer = this.layers.push({ className, name: this.#nameFor(className), config, weights, key }) - 1;
      if (key !== null) this.#byKey.set(key, layer);
    }
    if (this.calls.length >= MOST_CALLS) unmapped('there would be more layers than a model has');
    this.calls.push({ layer, inputs });
    this.shapes.push(shape);
    return this.shapes.length - 1;
  }

  /** The call that makes a tensor; undefined for an input. */
  callOf(tensor: number): Call | undefined {
    return this.calls[tensor - this.#inputs.length];
  }

  /** Whether it is called in this one place. */
  isAlone({ layer }: Call): boolean {
    return this.calls.filter((call) => call.layer === layer).length === 1;
  }

  /** Gives a layer that is called once more weights; it may become one that there is. */
  extend(call: Call, config: Record<string, unknown>, weights: Weights, of: string): void {
    const layer = this.layers[call.layer]!;
    const key = layer.key === null ? null : `${layer.key}+${of}`;
    if (layer.key !== null) this.#byKey.delete(layer.key);
    const same = key === null ? undefined : this.#byKey.get(key);
    if (same !== undefined) {
      call.layer = same;
      return;
    }
    Object.assign(layer, { config: { ...layer.config, ...config }, weights: { ...layer.weights, ...weights }, key });
    if (key !== null) this.#byKey.set(key, call.layer);
  }

  #nameFor(className: string): string {
    const base = this.node || kindOf(className);
    let name = base;
    for (let i = 1; this.#names.has(name); i++) name = `${base}_${i}`;
    this.#names.add(name);
    return name;
  }

  /** The model of these outputs, without what none of them needs. */
  archive(name: string, outputs: readonly { name: string; tensor: number }[]): ModelArchive {
    const first = this.#inputs.length;
    const needed = new Set(outputs.map(({ tensor }) => tensor));
    for (let i = this.calls.length - 1; i >= 0; i--)
      if (needed.has(first + i)) for (const input of this.calls[i]!.inputs) needed.add(input);
    const numbers = new Map<number, number>();
    for (let i = 0; i < first; i++) numbers.set(i, i);
    const layers: Built[] = [];
    const calls: Call[] = [];
    for (const [i, { layer, inputs }] of this.calls.entries()) {
      if (!needed.has(first + i)) continue;
      const built = this.layers[layer]!;
      if (!layers.includes(built)) layers.push(built);
      calls.push({ layer: layers.indexOf(built), inputs: inputs.map((input) => numbers.get(input)!) });
      numbers.set(first + i, first + calls.length - 1);
    }
    check(calls.length > 0, 'its outputs are its inputs; there is nothing to compute');
    const ends = outputs.map((output) => ({ name: output.name, tensor: numbers.get(output.tensor)! }));
    const isChain =
      first === 1 &&
      ends.length === 1 &&
      ends[0]!.tensor === calls.length &&
      layers.length === calls.length &&
      calls.every(({ inputs }, i) => inputs.length === 1 && inputs[0] === i);
    const tensors = new Map<string, NamedTensor>();
    for (const layer of layers)
      for (const [weight, tensor] of Object.entries(layer.weights)) tensors.set(`${layer.name}/${weight}`, tensor);
    return {
      model: {
        name,
        ...(isChain ? { inputShape: this.#inputs[0]!.shape } : { inputs: this.#inputs, calls, outputs: ends }),
        seed: 0,
        layers: layers.map(({ className, name: own, config }) => ({ className, name: own, config })),
      },
      tensors,
      compile: undefined,
      fit: undefined,
      facts: undefined,
    };
  }
}

/** Name of layers that were given none: 'conv2d', 'relu', 'globalAveragePooling2d'. */
function kindOf(className: string): string {
  if (/^(P?ReLU|ELU)$/.test(className)) return className.toLowerCase();
  return className[0]!.toLowerCase() + className.slice(1).replace('2D', '2d');
}

export const tensorOf = (shape: Shape, data: Float32Array): NamedTensor => {
  check(sizeOf(shape) === data.length, () => `a weight of ${data.length} values is no [${shape.join(', ')}]`);
  return { shape, data };
};
