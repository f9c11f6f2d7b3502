// WebP: the container is checked here, libwebp decodes.
import { check } from '../base/errors.js';
import { libwebp } from './codecs/libwebp.js';
import { applyOrientation } from './exif.js';
import type { Limits } from './limits.js';
import { fromRgba, type Picture } from './picture.js';
import { firstFrame, onCanvas } from './webpAnimation.js';
import { readWebpHeader } from './webpHeader.js';

/** An animated file gives its first frame, on its canvas. */
export async function decodeWebp(bytes: Uint8Array, limits: Limits): Promise<Picture> {
  const frame = firstFrame(bytes, limits);
  return frame ? onCanvas(await decodeStill(frame.file, limits), frame) : decodeStill(bytes, limits);
}

async function decodeStill(bytes: Uint8Array, limits: Limits): Promise<Picture> {
  const { width, height, channels, orientation } = readWebpHeader(bytes, limits);
  const take = (rgba: Uint8Array): Picture => fromRgba(rgba, width, height, channels);
  const { result, messages } = await libwebp.decode(bytes, take);
  check(
    result?.width === width && result.height === height,
    () =>
      `${limits.who} is a damaged WebP${messages[0] ? ` (${messages[0]})` : ': libwebp does not decode it'}; copy it again`,
  );
  return applyOrientation(result.taken, orientation);
}
