// Polynomial decay in Keras' form: (initialLearningRate - endLearningRate) · (1 - step / decaySteps)^power + endLearningRate.
// https://keras.io/api/optimizers/learning_rate_schedules/polynomial_decay/
import { checkBoolean } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { power as powerOf } from '../base/elementary.js';
import { checkNames, checkNotNegative, checkRate, register, scheduleOf, type Schedule } from './schedule.js';

/** Options of {@link polynomialDecay}. */
export interface PolynomialDecayOptions {
  initialLearningRate: number;
  decaySteps: number;
  /** Default 0.0001. */
  endLearningRate?: number;
  /** Default 1, a straight line. */
  power?: number;
  /** Whether it begins again and again, over ever more multiples of decaySteps. Default false: it stays at the end. */
  cycle?: boolean;
}

/**
 * Falls to `endLearningRate` over `decaySteps` steps, in a straight line where `power` is 1.
 * https://keras.io/api/optimizers/learning_rate_schedules/polynomial_decay/
 *
 * @example
 * ```js
 * import { schedules } from 'wasm-cnn';
 *
 * const rate = schedules.polynomialDecay({ initialLearningRate: 0.1, endLearningRate: 0.01, decaySteps: 100 });
 * [1, 51, 101].map((step) => rate.at(step)); // [0.1, 0.055, 0.01]
 * ```
 */
export function polynomialDecay(options: PolynomialDecayOptions): Schedule {
  const who = 'polynomialDecay';
  checkNames(options, ['initialLearningRate', 'decaySteps', 'endLearningRate', 'power', 'cycle'], who);
  const { initialLearningRate, decaySteps, endLearningRate = 0.0001, power = 1, cycle = false } = options;
  checkRate(initialLearningRate, `${who}'s initialLearningRate`);
  checkWhole(decaySteps, `${who}'s decaySteps`);
  checkNotNegative(endLearningRate, `${who}'s endLearningRate`);
  checkNotNegative(power, `${who}'s power`);
  checkBoolean(cycle, `${who}'s cycle`);
  return scheduleOf(who, { initialLearningRate, decaySteps, endLearningRate, power, cycle }, (step) => {
    const steps = cycle ? decaySteps * Math.max(1, Math.ceil(step / decaySteps)) : decaySteps;
    const left = 1 - Math.min(step, steps) / steps;
    return (initialLearningRate - endLearningRate) * powerOf(left, power) + endLearningRate;
  });
}
register({ polynomialDecay });
