// Examples held out for validation: of each class its share, chosen by a seed.
import { check } from '../base/errors.js';
import { checkNumber, checkOptions } from '../base/options.js';
import { RandomStream } from '../base/random.js';
import { largestFirst } from './groups.js';
import { checkWhole } from '../base/shape.js';
import type { TensorData } from '../base/tensor.js';
import {
  checkedExamples,
  keepExamples,
  membersOf,
  takeExamples,
  type Examples,
  type GivenExamples,
} from './dataset.js';

/** Options of {@link stratifiedSplit}. */
export interface StratifiedSplitOptions {
  /** Share of the examples that is held out, above 0 and below 1; a twelfth unless told. */
  readonly validationSplit?: number;
  /** Seed of the choice. Default 0. */
  readonly seed?: number;
  /**
   * By example: who or what is on it (a person, a scene). All examples of a group come to the same side, and the classes' shares as near
   * as that allows.
   */
  readonly groups?: readonly string[] | undefined;
}

/** Examples to train on, and those held out. */
export interface Split<Data extends TensorData = Uint8Array> {
  readonly train: Examples<Data>;
  readonly validation: Examples<Data>;
}

/**
 * Holds out a share of the examples, of each class the same to within one example, in whatever order they come: the files of many data
 * sets are sorted by class, and their last part is one class alone. A class keeps at least one example to train on. Both parts are
 * copies, in the order that they had; which examples are held out depends on the labels, the share and the seed alone.
 *
 * @example
 * ```js
 * import { builtinDigits, stratifiedSplit } from 'wasm-cnn/data';
 *
 * const { train } = builtinDigits({ trainCount: 100, testCount: 10, seed: 1 });
 * const { train: learned, validation } = stratifiedSplit(train, { validationSplit: 0.2, seed: 1 });
 * [learned, validation].map(({ x }) => x.shape[0]); // [80, 20]
 * ```
 */
export function stratifiedSplit<Data extends TensorData = Uint8Array>(
  examples: GivenExamples<Data>,
  options: StratifiedSplitOptions = {},
): Split<Data> {
  const checked = checkedExamples(examples, 'stratifiedSplit');
  const [train, validation] = splitOrders(checked.y, options);
  return { train: takeExamples(checked, train), validation: takeExamples(checked, validation) };
}

/** Same as stratifiedSplit(), in half the memory: the training part overwrites `examples`, which must not be used afterwards. */
export function stratifiedSplitInPlace(examples: Examples, options: StratifiedSplitOptions = {}): Split {
  const [train, validation] = splitOrders(checkedExamples(examples, 'stratifiedSplit').y, options);
  const held = takeExamples(examples, validation);
  return { train: keepExamples(examples, train), validation: held };
}

/** The numbers of the examples to train on, and of those held out; both ascend. `purpose`: what for. */
export function splitOrders(
  labels: ArrayLike<number>,
  options: StratifiedSplitOptions,
  purpose = 'validation',
): readonly [Uint32Array, Uint32Array] {
  checkOptions(options, ['validationSplit', 'seed', 'groups'], 'stratifiedSplit');
  const { validationSplit = 1 / 12, seed = 0, groups } = options;
  checkNumber(
    validationSplit,
    (share) => share > 0 && share < 1,
    "stratifiedSplit's validationSplit must be above 0 and below 1",
  );
  checkWhole(seed, "stratifiedSplit's seed", 0);
  const { length } = labels;
  check(
    groups === undefined || groups.length === length,
    () => `stratifiedSplit has ${length} examples but ${groups!.length} groups; give one group an example`,
  );
  const held = groups ? holdGroups(labels, groups, validationSplit, seed) : holdExamples(labels, validationSplit, seed);
  check(
    held.includes(1) && held.includes(0),
    () =>
      `${length} examples are too few to hold out a share of ${Number(validationSplit.toFixed(4))} for ${purpose}; give more, at least 2 ${groups ? 'groups' : 'of a class'}`,
  );
  const numbers = Uint32Array.from(held.keys());
  return [numbers.filter((example) => held[example] === 0), numbers.filter((example) => held[example] === 1)];
}

/** 1 for each example that is held out. */
function holdExamples(labels: ArrayLike<number>, validationSplit: number, seed: number): Uint8Array {
  const classes = membersOf(labels);
  const shares = fairShares(
    classes.map((members) => members.length),
    Math.max(1, Math.round(labels.length * validationSplit)),
  );
  const held = new Uint8Array(labels.length);
  for (const [label, members] of classes.entries()) {
    new RandomStream(seed, 4, label).shuffle(members);
    for (const example of members.slice(0, shares[label])) held[example] = 1;
  }
  return held;
}

/**
 * The same, of whole groups: the largest first, and by chance among those of a size, each changes sides where that brings the classes'
 * counts nearer to their shares and leaves an example of each to train on, until none does.
 */
function holdGroups(
  labels: ArrayLike<number>,
  groups: readonly string[],
  validationSplit: number,
  seed: number,
): Uint8Array {
  const order = largestFirst(groups, new RandomStream(seed, 5));
  const counts = membersOf(labels).map(({ length }) => length);
  // What is still wanted of each class, and how many may leave the training part.
  const wanted = counts.map((count) => count * validationSplit);
  const spare = counts.map((count) => count - 1);
  const held = new Uint8Array(labels.length);
  let moved: boolean;
  do {
    moved = false;
    for (const examples of order) {
      const side = held[examples[0]!]! === 0 ? 1 : -1;
      const own = new Map<number, number>();
      for (const example of examples) own.set(labels[example]!, (own.get(labels[example]!) ?? 0) + 1);
      const each = [...own];
      // The sum of (wanted ∓ count)² less that of wanted²; what rounding leaves of 0 is no gain.
      const change = each.reduce((sum, [label, count]) => sum + count * (count - 2 * side * wanted[label]!), 0);
      if (change > -1e-6 || each.some(([label, count]) => side * count > spare[label]!)) continue;
      moved = true;
      for (const example of examples) held[example] = side === 1 ? 1 : 0;
      for (const [label, count] of each) {
        wanted[label]! -= side * count;
        spare[label]! -= side * count;
      }
    }
  } while (moved);
  return held;
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
