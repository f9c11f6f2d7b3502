// How Node reads pictures: in threads where there are many, and out of the cache where they were decoded before.
import { plainReader, type PictureDecoder, type PictureReader } from '../../data/imageFolder/pictureReader.js';
import { decodingThreads } from '../threads/decodingThreads.js';
import { cacheFolderOf, mostBytesOf, type CacheOptions } from './cacheFolder.js';

/** Options of {@link pictureReader}. */
export interface PictureReaderOptions extends CacheOptions {
  /** Default: threads. */
  readonly decoder?: PictureDecoder;
}

export function pictureReader(options: PictureReaderOptions = {}): PictureReader {
  const { decoder = decodingThreads() } = options;
  const cacheFolder = cacheFolderOf(options);
  const plain = plainReader(decoder);
  if (cacheFolder === null) return plain;
  const mostBytes = mostBytesOf();
  return {
    async open(files, input, folder) {
      if (folder === '') return plain.open(files, input, folder);
      const { KeptPictures } = await import('./keptPictures.js');
      return KeptPictures.open({ files, input, folder, cacheFolder, mostBytes, decoder });
    },
  };
}
