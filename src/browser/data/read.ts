// Reads what imageFolder() and openDataset() of a page were given.
import { check } from '../../base/errors.js';
import { keepExamples, type TestedDataset } from '../../data/dataset.js';
import type { ImageFolderOptions } from '../../data/imageFolder/folderOptions.js';
import type { PictureReader } from '../../data/imageFolder/pictureReader.js';
import { imageSource, type ImageSource } from '../../data/imageFolder/imageSource.js';
import { COLOR_MODES } from '../../images/imageInput.js';
import { datasetBytes, sha256Of } from '../../recipes/identity.js';
import { checkReadOptions, type ReadOptions } from '../../data/layouts/layout.js';
import { heldOutTest, readFolder, type HashedData } from '../../recipes/readDataset.js';
import { pagePictures } from '../decodingThreads.js';
import { openGiven } from './dataFolder.js';
import type { Given } from './given.js';

/** Options of `openDataset`. */
export interface OpenDatasetOptions extends ReadOptions {
  /** Told how many files have been read so far. */
  readonly onProgress?: (files: number) => void;
  /** Pictures that would become more bytes of pixels are refused before the first one is decoded. Default: 2 GiB. */
  readonly maxBytes?: number;
}

/** A dataset with test images, from its files or held out; its SHA-256 is null where the page cannot compute one (over http). */
export type PageDataset = HashedData<string | null> & TestedDataset;

export async function readImageFolder(given: readonly Given[], options: ImageFolderOptions): Promise<ImageSource> {
  const { folder, named } = await openGiven(given);
  check(named === null, () => `${named}: is a file, and imageFolder needs a folder of pictures; choose the folder`);
  return imageSource(folder, options, pagePictures());
}

export async function readDataset(
  given: readonly Given[],
  { onProgress, maxBytes = Infinity, ...options }: OpenDatasetOptions,
): Promise<PageDataset> {
  checkReadOptions(options, 'openDataset');
  const read = new Set<string>();
  const onRead = (where: string): void => void onProgress?.(read.add(where).size);
  const { folder, name, named } = await openGiven(given, onRead);
  const data = await readFolder(
    folder,
    { named, folderName: name, who: named ?? folder.where, sha256: (dataset) => sha256Of(datasetBytes(dataset)) },
    { ...options, pictures: bounded(pagePictures(), maxBytes, folder.where) },
  );
  return heldOutTest(data, keepExamples);
}

/** Each part of a data set is opened as a whole, and its size is known then. */
function bounded(reader: PictureReader, maxBytes: number, where: string): PictureReader {
  return {
    async open(files, input, folder) {
      const [height, width] = input.imageSize;
      const channels = COLOR_MODES[input.colorMode];
      const bytes = files.length * height * width * channels;
      check(
        bytes <= maxBytes,
        () =>
          `${where}: ${files.length} pictures of ${height} × ${width} × ${channels} are ${bytes} bytes, more than the ${maxBytes} that are allowed; choose fewer or smaller ones`,
      );
      return reader.open(files, input, folder);
    },
  };
}
