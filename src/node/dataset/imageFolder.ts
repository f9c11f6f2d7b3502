// A folder of pictures on a disk.
import { check } from '../../base/errors.js';
import { describe, isRecord } from '../../base/options.js';
import type { ImageFolderOptions as PlainOptions } from '../../data/imageFolder/folderOptions.js';
import { imageSource, type ImageSource } from '../../data/imageFolder/imageSource.js';
import type { CacheOptions } from '../pictures/cacheFolder.js';
import { pictureReader } from '../pictures/pictureReader.js';
import { openDataPath } from './dataFolder.js';

/** Options of {@link imageFolder}. */
export interface ImageFolderOptions extends PlainOptions, CacheOptions {}

/**
 * The pictures of a folder, a folder per class, as a source for fit and evaluate. The options are those of Keras'
 * image_dataset_from_directory.
 *
 * @example
 * ```ts
 * import { networks } from 'wasm-cnn';
 * import { imageFolder } from 'wasm-cnn/node';
 *
 * const pictures = await imageFolder('pictures', { imageSize: [96, 96] });
 * const model = networks.mobileNetV2({ inputShape: [96, 96, 3], classes: pictures.classNames?.length });
 * model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
 * await model.fit(pictures, { epochs: 5 });
 * ```
 */
export async function imageFolder(path: string, options: ImageFolderOptions = {}): Promise<ImageSource> {
  check(typeof path === 'string' && path !== '', () => `imageFolder needs the path of a folder, got ${describe(path)}`);
  const { folder, named } = await openDataPath(path, '');
  check(named === null, `${path}: is a file, and imageFolder needs a folder of pictures; name the folder`);
  // What is no object of options is refused there.
  const { cache, ...plain }: ImageFolderOptions = isRecord(options) ? options : {};
  return imageSource(folder, isRecord(options) ? plain : options, pictureReader({ cache }));
}
