// JPEG: the header is checked here, libjpeg-turbo decodes.
import { check } from '../base/errors.js';
import { mozjpeg } from './codecs/mozjpeg.js';
import type { OwnBytes } from '../base/hostTypes.js';
import { applyOrientation } from './exif.js';
import { imageToInput, rgbaToInput, type ImageInput } from './imageInput.js';
import { readJpegHeader, type JpegHeader } from './jpegHeader.js';
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
  const header = readJpegHeader(bytes, limits);
  return applyOrientation(await decodeAs(bytes, header, limits, (rgba) => pictureOf(rgba, header)), header.orientation);
}

/** imageToInput() of it. */
export async function decodeJpegToInput(bytes: Uint8Array, limits: Limits, input: ImageInput): Promise<OwnBytes> {
  const header = readJpegHeader(bytes, limits);
  const isPlain = header.orientation === 1 && header.channels === 3;
  const made = await decodeAs(
    bytes,
    header,
    limits,
    (rgba) => (isPlain ? rgbaToInput(rgba, header, input) : null) ?? pictureOf(rgba, header),
  );
  return 'width' in made ? imageToInput(applyOrientation(made, header.orientation), input) : made;
}

const pictureOf = (rgba: Uint8Array, { width, height, channels }: JpegHeader): Picture =>
  fromRgba(rgba, width, height, channels);

/** What `take` makes of the pixels. */
async function decodeAs<T>(
  bytes: Uint8Array,
  { width, height }: JpegHeader,
  { who }: Limits,
  take: (rgba: Uint8Array) => T,
): Promise<T> {
  const { result, messages } = await mozjpeg.decode(bytes, take);
  const wrong = messages.find((message) => !HARMLESS.some((pattern) => pattern.test(message)));
  if (wrong?.startsWith('Insufficient memory')) throw new RangeError(wrong);
  check(
    result?.width === width && result.height === height && wrong === undefined,
    () => `${who} is a damaged JPEG (${wrong ?? 'no pixels came out of it'}); copy it again`,
  );
  return result.taken;
}
