// The data of a run: how they are split, and what its files keep of them.
import { takeExamples, type Dataset, type Examples, type TestedDataset } from '../data/dataset.js';
import { splitOrders, stratifiedSplit, type Split } from '../data/split.js';
import { encodeUtf8 } from '../base/utf8.js';
import { sha256Of } from './identity.js';

/** How the images held out for validation are chosen; runs of before have no word for it. */
export const SPLIT = 'stratified';
const HELD_OUT = 1 / 12;
const TEST_SHARE = 1 / 5;

export interface DataFacts {
  readonly name: string;
  /** Images trained on, without those held out. */
  readonly trainCount: number;
  readonly testCount: number;
  /** See datasetBytes; null where the host has no SHA-256. */
  readonly sha256: string | null;
  readonly split: typeof SPLIT;
}

/** The images that a model of this seed trains on, and those held out for validation: copies, unless `split` says otherwise. */
export function splitForRun(
  train: Examples,
  seed: number,
  split = stratifiedSplit,
  groups?: readonly string[] | undefined,
): Split {
  return split(train, { validationSplit: HELD_OUT, seed, groups });
}

/** What stands for a run's data in its checkpoints, from what stands for the whole data set; null where nothing does. */
export async function runDataSha256(datasetSha256: string | null, seed: number): Promise<string | null> {
  return datasetSha256 === null ? null : sha256Of([encodeUtf8(`${datasetSha256} ${SPLIT} ${seed}`)]);
}

/**
 * The data set with images to test on: where its files have none, a fifth of each class of the training images (of whole groups, where
 * there are such), and the same fifth for
 * every seed, so that models can be compared. `keep` takes the others: copies, unless it says otherwise.
 */
export function withTestImages<Data extends Dataset>(
  dataset: Data,
  keep = takeExamples,
): Omit<Data, 'test'> & Pick<TestedDataset, 'test'> {
  const { train, test, groups } = dataset;
  if (test) return { ...dataset, test };
  const [kept, held] = splitOrders(train.y, { validationSplit: TEST_SHARE, seed: 0, groups }, 'a test');
  const heldOut = takeExamples(train, held);
  return {
    ...dataset,
    train: keep(train, kept),
    test: heldOut,
    ...(groups && { groups: Array.from(kept, (example) => groups[example]!) }),
  };
}

/** `trainCount`: where it is known that the split holds out another share than a twelfth, as of groups it may. */
export function dataFactsOf<Sha256 extends string | null>(
  { name, train, test }: TestedDataset,
  sha256: Sha256,
  trainCount = train.y.length - Math.round(train.y.length * HELD_OUT),
): DataFacts & { readonly sha256: Sha256 } {
  return { name, trainCount, testCount: test.y.length, sha256, split: SPLIT };
}

/** How many training images there were before some were held out. */
export function countBeforeSplit(trainCount: number): number {
  return Math.round(trainCount / (1 - HELD_OUT));
}
