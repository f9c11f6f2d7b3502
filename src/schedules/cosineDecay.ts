// Cosine decay in Keras' form, after a linear rise where warmupTarget is given.  https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay/
import { checkNumber } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { cosPi } from '../base/elementary.js';
import { checkNames, checkNotNegative, checkRate, register, scheduleOf, type Schedule } from './schedule.js';

/** Options of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** Rate at the beginning: of the rise, if there is one, or else of the decay. */
  initialLearningRate: number;
  /** Steps of the decay, after the rise. */
  decaySteps: number;
  /** The last rate as a share of that with which the decay begins; default 0. */
  alpha?: number;
  /** The rate at the end of the rise; default null: there is none. */
  warmupTarget?: number | null;
  /** Default 0. */
  warmupSteps?: number;
}

/**
 * The rate falls as half a cosine over `decaySteps` steps, after a linear rise where `warmupTarget` is given.
 * https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay/
 *
 * @example
 * ```js
 * import { schedules } from 'wasm-cnn';
 *
 * const rate = schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 100 });
 * [1, 51, 101].map((step) => rate.at(step)); // [0.1, 0.05, 0]
 * ```
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  const who = 'cosineDecay';
  checkNames(options, ['initialLearningRate', 'decaySteps', 'alpha', 'warmupTarget', 'warmupSteps'], who);
  const { initialLearningRate, decaySteps, alpha = 0, warmupTarget = null, warmupSteps = 0 } = options;
  if (warmupTarget === null) checkRate(initialLearningRate, `${who}'s initialLearningRate`);
  else {
    checkNotNegative(initialLearningRate, `${who}'s initialLearningRate`);
    checkRate(warmupTarget, `${who}'s warmupTarget`);
  }
  checkWhole(decaySteps, `${who}'s decaySteps`);
  checkNumber(alpha, (value) => value >= 0 && value <= 1, `${who}'s alpha must lie in [0, 1]`);
  checkWhole(warmupSteps, `${who}'s warmupSteps`, 0);
  const [rise, top] = warmupTarget === null ? [0, initialLearningRate] : [warmupSteps, warmupTarget];
  return scheduleOf(who, { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }, (step) => {
    if (step < rise) return initialLearningRate + (top - initialLearningRate) * (step / rise);
    const cosine = 0.5 * (1 + cosPi(Math.min(step - rise, decaySteps) / decaySteps));
    return top * ((1 - alpha) * cosine + alpha);
  });
}
register({ cosineDecay });
