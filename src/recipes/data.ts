// The data of a run: how they are split, and what its files keep of them.
import type { Dataset, Examples } from '../data/dataset.js';
import { stratifiedSplit, type Split } from '../data/split.js';
import { encodeUtf8 } from '../base/utf8.js';
import { sha256Of } from './identity.js';

/** How the images held out for validation are chosen; runs of before have no word for it. */
export const SPLIT = 'stratified';
const HELD_OUT = 1 / 12;

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
export function splitForRun(train: Examples, seed: number, split = stratifiedSplit): Split {
  return split(train, { validationSplit: HELD_OUT, seed });
}

/** What stands for a run's data in its checkpoints, from what stands for the whole data set; null where nothing does. */
export async function runDataSha256(datasetSha256: string | null, seed: number): Promise<string | null> {
  return datasetSha256 === null ? null : sha256Of([encodeUtf8(`${datasetSha256} ${SPLIT} ${seed}`)]);
}

export function dataFactsOf<Sha256 extends string | null>(
  { name, train, test }: Dataset,
  sha256: Sha256,
): DataFacts & { readonly sha256: Sha256 } {
  const { length } = train.y;
  const trainCount = length - Math.round(length * HELD_OUT);
  return { name, trainCount, testCount: test.y.length, sha256, split: SPLIT };
}

/** How many training images there were before some were held out. */
export function countBeforeSplit(trainCount: number): number {
  return Math.round(trainCount / (1 - HELD_OUT));
}
