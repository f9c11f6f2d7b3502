// Adagrad (Duchi, Hazan and Singer, https://jmlr.org/papers/v12/duchi11a.html) in Keras' form.  Kernel: assembly/adagrad.ts
import { checkNumber } from '../base/options.js';
import { moreModule } from '../engine/modules/more.generated.js';
import { checkEpsilon, checkNames, makeOfRule, type SharedOptions } from './sharedOptions.js';
import { register, type Optimizer } from './optimizer.js';

/** learningRate: default 0.001. */
export interface AdagradOptions extends SharedOptions {
  /** Initial sum of squares; default 0.1. */
  initialAccumulatorValue?: number;
  /** Default 1e-7, within the root. */
  epsilon?: number;
}

/**
 * Divides gradients by the root of the sum of all their squares so far.
 * https://keras.io/api/optimizers/adagrad/
 *
 * @example
 * ```js
 * import { layers, optimizers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: optimizers.adagrad({ learningRate: 0.1 }), loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.099]
 * ```
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  checkNames(options, ['initialAccumulatorValue', 'epsilon'], 'adagrad');
  const { initialAccumulatorValue = 0.1, epsilon = 1e-7 } = options;
  checkNumber(
    initialAccumulatorValue,
    (value) => value >= 0 && Math.fround(value) < Infinity,
    "adagrad's initialAccumulatorValue must be at least 0",
  );
  checkEpsilon(epsilon, 'adagrad');
  return makeOfRule(options, {
    who: 'adagrad',
    className: 'Adagrad',
    learningRate: 0.001,
    moreKernels: moreModule,
    slots: ['accumulator'],
    nonNegative: ['accumulator'],
    begin: ([accumulator]) => void accumulator!.fill(initialAccumulatorValue),
    scalars: (_, rate) => [rate, epsilon],
    step(kernels, weights, [accumulator], gradients, scalars, count) {
      kernels.adagradStep(weights, accumulator!, gradients, scalars, count);
    },
    options: { initialAccumulatorValue, epsilon },
  });
}
register({ adagrad });
