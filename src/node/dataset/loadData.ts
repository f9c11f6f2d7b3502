// A data set from a folder or a file on a disk, of whichever layout lies there.
import { basename, resolve } from 'node:path';
import { keepExamples } from '../../data/dataset.js';
import type { ReadOptions as PlainOptions } from '../../data/layouts/layout.js';
import { heldOutTest, readFolder } from '../../recipes/readDataset.js';
import type { CacheOptions } from '../pictures/cacheFolder.js';
import { pictureReader } from '../pictures/pictureReader.js';
import { openDataPath } from './dataFolder.js';
import { datasetSha256, type HashedData, type HashedDataset } from './datasetSha256.js';

export interface ReadOptions extends PlainOptions, CacheOptions {}

/**
 * Reads the data set that `path` names, with test images. `asked` says in sentences who named the path: ' (MNIST_DIR)'.
 */
export async function loadData(path: string, asked = '', options: ReadOptions = {}): Promise<HashedDataset> {
  return heldOutTest(await readData(path, asked, options), keepExamples);
}

/**
 * The same to test a model on: where data without test images are not those that it has learned, all of their images are.
 */
export async function loadTestData(
  path: string,
  isLearned: (data: HashedData) => boolean,
  options: ReadOptions = {},
): Promise<HashedDataset> {
  const data = await readData(path, '', options);
  return isLearned(data) ? heldOutTest(data, keepExamples) : { ...data, test: data.test ?? data.train };
}

/** Reads a data set as its files hold it. */
export async function readData(path: string, asked = '', options: ReadOptions = {}): Promise<HashedData> {
  const { folder, named } = await openDataPath(path, asked);
  const identity = { named, folderName: basename(folder.path), who: `${path}${asked}`, sha256: datasetSha256 };
  const data = await readFolder(folder, identity, { pictures: pictureReader(options), ...options });
  return { ...data, data: resolve(path) };
}
