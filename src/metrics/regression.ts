// How far outputs are from their targets.  https://keras.io/api/metrics/regression_metrics/
import { sizeOf } from '../base/shape.js';
import { metricName, type Metric, type MetricOptions } from './metric.js';

/**
 * Mean over the outputs of (x - t)².
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.relu()] });
 * model.compile({ optimizer: 'sgd', loss: 'huber', metrics: [metrics.meanSquaredError()] });
 * const x = { data: Float32Array.of(1, 4), shape: [1, 2] };
 * await model.evaluate(x, { data: Float32Array.of(2, 2), shape: [1, 2] }); // { meanSquaredError: 2.5 }
 * ```
 */
export function meanSquaredError(options: MetricOptions = {}): Metric {
  return meanOf('MeanSquaredError', 'meanSquaredError', meanSquaredError, options, (error) => error * error);
}

/**
 * Mean over the outputs of |x - t|.
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.relu()] });
 * model.compile({ optimizer: 'sgd', loss: 'huber', metrics: [metrics.meanAbsoluteError()] });
 * const x = { data: Float32Array.of(1, 4), shape: [1, 2] };
 * await model.evaluate(x, { data: Float32Array.of(2, 2), shape: [1, 2] }); // { meanAbsoluteError: 1.5 }
 * ```
 */
export function meanAbsoluteError(options: MetricOptions = {}): Metric {
  return meanOf('MeanAbsoluteError', 'meanAbsoluteError', meanAbsoluteError, options, Math.abs);
}

function meanOf(
  className: string,
  own: string,
  make: (options: MetricOptions) => Metric,
  options: MetricOptions,
  of: (error: number) => number,
): Metric {
  const name = metricName(options, [], own);
  return {
    className,
    name,
    direction: 'min',
    make,
    on({ shape }) {
      const size = sizeOf(shape);
      return (outputs, targets, at) => {
        let sum = 0;
        for (let i = at; i < at + size; i++) sum += of(outputs[i]! - targets[i]!);
        return sum / size;
      };
    },
    getConfig: () => ({ name }),
  };
}
