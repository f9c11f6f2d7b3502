// Grad-CAM: which parts of an image a layer's channels take for signs of a class.  https://arxiv.org/abs/1610.02391
import { check } from '../base/errors.js';
import { makeYield } from '../base/eventLoop.js';
import { checkArguments, checkOptions, describe } from '../base/options.js';
import type { Tensor } from '../base/tensor.js';
import type { Inputs } from '../training/inputs.js';
import { floatInputs, type InspectedModel } from './inspectedModel.js';
import { checkClassifier, checkClassIndex, ScorePlan } from './scorePlan.js';
import { checkModel } from '../training/checkModel.js';

/** Options of {@link gradCam}. */
export interface GradCamOptions {
  /** Name of a layer that makes [height, width, channels]. Default: the last one of more than one pixel. */
  readonly layer?: string;
  /** Which class is explained. Default: for each image the one that the model takes it for. */
  readonly classIndex?: number;
}

/** What {@link gradCam} returns. */
export interface GradCam {
  /** [n, height, width] of the layer's output: 0, where nothing speaks for the class, to 1 at each image's highest; all 0 where nothing does. */
  readonly heatmap: Tensor<Float32Array>;
  /** Explained class of each image. */
  readonly classIndices: readonly number[];
  readonly layer: string;
}

/**
 * Explains images [n, …inputShape], as predict() takes them. Each channel of the layer is weighted by the mean gradient of the class' score
 * by it; the score is that before softmax or sigmoid. What the sum has below 0 speaks for other classes, and is cut off.
 *
 * @example
 * ```js
 * import { gradCam, layers, sequential } from 'wasm-cnn';
 *
 * const convolution = layers.conv2d({ filters: 2, kernelSize: 3, name: 'conv' });
 * const head = [layers.flatten(), layers.dense({ units: 2, activation: 'softmax' })];
 * const model = sequential({ inputShape: [4, 4, 1], seed: 1, layers: [convolution, ...head] });
 * const image = { data: Float32Array.from({ length: 16 }, (_, i) => i / 16), shape: [1, 4, 4, 1] };
 * const { heatmap } = await gradCam(model, image);
 * heatmap.shape; // [1, 2, 2]
 * ```
 */
export async function gradCam(model: InspectedModel, image: Inputs, options: GradCamOptions = {}): Promise<GradCam> {
  const who = 'gradCam';
  checkArguments(arguments, 3, who, 'it takes a model, images and options');
  checkModel(model, who);
  checkOptions(options, ['layer', 'classIndex'], who);
  checkClassifier(model, who);
  const probed = spatialLayer(model, options.layer, who);
  const plan = new ScorePlan(model, probed, who);
  checkClassIndex(options.classIndex, plan.classes, who);
  const xs = floatInputs(model, image, who);
  const count = xs[0]!.shape[0]!;
  const [height, width, channels] = plan.valueShape as [number, number, number];
  const heatmap = { data: new Float32Array(count * height * width), shape: [count, height, width] };
  const classIndices: number[] = [];
  const yieldToEventLoop = makeYield();
  for (let i = 0; i < count; i++) {
    const { gradient, value, classIndex } = plan.of(xs, i, options.classIndex);
    classIndices.push(classIndex);
    heatmap.data.set(heatmapOf(value, gradient, channels), i * height * width);
    await yieldToEventLoop();
  }
  return { heatmap, classIndices, layer: model.topology.layers[probed]!.name };
}

/** [pixels] from a layer's values and gradients [pixels, channels], both rows of channels. */
function heatmapOf(values: Float32Array, gradients: Float32Array, channels: number): Float64Array {
  const pixels = values.length / channels;
  const weights = new Float64Array(channels);
  for (const [i, gradient] of gradients.entries()) weights[i % channels]! += gradient / pixels;
  const map = new Float64Array(pixels);
  for (const [i, value] of values.entries()) map[Math.floor(i / channels)]! += weights[i % channels]! * value;
  return toOne(map.map((value) => Math.max(0, value)));
}

/** Divided by the highest, which becomes 1; all 0 stays so. */
export function toOne(values: Float64Array): Float64Array {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return most > 0 ? values.map((value) => value / most) : values;
}

/** Number of the layer: the named one, or the last whose first call makes more than one pixel. */
function spatialLayer({ topology }: InspectedModel, name: string | undefined, who: string): number {
  const { layers } = topology;
  const isSpatial = ({ output: [height = 0, width = 0], output }: (typeof layers)[number]): boolean =>
    output.length === 3 && height * width > 1;
  const spatial = layers.filter(isSpatial).map((layer) => layer.name);
  check(
    spatial.length > 0,
    `${who} needs a layer that makes [height, width, channels] of more than one pixel, and the model has none; saliency() explains such a model`,
  );
  check(
    name === undefined || spatial.includes(name),
    () =>
      `${who} needs as its layer one that makes [height, width, channels] of more than one pixel, got ${describe(name)}; there is ${spatial.join(', ')}`,
  );
  const wanted = name ?? spatial.at(-1)!;
  return layers.findIndex((layer) => layer.name === wanted);
}
