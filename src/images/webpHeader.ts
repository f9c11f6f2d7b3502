// What a WebP file says before its pixels (https://developers.google.com/speed/webp/docs/riff_container).
import { check } from '../base/errors.js';
import { readOrientation, type Orientation } from './exif.js';
import { checkSize, type Limits } from './limits.js';

export interface WebpHeader {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly orientation: Orientation;
}

/** Flag of a VP8X chunk. */
export const HAS_ALPHA = 16;

type Size = Pick<WebpHeader, 'width' | 'height'> & { readonly hasAlpha: boolean };

export function readWebpHeader(bytes: Uint8Array, limits: Limits): WebpHeader {
  const { who } = limits;
  const chunks = webpChunks(bytes, who);
  const extended = chunks.get('VP8X');
  const pixels = chunks.get('VP8L') ?? chunks.get('VP8 ');
  check(pixels !== undefined, `${who} holds no picture (no VP8 or VP8L chunk); save it again as WebP`);
  const size = chunks.has('VP8L') ? losslessSize(pixels, who) : lossySize(pixels, who);
  checkSize(size.width, size.height, limits);
  if (extended) {
    check(extended.length >= 10, `${who} is damaged: its VP8X chunk has ${extended.length} bytes; copy it again`);
    const [width, height] = [1 + uint24(extended, 4), 1 + uint24(extended, 7)];
    check(
      width === size.width && height === size.height,
      `${who} is damaged: it says ${width} × ${height} pixels and holds ${size.width} × ${size.height}; save it again as WebP`,
    );
  }
  // As libwebp has it: the pixels' own word, and for lossy ones, which have none, the header's or a chunk of opacities.
  const hasAlpha = chunks.has('VP8L') ? size.hasAlpha : chunks.has('ALPH') || ((extended?.[0] ?? 0) & HAS_ALPHA) !== 0;
  const exif = chunks.get('EXIF');
  return {
    width: size.width,
    height: size.height,
    channels: hasAlpha ? 4 : 3,
    orientation: exif ? readOrientation(exif) : 1,
  };
}

export function uint24(bytes: Uint8Array, at: number): number {
  return bytes[at]! + bytes[at + 1]! * 256 + bytes[at + 2]! * 65536;
}

/** The first of each type. */
export function webpChunks(bytes: Uint8Array, who: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  check(bytes.length >= 12, `${who} is cut off: ${bytes.length} bytes; copy it again`);
  const end = 8 + view.getUint32(4, true);
  check(end <= bytes.length, `${who} is cut off: it says ${end} bytes and has ${bytes.length}; copy it again`);
  const chunks = new Map<string, Uint8Array>();
  for (let at = 12; at + 8 <= end;) {
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    check(
      at + 8 + length <= end,
      `${who} is damaged: a chunk at byte ${at} says ${length} bytes, ${end - at - 8} are left; copy it again`,
    );
    if (!chunks.has(type)) chunks.set(type, bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length + (length & 1);
  }
  return chunks;
}

function lossySize(data: Uint8Array, who: string): Size {
  check(
    data.length >= 10 && data[3] === 0x9d && data[4] === 0x01 && data[5] === 0x2a,
    `${who} is damaged: its VP8 chunk has no key frame; copy it again`,
  );
  return {
    width: (data[6]! + data[7]! * 256) & 0x3fff,
    height: (data[8]! + data[9]! * 256) & 0x3fff,
    hasAlpha: false,
  };
}

function losslessSize(data: Uint8Array, who: string): Size {
  check(data.length >= 5 && data[0] === 0x2f, `${who} is damaged: its VP8L chunk has no signature; copy it again`);
  const bits = new DataView(data.buffer, data.byteOffset + 1, 4).getUint32(0, true);
  return {
    width: 1 + (bits & 0x3fff),
    height: 1 + ((bits >>> 14) & 0x3fff),
    hasAlpha: ((bits >>> 28) & 1) === 1,
  };
}
