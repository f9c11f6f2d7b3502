// Confusion matrix, and what follows from it for each class.
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { formatShape, sizeOf } from '../base/shape.js';
import { formatCount, formatPercent, formatTable } from '../base/table.js';
import type { Tensor } from '../base/tensor.js';
import { argmax } from './accuracy.js';

/**
 * counts [classes, classes]: row i, column j says how many examples of class i were taken for class j, the one of the largest output.
 * labels: class indices, one an example, or one-hot rows; predictions [n, classes], as predict() gives them, or [n, 1] of one sigmoid, where
 * more than ½ is class 1.
 *
 * @example
 * ```js
 * import { metrics } from 'wasm-cnn';
 *
 * const labels = [0, 1, 1];
 * const predictions = { data: Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.7, 0.3), shape: [3, 2] };
 * const counts = metrics.confusionMatrix(labels, predictions); // { data: [1, 0, 1, 1], shape: [2, 2] }
 * ```
 */
export function confusionMatrix(
  labels: ArrayLike<number> | Tensor,
  predictions: Tensor<Float32Array>,
): Tensor<Int32Array> {
  const { shape } = predictions;
  check(
    Array.isArray(shape) && shape.length === 2 && shape[1]! > 0 && predictions.data.length === sizeOf(shape),
    () =>
      `confusionMatrix needs predictions [n, classes], or [n, 1] of one sigmoid, got ${shapeOf(predictions)}; count each pixel or position as an example of its own`,
  );
  check(!predictions.data.some(Number.isNaN), 'confusionMatrix got NaN among the predictions; it is no answer');
  const [n, outputs] = shape as [number, number];
  const classes = Math.max(outputs, 2);
  const classOf = labelsOf(labels, n, outputs);
  const predictedOf = (i: number): number =>
    outputs === 1 ? Number(predictions.data[i]! > 0.5) : argmax(predictions.data, i * classes, classes);
  const data = new Int32Array(classes * classes);
  for (let i = 0; i < n; i++) {
    const label = classOf(i);
    check(
      Number.isInteger(label) && label >= 0 && label < classes,
      () => `confusionMatrix: label ${describe(label)} of example ${i} is no class; classes are 0 to ${classes - 1}`,
    );
    data[label * classes + predictedOf(i)]!++;
  }
  return { data, shape: [classes, classes] };
}

function labelsOf(labels: ArrayLike<number> | Tensor, n: number, classes: number): (example: number) => number {
  const values = 'shape' in labels ? labels.data : labels;
  if (classes > 1 && values.length === n * classes && 'shape' in labels)
    return (i) => argmax(values, i * classes, classes);
  check(
    values.length === n,
    () => `confusionMatrix has ${n} predictions but ${values.length} labels; give one label a prediction`,
  );
  return (i) => values[i]!;
}

function shapeOf(given: unknown): string {
  const { shape } = (given ?? {}) as Partial<Tensor>;
  return Array.isArray(shape) ? formatShape(shape) : describe(given);
}

/** What a confusion matrix says of one class. */
export interface ClassFigures {
  /** Share of the examples predicted as this class that are of it; NaN where there are none. */
  readonly precision: number;
  /** Share of the examples of this class that are predicted as it; NaN where there are none. */
  readonly recall: number;
  /** Harmonic mean of both; 0 where one of them is NaN, and NaN where both are. */
  readonly f1Score: number;
  /** Examples of this class. */
  readonly count: number;
}

export function classFigures({ data, shape }: Tensor<Int32Array>): ClassFigures[] {
  const classes = shape[0]!;
  return Array.from({ length: classes }, (_, c) => {
    let count = 0;
    let taken = 0;
    for (let i = 0; i < classes; i++) {
      count += data[c * classes + i]!;
      taken += data[i * classes + c]!;
    }
    const right = data[c * classes + c]!;
    return { precision: right / taken, recall: right / count, f1Score: (2 * right) / (taken + count), count };
  });
}

/** Averages over the classes; what is NaN of a class counts as 0. */
export type AverageFigures = Omit<ClassFigures, 'count'>;

/** What {@link classReport} returns. */
export interface ClassReport {
  readonly classes: readonly (ClassFigures & { readonly name: string })[];
  /** Share of all examples that are right. */
  readonly accuracy: number;
  /** The unweighted mean over the classes that occur, as a label or as a prediction. */
  readonly macro: AverageFigures;
  /** Mean over the classes, weighted by the number of their examples. */
  readonly weighted: AverageFigures;
  /** All examples. */
  readonly count: number;
  /** The report as a table of text. */
  toString(): string;
}

/**
 * What a confusion matrix says of each class, and of all. `classNames`: default '0', '1' …
 *
 * @example
 * ```js
 * import { metrics } from 'wasm-cnn';
 *
 * const counts = { data: Int32Array.of(1, 0, 1, 1), shape: [2, 2] };
 * const report = metrics.classReport(counts, ['cat', 'dog']);
 * report.classes[1].recall; // 0.5
 * ```
 */
export function classReport(counts: Tensor<Int32Array>, classNames?: readonly string[]): ClassReport {
  const { data, shape } = (counts ?? {}) as Partial<Tensor<Int32Array>>;
  check(
    data !== undefined &&
      Array.isArray(shape) &&
      shape.length === 2 &&
      shape[0] === shape[1] &&
      data?.length === sizeOf(shape),
    () => `classReport needs what confusionMatrix() returns, [classes, classes], got ${shapeOf(counts)}`,
  );
  const size = shape[0]!;
  check(
    classNames === undefined || (Array.isArray(classNames) && classNames.length === size),
    () =>
      `classReport needs ${size} classNames, one per class, got ${Array.isArray(classNames) ? classNames.length : describe(classNames)}`,
  );
  const classes = classFigures(counts).map((figures, c) => ({ name: classNames?.[c] ?? String(c), ...figures }));
  const count = classes.reduce((sum, each) => sum + each.count, 0);
  const right = classes.reduce((sum, _, c) => sum + data[c * size + c]!, 0);
  const mean = (weightOf: (figures: ClassFigures) => number): AverageFigures => {
    const of = (name: keyof AverageFigures): number =>
      classes.reduce((sum, each) => sum + weightOf(each) * (each[name] || 0), 0);
    return { precision: of('precision'), recall: of('recall'), f1Score: of('f1Score') };
  };
  const isSeen = ({ precision, recall }: ClassFigures): boolean => !Number.isNaN(precision) || !Number.isNaN(recall);
  const seen = classes.filter(isSeen).length;
  const report = {
    classes,
    accuracy: right / count,
    macro: mean((each) => (isSeen(each) ? 1 / seen : 0)),
    weighted: mean((each) => (count === 0 ? 0 : each.count / count)),
    count,
  };
  return { ...report, toString: () => tableOf(report) };
}

function tableOf({ classes, accuracy, macro, weighted, count }: Omit<ClassReport, 'toString'>): string {
  const row = (name: string, { precision, recall, f1Score }: AverageFigures, examples: number): readonly string[] => [
    name,
    ...[precision, recall, f1Score].map((share) => formatPercent(share)),
    formatCount(examples),
  ];
  return formatTable(
    ['Class', 'Precision', 'Recall', 'F1', 'Examples'],
    [
      ...classes.map((each) => row(each.name, each, each.count)),
      row('Mean over classes', macro, count),
      row('Weighted mean', weighted, count),
      ['Accuracy', '', '', formatPercent(accuracy), formatCount(count)],
    ],
  );
}
