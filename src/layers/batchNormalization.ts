// Batch normalization: each channel is brought to mean 0 and variance 1 over the batch, then to a learned scale and center.
// https://keras.io/api/layers/normalization_layers/batch_normalization/
import { checkInitializer, type Initializer } from '../initializers/index.js';
import { lowerBatchNormalization, type BatchNormalizationNode } from '../compiler/ops/batchNormalization.js';
import { lowerConv2dBatchNormalization } from '../compiler/ops/conv2dBatchNormalization.js';
import { checkNumber } from '../base/options.js';
import { checkLayerOptions, defineLayer, type Layer } from './layer.js';
import { checkNormalization, type NormalizationOptions } from './normalization.js';

/** Options of {@link batchNormalization}. */
export interface BatchNormalizationOptions extends NormalizationOptions {
  /** Share of the moving mean and variance that stays in a step, in [0, 1]. Default 0.99. */
  momentum?: number;
  /** Default 'zeros' and 'ones'. */
  movingMeanInitializer?: Initializer;
  movingVarianceInitializer?: Initializer;
}

/**
 * [..., channels] → the same shape, e.g. of dense or conv2d.  gamma, beta, movingMean, movingVariance [channels]
 *
 * While it is trained it normalizes with the mean and the (biased) variance of the batch, over all examples and pixels, and moves its
 * moving statistics towards them, as Keras 3 does. predict(), evaluate(), and a layer whose `trainable` is false take the moving ones.
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [28, 28, 8] });
 * layers.batchNormalization().apply(x).shape; // [28, 28, 8]
 * ```
 */
export function batchNormalization(options: BatchNormalizationOptions = {}): Layer {
  const who = 'batchNormalization';
  checkLayerOptions(
    options,
    [
      ...['axis', 'momentum', 'epsilon', 'center', 'scale', 'betaInitializer', 'gammaInitializer'],
      ...['movingMeanInitializer', 'movingVarianceInitializer'],
    ],
    who,
  );
  const { momentum = 0.99 } = options;
  checkNumber(momentum, (value) => value >= 0 && value <= 1, `${who}'s momentum must be a number from 0 to 1`);
  const { outputShape, variables: learned, epsilon, center, scale, config } = checkNormalization(options, who);
  const movingMeanInitializer = checkInitializer(options.movingMeanInitializer ?? 'zeros', who);
  const movingVarianceInitializer = checkInitializer(options.movingVarianceInitializer ?? 'ones', who);
  return defineLayer({
    className: 'BatchNormalization',
    make: batchNormalization,
    kind: who,
    options,
    outputShape,
    variables(input) {
      const shape = [input.at(-1)!];
      return [
        ...learned(shape),
        { name: 'movingMean', shape, initializer: movingMeanInitializer, role: 'statistic' },
        { name: 'movingVariance', shape, initializer: movingVarianceInitializer, role: 'statistic', minimum: 0 },
      ];
    },
    build: (graph, x, { name, variables }) =>
      graph.add<BatchNormalizationNode>({
        kind: 'batchNormalization',
        lowerings: [lowerBatchNormalization],
        fusions: [lowerConv2dBatchNormalization],
        layer: name,
        inputs: [x],
        output: x.shape,
        variables,
        momentum,
        epsilon,
        center,
        scale,
      }),
    getConfig: () => ({ ...config, momentum, movingMeanInitializer, movingVarianceInitializer }),
  });
}
