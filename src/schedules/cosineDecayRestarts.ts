// Cosine decay with restarts (Loshchilov and Hutter, https://arxiv.org/abs/1608.03983) in Keras' form.
// https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay_restarts/
import { checkNumber } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { cosPi, power } from '../base/elementary.js';
import { checkNames, checkNotNegative, checkRate, register, scheduleOf, type Schedule } from './schedule.js';

/** Options of {@link cosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  initialLearningRate: number;
  firstDecaySteps: number;
  /** How many times longer each decay is than the one before; default 2. */
  tMul?: number;
  /** How many times higher each one begins; default 1. */
  mMul?: number;
  /** The last rate as a share of the first; default 0. */
  alpha?: number;
}

/**
 * Cosine decay that begins again and again, each time over `tMul` times as many steps.
 * https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay_restarts/
 *
 * @example
 * ```js
 * import { schedules } from 'wasm-cnn';
 *
 * const rate = schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 100 });
 * [1, 51, 101].map((step) => rate.at(step)); // [0.1, 0.05, 0.1]
 * ```
 */
export function cosineDecayRestarts(options: CosineDecayRestartsOptions): Schedule {
  const who = 'cosineDecayRestarts';
  checkNames(options, ['initialLearningRate', 'firstDecaySteps', 'tMul', 'mMul', 'alpha'], who);
  const { initialLearningRate, firstDecaySteps, tMul = 2, mMul = 1, alpha = 0 } = options;
  checkRate(initialLearningRate, `${who}'s initialLearningRate`);
  checkWhole(firstDecaySteps, `${who}'s firstDecaySteps`);
  checkNumber(tMul, (value) => value >= 1 && value < Infinity, `${who}'s tMul must be at least 1`);
  checkNotNegative(mMul, `${who}'s mMul`);
  checkNumber(alpha, (value) => value >= 0 && value <= 1, `${who}'s alpha must lie in [0, 1]`);
  return scheduleOf(who, { initialLearningRate, firstDecaySteps, tMul, mMul, alpha }, (step) => {
    let [restarts, length, left] = [0, firstDecaySteps, step];
    if (tMul === 1) [restarts, left] = [Math.floor(step / length), step % length];
    else for (; left >= length; length *= tMul, restarts++) left -= length;
    const cosine = 0.5 * power(mMul, restarts) * (1 + cosPi(left / length));
    return initialLearningRate * ((1 - alpha) * cosine + alpha);
  });
}
register({ cosineDecayRestarts });
