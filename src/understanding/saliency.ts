// Saliency: how much each pixel moves a class' score.  https://arxiv.org/abs/1312.6034
import { makeYield } from '../base/eventLoop.js';
import { checkArguments, checkOptions } from '../base/options.js';
import { sizeOf } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';
import type { Inputs } from '../training/inputs.js';
import { toOne, type GradCamOptions } from './gradCam.js';
import { floatInputs, type InspectedModel } from './inspectedModel.js';
import { checkClassifier, checkClassIndex, ScorePlan } from './scorePlan.js';
import { checkModel } from '../training/checkModel.js';

/** Options of {@link saliency}. */
export type SaliencyOptions = Pick<GradCamOptions, 'classIndex'>;

/** What {@link saliency} returns. */
export interface Saliency {
  /** [n, height, width], the largest |gradient| of a pixel's channels; of other inputs [n, …inputShape]. Each example's highest is 1. */
  readonly heatmap: Tensor<Float32Array>;
  /** [n, …inputShape], of the class' score by the input as the first layer gets it: pixels as value / 255. */
  readonly gradients: Tensor<Float32Array>;
  /** Explained class of each example. */
  readonly classIndices: readonly number[];
}

/**
 * Explains images [n, …inputShape], as predict() takes them, by the gradient of the class' score, which is that before softmax or sigmoid.
 *
 * @example
 * ```js
 * import { layers, saliency, sequential } from 'wasm-cnn';
 *
 * const convolution = layers.conv2d({ filters: 2, kernelSize: 3, name: 'conv' });
 * const head = [layers.flatten(), layers.dense({ units: 2, activation: 'softmax' })];
 * const model = sequential({ inputShape: [4, 4, 1], seed: 1, layers: [convolution, ...head] });
 * const image = { data: Float32Array.from({ length: 16 }, (_, i) => i / 16), shape: [1, 4, 4, 1] };
 * const { heatmap } = await saliency(model, image);
 * heatmap.shape; // [1, 4, 4]
 * ```
 */
export async function saliency(model: InspectedModel, image: Inputs, options: SaliencyOptions = {}): Promise<Saliency> {
  const who = 'saliency';
  checkArguments(arguments, 3, who, 'it takes a model, images and options');
  checkModel(model, who);
  checkOptions(options, ['classIndex'], who);
  checkClassifier(model, who);
  const plan = new ScorePlan(model, null, who);
  checkClassIndex(options.classIndex, plan.classes, who);
  const xs = floatInputs(model, image, who);
  const count = xs[0]!.shape[0]!;
  const { valueShape: shape } = plan;
  const size = sizeOf(shape);
  const channels = shape.length === 3 ? shape[2]! : 1;
  const gradients = { data: new Float32Array(count * size), shape: [count, ...shape] };
  const mapShape = [count, ...(shape.length === 3 ? shape.slice(0, 2) : shape)];
  const heatmap = { data: new Float32Array((count * size) / channels), shape: mapShape };
  const classIndices: number[] = [];
  const yieldToEventLoop = makeYield();
  for (let i = 0; i < count; i++) {
    const { gradient, classIndex } = plan.of(xs, i, options.classIndex);
    classIndices.push(classIndex);
    gradients.data.set(gradient, i * size);
    const map = new Float64Array(size / channels);
    for (const [j, value] of gradient.entries()) {
      const pixel = Math.floor(j / channels);
      map[pixel] = Math.max(map[pixel]!, Math.abs(value));
    }
    heatmap.data.set(toOne(map), (i * size) / channels);
    await yieldToEventLoop();
  }
  return { heatmap, gradients, classIndices };
}
