// Lion (Chen et al., https://arxiv.org/abs/2302.06675) in Keras' form: steps by sign.  Kernel: assembly/lion.ts
import { checkNumber } from '../base/options.js';
import { moreModule } from '../engine/modules/more.generated.js';
import { checkNames, checkShare, makeOfRule, type SharedOptions } from './sharedOptions.js';
import { register, type Optimizer } from './optimizer.js';

/** learningRate: default 0.001. */
export interface LionOptions extends SharedOptions {
  /** Share of the momentum in the sign; default 0.9. */
  beta1?: number;
  /** Share of the momentum that stays; default 0.99. */
  beta2?: number;
}

/**
 * Steps by the sign of the momentum, the same distance for each weight (https://arxiv.org/abs/2302.06675).
 * https://keras.io/api/optimizers/lion/
 *
 * @example
 * ```js
 * import { layers, optimizers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: optimizers.lion({ learningRate: 0.1 }), loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.1]
 * ```
 */
export function lion(options: LionOptions = {}): Optimizer {
  checkNames(options, ['beta1', 'beta2'], 'lion');
  const { beta1 = 0.9, beta2 = 0.99 } = options;
  checkNumber(beta1, (value) => value > 0 && value <= 1, "lion's beta1 must lie in (0, 1]");
  checkShare(beta2, "lion's beta2");
  return makeOfRule(options, {
    who: 'lion',
    className: 'Lion',
    learningRate: 0.001,
    moreKernels: moreModule,
    slots: ['momentum'],
    nonNegative: [],
    scalars: (_, rate) => [rate, beta1, 1 - beta1, beta2, 1 - beta2],
    step(kernels, weights, [m], gradients, scalars, count) {
      kernels.lionStep(weights, m!, gradients, scalars, count);
    },
    options: { beta1, beta2 },
  });
}
register({ lion });
