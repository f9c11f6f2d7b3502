// Inverse time decay in Keras' form: initialLearningRate / (1 + decayRate · step / decaySteps).
// https://keras.io/api/optimizers/learning_rate_schedules/inverse_time_decay/
import { checkBoolean } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { checkNames, checkNotNegative, checkRate, register, scheduleOf, type Schedule } from './schedule.js';

/** Options of {@link inverseTimeDecay}. */
export interface InverseTimeDecayOptions {
  initialLearningRate: number;
  decaySteps: number;
  decayRate: number;
  /** Whether it falls at each multiple of decaySteps alone. Default false. */
  staircase?: boolean;
}

/**
 * initialLearningRate / (1 + decayRate · step / decaySteps).
 * https://keras.io/api/optimizers/learning_rate_schedules/inverse_time_decay/
 *
 * @example
 * ```js
 * import { schedules } from 'wasm-cnn';
 *
 * const rate = schedules.inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 1 });
 * [1, 101, 301].map((step) => rate.at(step)); // [0.1, 0.05, 0.025]
 * ```
 */
export function inverseTimeDecay(options: InverseTimeDecayOptions): Schedule {
  const who = 'inverseTimeDecay';
  checkNames(options, ['initialLearningRate', 'decaySteps', 'decayRate', 'staircase'], who);
  const { initialLearningRate, decaySteps, decayRate, staircase = false } = options;
  checkRate(initialLearningRate, `${who}'s initialLearningRate`);
  checkWhole(decaySteps, `${who}'s decaySteps`);
  checkNotNegative(decayRate, `${who}'s decayRate`);
  checkBoolean(staircase, `${who}'s staircase`);
  return scheduleOf(who, { initialLearningRate, decaySteps, decayRate, staircase }, (step) => {
    const decays = step / decaySteps;
    return initialLearningRate / (1 + decayRate * (staircase ? Math.floor(decays) : decays));
  });
}
register({ inverseTimeDecay });
