// F1, the harmonic mean of precision and recall, of each class or averaged.  https://keras.io/api/metrics/classification_metrics/
import { check } from '../base/errors.js';
import { checkNumber, describe } from '../base/options.js';
import { sizeOf } from '../base/shape.js';
import { argmax, hasClasses } from './accuracy.js';
import { metricName, register, type Judged, type Metric, type MetricOptions } from './metric.js';
import { share, usualThreshold } from './precision.js';

/** Options of {@link f1Score}. */
export interface F1ScoreOptions extends MetricOptions {
  /**
   * null (default, as in Keras): a figure for each class, 'f1Score_0', 'f1Score_1' … in logs. 'macro': their mean. 'weighted': their mean
   * by the number of targets that are of each. 'micro': of the counts of all classes as one.
   */
  average?: 'micro' | 'macro' | 'weighted' | null;
  /** Outputs above it mean yes. Default null: the largest output is the class; where there are no classes, a probability of ½. */
  threshold?: number | null;
}

/**
 * Harmonic mean of precision and recall.
 * https://keras.io/api/metrics/classification_metrics/#f1score-class
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: [metrics.f1Score({ average: 'macro' })] });
 * const x = { data: Float32Array.of(2, 1, 0, 0, 3, 1), shape: [2, 3] };
 * await model.evaluate(x, [0, 2]); // { f1Score: 0.333 }
 * ```
 */
export function f1Score(options: F1ScoreOptions = {}): Metric {
  const name = metricName(options, ['average', 'threshold'], 'f1Score');
  const { average = null, threshold = null } = options;
  check(
    [null, 'micro', 'macro', 'weighted'].includes(average),
    () => `f1Score's average must be 'micro', 'macro', 'weighted' or null, got ${describe(average)}`,
  );
  if (threshold !== null)
    checkNumber(threshold, Number.isFinite, "f1Score's threshold must be a finite number or null");
  return {
    className: 'F1Score',
    name,
    direction: 'max',
    make: f1Score,
    on(judged) {
      const size = sizeOf(judged.shape);
      const columns = judged.shape.at(-1) ?? 1;
      const meansYes = decision(judged, columns, threshold, name);
      return {
        // For each class: true positives, predicted, actual.
        size: 3 * columns,
        ...(average === null && columns > 1 && { endings: Array.from({ length: columns }, (_, c) => `_${c}`) }),
        add(counts, outputs, targets, at) {
          for (let row = at; row < at + size; row += columns) {
            const means = meansYes(outputs, row);
            for (let c = 0; c < columns; c++) {
              const isYes = targets[row + c]! > 0.5;
              if (means(c) && isYes) counts[3 * c]!++;
              if (means(c)) counts[3 * c + 1]!++;
              if (isYes) counts[3 * c + 2]!++;
            }
          }
        },
        figures: (counts) => averaged(counts, average),
      };
    },
    getConfig: () => ({ average, threshold, name }),
  };
}

/** Says of a row of outputs which classes it means. */
function decision(
  judged: Judged,
  columns: number,
  threshold: number | null,
  name: string,
): (outputs: Float32Array, row: number) => (column: number) => boolean {
  if (threshold === null && hasClasses(judged))
    return (outputs, row) => {
      const largest = argmax(outputs, row, columns);
      return (c) => c === largest;
    };
  const least = threshold ?? usualThreshold(judged, name);
  return (outputs, row) => (c) => outputs[row + c]! > least;
}

/** counts [classes, 3]: hits, what means the class, what is of it. */
function averaged(counts: readonly number[], average: F1ScoreOptions['average']): readonly number[] {
  const f1 = ([hits, means, are]: readonly number[]): number => share(2 * hits!, means! + are!);
  const classes = Array.from({ length: counts.length / 3 }, (_, c) => counts.slice(3 * c, 3 * c + 3));
  const total = (place: number): number => classes.reduce((sum, each) => sum + each[place]!, 0);
  if (average === 'micro') return [f1([0, 1, 2].map(total))];
  if (average === 'macro') return [classes.reduce((sum, each) => sum + f1(each), 0) / classes.length];
  if (average === 'weighted')
    return [
      share(
        classes.reduce((sum, each) => sum + each[2]! * f1(each), 0),
        total(2),
      ),
    ];
  return classes.map(f1);
}

register({ f1Score });
