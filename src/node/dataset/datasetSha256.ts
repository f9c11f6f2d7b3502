// A data set's identity: the hash that a run's history and its checkpoints record.
import { createHash } from 'node:crypto';
import type { Dataset, TestedDataset } from '../../data/dataset.js';
import { datasetBytes } from '../../recipes/identity.js';

export interface HashedData extends Dataset {
  /** See {@link datasetBytes}. */
  readonly sha256: string;
  /** One a class, class 0 first; null where they are unknown. */
  readonly classNames: readonly string[] | null;
  /** Where it is, as --data takes it: a folder's whole path, or 'builtin'. */
  readonly data: string;
  /** A sentence for each picture that was left out. */
  readonly skipped?: readonly string[];
}

/** With test images, of its files or held out. */
export type HashedDataset = HashedData & TestedDataset;

export function datasetSha256(dataset: Dataset): string {
  const hash = createHash('sha256');
  for (const part of datasetBytes(dataset)) hash.update(part);
  return hash.digest('hex');
}
