// Labels as people have them (class indices, or a row of probabilities an example) → targets [batch, classes] as the loss reads them.
import { check } from './errors.js';
import { describe } from './options.js';
import { formatShape } from './shape.js';
import { checkTensor, type Tensor } from './tensor.js';

/** Class indices, one an example; or a tensor [n] of indices; or a tensor [n, classes] of one-hot rows. */
export type Labels = ArrayLike<number> | Tensor;

/** Writes the target row of one example at targets[at …]. */
export type WriteTarget = (targets: Float32Array, at: number, example: number) => void;

/** Throws unless there is a usable label for each of n examples. */
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
    check(labels.shape.length === 1, () => `${who} needs labels [n] or [n, ${classes}], got ${formatShape(labels.shape)}`);
    values = labels.data;
  } else values = labels;
  check(values.length === n, () => `${who} has ${n} examples but ${values.length} labels; give one label an example`);
  for (let i = 0; i < n; i++) {
    const label = values[i]!;
    check(Number.isInteger(label) && label >= 0 && label < classes, () => `${who}: label ${describe(label)} of example ${i} is no class of this model; classes are 0 to ${classes - 1}`);
  }
  return (targets, at, example) => {
    targets.fill(0, at, at + classes);
    targets[at + values[example]!] = 1;
  };
}

function oneHotRows(rows: ArrayLike<number>, classes: number, who: string): WriteTarget {
  for (let i = 0; i < rows.length; i++) {
    const value = rows[i]!;
    check(value >= 0 && value <= 1, () => `${who}: label row ${Math.floor(i / classes)} holds ${value}; probabilities lie between 0 and 1`);
  }
  return (targets, at, example) => {
    for (let i = 0; i < classes; i++) targets[at + i] = rows[example * classes + i]!;
  };
}
