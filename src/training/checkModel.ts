// What functions that take a model are given first.
import { check } from '../base/errors.js';
import { describe, isRecord } from '../base/options.js';

/** Throws unless it is what sequential(), model() or loadModel() gives. */
export function checkModel(model: unknown, who: string): void {
  check(
    isRecord(model) && typeof model.getWeights === 'function' && 'topology' in model,
    () =>
      `${who} needs a model first, as sequential(), model() or loadModel(bytes).model give it, got ${describe(model)}`,
  );
}
