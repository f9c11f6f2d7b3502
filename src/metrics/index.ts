// Every metric, under the names of TF.js; and the way from a name or a saved class name to a metric.
import { check } from '../base/errors.js';
import { describe, entryOf, isRecord } from '../base/options.js';
import {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
} from './accuracy.js';
import type { Metric } from './metric.js';
import { meanAbsoluteError, meanSquaredError } from './regression.js';

export { argmax, standardError } from './accuracy.js';
export {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
};
export type { BinaryAccuracyOptions, TopKCategoricalAccuracyOptions } from './accuracy.js';
export type { Figure, Judged, Metric, MetricOptions } from './metric.js';

type MakeMetric = (options: never) => Metric;

const byName: Record<string, MakeMetric> = {
  accuracy,
  acc: accuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  binaryAccuracy,
  topKCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  meanSquaredError,
  meanAbsoluteError,
  ...{ mse: meanSquaredError, MSE: meanSquaredError, mae: meanAbsoluteError, MAE: meanAbsoluteError },
};

const byClassName: Record<string, MakeMetric> = {
  Accuracy: accuracy,
  CategoricalAccuracy: categoricalAccuracy,
  SparseCategoricalAccuracy: sparseCategoricalAccuracy,
  BinaryAccuracy: binaryAccuracy,
  TopKCategoricalAccuracy: topKCategoricalAccuracy,
  SparseTopKCategoricalAccuracy: sparseTopKCategoricalAccuracy,
  MeanSquaredError: meanSquaredError,
  MeanAbsoluteError: meanAbsoluteError,
};

/** From a name, by which it is logged, as in TF.js; or one that a function of this file made. */
export function makeMetric(metric: string | Metric): Metric {
  if (isRecord(metric) && typeof metric.on === 'function') return metric as unknown as Metric;
  check(
    typeof metric === 'string',
    () => `a metric is a name, 'accuracy', or metrics.topKCategoricalAccuracy({ k: 5 }), got ${describe(metric)}`,
  );
  return entryOf(byName, metric, 'metric')({ name: metric } as never);
}

/** A metric as files hold it; those of the first version have its name alone. */
export type SavedMetric = string | { readonly className: string; readonly config: object };

/** Makes a metric from what a model file says: an allow-list, nothing is looked up by name anywhere else. */
export function deserializeMetric(saved: SavedMetric): Metric {
  if (typeof saved === 'string') return makeMetric(saved);
  check(isRecord(saved) && isRecord(saved.config), 'a metric is no object with className and config');
  return entryOf(byClassName, saved.className, 'metric')(saved.config as never);
}
