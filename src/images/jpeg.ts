// JPEG: the header is checked here, libjpeg-turbo decodes.
import { check } from '../base/errors.js';
import { mozjpeg } from './codecs/mozjpeg.js';
import { applyOrientation } from './exif.js';
import { readJpegHeader } from './jpegHeader.js';
import type { Limits } from './limits.js';
import { fromRgba, type Picture } from './picture.js';

/**
 * What libjpeg says of files that are read all the same, as by everyone: the pixels are not touched by it. Its other warnings mean that it
 * made pixels up. It writes only the first, so bytes left over are harmless where nothing but the end of the picture follows.
 */
const HARMLESS = [
  /extraneous bytes before marker 0xd9/,
  /JFIF revision/,
  /Adobe color transform/,
  /Invalid SOS parameters/,
];

export async function decodeJpeg(bytes: Uint8Array, limits: Limits): Promise<Picture> {
  const { who } = limits;
  const { width, height, channels, orientation } = readJpegHeader(bytes, limits);
  const take = (rgba: Uint8Array): Picture => fromRgba(rgba, width, height, channels);
  const { result, messages } = await mozjpeg.decode(bytes, take);
  const wrong = messages.find((message) => !HARMLESS.some((pattern) => pattern.test(message)));
  if (wrong?.startsWith('Insufficient memory')) throw new RangeError(wrong);
  check(
    result?.width === width && result.height === height && wrong === undefined,
    () => `${who} is a damaged JPEG (${wrong ?? 'no pixels came out of it'}); copy it again`,
  );
  return applyOrientation(result.taken, orientation);
}
