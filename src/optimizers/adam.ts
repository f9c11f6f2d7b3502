// Adam (Kingma and Ba, https://arxiv.org/abs/1412.6980) and AdamW's form of it, as Keras has them, with its defaults.
// Kernels: assembly/adam.ts, amsgrad.ts
import { checkBoolean } from '../base/options.js';
import type { Optimizer } from './optimizer.js';
import { checkEpsilon, checkNames, checkShare, makeOfRule, type Rule, type SharedOptions } from './sharedOptions.js';

export interface MomentsOptions {
  /** The share of the mean of gradients that stays at each step. Default 0.9. */
  beta1?: number;
  /** The same of the mean of their squares. Default 0.999. */
  beta2?: number;
  /** Added to the root that divides. Default 1e-7. */
  epsilon?: number;
}

/** learningRate: default 0.001. */
export interface AdamOptions extends SharedOptions, MomentsOptions {
  /** Divides by the root of the largest v so far (https://openreview.net/forum?id=ryQu7f-RZ). Default false. */
  amsgrad?: boolean;
}

/**
 * Adam (https://arxiv.org/abs/1412.6980): steps by the running means of the gradients and of their squares.
 * https://keras.io/api/optimizers/adam/
 *
 * @example
 * ```js
 * import { layers, optimizers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: optimizers.adam({ learningRate: 0.1 }), loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.1]
 * ```
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return makeAdam(options, 'adam', { className: 'Adam', weightDecay: null });
}

/** Adam by the name and with the weight decay of one of its forms. */
export function makeAdam(
  options: AdamOptions,
  who: string,
  { className, weightDecay }: Pick<Rule, 'className' | 'weightDecay'>,
): Optimizer {
  checkNames(options, ['beta1', 'beta2', 'epsilon', 'amsgrad'], who);
  const { amsgrad = false } = options;
  checkBoolean(amsgrad, `${who}'s amsgrad`);
  const { beta1, beta2, epsilon, scalars } = adamNumbers(options, who);
  const nonNegative = ['v', ...(amsgrad ? ['vHat'] : [])];
  return makeOfRule(options, {
    who,
    className,
    learningRate: 0.001,
    weightDecay,
    slots: ['m', ...nonNegative],
    nonNegative,
    scalars,
    step(kernels, weights, [m, v, vHat], gradients, scalars, count) {
      if (amsgrad) kernels.amsgradStep(weights, m!, v!, vHat!, gradients, scalars, count);
      else kernels.adamStep(weights, m!, v!, gradients, scalars, count);
    },
    options: { beta1, beta2, epsilon, amsgrad },
  });
}

/** Adam's options, checked, and the numbers of its steps. */
export function adamNumbers({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: MomentsOptions, who: string) {
  checkShare(beta1, `${who}'s beta1`);
  checkShare(beta2, `${who}'s beta2`);
  checkEpsilon(epsilon, who);
  const power1 = powers(beta1);
  const power2 = powers(beta2);
  const scalars: Optimizer['scalars'] = (t, rate) => {
    const alpha = (rate * Math.sqrt(1 - power2(t))) / (1 - power1(t));
    return [alpha, epsilon, beta1, 1 - beta1, beta2, 1 - beta2];
  };
  return { beta1, beta2, epsilon, scalars };
}

/** base^t by repeated multiplication, remembering where it was: the host's power function differs between engines. */
export function powers(base: number): (t: number) => number {
  let at = 0;
  let value = 1;
  return (t) => {
    if (t < at) [at, value] = [0, 1];
    // The smallest number that a double can be stays what it is: a file may say that billions of steps were made.
    for (; at < t && value * base !== value; at++) value *= base;
    at = t;
    return value;
  };
}
