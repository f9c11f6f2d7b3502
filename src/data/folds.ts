// Folds for cross-validation: each example is held out once.
import { check } from '../base/errors.js';
import { checkOptions } from '../base/options.js';
import { RandomStream } from '../base/random.js';
import { largestFirst } from './groups.js';
import { checkWhole } from '../base/shape.js';
import type { TensorData } from '../base/tensor.js';
import { checkedExamples, membersOf, takeExamples, type GivenExamples } from './dataset.js';
import type { Split } from './split.js';

/** Options of {@link kFold}. */
export interface KFoldOptions {
  /** How many folds, at least 2. Default 5. */
  readonly folds?: number;
  /** Which one is held out, from 0. */
  readonly fold: number;
  /** Seed of the choice. Default 0. */
  readonly seed?: number;
  /** For each example, who or what is on it (a person, a scene). All examples of a group come to the same fold. */
  readonly groups?: readonly string[] | undefined;
}

/**
 * Holds out fold number `fold`: of each class the same share to within one example, and folds that differ by at most one example, unless
 * there are groups. Both parts are copies, in the order that they had. Throws where a class would have nothing to train on.
 *
 * @example
 * ```js
 * import { builtinDigits, kFold } from 'wasm-cnn/data';
 *
 * const { train } = builtinDigits({ trainCount: 100, testCount: 10, seed: 1 });
 * kFold(train, { folds: 5, fold: 0, seed: 1 }).validation.x.shape; // [20, 28, 28, 1]
 * ```
 */
export function kFold<Data extends TensorData = Uint8Array>(
  given: GivenExamples<Data>,
  options: KFoldOptions,
): Split<Data> {
  checkOptions(options, ['folds', 'fold', 'seed', 'groups'], 'kFold');
  const { folds = 5, fold, seed = 0, groups } = options;
  checkWhole(folds, "kFold's folds", 2);
  checkWhole(fold, "kFold's fold", 0);
  checkWhole(seed, "kFold's seed", 0);
  check(fold < folds, `kFold's fold must be below ${folds}, got ${fold}`);
  const examples = checkedExamples(given, 'kFold');
  const { y } = examples;
  check(
    groups === undefined || groups.length === y.length,
    () => `kFold has ${y.length} examples but ${groups!.length} groups; give one group an example`,
  );
  const held = foldOfEach(y, { folds, seed, groups });
  const numbers = Uint32Array.from(held.keys());
  const train = numbers.filter((example) => held[example] !== fold);
  const kept = new Set(Array.from(train, (example) => y[example]));
  check(
    new Set(held).size === folds,
    () =>
      `${groups ? new Set(groups).size : y.length} ${groups ? 'groups' : 'examples'} are too few for ${folds} folds`,
  );
  for (const [label, members] of membersOf(y).entries())
    check(
      members.length === 0 || kept.has(label),
      () => `fold ${fold} of ${folds} holds out all examples of class ${label}; give more of them, or fewer folds`,
    );
  return {
    train: takeExamples(examples, train),
    validation: takeExamples(
      examples,
      numbers.filter((example) => held[example] === fold),
    ),
  };
}

/** Which fold holds out each example. */
export function foldOfEach(
  labels: ArrayLike<number>,
  { folds, seed, groups }: { readonly folds: number; readonly seed: number } & Pick<KFoldOptions, 'groups'>,
): Uint32Array {
  return groups ? foldsOfGroups(labels, groups, folds, seed) : foldsOfExamples(labels, folds, seed);
}

/** The fold of each example: those of a class are dealt out in a shuffled order, from where the class before ended. */
function foldsOfExamples(labels: ArrayLike<number>, folds: number, seed: number): Uint32Array {
  const held = new Uint32Array(labels.length);
  let next = 0;
  for (const [label, members] of membersOf(labels).entries()) {
    new RandomStream(seed, 6, label).shuffle(members);
    for (const example of members) held[example] = next++ % folds;
  }
  return held;
}

/** The same, of whole groups: the largest first, each into the fold that has the fewest of its classes so far. */
function foldsOfGroups(labels: ArrayLike<number>, groups: readonly string[], folds: number, seed: number): Uint32Array {
  const order = largestFirst(groups, new RandomStream(seed, 7));
  const counts = Array.from({ length: folds }, () => new Map<number, number>());
  const sizes = new Array<number>(folds).fill(0);
  const held = new Uint32Array(labels.length);
  for (const examples of order) {
    const costs = counts.map((count) => examples.reduce((sum, example) => sum + (count.get(labels[example]!) ?? 0), 0));
    let best = 0;
    for (let fold = 1; fold < folds; fold++)
      if (costs[fold]! < costs[best]! || (costs[fold] === costs[best] && sizes[fold]! < sizes[best]!)) best = fold;
    for (const example of examples) {
      held[example] = best;
      counts[best]!.set(labels[example]!, (counts[best]!.get(labels[example]!) ?? 0) + 1);
    }
    sizes[best]! += examples.length;
  }
  return held;
}
