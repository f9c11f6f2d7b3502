// Exponential decay in Keras' form: initialLearningRate · decayRate^(step / decaySteps).
// https://keras.io/api/optimizers/learning_rate_schedules/exponential_decay/
import { checkBoolean, checkNumber } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { power } from '../base/elementary.js';
import { checkNames, checkRate, register, scheduleOf, type Schedule } from './schedule.js';

/** Options of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  initialLearningRate: number;
  decaySteps: number;
  decayRate: number;
  /** Whether it falls at each multiple of decaySteps alone. Default false. */
  staircase?: boolean;
}

/**
 * initialLearningRate · decayRate ^ (step / decaySteps).
 * https://keras.io/api/optimizers/learning_rate_schedules/exponential_decay/
 *
 * @example
 * ```js
 * import { schedules } from 'wasm-cnn';
 *
 * const rate = schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.5 });
 * [1, 101, 201].map((step) => rate.at(step)); // [0.1, 0.05, 0.025]
 * ```
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const who = 'exponentialDecay';
  checkNames(options, ['initialLearningRate', 'decaySteps', 'decayRate', 'staircase'], who);
  const { initialLearningRate, decaySteps, decayRate, staircase = false } = options;
  checkRate(initialLearningRate, `${who}'s initialLearningRate`);
  checkWhole(decaySteps, `${who}'s decaySteps`);
  checkNumber(decayRate, (rate) => rate > 0 && rate < Infinity, `${who}'s decayRate must be a number above 0`);
  checkBoolean(staircase, `${who}'s staircase`);
  return scheduleOf(who, { initialLearningRate, decaySteps, decayRate, staircase }, (step) => {
    const decays = step / decaySteps;
    return initialLearningRate * power(decayRate, staircase ? Math.floor(decays) : decays);
  });
}
register({ exponentialDecay });
