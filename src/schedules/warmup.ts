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

export interface WarmupOptions {
  /** What follows: a number, a schedule, or a function of the step. */
  schedule: LearningRate;
  /** Steps of the rise. */
  steps: number;
  /** Where it begins; default 0. */
  from?: number;
}

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
