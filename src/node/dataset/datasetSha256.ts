// A data set's identity: the hash that a run's history and its checkpoints record.
import { createHash } from 'node:crypto';
import type { Dataset } from '../../data/dataset.js';

export interface HashedDataset extends Dataset {
  /** See {@link datasetSha256}. */
  readonly sha256: string;
  /** One a class, class 0 first; null where nobody says what they are. */
  readonly classNames: readonly string[] | null;
  /** Where it lies, as --data takes it: a folder's whole path, or 'builtin'. */
  readonly data: string;
}

/** SHA-256 over train images, train labels, test images, test labels: elements only, no headers. */
export function datasetSha256({ train, test }: Dataset): string {
  const hash = createHash('sha256');
  for (const array of [train.x.data, train.y, test.x.data, test.y]) hash.update(array);
  return hash.digest('hex');
}
