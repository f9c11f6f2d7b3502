// A model that is a stack of layers.  https://keras.io/api/models/sequential/
import { check } from '../base/errors.js';
import { checkArguments, checkOptions, describe, listed } from '../base/options.js';
import type { Shape } from '../base/shape.js';
import { checkLayer, isSymbolic, type Layer, type SymbolicTensor } from '../layers/layer.js';
import { Model } from './model.js';
import { isUsable, LARGEST, placeLayer, type PlacedLayer } from './placedLayer.js';
import type { Topology } from './topology.js';
import { MOST_LAYERS } from './trace.js';

/** Options of {@link sequential}. */
export interface SequentialOptions {
  /** May begin with input({ shape, name }), in place of inputShape. */
  readonly layers?: readonly (Layer | SymbolicTensor)[];
  /** One line; default 'sequential'. */
  readonly name?: string;
  /** Shape of one example, e.g. [28, 28, 1]; or give it to the first layer. */
  readonly inputShape?: Shape;
  /** Seed for weight initialization, shuffling and dropout. Default 0; in another model, what that one has. */
  readonly seed?: number;
}

/**
 * A model whose layers follow one after another; {@link sequential} makes one, too.
 *
 * @example
 * ```js
 * import { layers, Sequential } from 'wasm-cnn';
 *
 * const model = new Sequential({ inputShape: [28, 28, 1] });
 * model.add(layers.flatten());
 * model.add(layers.dense({ units: 10 }));
 * model.countParams(); // 7850
 * ```
 */
export class Sequential extends Model {
  protected readonly placed: PlacedLayer[] = [];
  private givenShape: Shape | undefined;
  private inputName = 'input';
  /** The input, and the output of each layer. */
  private readonly tensors: SymbolicTensor[] = [];

  constructor(options: SequentialOptions = {}) {
    checkOptions(options, ['layers', 'name', 'inputShape', 'seed'], 'sequential');
    const { layers = [], name = 'sequential', inputShape, seed } = options;
    check(Array.isArray(layers), () => `sequential needs its layers as an array, got ${describe(layers)}`);
    super(name, seed, 'sequential');
    this.givenShape = copyOf(inputShape);
    for (const layer of layers) this.add(layer);
  }

  override get inputShape(): Shape {
    check(
      this.givenShape !== undefined,
      'the model has no input shape; give the first layer inputShape, e.g. [28, 28, 1]',
    );
    return copyOf(this.givenShape);
  }

  override get outputShape(): Shape {
    return this.placed.at(-1)?.output ?? this.inputShape;
  }

  /** @internal */
  get topology(): Topology {
    check(this.placed.length > 0, 'the model has no layers; add some before compile() and predict()');
    return {
      inputs: [{ name: this.inputName, shape: this.inputShape }],
      layers: this.placed,
      calls: this.placed.map((_, i) => ({ layer: i, inputs: [i] })),
      outputs: [{ name: 'output', tensor: this.placed.length }],
    };
  }

  /** Appends a layer; throws one sentence where it does not fit what comes before. */
  add(layer: Layer | SymbolicTensor): void {
    checkArguments(arguments, 1, 'add', 'call it for each layer');
    check(this.session === null, 'layers are added before compile() and predict()');
    if (isSymbolic(layer) && !layer.source && !this.givenShape && this.placed.length === 0) {
      this.givenShape = copyOf(layer.shape);
      this.inputName = layer.name ?? this.inputName;
      return;
    }
    checkLayer(layer);
    check(this.placed.length < MOST_LAYERS, `a model has at most ${MOST_LAYERS} layers; leave some out`);
    const index = this.placed.length;
    if (index === 0) this.givenShape ??= copyOf(layer.options.inputShape);
    const input = this.outputShape;
    check(
      isUsable(input),
      () =>
        `the input shape must be an array of whole numbers above 0, fewer than ${LARGEST} values in all, got ${listed(input)}`,
    );
    this.placed.push(placeLayer(layer, [input], this.placed));
  }

  get inputs(): readonly SymbolicTensor[] {
    return [this.symbolic(0)];
  }

  get outputs(): readonly SymbolicTensor[] {
    return [this.symbolic(this.placed.length)];
  }

  protected outputOf(layer: number): SymbolicTensor {
    return this.symbolic(layer + 1);
  }

  private symbolic(index: number): SymbolicTensor {
    this.weights.share();
    if (this.tensors.length === 0) this.tensors.push({ shape: this.inputShape, source: null, name: this.inputName });
    for (let i = this.tensors.length; i <= index; i++) {
      const { layer, name, output } = this.placed[i - 1]!;
      this.tensors.push({
        shape: output,
        source: { layer, inputs: [this.tensors[i - 1]!], name, nested: false },
        name: undefined,
      });
    }
    return this.tensors[index]!;
  }
}

/** What is no array is refused where it is used. */
function copyOf<S extends Shape | undefined>(shape: S): S {
  return Array.isArray(shape) ? ([...shape] as Shape as S) : shape;
}

/**
 * A model of these layers; see {@link SequentialOptions}.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({
 *   inputShape: [28, 28, 1],
 *   seed: 1,
 *   layers: [layers.conv2d({ filters: 8, kernelSize: 3 }), layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })],
 * });
 * model.outputShape; // [10]
 * ```
 */
export function sequential(options: SequentialOptions = {}): Sequential {
  return new Sequential(options);
}
