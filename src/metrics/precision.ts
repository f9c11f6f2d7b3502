// Precision and recall of what is taken for yes.  https://keras.io/api/metrics/classification_metrics/
import { check } from '../base/errors.js';
import { checkNumber } from '../base/options.js';
import { checkWhole, formatBatchShape, sizeOf } from '../base/shape.js';
import { metricName, register, type Judged, type Metric, type MetricOptions } from './metric.js';

/** Options of {@link precision}. */
export interface PrecisionOptions extends MetricOptions {
  /** Outputs above it mean yes. Default: a probability of ½, which is 0 where a binary loss takes logits; with `topK` none. */
  thresholds?: number;
  /** Only the k largest outputs of each last axis mean yes. Default: all may. */
  topK?: number;
  /** Counts this class, a place on the last axis, alone. Default: all outputs as one. */
  classId?: number;
}

/** Options of {@link recall}. */
export type RecallOptions = PrecisionOptions;

/**
 * Share of the outputs that mean yes whose target is yes (above ½); 0 where none does.
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.activation({ activation: 'sigmoid' })] });
 * model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy', metrics: [metrics.precision()] });
 * const x = { data: Float32Array.of(2, -1, 1, -3), shape: [4, 1] };
 * await model.evaluate(x, { data: Float32Array.of(1, 1, 0, 0), shape: [4, 1] }); // { precision: 0.5 }
 * ```
 */
export function precision(options: PrecisionOptions = {}): Metric {
  return shareOfHits('Precision', 'precision', precision, options, (yes) => yes);
}

/**
 * Share of the targets that are yes (above ½) whose output means yes; 0 where none is.
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.activation({ activation: 'sigmoid' })] });
 * model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy', metrics: [metrics.recall()] });
 * const x = { data: Float32Array.of(2, -1, 1, -3), shape: [4, 1] };
 * await model.evaluate(x, { data: Float32Array.of(1, 1, 0, 0), shape: [4, 1] }); // { recall: 0.5 }
 * ```
 */
export function recall(options: RecallOptions = {}): Metric {
  return shareOfHits('Recall', 'recall', recall, options, (_, isYes) => isYes);
}

/** Among the outputs that `counts` (does it mean yes, is it yes), the share that means yes and is. */
function shareOfHits(
  className: string,
  own: string,
  make: (options: PrecisionOptions) => Metric,
  options: PrecisionOptions,
  counts: (meansYes: boolean, isYes: boolean) => boolean,
): Metric {
  const name = metricName(options, ['thresholds', 'topK', 'classId'], own);
  const { thresholds, topK, classId } = options;
  if (thresholds !== undefined)
    checkNumber(thresholds, Number.isFinite, `${own}'s thresholds must be one finite number`);
  if (topK !== undefined) checkWhole(topK, `${own}'s topK`);
  if (classId !== undefined) checkWhole(classId, `${own}'s classId`, 0);
  return {
    className,
    name,
    direction: 'max',
    make,
    on(judged) {
      const size = sizeOf(judged.shape);
      const columns = judged.shape.at(-1) ?? 1;
      checkColumns(judged, columns, name, options);
      const threshold = thresholds ?? (topK === undefined ? usualThreshold(judged, name) : -Infinity);
      const [first, step] = classId === undefined ? [0, 1] : [classId, columns];
      return {
        size: 2,
        add(sums, outputs, targets, at) {
          for (let i = first; i < size; i += step) {
            const isYes = targets[at + i]! > 0.5;
            const meansYes =
              outputs[at + i]! > threshold &&
              (topK === undefined || isAmong(outputs, at + i, at + i - (i % columns), columns, topK));
            if (!counts(meansYes, isYes)) continue;
            sums[1]!++;
            if (meansYes && isYes) sums[0]!++;
          }
        },
        figures: ([hits, all]) => [share(hits!, all!)],
      };
    },
    getConfig: () => ({
      ...(thresholds !== undefined && { thresholds }),
      ...(topK !== undefined && { topK }),
      ...(classId !== undefined && { classId }),
      name,
    }),
  };
}

/** A share of nothing is 0, as in Keras. */
export function share(part: number, all: number): number {
  return all === 0 ? 0 : part / all;
}

function checkColumns(
  { shape, loss }: Judged,
  columns: number,
  name: string,
  { topK, classId }: PrecisionOptions,
): void {
  const what = `${loss.name} on ${formatBatchShape(shape)}`;
  check(
    topK === undefined || topK < columns,
    () =>
      `the metric '${name}' with topK ${topK} takes every output for yes, as ${what} has ${columns}; give it a smaller topK`,
  );
  check(
    classId === undefined || classId < columns,
    () =>
      `the metric '${name}' has classId ${classId}, and ${what} has classes 0 to ${columns - 1}; give it one of them`,
  );
}

/** Throws where ½ says nothing: for logits of classes. */
export function usualThreshold({ shape, loss }: Judged, name: string): number {
  check(
    !loss.fromLogits || loss.targets === 'binary',
    () =>
      `the metric '${name}' needs probabilities, and ${loss.name} on ${formatBatchShape(shape)} takes logits; end the model in softmax, or give the metric topK: 1`,
  );
  return loss.fromLogits ? 0 : 0.5;
}

/** Whether outputs[at] is among the k largest of outputs[row … row + columns); of equal ones the first go before. */
function isAmong(outputs: Float32Array, at: number, row: number, columns: number, k: number): boolean {
  const value = outputs[at]!;
  let before = 0;
  for (let i = row; i < row + columns; i++) if (outputs[i]! > value || (outputs[i] === value && i < at)) before++;
  return before < k;
}

register({ precision, recall });
