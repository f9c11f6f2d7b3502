// Area under the ROC or the precision-recall curve, at thresholds as in Keras.  https://keras.io/api/metrics/classification_metrics/#auc-class
import { check } from '../base/errors.js';
import { checkBoolean, describe } from '../base/options.js';
import { checkWhole, formatBatchShape, sizeOf } from '../base/shape.js';
import { metricName, register, type Metric, type MetricOptions } from './metric.js';
import { share } from './precision.js';

/** So many counts, or twice as many, are copied after every batch. */
const MOST_THRESHOLDS = 100000;

/** Options of {@link auc}. */
export interface AUCOptions extends MetricOptions {
  /** Points of the curve, evenly spaced over the probabilities; default 200. */
  numThresholds?: number;
  /** 'ROC' (default): recall over the share of wrong yes. 'PR': precision over recall. */
  curve?: 'ROC' | 'PR';
  /** What is taken between two points: 'interpolation' (default; for PR that of Davis and Goadrich), or the lesser or greater of both. */
  summationMethod?: 'interpolation' | 'minoring' | 'majoring';
  /** true: the mean of a curve for each class. Default false: one curve, on which each output counts. */
  multiLabel?: boolean;
}

/**
 * Area under the ROC curve, or under that of precision over recall.
 * https://keras.io/api/metrics/classification_metrics/#auc-class
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.activation({ activation: 'sigmoid' })] });
 * model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy', metrics: [metrics.auc()] });
 * const x = { data: Float32Array.of(2, -1, 1, -3), shape: [4, 1] };
 * await model.evaluate(x, { data: Float32Array.of(1, 1, 0, 0), shape: [4, 1] }); // { auc: 0.75 }
 * ```
 */
export function auc(options: AUCOptions = {}): Metric {
  const name = metricName(options, ['numThresholds', 'curve', 'summationMethod', 'multiLabel'], 'auc');
  const { curve = 'ROC', summationMethod = 'interpolation', multiLabel = false } = options;
  const points = checkWhole(options.numThresholds ?? 200, "auc's numThresholds", 2);
  check(points <= MOST_THRESHOLDS, () => `auc's numThresholds must be at most ${MOST_THRESHOLDS}, got ${points}`);
  const among = (value: string, known: readonly string[], what: string): void =>
    check(known.includes(value), () => `auc's ${what} must be one of ${known.join(', ')}, got ${describe(value)}`);
  among(curve, ['ROC', 'PR'], 'curve');
  among(summationMethod, ['interpolation', 'minoring', 'majoring'], 'summationMethod');
  checkBoolean(multiLabel, "auc's multiLabel");
  return {
    className: 'AUC',
    name,
    direction: 'max',
    make: auc,
    on({ shape, loss }) {
      check(
        !loss.fromLogits && loss.targets !== 'values',
        () =>
          `the metric '${name}' needs probabilities, and ${loss.name} on ${formatBatchShape(shape)} has ${loss.fromLogits ? 'logits' : 'other numbers'}; end the model in softmax or sigmoid, with a loss of classes or of yes and no`,
      );
      const size = sizeOf(shape);
      const curves = multiLabel ? (shape.at(-1) ?? 1) : 1;
      return {
        // For each curve: how many positives, then negatives, lie above each threshold and not above the next.
        size: 2 * points * curves,
        add(counts, outputs, targets, at) {
          for (let i = 0; i < size; i++) {
            const value = Math.min(Math.max(outputs[at + i]!, 0), 1);
            // In f32, as Keras counts.
            const bucket = Math.max(Math.ceil(Math.fround(value * (points - 1))) - 1, 0);
            const isYes = targets[at + i]! > 0.5;
            counts[((i % curves) * 2 + (isYes ? 0 : 1)) * points + bucket]!++;
          }
        },
        figures(counts) {
          let sum = 0;
          for (let c = 0; c < curves; c++) {
            const [yes, no] = [2 * c, 2 * c + 1].map((k) => above(counts.slice(k * points, (k + 1) * points)));
            sum += curve === 'PR' ? precisionRecall(yes!, no!, summationMethod) : roc(yes!, no!, summationMethod);
          }
          return [sum / curves];
        },
      };
    },
    getConfig: () => ({ numThresholds: points, curve, summationMethod, multiLabel, name }),
  };
}

type Summation = Required<AUCOptions>['summationMethod'];

/** How many lie above each threshold: sums from the end. */
function above(buckets: readonly number[]): readonly number[] {
  const sums = [...buckets];
  for (let i = sums.length - 2; i >= 0; i--) sums[i]! += sums[i + 1]!;
  return sums;
}

/** Sum over neighbors of the width in x times the height in y; both fall with the threshold, or y may rise. */
function area(x: readonly number[], y: readonly number[], summation: Summation): number {
  let sum = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [y[i]!, y[i + 1]!];
    const height = summation === 'minoring' ? Math.min(a, b) : summation === 'majoring' ? Math.max(a, b) : (a + b) / 2;
    sum += (x[i]! - x[i + 1]!) * height;
  }
  return sum;
}

function roc(yes: readonly number[], no: readonly number[], summation: Summation): number {
  const [falseRate, recall] = [no, yes].map((counts) => counts.map((count) => share(count, counts[0]!)));
  return area(falseRate!, recall!, summation);
}

function precisionRecall(yes: readonly number[], no: readonly number[], summation: Summation): number {
  const taken = yes.map((count, i) => count + no[i]!);
  if (summation !== 'interpolation') {
    const recall = yes.map((count) => share(count, yes[0]!));
    return area(
      recall,
      yes.map((count, i) => share(count, taken[i]!)),
      summation,
    );
  }
  let sum = 0;
  for (let i = 0; i + 1 < yes.length; i++) {
    const [hits, width] = [yes[i]! - yes[i + 1]!, taken[i]! - taken[i + 1]!];
    const slope = share(hits, width);
    const intercept = yes[i + 1]! - slope * taken[i + 1]!;
    const ratio = taken[i]! > 0 && taken[i + 1]! > 0 ? taken[i]! / taken[i + 1]! : 1;
    sum += share(slope * (hits + intercept * logarithm(ratio)), yes[0]!);
  }
  return sum;
}

const LN2 = 0.6931471805599453;

/** Natural logarithm of x ≥ 1, to a few units in the last place: the host's differs between engines. */
function logarithm(x: number): number {
  let [rest, doublings] = [x, 0];
  for (; rest > 1.5; rest /= 2) doublings++;
  // ln x = 2 (z + z³/3 + z⁵/5 …) with z = (x - 1) / (x + 1), at most 1/5.
  const z = (rest - 1) / (rest + 1);
  let [power, sum] = [z, 0];
  for (let n = 1; n < 30; n += 2, power *= z * z) sum += power / n;
  return doublings * LN2 + 2 * sum;
}

register({ auc });
