// The way from what a model file says back to a metric: an allow-list, nothing is looked up by name anywhere else.
import { check } from '../base/errors.js';
import { entryOf, isRecord } from '../base/options.js';
import {
  accuracy,
  auc,
  binaryAccuracy,
  categoricalAccuracy,
  f1Score,
  makeMetric,
  meanAbsoluteError,
  meanIoU,
  meanSquaredError,
  precision,
  recall,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
} from './index.js';
import type { Metric, SavedMetric } from './metric.js';

const byClassName: Record<string, (options: never) => Metric> = {
  Accuracy: accuracy,
  CategoricalAccuracy: categoricalAccuracy,
  SparseCategoricalAccuracy: sparseCategoricalAccuracy,
  BinaryAccuracy: binaryAccuracy,
  TopKCategoricalAccuracy: topKCategoricalAccuracy,
  SparseTopKCategoricalAccuracy: sparseTopKCategoricalAccuracy,
  MeanSquaredError: meanSquaredError,
  MeanAbsoluteError: meanAbsoluteError,
  Precision: precision,
  Recall: recall,
  F1Score: f1Score,
  AUC: auc,
  MeanIoU: meanIoU,
};

export function deserializeMetric(saved: SavedMetric): Metric {
  if (typeof saved === 'string') return makeMetric(saved);
  check(isRecord(saved) && isRecord(saved.config), 'a metric is no object with className and config');
  return entryOf(byClassName, saved.className, 'metric')(saved.config as never);
}
