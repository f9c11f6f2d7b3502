// Examples held out for validation: of each class its share, chosen by a seed.
import { check } from '../base/errors.js';
import { checkNumber, checkOptions } from '../base/options.js';
import { RandomStream } from '../base/random.js';
import { checkWhole } from '../base/shape.js';
import { checkTensor } from '../base/tensor.js';
import { keepExamples, takeExamples, type Examples } from './dataset.js';

export interface StratifiedSplitOptions {
  /** Share of the examples that is held out, above 0 and below 1; a twelfth unless told. */
  readonly validationSplit?: number;
  /** Seed of the choice. Default 0. */
  readonly seed?: number;
}

export interface Split {
  readonly train: Examples;
  readonly validation: Examples;
}

/**
 * Holds out a share of the examples, of each class the same to within one example, in whatever order they come: the files of many data
 * sets are sorted by class, and their last part is one class alone. A class keeps at least one example to train on. Both parts are
 * copies, in the order that they had; which examples are held out depends on the labels, the share and the seed alone.
 */
export function stratifiedSplit(examples: Examples, options: StratifiedSplitOptions = {}): Split {
  const [train, validation] = splitOrders(examples, options);
  return { train: takeExamples(examples, train), validation: takeExamples(examples, validation) };
}

/** As stratifiedSplit(), in half the memory: the training part overwrites `examples`, which must not be used afterwards. */
export function stratifiedSplitInPlace(examples: Examples, options: StratifiedSplitOptions = {}): Split {
  const [train, validation] = splitOrders(examples, options);
  const held = takeExamples(examples, validation);
  return { train: keepExamples(examples, train), validation: held };
}

/** The numbers of the examples to train on, and of those held out; both ascend. */
function splitOrders(examples: Examples, options: StratifiedSplitOptions): readonly [Uint32Array, Uint32Array] {
  checkOptions(options, ['validationSplit', 'seed'], 'stratifiedSplit');
  const { validationSplit = 1 / 12, seed = 0 } = options;
  checkNumber(
    validationSplit,
    (share) => share > 0 && share < 1,
    "stratifiedSplit's validationSplit must be above 0 and below 1",
  );
  checkWhole(seed, "stratifiedSplit's seed", 0);
  checkTensor(examples.x, "stratifiedSplit's x");
  const { length } = examples.y;
  check(
    examples.x.shape[0] === length,
    () => `stratifiedSplit has ${examples.x.shape[0]} examples but ${length} labels; give one label an example`,
  );

  const classes = membersOf(examples.y);
  const shares = fairShares(
    classes.map((members) => members.length),
    Math.round(length * validationSplit),
  );
  const held = new Uint8Array(length);
  for (const [label, members] of classes.entries()) {
    new RandomStream(seed, 4, label).shuffle(members);
    for (const example of members.slice(0, shares[label])) held[example] = 1;
  }
  check(
    held.includes(1),
    () =>
      `${length} examples are too few to hold out a share of ${Number(validationSplit.toFixed(4))} for validation; give more, at least 2 of a class`,
  );
  const numbers = Uint32Array.from(held.keys());
  return [numbers.filter((example) => held[example] === 0), numbers.filter((example) => held[example] === 1)];
}

/** By class: the examples of it, in order. */
function membersOf(labels: Uint8Array): number[][] {
  const classes: number[][] = [];
  for (const [example, label] of labels.entries()) {
    while (classes.length <= label) classes.push([]);
    classes[label]!.push(example);
  }
  return classes;
}

/**
 * Cuts `total` into shares as large as the counts are, by largest remainders; on a tie the lower class is first. Whole numbers only, so
 * that no rounding decides: the products stay below 2^53 up to 90 million examples.
 */
function fairShares(counts: readonly number[], total: number): number[] {
  const eligible = counts.map((count) => (count > 1 ? count : 0));
  const sum = eligible.reduce((all, count) => all + count, 0);
  if (sum === 0) return eligible;
  const remainders = eligible.map((count) => (count * total) % sum);
  const shares = eligible.map((count, label) =>
    Math.min(Math.max(0, count - 1), (count * total - remainders[label]!) / sum),
  );
  let left = total - shares.reduce((all, share) => all + share, 0);
  const byRemainder = [...remainders.keys()].sort((a, b) => remainders[b]! - remainders[a]! || a - b);
  for (const label of byRemainder) {
    if (left === 0 || shares[label]! + 1 >= eligible[label]!) continue;
    shares[label]!++;
    left--;
  }
  return shares;
}
