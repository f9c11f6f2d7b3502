// Bytes of an image file → pixels, the same on every host.
import { asOwn } from '../base/asOwn.js';
import { check, WasmCnnError } from '../base/errors.js';
import type { OwnBytes } from '../base/hostTypes.js';
import { checkNumber, checkOptions, describe, kindOf } from '../base/options.js';
import { decodeBmp } from './bmp.js';
import { checkFormat, formatOf } from './format.js';
import { decodeGif } from './gif.js';
import { imageToInput, type ImageInput } from './imageInput.js';
import { MAX_PIXELS, type Limits } from './limits.js';
import type { Picture } from './picture.js';

/** Larger where a decoder, or imageToInput, gives other pixels than before: pixels that were kept are then made again. */
export const DECODERS = 1;

/** Options of {@link decodeImage}. */
export interface DecodeOptions {
  /** What errors call the picture: a path, a name. Default 'the picture'. */
  readonly who?: string;
  /** Larger pictures are refused by their header. Default 100,000,000. */
  readonly maxPixels?: number;
}

/**
 * PNG, JPEG, WebP, GIF (the first frame) or BMP, told apart by their first bytes, never by a name. EXIF orientation is applied. Throws a
 * WasmCnnError for whatever is not a sound picture of these kinds. The same bytes give the same pixels on every host.
 *
 * @example
 * ```js
 * import { decodeImage } from 'wasm-cnn/images';
 *
 * const bmp = Uint8Array.of(
 *   ...[66, 77, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0],
 *   ...[0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30, 20, 10, 0],
 * );
 * await decodeImage(bmp); // { width: 1, height: 1, channels: 3, data: [10, 20, 30] }
 * ```
 */
export async function decodeImage(bytes: Uint8Array | ArrayBufferLike, options: DecodeOptions = {}): Promise<Picture> {
  checkOptions(options, ['who', 'maxPixels'], 'decodeImage');
  const { who = 'the picture', maxPixels = MAX_PIXELS } = options;
  check(typeof who === 'string', () => `decodeImage: who must be a text that names the picture, got ${describe(who)}`);
  checkNumber(maxPixels, (value) => value >= 1, 'decodeImage: maxPixels must be a number of at least 1');
  return withinMemory(who, () => decode(bytesOf(bytes, who), { who, maxPixels }));
}

/** imageToInput() of what decodeImage() gives. */
export async function decodeToInput(bytes: Uint8Array, who: string, input: ImageInput): Promise<OwnBytes> {
  if (formatOf(bytes) !== 'JPEG') return imageToInput(await decodeImage(bytes, { who }), input);
  const { decodeJpegToInput } = await import('./jpeg.js');
  return withinMemory(who, () => decodeJpegToInput(bytesOf(bytes, who), { who, maxPixels: MAX_PIXELS }, input));
}

async function withinMemory<T>(who: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Engines say so where they have no memory for an array.
    if ((error as Error | null)?.name !== 'RangeError') throw asOwn(error);
    throw new WasmCnnError(`${who} takes more memory than there is (${(error as Error).message}); make it smaller`);
  }
}

/** Views of this realm, whichever realm the bytes came from. */
function bytesOf(given: Uint8Array | ArrayBufferLike, who: string): Uint8Array {
  const kind = kindOf(given);
  if (kind === 'ArrayBuffer' || kind === 'SharedArrayBuffer') return new Uint8Array(given as ArrayBufferLike);
  check(
    kind === 'Uint8Array' || kind === 'Uint8ClampedArray',
    () => `decodeImage needs the bytes of an image file for ${who}, a Uint8Array, got ${describe(given)}`,
  );
  const { buffer, byteOffset, length } = given as Uint8Array;
  return new Uint8Array(buffer, byteOffset, length);
}

async function decode(bytes: Uint8Array, limits: Limits): Promise<Picture> {
  // The larger decoders are loaded when the first such picture comes.
  switch (checkFormat(bytes, limits.who)) {
    case 'PNG':
      return (await import('./png.js')).decodePng(bytes, limits);
    case 'JPEG':
      return (await import('./jpeg.js')).decodeJpeg(bytes, limits);
    case 'WebP':
      return (await import('./webp.js')).decodeWebp(bytes, limits);
    case 'GIF':
      return decodeGif(bytes, limits);
    case 'BMP':
      return decodeBmp(bytes, limits);
  }
}
