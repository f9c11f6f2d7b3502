// Regularisation that training alone sees.  https://keras.io/api/layers/regularization_layers/
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import {
  lowerGaussianNoise,
  lowerSpatialDropout,
  type GaussianNoiseNode,
  type SpatialDropoutNode,
} from '../compiler/ops/noise.js';
import type { DropoutOptions } from './dropout.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

/** Options of {@link gaussianNoise}. */
export interface GaussianNoiseOptions extends LayerOptions {
  /** Standard deviation of what is added, at least 0. */
  stddev: number;
}

/**
 * Adds normal noise of mean 0 while training; which noise follows from the seed and the step.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.gaussianNoise({ stddev: 0.1 })] });
 * const x = { data: Float32Array.of(1, 2, 3), shape: [1, 3] };
 * await model.predict(x); // { data: [1, 2, 3] }
 * ```
 */
export function gaussianNoise(options: GaussianNoiseOptions): Layer {
  checkLayerOptions(options, ['stddev'], 'gaussianNoise');
  const { stddev } = options;
  check(
    typeof stddev === 'number' && stddev >= 0 && Number.isFinite(Math.fround(stddev)),
    () => `gaussianNoise's stddev must be a number of at least 0, got ${describe(stddev)}`,
  );
  return defineLayer({
    className: 'GaussianNoise',
    make: gaussianNoise,
    kind: 'gaussianNoise',
    options,
    outputShape: (input) => input,
    build(graph, x, { name, index }) {
      if (stddev === 0) return x;
      const node = { kind: 'gaussianNoise', layer: name, inputs: [x], variables: [], stddev, index } as const;
      return graph.add<GaussianNoiseNode>({ ...node, lowerings: [lowerGaussianNoise], output: x.shape });
    },
    getConfig: () => ({ stddev }),
  });
}

/**
 * Dropout of whole channels: neighboring pixels are alike, so that dropping single ones hides nothing.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2, 2, 1], layers: [layers.spatialDropout2d({ rate: 0.5 })] });
 * const x = { data: Float32Array.of(1, 2, 3, 6), shape: [1, 2, 2, 1] };
 * await model.predict(x); // { data: [1, 2, 3, 6] }
 * ```
 */
export function spatialDropout2d(options: DropoutOptions): Layer {
  checkLayerOptions(options, ['rate'], 'spatialDropout2d');
  const { rate } = options;
  check(
    typeof rate === 'number' && rate >= 0 && rate < 1,
    () => `spatialDropout2d's rate must lie in [0, 1), got ${String(rate)}`,
  );
  return defineLayer({
    className: 'SpatialDropout2D',
    make: spatialDropout2d,
    kind: 'spatialDropout2d',
    options,
    outputShape: (input, who) => checkImage(input, who),
    build(graph, x, { name, index }) {
      if (rate === 0) return x;
      const node = { kind: 'spatialDropout2d', layer: name, inputs: [x], variables: [], rate, index } as const;
      return graph.add<SpatialDropoutNode>({ ...node, lowerings: [lowerSpatialDropout], output: x.shape });
    },
    getConfig: () => ({ rate }),
  });
}
