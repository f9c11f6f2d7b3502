// A model of layers that were applied to inputs and to each other's outputs.  https://keras.io/guides/functional_api/
import { check } from '../base/errors.js';
import { checkOptions, describe } from '../base/options.js';
import { isSymbolic, type SymbolicTensor } from '../layers/layer.js';
import { Model } from './model.js';
import type { PlacedLayer } from './placedLayer.js';
import type { Topology } from './topology.js';
import { trace } from './trace.js';

export { input, type InputOptions } from './trace.js';

/** Options of {@link model}. */
export interface FunctionalOptions {
  /** What input() returned; or the inputs of another model. */
  readonly inputs: SymbolicTensor | readonly SymbolicTensor[];
  /** What layers made of them. */
  readonly outputs: SymbolicTensor | readonly SymbolicTensor[];
  /** One line; default 'model'. */
  readonly name?: string;
  /** Seed for weight initialization, shuffling and dropout. Default 0; in another model, what that one has. */
  readonly seed?: number;
}

/**
 * A model of any graph of layers, with several inputs or outputs; {@link model} makes one, too.
 *
 * @example
 * ```js
 * import { Functional, input, layers, model } from 'wasm-cnn';
 *
 * const x = input({ shape: [4] });
 * const residual = model({ inputs: x, outputs: layers.add().apply([x, layers.dense({ units: 4 }).apply(x)]) });
 * residual instanceof Functional; // true
 * ```
 */
export class Functional extends Model {
  /** @internal */
  readonly topology: Topology;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  protected readonly placed: readonly PlacedLayer[];
  /** Output of each layer's first call. */
  private readonly firstOutputs: readonly SymbolicTensor[];

  constructor(options: FunctionalOptions) {
    checkOptions(options, ['inputs', 'outputs', 'name', 'seed'], 'model');
    const { name = 'model', seed } = options;
    super(name, seed, 'model');
    this.inputs = listOf(options.inputs, 'inputs');
    this.outputs = listOf(options.outputs, 'outputs');
    const { topology, firstOutputs } = trace(this.inputs, this.outputs);
    this.topology = topology;
    this.placed = topology.layers;
    this.firstOutputs = firstOutputs;
    this.weights.share();
  }

  protected outputOf(layer: number): SymbolicTensor {
    return this.firstOutputs[layer]!;
  }
}

/**
 * A model from `inputs` to `outputs`; see {@link FunctionalOptions}.
 *
 * @example
 * ```js
 * import { input, layers, model } from 'wasm-cnn';
 *
 * const image = input({ shape: [28, 28, 1] });
 * const features = layers.flatten().apply(image);
 * const [digit, width] = [10, 1].map((units) => layers.dense({ units }).apply(features));
 * const two = model({ inputs: image, outputs: [digit, width] });
 * two.outputs.length; // 2
 * ```
 */
export function model(options: FunctionalOptions): Functional {
  return new Functional(options);
}

function listOf(given: SymbolicTensor | readonly SymbolicTensor[], what: string): readonly SymbolicTensor[] {
  const list = isSymbolic(given) ? [given] : given;
  check(
    Array.isArray(list) && list.length > 0 && list.every(isSymbolic),
    () =>
      `model needs its ${what} as what input() or a layer's apply() returned, or an array of them, got ${describe(given)}`,
  );
  return [...list];
}
