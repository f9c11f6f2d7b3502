// Adadelta (Zeiler, https://arxiv.org/abs/1212.5701) in Keras' form and with its learning rate of 0.001; the paper's is 1.  Kernel: assembly/adadelta.ts
import { moreModule } from '../engine/modules/more.generated.js';
import { checkEpsilon, checkNames, checkShare, makeOfRule, type SharedOptions } from './sharedOptions.js';
import { register, type Optimizer } from './optimizer.js';

/** learningRate: default 0.001. */
export interface AdadeltaOptions extends SharedOptions {
  /** Share of both moving averages that stays; default 0.95. */
  rho?: number;
  /** Default 1e-7, within the roots. */
  epsilon?: number;
}

/**
 * Scales gradients by the running means of past steps and gradients, both squared (https://arxiv.org/abs/1212.5701).
 * https://keras.io/api/optimizers/adadelta/
 *
 * @example
 * ```js
 * import { layers, optimizers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: optimizers.adadelta({ learningRate: 1 }), loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.0014]
 * ```
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  checkNames(options, ['rho', 'epsilon'], 'adadelta');
  const { rho = 0.95, epsilon = 1e-7 } = options;
  checkShare(rho, "adadelta's rho");
  checkEpsilon(epsilon, 'adadelta');
  return makeOfRule(options, {
    who: 'adadelta',
    className: 'Adadelta',
    learningRate: 0.001,
    moreKernels: moreModule,
    slots: ['accumulatedGradient', 'accumulatedChange'],
    nonNegative: ['accumulatedGradient', 'accumulatedChange'],
    scalars: (_, rate) => [rate, rho, 1 - rho, epsilon],
    step(kernels, weights, [gradientSquares, changeSquares], gradients, scalars, count) {
      kernels.adadeltaStep(weights, gradientSquares!, changeSquares!, gradients, scalars, count);
    },
    options: { rho, epsilon },
  });
}
register({ adadelta });
