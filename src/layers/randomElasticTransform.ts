// Elastic distortion, while training.
// https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_elastic_transform/
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { lowerElasticTransform, type ElasticTransformNode } from '../compiler/ops/elasticTransform.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { checkSampling, samplingNames, type Factor, type SamplingOptions } from './randomAffine.js';
import { probabilityOf, scaleOf } from './randomErasing.js';

/** Wider smoothing than this is one shift for all of an image. */
const WIDEST = 1000;

/** Options of {@link randomElasticTransform}. */
export interface RandomElasticTransformOptions extends LayerOptions, SamplingOptions {
  /** Probability that an image is distorted, or a range of it. Default 1. */
  factor?: Factor;
  /** What alpha and sigma are multiplied by: a range, or 0 … a number; from 0 to 1. Default 1. */
  scale?: Factor;
  /** Strength: pixels are moved by about 0.28 alpha, in pixels. Default null: a tenth of the longer side, as Keras has it. */
  alpha?: number | null;
  /** How far neighbors are moved together, in pixels. Default null: a twentieth of the shorter side. */
  sigma?: number | null;
}

/**
 * Moves each pixel of an image from nearby, neighbors alike.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomElasticTransform({ alpha: 4 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomElasticTransform(options: RandomElasticTransformOptions = {}): Layer {
  const kind = 'randomElasticTransform';
  checkLayerOptions(options, ['factor', 'scale', 'alpha', 'sigma', ...samplingNames], kind);
  const { factor = 1, scale = 1, alpha = null, sigma = null } = options;
  const probability = probabilityOf(factor, `${kind}'s factor`);
  const range = scaleOf(scale, `${kind}'s scale`);
  for (const [name, value] of Object.entries({ alpha, sigma }))
    check(
      value === null || (typeof value === 'number' && value >= 0 && value <= WIDEST),
      () => `${kind}'s ${name} must be a number of pixels from 0 to ${WIDEST}, got ${describe(value)}`,
    );
  const sampling = checkSampling(options, kind);
  const kept = JSON.stringify({ factor, scale, alpha, sigma, ...sampling });
  return defineLayer({
    className: 'RandomElasticTransform',
    make: randomElasticTransform,
    kind,
    options,
    outputShape: (input, who) => checkImage(input, who),
    build(graph, x, { name, index }) {
      const [height, width] = x.shape as [number, number, number];
      const strength = { alpha: alpha ?? Math.max(height, width) / 10, sigma: sigma ?? Math.min(height, width) / 20 };
      if (probability === 0 || range[1] === 0 || strength.alpha === 0 || strength.sigma === 0) return x;
      const node = { kind: 'elasticTransform', layer: name, inputs: [x], variables: [], probability } as const;
      return graph.add<ElasticTransformNode>({
        ...{ ...node, ...strength, scale: range, sampling, lowerings: [lowerElasticTransform], output: x.shape },
        ...{ bytes: 'passes', augments: true, index },
      });
    },
    getConfig: () => JSON.parse(kept) as Record<string, unknown>,
  });
}
