// The schedules' door, and the way from what a model file says back to a schedule.
import { entryOf, isRecord } from '../base/options.js';
import * as schedules from './all.js';
import { makeSchedule, type LearningRate, type Schedule } from './schedule.js';

export { linearDecay, type LinearDecayOptions } from './linearDecay.js';
export { makeSchedule, type LearningRate, type Schedule };

/** The schedule of what its getConfig returned: an allow-list. */
export function deserializeSchedule(config: LearningRate): Schedule {
  const { className } = (isRecord(config) ? config : {}) as { className?: unknown };
  if (typeof className !== 'string') return makeSchedule(config);
  const table = schedules as Record<string, (options: never) => Schedule>;
  return entryOf(table, className, 'learning-rate schedule')(config as never);
}
