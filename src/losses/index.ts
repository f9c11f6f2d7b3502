// Every loss, under the names of TF.js; and the way from a name or a saved class name to a loss.
import { check } from '../base/errors.js';
import { describe, entryOf, isRecord } from '../base/options.js';
import { binaryCrossentropy } from './binaryCrossentropy.js';
import { categoricalCrossentropy, sparseCategoricalCrossentropy } from './categoricalCrossentropy.js';
import { binaryFocalCrossentropy, categoricalFocalCrossentropy } from './focal.js';
import { kullbackLeiblerDivergence } from './kullbackLeiblerDivergence.js';
import type { Loss } from './loss.js';
import { huber, meanAbsoluteError, meanSquaredError } from './regression.js';

export {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  huber,
  kullbackLeiblerDivergence,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
};
export type { BinaryCrossentropyOptions } from './binaryCrossentropy.js';
export type { CategoricalCrossentropyOptions } from './categoricalCrossentropy.js';
export type { BinaryFocalCrossentropyOptions, CategoricalFocalCrossentropyOptions } from './focal.js';
export type { Loss, TargetKind } from './loss.js';
export type { HuberOptions } from './regression.js';

type MakeLoss = (options?: never) => Loss;

const byName: Record<string, MakeLoss> = {
  categoricalCrossentropy,
  sparseCategoricalCrossentropy,
  binaryCrossentropy,
  meanSquaredError,
  meanAbsoluteError,
  huber,
  kullbackLeiblerDivergence,
  categoricalFocalCrossentropy,
  binaryFocalCrossentropy,
};

/** Keras' short names. */
const aliases: Record<string, MakeLoss> = {
  ...{
    bce: binaryCrossentropy,
    BCE: binaryCrossentropy,
    kld: kullbackLeiblerDivergence,
    KLD: kullbackLeiblerDivergence,
  },
  ...{ mae: meanAbsoluteError, MAE: meanAbsoluteError, mse: meanSquaredError, MSE: meanSquaredError },
};

const byClassName: Record<string, MakeLoss> = {
  CategoricalCrossentropy: categoricalCrossentropy,
  SparseCategoricalCrossentropy: sparseCategoricalCrossentropy,
  BinaryCrossentropy: binaryCrossentropy,
  MeanSquaredError: meanSquaredError,
  MeanAbsoluteError: meanAbsoluteError,
  Huber: huber,
  KLDivergence: kullbackLeiblerDivergence,
  CategoricalFocalCrossentropy: categoricalFocalCrossentropy,
  BinaryFocalCrossentropy: binaryFocalCrossentropy,
};

/** From a name, or one that a function of this file made. */
export function makeLoss(loss: string | Loss): Loss {
  if (typeof loss !== 'string') {
    check(
      isRecord(loss) && typeof loss.build === 'function',
      () => `compile needs a loss, 'categoricalCrossentropy' or losses.huber({ delta: 1 }), got ${describe(loss)}`,
    );
    return loss;
  }
  return entryOf({ ...byName, ...aliases }, loss, 'loss', byName)();
}

/** A loss as files hold it; those of the first version have its name alone. */
export type SavedLoss = string | { readonly className: string; readonly config: object };

/** Makes a loss from what a model file says: an allow-list, nothing is looked up by name anywhere else. */
export function deserializeLoss(saved: SavedLoss): Loss {
  if (typeof saved === 'string') return makeLoss(saved);
  check(isRecord(saved) && isRecord(saved.config), 'the loss is no object with className and config');
  return entryOf(byClassName, saved.className, 'loss')(saved.config as never);
}
