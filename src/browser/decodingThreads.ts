// Threads that decode pictures, in a browser: module workers, for which a page need not be cross-origin isolated.
import { DecodingThreads } from '../data/imageFolder/decodingThreads.js';
import { plainReader, type PictureReader } from '../data/imageFolder/pictureReader.js';
import { startThread } from './startThread.js';

const startDecoding = (): Worker => new Worker(new URL('./pictureThread.js', import.meta.url), { type: 'module' });

let threads: DecodingThreads | undefined;

/** Those of this page, as many as it has cores. */
export function decodingThreads(): DecodingThreads {
  return (threads ??= new DecodingThreads((replied, ended) => {
    const thread = startThread('pictureThread', startDecoding, replied, ended);
    return {
      post: (request, transfer) => thread.postMessage(request, transfer),
      terminate: () => thread.terminate(),
    };
  }, globalThis.navigator?.hardwareConcurrency ?? 1));
}

/** Reads a page's pictures, in threads where there are more than a few. */
export function pagePictures(): PictureReader {
  return plainReader(decodingThreads());
}
