// The data of a run: how they are split, and what its files keep of them.
import {
  checkedExamples,
  joinExamples,
  takeExamples,
  type Dataset,
  type Examples,
  type keepExamples,
  type TestedDataset,
} from '../data/dataset.js';
import { europeanDigits } from '../data/digits/digits.js';
import { digitNames } from '../data/knownDatasets.js';
import { mnistSha256 } from '../data/mnist.js';
import { splitOrders, stratifiedSplit, type Split, type StratifiedSplitOptions } from '../data/split.js';
import { check } from '../base/errors.js';
import { sameShape, type Shape } from '../base/shape.js';
import { isBytes } from '../base/tensor.js';
import { encodeUtf8 } from '../base/utf8.js';
import type { ClassifierFacts } from '../images/classifierFacts.js';
import { colorModeOf, imageInput, type ImageInput } from '../images/imageInput.js';
import { sha256Of } from '../base/sha256.js';

/** How the images held out for validation are chosen; runs of before have no word for it. */
export const SPLIT = 'stratified';
const HELD_OUT = 1 / 12;

/** Images to train on, and those held out for validation; null where none are. */
export interface RunSplit extends Pick<Split, 'train'> {
  readonly validation: Examples | null;
}

/** Drawn digits in European hands that join MNIST's 55,000: of its American ones alone a model learns to read a 9 with a flat tail as a 3. */
const DRAWN = 2500;
const TEST_SHARE = 1 / 5;

/** What a run keeps of its data. */
export interface DataFacts {
  readonly name: string;
  /** Images trained on, without those held out, with the drawn ones. */
  readonly trainCount: number;
  readonly testCount: number;
  /** See datasetBytes; null where the host has no SHA-256. */
  readonly sha256: string | null;
  readonly split: typeof SPLIT;
  /** How many of the images trained on are drawn digits in European hands; runs of before have none, and no word for it. */
  readonly drawnCount: number;
}

/**
 * The images that a model of this seed trains on, and those held out for validation: copies, unless `split` says otherwise, or all of them
 * are trained on.
 *
 * @example
 * ```js
 * import { builtinDigits } from 'wasm-cnn/data';
 * import { splitForRun } from 'wasm-cnn/recipes';
 *
 * const digits = builtinDigits({ trainCount: 120, testCount: 20, seed: 1 });
 * splitForRun(digits.train, 1).validation?.x.shape; // [10, 28, 28, 1]
 * ```
 */
export function splitForRun(
  train: Examples,
  seed: number,
  split: (examples: Examples, options: StratifiedSplitOptions) => Split = stratifiedSplit,
  groups?: readonly string[] | undefined,
  validationSplit = HELD_OUT,
): RunSplit {
  return validationSplit === 0 ? { train, validation: null } : split(train, { validationSplit, seed, groups });
}

/**
 * How many drawn digits join a data set unless told: MNIST alone is of hands that they complete.
 *
 * @example
 * ```js
 * import { drawnCountFor } from 'wasm-cnn/recipes';
 *
 * drawnCountFor(null); // 0
 * ```
 */
export function drawnCountFor(sha256: string | null): number {
  return sha256 === mnistSha256 ? DRAWN : 0;
}

/**
 * The split with `count` drawn digits behind the images trained on, other ones for each seed; where those lie at the front of `room` and
 * there is enough of it, in its memory, which is overwritten.
 *
 * @example
 * ```js
 * import { builtinDigits } from 'wasm-cnn/data';
 * import { splitForRun, withDrawnDigits } from 'wasm-cnn/recipes';
 *
 * const digits = builtinDigits({ trainCount: 120, testCount: 20, seed: 1 });
 * withDrawnDigits(splitForRun(digits.train, 1), 30, 1).train.x.shape; // [140, 28, 28, 1]
 * ```
 */
export function withDrawnDigits(split: RunSplit, count: number, seed: number, room?: Examples): RunSplit {
  if (count === 0) return split;
  const { train } = split;
  check(
    isBytes(train.x.data),
    'withDrawnDigits needs images as bytes, as the digits are; multiply those of 0 to 1 by 255',
  );
  const fits = room !== undefined && room.y.buffer === train.y.buffer && room.y.length >= train.y.length + count;
  return { ...split, train: joinExamples([train, europeanDigits(count, seed)], fits ? room : undefined) };
}

/**
 * What stands for a run's data in its checkpoints, from what stands for the whole data set; null where nothing does.
 *
 * @example
 * ```js
 * import { runDataSha256 } from 'wasm-cnn/recipes';
 *
 * (await runDataSha256('00', 1))?.length; // 64
 * ```
 */
export async function runDataSha256(
  datasetSha256: string | null,
  seed: number,
  drawnCount = 0,
  validationSplit = HELD_OUT,
): Promise<string | null> {
  const drawn = drawnCount === 0 ? '' : ` ${drawnCount} drawn`;
  const held = validationSplit === HELD_OUT ? '' : ` ${validationSplit} held out`;
  return datasetSha256 === null ? null : sha256Of([encodeUtf8(`${datasetSha256} ${SPLIT} ${seed}${drawn}${held}`)]);
}

/**
 * The data set with images to test on: where its files have none, a fifth of each class of the training images (of whole groups, where
 * there are such), and the same fifth for every seed, so that models can be compared. `keep` takes the others: copies, unless it says otherwise.
 *
 * @example
 * ```js
 * import { builtinDigits } from 'wasm-cnn/data';
 * import { withTestImages } from 'wasm-cnn/recipes';
 *
 * const digits = builtinDigits({ trainCount: 120, testCount: 20, seed: 1 });
 * withTestImages({ ...digits, test: null }).test.x.shape; // [24, 28, 28, 1]
 * ```
 */
export function withTestImages<Data extends Dataset>(
  dataset: Data,
  keep: typeof keepExamples = takeExamples,
): Omit<Data, 'test'> & Pick<TestedDataset, 'test'> {
  const { test, groups } = dataset;
  if (test) return { ...dataset, test };
  const train = checkedExamples(dataset.train, 'withTestImages');
  const [kept, held] = splitOrders(train.y, { validationSplit: TEST_SHARE, seed: 0, groups }, 'a test');
  const heldOut = takeExamples(train, held);
  return {
    ...dataset,
    train: keep(train, kept),
    test: heldOut,
    ...(groups && { groups: Array.from(kept, (example) => groups[example]!) }),
  };
}

/**
 * `trainCount`: where it is known that the split holds out another share than a twelfth, as of groups it may.
 *
 * @example
 * ```js
 * import { builtinDigits } from 'wasm-cnn/data';
 * import { dataFactsOf } from 'wasm-cnn/recipes';
 *
 * const digits = builtinDigits({ trainCount: 120, testCount: 20, seed: 1 });
 * dataFactsOf(digits, null); // { trainCount: 110, testCount: 20, split: 'stratified' }
 * ```
 */
export function dataFactsOf<Sha256 extends string | null>(
  { name, train, test }: TestedDataset,
  sha256: Sha256,
  drawnCount = drawnCountFor(sha256),
  trainCount = train.y.length - Math.round(train.y.length * HELD_OUT) + drawnCount,
): DataFacts & { readonly sha256: Sha256 } {
  return { name, trainCount, testCount: test.y.length, sha256, split: SPLIT, drawnCount };
}

/**
 * What a run's files say of its classifier of so many classes. `shape`: of the images, [n, height, width, channels]; `read`: what else became
 * of pictures, where that is not what folders and tables are read with.
 *
 * @example
 * ```js
 * import { classifierFactsOf } from 'wasm-cnn/recipes';
 *
 * classifierFactsOf(2, ['cat', 'dog'], [100, 8, 8, 3]); // { classNames: ['cat', 'dog'] }
 * ```
 */
export function classifierFactsOf(
  classes: number,
  classNames: readonly string[] | null | undefined,
  [, height = 0, width = 0, channels = 0]: Shape,
  read?: ImageInput,
): ClassifierFacts & { readonly classNames: readonly string[] } {
  const colorMode = colorModeOf(channels);
  // A picture is prepared as MNIST's images were, which is right for digits of its form alone; ten classes without names need not be digits.
  const areDigits = classNames?.join() === digitNames.join() && sameShape([height, width, channels], [28, 28, 1]);
  return {
    classNames: Array.from({ length: classes }, (_, i) => classNames?.[i] ?? String(i)),
    // As pictures of folders and tables are read.
    input: colorMode ? imageInput({ ...read, imageSize: [height, width], colorMode }) : null,
    pictures: areDigits ? 'prepareDigit' : 'imageToInput',
  };
}

/**
 * How many training images stay when some are held out, where there are enough of each class.
 *
 * @example
 * ```js
 * import { countAfterSplit } from 'wasm-cnn/recipes';
 *
 * countAfterSplit(60000); // 55000
 * ```
 */
export function countAfterSplit(count: number, validationSplit = HELD_OUT): number {
  return validationSplit === 0 ? count : count - Math.max(1, Math.round(count * validationSplit));
}

/**
 * How many training images there were before some were held out.
 *
 * @example
 * ```js
 * import { countBeforeSplit } from 'wasm-cnn/recipes';
 *
 * countBeforeSplit(55000); // 60000
 * ```
 */
export function countBeforeSplit(trainCount: number, validationSplit = HELD_OUT): number {
  return Math.round(trainCount / (1 - validationSplit));
}
