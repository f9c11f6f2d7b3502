// Shares of the examples whose class is among the likeliest.  https://keras.io/api/metrics/accuracy_metrics/
import { check } from '../base/errors.js';
import { checkWhole } from '../base/shape.js';
import { argmax, byRow, checkHasClasses } from './accuracy.js';
import { metricName, register, type Metric, type MetricOptions } from './metric.js';

/** Options of {@link topKCategoricalAccuracy}. */
export interface TopKCategoricalAccuracyOptions extends MetricOptions {
  /** Default 5. */
  k?: number;
}

/**
 * Share of the examples whose right class is among the k largest outputs.
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: [metrics.topKCategoricalAccuracy({ k: 2 })] });
 * const x = { data: Float32Array.of(2, 1, 0, 0, 3, 1), shape: [2, 3] };
 * await model.evaluate(x, [0, 2]); // { topKCategoricalAccuracy: 1 }
 * ```
 */
export function topKCategoricalAccuracy(options: TopKCategoricalAccuracyOptions = {}): Metric {
  return topK('TopKCategoricalAccuracy', 'topKCategoricalAccuracy', topKCategoricalAccuracy, options);
}

/**
 * Keras' name of the same for class indices; here either takes either form of labels.
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: [metrics.sparseTopKCategoricalAccuracy({ k: 2 })] });
 * const x = { data: Float32Array.of(2, 1, 0, 0, 3, 1), shape: [2, 3] };
 * await model.evaluate(x, [0, 2]); // { sparseTopKCategoricalAccuracy: 1 }
 * ```
 */
export function sparseTopKCategoricalAccuracy(options: TopKCategoricalAccuracyOptions = {}): Metric {
  return topK('SparseTopKCategoricalAccuracy', 'sparseTopKCategoricalAccuracy', sparseTopKCategoricalAccuracy, options);
}

function topK(
  className: string,
  own: string,
  make: (options: TopKCategoricalAccuracyOptions) => Metric,
  options: TopKCategoricalAccuracyOptions,
): Metric {
  const name = metricName(options, ['k'], own);
  const k = checkWhole(options.k ?? 5, `${own}'s k`);
  return {
    className,
    name,
    direction: 'max',
    make,
    on(judged) {
      checkHasClasses(judged, name);
      const columns = judged.shape.at(-1)!;
      check(
        k < columns,
        () => `the metric '${name}' with k ${k} is always 1 for ${columns} classes; give it a smaller k`,
      );
      return byRow(judged, (outputs, targets, row) => {
        const right = outputs[row + argmax(targets, row, columns)]!;
        let larger = 0;
        for (let i = row; i < row + columns; i++) if (outputs[i]! > right) larger++;
        return larger < k;
      });
    },
    getConfig: () => ({ k, name }),
  };
}

register({ topKCategoricalAccuracy, sparseTopKCategoricalAccuracy });
