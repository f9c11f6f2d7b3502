// Constant pieces in Keras' form: values[i] up to and with step boundaries[i], which counts from 0, and the last value then.
// https://keras.io/api/optimizers/learning_rate_schedules/piecewise_constant_decay/
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { checkNames, checkNotNegative, register, scheduleOf, type Schedule } from './schedule.js';

/** Options of {@link piecewiseConstantDecay}. */
export interface PiecewiseConstantDecayOptions {
  /** Steps, each larger than the one before. */
  boundaries: readonly number[];
  /** One more than boundaries. */
  values: readonly number[];
}

/**
 * One rate up to each boundary.
 * https://keras.io/api/optimizers/learning_rate_schedules/piecewise_constant_decay/
 *
 * @example
 * ```js
 * import { schedules } from 'wasm-cnn';
 *
 * const rate = schedules.piecewiseConstantDecay({ boundaries: [100, 200], values: [0.1, 0.01, 0.001] });
 * [1, 150, 300].map((step) => rate.at(step)); // [0.1, 0.01, 0.001]
 * ```
 */
export function piecewiseConstantDecay(options: PiecewiseConstantDecayOptions): Schedule {
  const who = 'piecewiseConstantDecay';
  checkNames(options, ['boundaries', 'values'], who);
  const { boundaries, values } = options;
  for (const [name, list] of Object.entries({ boundaries, values }))
    check(Array.isArray(list), () => `${who}'s ${name} must be an array of numbers, got ${describe(list)}`);
  check(
    boundaries.every((step, i) => Number.isSafeInteger(step) && step > (boundaries[i - 1] ?? -1)),
    () => `${who}'s boundaries must be steps, each larger than the one before, got ${boundaries.join(', ')}`,
  );
  check(
    values.length === boundaries.length + 1,
    () => `${who} needs ${boundaries.length + 1} values for ${boundaries.length} boundaries, got ${values.length}`,
  );
  for (const value of values) checkNotNegative(value, `each of ${who}'s values`);
  return scheduleOf(who, { boundaries: [...boundaries], values: [...values] }, (step) => {
    const piece = boundaries.findIndex((boundary) => step <= boundary);
    return values.at(piece)!;
  });
}
register({ piecewiseConstantDecay });
