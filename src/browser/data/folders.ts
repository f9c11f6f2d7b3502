// Folders and files that a page is given, as data. What reads them is loaded when the first ones come.
import { checkOptions } from '../../base/options.js';
import type { ImageFolderOptions } from '../../data/imageFolder/folderOptions.js';
import type { ImageSource } from '../../data/imageFolder/imageSource.js';
import { takeGiven, type GivenData } from './given.js';
import type { OpenDatasetOptions, PageDataset } from './read.js';

/**
 * The pictures of a folder, a folder per class, as a source for fit and evaluate. The options are those of Keras'
 * image_dataset_from_directory.
 *
 * @example
 * ```ts
 * import { imageFolder } from 'wasm-cnn/browser';
 *
 * const chosen = document.querySelector<HTMLInputElement>('input[type=file]')!;
 * const pictures = await imageFolder(chosen.files!, { imageSize: [64, 64] });
 * ```
 */
export async function imageFolder(given: GivenData, options: ImageFolderOptions = {}): Promise<ImageSource> {
  const taken = takeGiven(given, 'imageFolder');
  const { readImageFolder } = await import('./read.js');
  return readImageFolder(taken, options);
}

/**
 * The data set that was given, of whichever layout (docs/data.md).
 *
 * @example
 * ```ts
 * import { openDataset } from 'wasm-cnn/browser';
 *
 * const chosen = document.querySelector<HTMLInputElement>('input[type=file]')!;
 * const { train } = await openDataset(chosen.files!);
 * ```
 */
export async function openDataset(given: GivenData, options: OpenDatasetOptions = {}): Promise<PageDataset> {
  checkOptions(options, ['imageSize', 'colorMode', 'skipBroken', 'onProgress', 'maxBytes'], 'openDataset');
  const taken = takeGiven(given, 'openDataset');
  const { readDataset } = await import('./read.js');
  return readDataset(taken, options);
}
