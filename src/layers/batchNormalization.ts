// Batch normalization: each channel is brought to mean 0 and variance 1 over the batch, then to a learned scale and center.
// https://keras.io/api/layers/normalization_layers/batch_normalization/
import { checkInitializer, type Initializer } from '../initializers/index.js';
import type { BatchNormalizationNode } from '../compiler/ops/batchNormalization.js';
import { checkNumber } from '../base/options.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { checkLastAxis, checkSwitch, EPSILON, isEpsilon } from './normalization.js';

export interface BatchNormalizationOptions extends LayerOptions {
  /** The channels' axis, which is the last one: -1 (default), or its number with the batch's axis as number 0. */
  axis?: number;
  /** Share of the moving mean and variance that stays in a step, in [0, 1]. Default 0.99. */
  momentum?: number;
  /** Added to the variance; default 0.001. */
  epsilon?: number;
  /** Whether beta is added, and gamma is multiplied by. Default true. */
  center?: boolean;
  scale?: boolean;
  /** Default 'zeros', 'ones', 'zeros' and 'ones'. */
  betaInitializer?: Initializer;
  gammaInitializer?: Initializer;
  movingMeanInitializer?: Initializer;
  movingVarianceInitializer?: Initializer;
}

/**
 * [..., channels] → the same shape, e.g. of dense or conv2d.  gamma, beta, movingMean, movingVariance [channels]
 *
 * While it is trained it normalizes with the mean and the (biased) variance of the batch, over all examples and pixels, and moves its
 * moving statistics towards them, as Keras 3 does. predict(), evaluate(), and a layer whose `trainable` is false take the moving ones.
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
  const { axis = -1, momentum = 0.99, epsilon = EPSILON } = options;
  checkNumber(axis, Number.isInteger, `${who}'s axis must be -1, the last one`);
  checkNumber(momentum, (value) => value >= 0 && value <= 1, `${who}'s momentum must be a number from 0 to 1`);
  checkNumber(epsilon, isEpsilon, `${who}'s epsilon must be a number above 0`);
  const center = checkSwitch(options.center, `${who}'s center`);
  const scale = checkSwitch(options.scale, `${who}'s scale`);
  const betaInitializer = checkInitializer(options.betaInitializer ?? 'zeros', who);
  const gammaInitializer = checkInitializer(options.gammaInitializer ?? 'ones', who);
  const movingMeanInitializer = checkInitializer(options.movingMeanInitializer ?? 'zeros', who);
  const movingVarianceInitializer = checkInitializer(options.movingVarianceInitializer ?? 'ones', who);
  return defineLayer({
    className: 'BatchNormalization',
    kind: who,
    options,
    outputShape(input, name) {
      checkLastAxis(axis, input, name);
      return input;
    },
    variables(input) {
      const shape = [input.at(-1)!];
      return [
        ...(scale ? [{ name: 'gamma', shape, initializer: gammaInitializer }] : []),
        ...(center ? [{ name: 'beta', shape, initializer: betaInitializer }] : []),
        { name: 'movingMean', shape, initializer: movingMeanInitializer, role: 'statistic' },
        { name: 'movingVariance', shape, initializer: movingVarianceInitializer, role: 'statistic' },
      ];
    },
    build: (graph, x, { name, variables }) =>
      graph.add<BatchNormalizationNode>({
        kind: 'batchNormalization',
        layer: name,
        inputs: [x],
        output: x.shape,
        variables,
        momentum,
        epsilon,
        center,
        scale,
      }),
    getConfig: () => ({
      axis: -1,
      momentum,
      epsilon,
      center,
      scale,
      betaInitializer,
      gammaInitializer,
      movingMeanInitializer,
      movingVarianceInitializer,
    }),
  });
}
