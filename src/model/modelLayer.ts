// A layer of a model, as people look at it.
import { checkBoolean } from '../base/options.js';
import type { Shape } from '../base/shape.js';
import type { Variable } from '../graph/variable.js';
import type { Layer, SymbolicTensor } from '../layers/layer.js';
import type { PlacedLayer } from './placedLayer.js';

/**
 * A layer where it stands in a model: `model.layers` has them, and `getLayer(name)` one.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 3, name: 'features' })] });
 * const layer = model.getLayer('features');
 * layer.trainable = false;
 * layer.outputShape; // [3]
 * ```
 */
export class ModelLayer {
  readonly layer: Layer;
  /** Unique in the model, e.g. 'conv2d_1'. */
  readonly name: string;
  /** Shapes of one example, where the layer is called first. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Its variables, in the order of getWeights(). */
  readonly parameters: readonly Variable[];
  readonly #output: () => SymbolicTensor;

  constructor(
    { layer, name, input, output }: PlacedLayer,
    parameters: readonly Variable[],
    symbolic: () => SymbolicTensor,
  ) {
    this.layer = layer;
    this.name = name;
    this.inputShape = input;
    this.outputShape = output;
    this.parameters = parameters;
    this.#output = symbolic;
    // A misspelt trainable would be kept and do nothing.
    Object.preventExtensions(this);
  }

  /** Whether training changes its weights; counts from the next compile() or fit() on. */
  get trainable(): boolean {
    return this.layer.trainable;
  }

  set trainable(trainable: boolean) {
    checkBoolean(trainable, `trainable of ${this.name}`);
    this.layer.trainable = trainable;
  }

  /** What its first call makes, for another model: model({ inputs: this.inputs, outputs: layer.output }). */
  get output(): SymbolicTensor {
    return this.#output();
  }
}
