// Every loss, under the names of TF.js; and the way from a name to a loss.
import { check } from '../base/errors.js';
import { unknown } from '../base/nearest.js';
import { describe, isRecord } from '../base/options.js';
import { binaryCrossentropy } from './binaryCrossentropy.js';
import { categoricalCrossentropy, sparseCategoricalCrossentropy } from './categoricalCrossentropy.js';
import { kullbackLeiblerDivergence } from './kullbackLeiblerDivergence.js';
import { named, type Loss, type RegisteredLoss } from './loss.js';
import { huber, meanAbsoluteError, meanSquaredError } from './regression.js';

export {
  binaryCrossentropy,
  categoricalCrossentropy,
  huber,
  kullbackLeiblerDivergence,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
};
export type { BinaryCrossentropyOptions } from './binaryCrossentropy.js';
export type { CategoricalCrossentropyOptions } from './categoricalCrossentropy.js';
export {
  binaryFocalCrossentropy,
  categoricalFocalCrossentropy,
  type BinaryFocalCrossentropyOptions,
  type CategoricalFocalCrossentropyOptions,
} from './focal.js';
export type { Loss, SavedLoss, TargetKind } from './loss.js';
export type { HuberOptions } from './regression.js';

type MakeLoss = (options?: never) => Loss;

/** Those that every page loads. */
const usual = {
  categoricalCrossentropy,
  sparseCategoricalCrossentropy,
  binaryCrossentropy,
  meanSquaredError,
  meanAbsoluteError,
  huber,
  kullbackLeiblerDivergence,
} satisfies Record<string, MakeLoss>;

/** Keras' short names. */
const aliases = {
  ...{
    bce: binaryCrossentropy,
    BCE: binaryCrossentropy,
    kld: kullbackLeiblerDivergence,
    KLD: kullbackLeiblerDivergence,
  },
  ...{ mae: meanAbsoluteError, MAE: meanAbsoluteError, mse: meanSquaredError, MSE: meanSquaredError },
} satisfies Record<string, MakeLoss>;

/** What compile() knows losses by. */
export type LossName = keyof typeof usual | keyof typeof aliases | RegisteredLoss;

/**
 * From a name, or one that a function of this file made.
 *
 * @example
 * ```js
 * import { losses } from 'wasm-cnn';
 *
 * losses.makeLoss('mse').name; // 'meanSquaredError'
 * ```
 */
export function makeLoss(loss: string | Loss): Loss {
  if (typeof loss !== 'string') {
    check(
      isRecord(loss) && typeof loss.build === 'function',
      () => `compile needs a loss, 'categoricalCrossentropy' or losses.huber({ delta: 1 }), got ${describe(loss)}`,
    );
    return loss;
  }
  const known: Record<string, MakeLoss> = { ...usual, ...aliases, ...named };
  check(
    Object.hasOwn(known, loss),
    () =>
      `there is no loss ${unknown(loss, Object.keys(known))}; there is ${Object.keys({ ...usual, ...named }).join(', ')}; in a bundle write others as losses.huber()`,
  );
  return known[loss]!();
}
