// The optimizers' door: what every model needs, and all of them for what reads files.
import { entryOf, isRecord } from '../base/options.js';
import { deserializeSchedule, type LearningRate } from '../schedules/index.js';
import * as optimizers from './all.js';
import type { Optimizer } from './optimizer.js';

export { adam, type AdamOptions } from './adam.js';
export type { Optimizer, UpdatePlan } from './optimizer.js';

/** The optimizer of a class name and its configuration, as a saved model holds them: an allow-list. */
export function deserializeOptimizer(className: string, config: { readonly learningRate?: LearningRate }): Optimizer {
  const table = optimizers as Record<string, (options: never) => Optimizer>;
  const { learningRate } = config;
  const made = isRecord(learningRate) ? { ...config, learningRate: deserializeSchedule(learningRate) } : config;
  return entryOf(table, String(className).toLowerCase(), 'optimizer')(made as never);
}
