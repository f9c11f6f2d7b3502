// Stochastic gradient descent, with momentum and Nesterov's, in Keras' form.  https://keras.io/api/optimizers/sgd/  Kernels: assembly/sgd.ts
import { checkBoolean, checkNumber } from '../base/options.js';
import { checkNames, makeOfRule, type SharedOptions } from './sharedOptions.js';
import type { Optimizer } from './optimizer.js';

/** learningRate: default 0.01. */
export interface SGDOptions extends SharedOptions {
  /** Default 0. */
  momentum?: number;
  /** Whether the step looks ahead along the momentum. Default false. */
  nesterov?: boolean;
}

/**
 * Stochastic gradient descent, with momentum and Nesterov momentum: weights -= learningRate · gradients.
 * https://keras.io/api/optimizers/sgd/
 *
 * @example
 * ```js
 * import { layers, optimizers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.2]
 * ```
 */
export function sgd(options: SGDOptions = {}): Optimizer {
  checkNames(options, ['momentum', 'nesterov'], 'sgd');
  const { momentum = 0, nesterov = false } = options;
  checkNumber(momentum, (value) => value >= 0 && value <= 1, "sgd's momentum must lie in [0, 1]");
  checkBoolean(nesterov, "sgd's nesterov");
  return makeOfRule(options, {
    who: 'sgd',
    className: 'SGD',
    learningRate: 0.01,
    slots: momentum > 0 ? ['momentum'] : [],
    nonNegative: [],
    scalars: (_, rate) => [rate, momentum],
    step(kernels, weights, [m], gradients, scalars, count) {
      if (momentum > 0) kernels.momentumStep(weights, m!, gradients, scalars, count, nesterov ? 1 : 0);
      else kernels.sgdStep(weights, gradients, scalars, count);
    },
    options: { momentum, nesterov },
  });
}
