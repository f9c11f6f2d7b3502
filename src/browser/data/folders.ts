// Folders and files that a page is given, as data. What reads them is loaded when the first ones come.
import { checkOptions } from '../../base/options.js';
import type { ImageFolderOptions } from '../../data/imageFolder/folderOptions.js';
import type { ImageSource } from '../../data/imageFolder/imageSource.js';
import { takeGiven, type GivenData } from './given.js';
import type { OpenDatasetOptions, PageDataset } from './read.js';

/**
 * The pictures of a folder, a folder a class, as a source for fit and evaluate. The options are those of Keras'
 * image_dataset_from_directory.
 */
export async function imageFolder(given: GivenData, options: ImageFolderOptions = {}): Promise<ImageSource> {
  const taken = takeGiven(given, 'imageFolder');
  const { readImageFolder } = await import('./read.js');
  return readImageFolder(taken, options);
}

/** The data set that was given, of whichever layout (docs/data.md). */
export async function openDataset(given: GivenData, options: OpenDatasetOptions = {}): Promise<PageDataset> {
  checkOptions(options, ['imageSize', 'colorMode', 'skipBroken', 'onProgress', 'maxBytes'], 'openDataset');
  const taken = takeGiven(given, 'openDataset');
  const { readDataset } = await import('./read.js');
  return readDataset(taken, options);
}
