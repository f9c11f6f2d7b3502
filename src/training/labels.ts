// Labels as people have them (class indices, or a row of probabilities an example) → targets [batch, classes] as the loss reads them.
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { formatShape } from '../base/shape.js';
import { checkTensor, plainTensor, type Tensor } from '../base/tensor.js';

/** Class indices, one an example; or a tensor [n] or [n, 1] of indices; or a tensor [n, classes] of one-hot rows. */
export type Labels = ArrayLike<number> | Tensor;

/** Writes the target row of one example at targets[at …]. */
export type WriteTarget = (targets: Float32Array, at: number, example: number) => void;

/** A row's probabilities may miss a sum of 1 by so much: what three decimals leave. The loss' gradient is p − t, which holds for a sum of 1. */
const SUM_TOLERANCE = 0.005;

/** Checked labels as plain objects, which can be sent to a thread. */
export function plainLabels(labels: Labels): Labels {
  if ('shape' in labels) return plainTensor(labels);
  return ArrayBuffer.isView(labels) ? labels : Array.from(labels);
}

/** Throws unless there is a usable label for each of n examples. Keeps a copy: labels that change later change nothing. */
export function makeTargets(labels: Labels, n: number, classes: number, who: string): WriteTarget {
  let values: ArrayLike<number>;
  check(
    typeof labels === 'object' && labels !== null && ('shape' in labels || 'length' in labels),
    () => `${who} needs y as an array of class indices or a tensor of one-hot rows, got ${describe(labels)}`,
  );
  if ('shape' in labels) {
    checkTensor(labels, `${who}'s y`);
    const [count, width] = labels.shape;
    if (labels.shape.length === 2 && width === classes) {
      check(count === n, () => `${who} has ${n} examples but ${count} labels; give one label an example`);
      return oneHotRows(labels.data, classes, who);
    }
    check(
      labels.shape.length === 1 || (labels.shape.length === 2 && width === 1),
      () => `${who} needs labels [n] or [n, ${classes}], got ${formatShape(labels.shape)}`,
    );
    values = labels.data;
  } else values = labels;
  check(
    values.length === n,
    () =>
      `${who} has ${n} examples but ${values.length} labels; give one label an example${values.length === n * classes ? `, or one-hot rows as { data, shape: [${n}, ${classes}] }` : ''}`,
  );
  for (let i = 0; i < n; i++) {
    const label = values[i]!;
    check(
      Number.isInteger(label) && label >= 0 && label < classes,
      () =>
        `${who}: label ${describe(label)} of example ${i} is no class of this model; classes are 0 to ${classes - 1}${Array.isArray(label) ? ', and one-hot rows are { data, shape: [n, classes] }' : ''}`,
    );
  }
  const classOf = Int32Array.from(values);
  return (targets, at, example) => {
    targets.fill(0, at, at + classes);
    targets[at + classOf[example]!] = 1;
  };
}

function oneHotRows(rows: ArrayLike<number>, classes: number, who: string): WriteTarget {
  for (let row = 0; row < rows.length / classes; row++) {
    let sum = 0;
    for (let i = row * classes; i < (row + 1) * classes; i++) {
      const value = rows[i]!;
      check(
        value >= 0 && value <= 1,
        () => `${who}: label row ${row} holds ${value}; probabilities lie between 0 and 1`,
      );
      sum += value;
    }
    check(
      Math.abs(sum - 1) <= SUM_TOLERANCE,
      () =>
        `${who}: label row ${row} adds up to ${Number(sum.toPrecision(4))}, a row of probabilities to 1; divide each row by its sum, and leave out examples that have no label`,
    );
  }
  const copy = Float32Array.from(rows);
  return (targets, at, example) => {
    for (let i = 0; i < classes; i++) targets[at + i] = copy[example * classes + i]!;
  };
}
