// Random erasing (Zhong and others, 2017), while training.
// https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_erasing/
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import type { Range } from '../compiler/ops/randomAffine.js';
import { lowerRandomErasing, type RandomErasingNode } from '../compiler/ops/randomErasing.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { rangeOf, type Factor } from './randomAffine.js';
import { checkValueRange, type ValueRangeOptions } from './randomContrast.js';

/** A range of probabilities acts as its middle; a number as itself. */
export function probabilityOf(factor: Factor, what: string): number {
  const [low, high] = rangeOf(factor, what, 0);
  return typeof factor === 'number' ? factor : (low + high) / 2;
}

/** 0 … the number, or the range. */
export function scaleOf(scale: Factor, what: string): Range {
  const [low, high] = rangeOf(scale, what, 0);
  return [Math.max(0, low), high];
}

/** Options of {@link randomErasing}. */
export interface RandomErasingOptions extends LayerOptions, ValueRangeOptions {
  /** Probability that an image loses a rectangle, or a range of it. Default 1. */
  factor?: Factor;
  /** Each side of the rectangle is √s of the image's, s from this range (0 … s of a number): it takes about s of the area. Default [0.02, 0.33]. */
  scale?: Factor;
  /** Default null: normal noise, as wide as the range of values is high, within that range. */
  fillValue?: number | null;
}

/**
 * Erases a rectangle of each image.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomErasing({ factor: 0.5 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomErasing(options: RandomErasingOptions = {}): Layer {
  checkLayerOptions(options, ['factor', 'scale', 'fillValue', 'valueRange'], 'randomErasing');
  const { factor = 1, scale = [0.02, 0.33], fillValue = null } = options;
  const probability = probabilityOf(factor, "randomErasing's factor");
  const range = scaleOf(scale, "randomErasing's scale");
  check(
    fillValue === null || (typeof fillValue === 'number' && Number.isFinite(Math.fround(fillValue))),
    () => `randomErasing's fillValue must be a number, or null for noise, got ${describe(fillValue)}`,
  );
  const valueRange = checkValueRange(options.valueRange, 'randomErasing');
  const kept = JSON.stringify({ factor, scale, fillValue, valueRange });
  return defineLayer({
    className: 'RandomErasing',
    make: randomErasing,
    kind: 'randomErasing',
    options,
    outputShape: (input, who) => checkImage(input, who),
    build(graph, x, { name, index }) {
      if (probability === 0 || range[1] === 0) return x;
      const node = { kind: 'randomErasing', layer: name, inputs: [x], variables: [], probability, fillValue } as const;
      return graph.add<RandomErasingNode>({
        ...{ ...node, scale: range, valueRange, lowerings: [lowerRandomErasing], output: x.shape },
        ...{ bytes: 'passes', augments: true, index },
      });
    },
    getConfig: () => JSON.parse(kept) as Record<string, unknown>,
  });
}
