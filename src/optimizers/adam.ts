// Adam (Kingma and Ba, https://arxiv.org/abs/1412.6980) in Keras' form and with Keras' defaults.  Kernel: assembly/adam.ts
import { checkNumber, checkOptions } from '../base/options.js';
import { makeSchedule, type LearningRate } from '../schedules/index.js';
import type { Optimizer } from './optimizer.js';

export interface AdamOptions {
  /** A number, or a schedule over the steps. Default 0.001. */
  learningRate?: LearningRate;
  /** Default 0.9, 0.999 and 1e-7. */
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

export function adam(options: AdamOptions = {}): Optimizer {
  checkOptions(options, ['learningRate', 'beta1', 'beta2', 'epsilon'], 'adam');
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  for (const [name, beta] of Object.entries({ beta1, beta2 })) {
    checkNumber(beta, (value) => value >= 0 && value < 1, `adam's ${name} must lie in [0, 1)`);
  }
  // In f32, in which the kernel has it.
  checkNumber(epsilon, (value) => Math.fround(value) > 0 && value < 1, "adam's epsilon must lie between 1e-45 and 1");
  const power1 = powers(beta1);
  const power2 = powers(beta2);
  const schedule = makeSchedule(learningRate);
  return {
    className: 'Adam',
    slots: ['m', 'v'],
    nonNegative: ['v'],
    schedule,
    scalars(t, rate) {
      const alpha = (rate * Math.sqrt(1 - power2(t))) / (1 - power1(t));
      return [alpha, epsilon, beta1, 1 - beta1, beta2, 1 - beta2];
    },
    step(kernels, weights, [m, v], gradients, scalars, count) {
      kernels.adamStep(weights, m!, v!, gradients, scalars, count);
    },
    getConfig: () => ({ learningRate: schedule.getConfig(), beta1, beta2, epsilon }),
  };
}

/** base^t by repeated multiplication, remembering where it was: the host's power function differs between engines. */
function powers(base: number): (t: number) => number {
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
