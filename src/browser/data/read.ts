// Reads what imageFolder() and openDataset() of a page were given.
import { check } from '../../base/errors.js';
import { keepExamples, type TestedDataset } from '../../data/dataset.js';
import type { ImageFolderOptions } from '../../data/imageFolder/folderOptions.js';
import { imageSource, type ImageSource } from '../../data/imageFolder/imageSource.js';
import { datasetBytes, sha256Of } from '../../recipes/identity.js';
import type { ReadOptions } from '../../data/layouts/layout.js';
import { heldOutTest, readFolder, type HashedData } from '../../recipes/readDataset.js';
import { pagePictures } from '../decodingThreads.js';
import { openGiven } from './dataFolder.js';
import type { Given } from './given.js';

export interface OpenDatasetOptions extends ReadOptions {
  /** Told how many files have been read so far. */
  readonly onProgress?: (files: number) => void;
}

/** With test images, of its files or held out; its SHA-256 is null where the page has none (from http). */
export type PageDataset = HashedData<string | null> & TestedDataset;

export async function readImageFolder(given: readonly Given[], options: ImageFolderOptions): Promise<ImageSource> {
  const { folder, named } = await openGiven(given);
  check(named === null, () => `${named}: is a file, and imageFolder needs a folder of pictures; choose the folder`);
  return imageSource(folder, options, pagePictures());
}

export async function readDataset(
  given: readonly Given[],
  { onProgress, ...options }: OpenDatasetOptions,
): Promise<PageDataset> {
  const read = new Set<string>();
  const onRead = (where: string): void => void onProgress?.(read.add(where).size);
  const { folder, name, named } = await openGiven(given, onRead);
  const data = await readFolder(
    folder,
    { named, folderName: name, who: named ?? folder.where, sha256: (dataset) => sha256Of(datasetBytes(dataset)) },
    { pictures: pagePictures(), ...options },
  );
  return heldOutTest(data, keepExamples);
}
