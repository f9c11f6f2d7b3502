// A linear rise before any schedule, which begins with its first step when the rise is over.
import { checkWhole } from '../base/shape.js';
import {
  checkNames,
  checkNotNegative,
  makeSchedule,
  register,
  scheduleOf,
  type LearningRate,
  type Schedule,
} from './schedule.js';

/** Options of {@link warmup}. */
export interface WarmupOptions {
  /** What follows: a number, a schedule, or a function of the step. */
  schedule: LearningRate;
  /** Steps of the rise. */
  steps: number;
  /** Rate at the beginning; default 0. */
  from?: number;
}

/**
 * The rate rises in a straight line, then follows another schedule.
 *
 * @example
 * ```js
 * import { schedules } from 'wasm-cnn';
 *
 * const rate = schedules.warmup({ steps: 10, schedule: 0.1 });
 * [1, 6, 11, 12].map((step) => rate.at(step)); // [0, 0.05, 0.1, 0.1]
 * ```
 */
export function warmup(options: WarmupOptions): Schedule {
  checkNames(options, ['schedule', 'steps', 'from'], 'warmup');
  const { steps, from = 0 } = options;
  const schedule = makeSchedule(options.schedule);
  checkWhole(steps, "warmup's steps");
  checkNotNegative(from, "warmup's from");
  const top = schedule.at(1);
  const { at } = scheduleOf('warmup', {}, (step) =>
    step < steps ? from + (top - from) * (step / steps) : schedule.at(step - steps + 1),
  );
  return { at, getConfig: () => ({ className: 'warmup', schedule: schedule.getConfig(), steps, from }) };
}
register({ warmup });
