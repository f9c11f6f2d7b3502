// One cycle (Smith and Topin, https://arxiv.org/abs/1708.07120) as PyTorch's OneCycleLR has it: up to the highest rate, and far down.
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
import { check } from '../base/errors.js';
import { checkNumber, describe } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { cosPi } from '../base/elementary.js';
import { checkNames, checkRate, register, scheduleOf, type Schedule } from './schedule.js';

/** Options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** The highest rate. */
  maxLearningRate: number;
  /** Steps of the whole cycle; then the rate stays. */
  totalSteps: number;
  /** Share of the steps in which it rises; default 0.3. */
  pctStart?: number;
  /** How many times lower than the highest rate it begins; default 25. */
  divFactor?: number;
  /** How many times lower than at the beginning it ends; default 10,000. */
  finalDivFactor?: number;
  /** The form of the rise and the fall; default 'cos'. */
  annealStrategy?: 'cos' | 'linear';
}

/**
 * The rate rises to `maxLearningRate` and falls far below where it began, as PyTorch's OneCycleLR.
 *
 * @example
 * ```js
 * import { schedules } from 'wasm-cnn';
 *
 * const rate = schedules.oneCycle({ maxLearningRate: 0.1, totalSteps: 100 });
 * [1, 31, 66].map((step) => rate.at(step)); // [0.004, 0.09995, 0.05]
 * ```
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const who = 'oneCycle';
  const names = ['maxLearningRate', 'totalSteps', 'pctStart', 'divFactor', 'finalDivFactor', 'annealStrategy'];
  checkNames(options, names, who);
  const { maxLearningRate, totalSteps, pctStart = 0.3, divFactor = 25 } = options;
  const { finalDivFactor = 10000, annealStrategy = 'cos' } = options;
  checkRate(maxLearningRate, `${who}'s maxLearningRate`);
  checkWhole(totalSteps, `${who}'s totalSteps`);
  checkNumber(pctStart, (value) => value >= 0 && value <= 1, `${who}'s pctStart must lie in [0, 1]`);
  for (const [name, factor] of Object.entries({ divFactor, finalDivFactor }))
    checkNumber(factor, (value) => value > 0 && value < Infinity, `${who}'s ${name} must be a number above 0`);
  check(
    annealStrategy === 'cos' || annealStrategy === 'linear',
    () => `${who}'s annealStrategy must be 'cos' or 'linear', got ${describe(annealStrategy)}`,
  );
  const first = maxLearningRate / divFactor;
  const last = first / finalDivFactor;
  const top = pctStart * totalSteps - 1;
  const between = (from: number, to: number, share: number): number =>
    annealStrategy === 'cos' ? to + ((from - to) / 2) * (cosPi(share) + 1) : from + (to - from) * share;
  const own = { maxLearningRate, totalSteps, pctStart, divFactor, finalDivFactor, annealStrategy };
  return scheduleOf(who, own, (step) => {
    if (step <= top) return top > 0 ? between(first, maxLearningRate, step / top) : maxLearningRate;
    const rest = totalSteps - 1 - top;
    return rest > 0 ? between(maxLearningRate, last, Math.min(1, (step - top) / rest)) : maxLearningRate;
  });
}
register({ oneCycle });
