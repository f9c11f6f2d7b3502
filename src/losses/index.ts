// Every loss by its name.
import { check } from '../base/errors.js';
import { categoricalCrossentropy } from './categoricalCrossentropy.js';
import type { Loss } from './loss.js';

export type { Loss };

// Keras has a second name for class indices; here either name takes either form of labels.
const losses: Record<string, Loss> = {
  categoricalCrossentropy,
  sparseCategoricalCrossentropy: categoricalCrossentropy,
};

export function makeLoss(name: string): Loss {
  const loss = Object.hasOwn(losses, name) ? losses[name] : undefined;
  check(loss !== undefined, () => `there is no loss '${name}'; there is ${Object.keys(losses).join(', ')}`);
  return loss;
}
