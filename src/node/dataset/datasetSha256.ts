// A data set's identity: the hash that a run's history and its checkpoints record.
import { createHash } from 'node:crypto';
import type { Dataset, TestedDataset } from '../../data/dataset.js';
import { datasetBytes } from '../../recipes/identity.js';
import type { HashedData as HashedFolder } from '../../recipes/readDataset.js';

export interface HashedData extends HashedFolder {
  /** Its place, as --data takes it: a folder's whole path, or 'builtin'. */
  readonly data: string;
}

/** A dataset with test images, from its files or held out. */
export type HashedDataset = HashedData & TestedDataset;

export function datasetSha256(dataset: Dataset): string {
  const hash = createHash('sha256');
  for (const part of datasetBytes(dataset)) hash.update(part);
  return hash.digest('hex');
}
