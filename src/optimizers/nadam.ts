// Nadam: Adam with Nesterov's momentum (Dozat, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ) in Keras' form.  Kernel: assembly/nadam.ts
import { moreModule } from '../engine/modules/more.generated.js';
import { adamNumbers, powers, type MomentsOptions } from './adam.js';
import { checkNames, makeOfRule, type SharedOptions } from './sharedOptions.js';
import { register, type Optimizer } from './optimizer.js';

/** Options of {@link nadam}. */
export interface NadamOptions extends MomentsOptions, SharedOptions {}

/**
 * Adam with Nesterov momentum.
 * https://keras.io/api/optimizers/Nadam/
 *
 * @example
 * ```js
 * import { layers, optimizers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: optimizers.nadam({ learningRate: 0.1 }), loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.106]
 * ```
 */
export function nadam(options: NadamOptions = {}): Optimizer {
  checkNames(options, ['beta1', 'beta2', 'epsilon'], 'nadam');
  const { beta1, beta2, epsilon } = adamNumbers(options, 'nadam');
  const decay = powers(0.96);
  const power2 = powers(beta2);
  /** The momentum of step t, which rises from about half of beta1. */
  const momentumOf = (t: number): number => beta1 * (1 - 0.5 * decay(t));
  const products = productsOf(momentumOf);
  return makeOfRule(options, {
    who: 'nadam',
    className: 'Nadam',
    learningRate: 0.001,
    moreKernels: moreModule,
    slots: ['m', 'v'],
    nonNegative: ['v'],
    scalars(t, rate) {
      const product = products(t);
      const [now, next] = [momentumOf(t), momentumOf(t + 1)];
      const [ofM, ofGradient] = [next / (1 - product * next), (1 - now) / (1 - product)];
      return [rate, epsilon, beta1, 1 - beta1, beta2, 1 - beta2, ofM, ofGradient, 1 - power2(t)];
    },
    step(kernels, weights, [m, v], gradients, scalars, count) {
      kernels.nadamStep(weights, m!, v!, gradients, scalars, count);
    },
    options: { beta1, beta2, epsilon },
  });
}
register({ nadam });

/** factor(1) · … · factor(t), remembering where it was; a product that has come to 0 stays there. */
function productsOf(factor: (t: number) => number): (t: number) => number {
  let at = 0;
  let value = 1;
  return (t) => {
    if (t < at) [at, value] = [0, 1];
    for (; at < t && value > 0; at++) value *= factor(at + 1);
    at = t;
    return value;
  };
}
