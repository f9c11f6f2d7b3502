// Targets as people have them → rows of floats [batch, …output shape] as the loss reads them: it says what they are (losses/loss.ts).
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { formatBatchShape, formatShape, sameShape, sizeOf, type Shape } from '../base/shape.js';
import { checkTensor, isBytes, plainTensor, type Tensor } from '../base/tensor.js';
import type { Loss } from '../losses/index.js';

/**
 * For a loss of classes: class indices, one an example, or a tensor [n], [n, 1] of them, or a tensor [n, classes] of probabilities
 * (one-hot rows); where the output is an image of classes, [n, height, width] and [n, height, width, classes]. For any other: a tensor of
 * the output's shape, or for one output a number an example.
 */
export type Labels = ArrayLike<number> | Tensor;

/** What targets belong to. */
export interface TargetSpec {
  /** Shape of one example of the output. */
  readonly shape: Shape;
  readonly loss: Pick<Loss, 'name' | 'targets'>;
}

/** Writes the target of one example at targets[at …]. */
export type WriteTarget = (targets: Float32Array, at: number, example: number) => void;

/** A row's probabilities may miss a sum of 1 by so much: what three decimals leave. The loss' gradient is p − t, which holds for a sum of 1. */
const SUM_TOLERANCE = 0.005;

/** Checked targets as plain objects, which can be sent to a thread. */
export function plainLabels(targets: Labels): Labels {
  if ('shape' in targets) return plainTensor(targets);
  return ArrayBuffer.isView(targets) ? targets : Array.from(targets);
}

/** Throws unless there is a usable target for each of n examples. Keeps a copy: targets that change later change nothing. */
export function makeTargets(y: Labels, n: number, spec: TargetSpec, who: string): WriteTarget {
  const { targets: kind } = spec.loss;
  check(typeof y === 'object' && y !== null && ('shape' in y || 'length' in y), () =>
    kind === 'classes'
      ? `${who} needs y as an array of class indices or a tensor of one-hot rows, got ${describe(y)}`
      : `${who} needs y as a tensor ${formatBatchShape(spec.shape)} of numbers for ${spec.loss.name}, got ${describe(y)}`,
  );
  if ('shape' in y) checkTensor(y, `${who}'s y`);
  return kind === 'classes' ? classTargets(y, n, spec.shape, who) : valueTargets(y, n, spec, who);
}

function classTargets(y: Labels, n: number, shape: Shape, who: string): WriteTarget {
  const classes = shape.at(-1)!;
  const positions = shape.slice(0, -1);
  const perExample = sizeOf(positions);
  let values: ArrayLike<number>;
  const counted = (count: number): void =>
    check(count === n, () => `${who} has ${n} examples but ${count} labels; give one label per example`);
  if ('shape' in y) {
    const [count, ...given] = y.shape;
    if (sameShape(given, shape)) {
      counted(count!);
      return rowsOf(y.data, sizeOf(shape), classes, who);
    }
    check(
      sameShape(given, positions) || sameShape(given, [...positions, 1]),
      () =>
        `${who} needs labels ${formatBatchShape(positions)} or ${formatBatchShape(shape)}, got ${formatShape(y.shape)}`,
    );
    if (positions.length > 0) counted(count!);
    values = y.data;
  } else values = y;
  check(
    values.length === n * perExample,
    () =>
      `${who} has ${n} examples but ${values.length} labels; give ${positions.length === 0 ? 'one label per example' : `a tensor ${formatBatchShape(positions)} of class indices`}${values.length === n * sizeOf(shape) ? `, or one-hot rows as { data, shape: ${formatShape([n, ...shape])} }` : ''}`,
  );
  for (let i = 0; i < values.length; i++) {
    const label = values[i]!;
    check(
      Number.isInteger(label) && label >= 0 && label < classes,
      () =>
        `${who}: label ${describe(label)} of example ${Math.floor(i / perExample)} is no class of this model; classes are 0 to ${classes - 1}${Array.isArray(label) ? ', and one-hot rows are { data, shape: [n, classes] }' : typeof label === 'number' ? '' : ', as numbers: Number(label), or classNames.indexOf(label)'}`,
    );
  }
  const classOf = Int32Array.from(values);
  return (targets, at, example) => {
    targets.fill(0, at, at + perExample * classes);
    for (let i = 0; i < perExample; i++) targets[at + i * classes + classOf[example * perExample + i]!] = 1;
  };
}

function rowsOf(rows: ArrayLike<number>, size: number, classes: number, who: string): WriteTarget {
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
  return copying(rows, size);
}

function valueTargets(y: Labels, n: number, { shape, loss }: TargetSpec, who: string): WriteTarget {
  const size = sizeOf(shape);
  const one = size === 1;
  const wanted = one ? `[n] or ${formatBatchShape(shape)}` : formatBatchShape(shape);
  const hint = one ? '' : '; class indices are for a loss of classes, e.g. categoricalCrossentropy';
  let values: ArrayLike<number>;
  if ('shape' in y) {
    const [count, ...given] = y.shape;
    check(
      sameShape(given, shape) || (one && given.every((length) => length === 1)),
      () => `${who} needs y ${wanted} of numbers for ${loss.name}, got ${formatShape(y.shape)}${hint}`,
    );
    check(count === n, () => `${who} has ${n} examples but ${count} targets; give one target an example`);
    check(
      loss.targets === 'binary' || shape.length !== 3 || !isBytes(y.data),
      () =>
        `${who} needs y of ${loss.name} as a Float32Array, got bytes, which x takes as value / 255; divide them by 255 where they are pixels`,
    );
    values = y.data;
  } else {
    check(
      one,
      () =>
        `${who} needs y as a tensor { data, shape: ${formatShape([n, ...shape])} } of numbers for ${loss.name}, got ${y.length} numbers without a shape${hint}`,
    );
    check(y.length === n, () => `${who} has ${n} examples but ${y.length} targets; give one target an example`);
    values = y;
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const example = Math.floor(i / size);
    if (loss.targets === 'binary')
      check(
        value >= 0 && value <= 1,
        () =>
          `${who}: target ${describe(value)} of example ${example} is none of ${loss.name}; it must lie between 0 and 1`,
      );
    else
      check(
        typeof value === 'number' && Number.isFinite(Math.fround(value)),
        () => `${who}: target ${describe(value)} of example ${example} is no finite number; leave such examples out`,
      );
  }
  return copying(values, size);
}

function copying(values: ArrayLike<number>, size: number): WriteTarget {
  const copy = Float32Array.from(values);
  return (targets, at, example) => {
    for (let i = 0; i < size; i++) targets[at + i] = copy[example * size + i]!;
  };
}
