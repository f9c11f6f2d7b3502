// Shares of what is right.  https://keras.io/api/metrics/accuracy_metrics/
import { check } from '../base/errors.js';
import { checkNumber } from '../base/options.js';
import { formatBatchShape, sizeOf } from '../base/shape.js';
import { metricName, type Figure, type Judged, type Metric, type MetricOptions } from './metric.js';

/** Options of {@link binaryAccuracy}. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Outputs above it mean yes. Default: a probability of ½, which is 0 where the loss takes logits. */
  threshold?: number;
}

/**
 * Index of the first largest of values[start … start + width).
 *
 * @example
 * ```js
 * import { metrics } from 'wasm-cnn';
 *
 * metrics.argmax([0.1, 0.6, 0.3], 0, 3); // 1
 * ```
 */
export function argmax(values: ArrayLike<number>, start: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/**
 * Standard error of a share that was measured on n examples.
 *
 * @example
 * ```js
 * import { metrics } from 'wasm-cnn';
 *
 * metrics.standardError(0.99, 10000); // 0.001
 * ```
 */
export function standardError(share: number, n: number): number {
  return Math.sqrt((share * (1 - share)) / n);
}

/** Mean over the rows of the last axis. */
export function byRow(
  { shape }: Judged,
  isRight: (outputs: Float32Array, targets: Float32Array, row: number) => boolean,
): Figure {
  const columns = shape.at(-1)!;
  const size = sizeOf(shape);
  return (outputs, targets, at) => {
    let right = 0;
    for (let row = at; row < at + size; row += columns) if (isRight(outputs, targets, row)) right++;
    return right / (size / columns);
  };
}

/** Whether each row is of one class: by its loss, or as numbers of which the largest says the class, as one-hot rows are. */
export function hasClasses({ shape, loss }: Judged): boolean {
  return shape.at(-1)! > 1 && (loss.targets === 'classes' || (loss.targets === 'values' && shape.length === 1));
}

export function checkHasClasses(judged: Judged, name: string): void {
  check(
    hasClasses(judged),
    () =>
      `the metric '${name}' counts right classes, and ${judged.loss.name} on ${formatBatchShape(judged.shape)} has none; use ${judged.loss.targets === 'binary' ? 'binaryAccuracy' : 'meanAbsoluteError'}`,
  );
}

function classesFigure(judged: Judged): Figure {
  const columns = judged.shape.at(-1)!;
  return byRow(judged, (outputs, targets, row) => argmax(outputs, row, columns) === argmax(targets, row, columns));
}

function binaryFigure({ shape, loss }: Judged, threshold = loss.fromLogits ? 0 : 0.5): Figure {
  const size = sizeOf(shape);
  return (outputs, targets, at) => {
    let right = 0;
    for (let i = at; i < at + size; i++) if (outputs[i]! > threshold === targets[i]! > 0.5) right++;
    return right / size;
  };
}

/**
 * Share of right classes (the largest output is the class), or of right answers to yes or no: what the loss is about.
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: [metrics.accuracy()] });
 * const x = { data: Float32Array.of(2, 1, 0, 0, 3, 1), shape: [2, 3] };
 * await model.evaluate(x, [0, 2]); // { accuracy: 0.5 }
 * ```
 */
export function accuracy(options: MetricOptions = {}): Metric {
  const name = metricName(options, [], 'accuracy');
  return {
    className: 'Accuracy',
    name,
    direction: 'max',
    make: accuracy,
    on(judged) {
      if (judged.loss.targets === 'binary') return binaryFigure(judged);
      checkHasClasses(judged, name);
      return classesFigure(judged);
    },
    getConfig: () => ({ name }),
  };
}

/**
 * Share of the examples whose largest output is that of the right class.
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: [metrics.categoricalAccuracy()] });
 * const x = { data: Float32Array.of(2, 1, 0, 0, 3, 1), shape: [2, 3] };
 * await model.evaluate(x, [0, 2]); // { categoricalAccuracy: 0.5 }
 * ```
 */
export function categoricalAccuracy(options: MetricOptions = {}): Metric {
  return ofClasses('CategoricalAccuracy', 'categoricalAccuracy', categoricalAccuracy, options);
}

/**
 * Keras' name of the same for class indices; here either takes either form of labels.
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: [metrics.sparseCategoricalAccuracy()] });
 * const x = { data: Float32Array.of(2, 1, 0, 0, 3, 1), shape: [2, 3] };
 * await model.evaluate(x, [0, 2]); // { sparseCategoricalAccuracy: 0.5 }
 * ```
 */
export function sparseCategoricalAccuracy(options: MetricOptions = {}): Metric {
  return ofClasses('SparseCategoricalAccuracy', 'sparseCategoricalAccuracy', sparseCategoricalAccuracy, options);
}

function ofClasses(
  className: string,
  own: string,
  make: (options: MetricOptions) => Metric,
  options: MetricOptions,
): Metric {
  const name = metricName(options, [], own);
  return {
    className,
    name,
    direction: 'max',
    make,
    on(judged) {
      checkHasClasses(judged, name);
      return classesFigure(judged);
    },
    getConfig: () => ({ name }),
  };
}

/**
 * Share of the outputs that are on the target's side of the threshold.
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.activation({ activation: 'sigmoid' })] });
 * model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy', metrics: [metrics.binaryAccuracy()] });
 * const x = { data: Float32Array.of(2, -1, 1, -3), shape: [4, 1] };
 * await model.evaluate(x, { data: Float32Array.of(1, 1, 0, 0), shape: [4, 1] }); // { binaryAccuracy: 0.5 }
 * ```
 */
export function binaryAccuracy(options: BinaryAccuracyOptions = {}): Metric {
  const name = metricName(options, ['threshold'], 'binaryAccuracy');
  const { threshold } = options;
  if (threshold !== undefined)
    checkNumber(threshold, Number.isFinite, "binaryAccuracy's threshold must be a finite number");
  return {
    className: 'BinaryAccuracy',
    name,
    direction: 'max',
    make: binaryAccuracy,
    on(judged) {
      check(
        judged.loss.targets !== 'classes',
        () =>
          `the metric '${name}' judges answers to yes or no, and ${judged.loss.name} on ${formatBatchShape(judged.shape)} has classes; use accuracy`,
      );
      return binaryFigure(judged, threshold);
    },
    getConfig: () => ({ ...(threshold !== undefined && { threshold }), name }),
  };
}
