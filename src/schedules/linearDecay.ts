// Warm-up and linear decay: rises from 0 to the peak over the first steps, then falls in a straight line.
import { check } from '../base/errors.js';
import { checkNumber } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { checkNames, checkRate, register, type Schedule } from './schedule.js';

/** Options of {@link linearDecay}. */
export interface LinearDecayOptions {
  /** The highest rate. */
  peak: number;
  /** Steps until the rate has fallen to `end`; it stays there. */
  totalSteps: number;
  /** Steps of the rise; default 0. */
  warmupSteps?: number;
  /** The last rate; default 0. */
  end?: number;
}

/**
 * The rate rises to `peak` in a straight line, then falls to `end` in another.
 *
 * @example
 * ```js
 * import { schedules } from 'wasm-cnn';
 *
 * const rate = schedules.linearDecay({ peak: 0.1, totalSteps: 100 });
 * [1, 51, 101].map((step) => rate.at(step)); // [0.1, 0.05, 0]
 * ```
 */
export function linearDecay(options: LinearDecayOptions): Schedule {
  checkNames(options, ['peak', 'totalSteps', 'warmupSteps', 'end'], 'linearDecay');
  const { peak, totalSteps, warmupSteps = 0, end = 0 } = options;
  checkRate(peak, "linearDecay's peak");
  checkWhole(totalSteps, "linearDecay's totalSteps");
  checkWhole(warmupSteps, "linearDecay's warmupSteps", 0);
  check(
    warmupSteps < totalSteps,
    () => `linearDecay's warmupSteps must be below totalSteps = ${totalSteps}, got ${warmupSteps}`,
  );
  checkNumber(end, (value) => value >= 0 && value <= peak, `linearDecay's end must lie between 0 and peak = ${peak}`);
  return {
    at(t) {
      if (t <= warmupSteps) return (peak * t) / warmupSteps;
      const left = Math.max(0, totalSteps - t + 1) / (totalSteps - warmupSteps);
      return end + (peak - end) * left;
    },
    getConfig: () => ({ className: 'linearDecay', peak, totalSteps, warmupSteps, end }),
  };
}
register({ linearDecay });
