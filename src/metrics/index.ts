// Every metric, under the names of TF.js; and the way from a name or a function to a metric.
import { check } from '../base/errors.js';
import { unknown } from '../base/nearest.js';
import { describe, isRecord } from '../base/options.js';
import { accuracy, binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from './accuracy.js';
import { checkMetricName, named, type Metric, type RegisteredMetric } from './metric.js';
import { meanAbsoluteError, meanSquaredError } from './regression.js';

export { argmax, standardError } from './accuracy.js';
export {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalAccuracy,
};
export { auc, type AUCOptions } from './auc.js';
export { classReport, confusionMatrix, type AverageFigures, type ClassFigures, type ClassReport } from './confusion.js';
export { f1Score, type F1ScoreOptions } from './f1Score.js';
export { meanIoU, type MeanIoUOptions } from './meanIoU.js';
export { precision, recall, type PrecisionOptions, type RecallOptions } from './precision.js';
export {
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
  type TopKCategoricalAccuracyOptions,
} from './topKCategoricalAccuracy.js';
export type { BinaryAccuracyOptions } from './accuracy.js';
export type { Figure, Judged, Metric, MetricOptions, SavedMetric, Tally } from './metric.js';

/** Those that every page loads. */
const usual = {
  accuracy,
  acc: accuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  binaryAccuracy,
  meanSquaredError,
  meanAbsoluteError,
  ...{ mse: meanSquaredError, MSE: meanSquaredError, mae: meanAbsoluteError, MAE: meanAbsoluteError },
} satisfies typeof named;

/** What compile() knows metrics by. */
export type MetricName = keyof typeof usual | RegisteredMetric;

/** A metric of your own: a number for one example, of its target and its output, each as long as the output. The mean is logged by its name. */
export type MetricFunction = (yTrue: Float32Array, yPred: Float32Array) => number;

/**
 * From a name, by which it is logged, as in TF.js; one that a function of this file made; or a function of your own.
 *
 * @example
 * ```js
 * import { metrics } from 'wasm-cnn';
 *
 * metrics.makeMetric('accuracy').name; // 'accuracy'
 * ```
 */
export function makeMetric(metric: string | Metric | MetricFunction): Metric {
  if (typeof metric === 'function') return ownMetric(metric);
  if (isRecord(metric) && typeof metric.on === 'function') return metric as unknown as Metric;
  check(
    typeof metric === 'string',
    () => `a metric is 'accuracy', metrics.precision() or a function, got ${describe(metric)}`,
  );
  const tables: readonly (typeof named)[] = [named, usual];
  const known = tables.find((table) => Object.hasOwn(table, metric));
  check(known !== undefined, () => {
    const names = Object.keys({ ...usual, ...named });
    return `there is no metric ${unknown(metric, names)}; there is ${names.join(', ')}; in a bundle write others as metrics.precision()`;
  });
  return known[metric]!({ name: metric });
}

function ownMetric(of: MetricFunction): Metric {
  const { name } = of;
  const known = Object.entries({ ...usual, ...named }).find(([, make]) => make === (of as unknown));
  check(!known, () => `a metric function needs brackets: metrics.${known![0]}()`);
  checkMetricName(name, 'a metric function');
  return {
    className: name,
    name,
    on: ({ shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return (outputs, targets, at) => {
        const figure = of(targets.slice(at, at + size), outputs.slice(at, at + size));
        check(
          Number.isFinite(figure),
          () => `the metric '${name}' must return a finite number, got ${describe(figure)}`,
        );
        return figure;
      };
    },
    getConfig: () => ({}),
  };
}
