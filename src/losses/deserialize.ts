// The way from what a model file says back to a loss: an allow-list, nothing is looked up by name anywhere else.
import { check } from '../base/errors.js';
import { entryOf, isRecord } from '../base/options.js';
import {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  huber,
  kullbackLeiblerDivergence,
  makeLoss,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
} from './index.js';
import type { Loss, SavedLoss } from './loss.js';

const byClassName: Record<string, (options: never) => Loss> = {
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

export function deserializeLoss(saved: SavedLoss): Loss {
  if (typeof saved === 'string') return makeLoss(saved);
  check(isRecord(saved) && isRecord(saved.config), 'the loss is no object with className and config');
  return entryOf(byClassName, saved.className, 'loss')(saved.config as never);
}
