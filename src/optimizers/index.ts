// Every optimizer by its Keras name.
import { check } from '../base/errors.js';
import { describe, isRecord } from '../base/options.js';
import { adam, type AdamOptions } from './adam.js';
import type { Optimizer } from './optimizer.js';

export { adam, type AdamOptions };
export type { Optimizer };

const optimizers: Record<string, (options?: never) => Optimizer> = { adam };

/** Throws unless it is an optimizer as adam() makes them. */
export function checkOptimizer(optimizer: unknown): asserts optimizer is Optimizer {
  check(
    isRecord(optimizer) && typeof optimizer.step === 'function',
    () => `compile needs an optimizer, 'adam' or adam({ learningRate: 0.001 }), got ${describe(optimizer)}`,
  );
}

/** From a name ('adam'), or a class name and its configuration as a saved model holds them. */
export function makeOptimizer(name: string, config?: object): Optimizer {
  const key = String(name).toLowerCase();
  const make = Object.hasOwn(optimizers, key) ? optimizers[key] : undefined;
  check(make !== undefined, () => `there is no optimizer '${name}'; there is ${Object.keys(optimizers).join(', ')}`);
  return make(config as never);
}
