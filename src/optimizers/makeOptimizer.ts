// From what compile() and files call an optimizer to the optimizer.
import { check } from '../base/errors.js';
import { unknown } from '../base/nearest.js';
import { describe, isRecord } from '../base/options.js';
import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { named, type Optimizer } from './optimizer.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';

/** Those that every page loads. */
const usual: typeof named = { adam, adamw, rmsprop, sgd };

/** Throws unless it is an optimizer as adam() makes them. */
export function checkOptimizer(optimizer: unknown): asserts optimizer is Optimizer {
  check(
    isRecord(optimizer) && typeof optimizer.step === 'function',
    () => `compile needs an optimizer, 'adam' or adam({ learningRate: 0.001 }), got ${describe(optimizer)}`,
  );
}

/** The optimizer of a name ('adam'), or of a class name ('Adam') and its configuration as a saved model holds them. */
export function makeOptimizer(name: string, config?: object): Optimizer {
  const known = { ...usual, ...named };
  const key = String(name).toLowerCase();
  check(
    Object.hasOwn(known, key),
    () =>
      `there is no optimizer ${unknown(name, Object.keys(known))}; there is ${Object.keys(known).sort().join(', ')}; in a bundle write others as adam()`,
  );
  return known[key]!(config as never);
}
