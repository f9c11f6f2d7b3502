// Every schedule, and the way from a configuration back to one.
import { entryOf } from '../base/options.js';
import { linearDecay, type LinearDecayOptions } from './linearDecay.js';
import { checkRate, type Schedule } from './schedule.js';

export { linearDecay, type LinearDecayOptions };
export type { Schedule };

/** A number, a schedule, or what a schedule's getConfig gave. */
export type LearningRate = number | Schedule | ({ className: string } & object);

const schedules: Record<string, (options: never) => Schedule> = { linearDecay };

export function makeSchedule(rate: LearningRate): Schedule {
  if (typeof rate === 'object' && rate !== null) {
    // An array has an at, too.
    if (typeof (rate as Schedule).at === 'function' && typeof (rate as Schedule).getConfig === 'function')
      return rate as Schedule;
    const { className } = rate as { className: string };
    return entryOf(schedules, className, 'learning-rate schedule')(rate as never);
  }
  checkRate(rate, 'the learning rate');
  return { at: () => rate, getConfig: () => rate };
}
