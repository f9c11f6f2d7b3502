// Sets how far an optimizer is: after a file was loaded.
import { check } from '../base/errors.js';
import { checkWhole } from '../base/shape.js';
import { countOf } from '../graph/variable.js';
import type { Model } from './model.js';

/** What a counter of 32 bits can hold; Adam's powers are counted up to it. */
const MOST_STEPS = 2147483648;

/** Restores the state of a compiled model's optimizer after `step` steps; slots as {@link Model.optimizerSlots} returns them. */
export function restoreOptimizer(model: Model, step: number, slots: ReadonlyMap<string, Float32Array>): void {
  const session = model.training();
  model.checkBetweenSteps('restoreOptimizer');
  check(checkWhole(step, 'step', 0) <= MOST_STEPS, () => `step must be at most ${MOST_STEPS}, got ${step}`);
  const { slots: names, nonNegative } = model.compiled!.optimizer;
  const size = countOf(model.parameters, 'weight');
  const given = names.map((name) => {
    const values = slots?.get?.(name);
    check(
      values?.length === size,
      () =>
        `restoreOptimizer needs ${names.join(', ')} of ${size} numbers each, as optimizerSlots gives them, got ${name} of ${values?.length ?? 'none'}`,
    );
    check(values.every(Number.isFinite), () => `the optimizer's ${name} holds NaN or infinite numbers`);
    check(
      !nonNegative.includes(name) || values.every((value) => value >= 0),
      () => `the optimizer's ${name} holds numbers below 0`,
    );
    return values;
  });
  session.step = step;
  for (const [i, slot] of session.engine.slots.entries()) slot.set(given[i]!);
  // A thread that makes the steps has them to learn.
  session.engine.repackLater();
}
