// EXIF orientation: read from the TIFF structure that JPEG, PNG and WebP files carry, and applied to the pixels.
import type { Picture } from './picture.js';

/** 1 is upright; 2 to 8 as EXIF numbers them. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Side of the squares that are copied at a time, in pixels. */
const TILE = 32;
const ORIENTATION_TAG = 0x0112;
const SHORT = 3;

/** Anything that is not as EXIF demands means upright, as in browsers. `exif` may begin with 'Exif' and two zeros. */
export function readOrientation(exif: Uint8Array): Orientation {
  const isPrefixed = exif[0] === 0x45 && exif[1] === 0x78 && exif[2] === 0x69 && exif[3] === 0x66;
  const tiff = isPrefixed ? exif.subarray(6) : exif;
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  const directory = view.getUint32(4, little);
  if (view.getUint16(2, little) !== 42 || directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= tiff.length; i++, at += 12) {
    if (view.getUint16(at, little) !== ORIENTATION_TAG) continue;
    const isOneShort = view.getUint16(at + 2, little) === SHORT && view.getUint32(at + 4, little) === 1;
    const value = view.getUint16(at + 8, little);
    return isOneShort && value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** The picture upright. */
export function applyOrientation(picture: Picture, orientation: Orientation): Picture {
  if (orientation === 1) return picture;
  const { data, width, height, channels } = picture;
  const isTransposed = orientation >= 5;
  const [outWidth, outHeight] = isTransposed ? [height, width] : [width, height];
  // Source coordinates follow from the upright ones: transposed or not, then mirrored or not.
  const mirrorsX = [2, 3, 7, 8].includes(orientation);
  const mirrorsY = [3, 4, 6, 7].includes(orientation);
  const stepX = (isTransposed ? width : 1) * channels * ((isTransposed ? mirrorsY : mirrorsX) ? -1 : 1);
  const stepY = (isTransposed ? 1 : width) * channels * ((isTransposed ? mirrorsX : mirrorsY) ? -1 : 1);
  const start = ((mirrorsY ? height - 1 : 0) * width + (mirrorsX ? width - 1 : 0)) * channels;
  const out = new Uint8Array(data.length);
  // Tile by tile, as the lines of a transposed picture lie far apart.
  for (let top = 0; top < outHeight; top += TILE)
    for (let left = 0; left < outWidth; left += TILE) {
      const [bottom, right] = [Math.min(top + TILE, outHeight), Math.min(left + TILE, outWidth)];
      for (let y = top; y < bottom; y++) {
        const from = start + y * stepY + left * stepX;
        const to = (y * outWidth + left) * channels;
        copyPixels(data, from, stepX, out, to, right - left, channels);
      }
    }
  return { data: out, width: outWidth, height: outHeight, channels };
}

function copyPixels(
  data: Uint8Array,
  from: number,
  step: number,
  out: Uint8Array,
  to: number,
  count: number,
  channels: 1 | 3 | 4,
): void {
  if (channels === 3)
    for (const end = to + 3 * count; to < end; to += 3, from += step) {
      out[to] = data[from]!;
      out[to + 1] = data[from + 1]!;
      out[to + 2] = data[from + 2]!;
    }
  else
    for (const end = to + channels * count; to < end; to += channels, from += step)
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
}
