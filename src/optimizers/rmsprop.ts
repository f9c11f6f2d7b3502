// RMSprop (Hinton, http://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf) in Keras' form.  Kernel: assembly/rmsprop.ts
import { checkBoolean } from '../base/options.js';
import { checkEpsilon, checkNames, checkShare, makeOfRule, type SharedOptions } from './sharedOptions.js';
import type { Optimizer } from './optimizer.js';

/** learningRate: default 0.001. */
export interface RMSpropOptions extends SharedOptions {
  /** Share of the moving average of squares that stays; default 0.9. */
  rho?: number;
  /** Default 0. */
  momentum?: number;
  /** Default 1e-7, within the root. */
  epsilon?: number;
  /** Whether gradients are divided by their deviation in place of their root mean square. Default false. */
  centered?: boolean;
}

/**
 * Divides gradients by the root of the running mean of their squares.
 * https://keras.io/api/optimizers/rmsprop/
 *
 * @example
 * ```js
 * import { layers, optimizers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: optimizers.rmsprop({ learningRate: 0.1 }), loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.316]
 * ```
 */
export function rmsprop(options: RMSpropOptions = {}): Optimizer {
  checkNames(options, ['rho', 'momentum', 'epsilon', 'centered'], 'rmsprop');
  const { rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false } = options;
  checkShare(rho, "rmsprop's rho");
  checkShare(momentum, "rmsprop's momentum");
  checkEpsilon(epsilon, 'rmsprop');
  checkBoolean(centered, "rmsprop's centered");
  return makeOfRule(options, {
    who: 'rmsprop',
    className: 'RMSprop',
    learningRate: 0.001,
    slots: ['v', ...(momentum > 0 ? ['momentum'] : []), ...(centered ? ['averageGradient'] : [])],
    nonNegative: ['v'],
    scalars: (_, rate) => [rate, rho, 1 - rho, momentum, epsilon],
    step(kernels, weights, [v, ...others], gradients, scalars, count) {
      const m = momentum > 0 ? others[0]! : 0;
      const mean = centered ? others[momentum > 0 ? 1 : 0]! : 0;
      kernels.rmspropStep(weights, v!, m, mean, gradients, scalars, count);
    },
    options: { rho, momentum, epsilon, centered },
  });
}
