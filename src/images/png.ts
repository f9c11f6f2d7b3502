// Reads a PNG: its chunks are checked before anything is allocated, and its rows become pixels as they are inflated.
import { check } from '../base/errors.js';
import { crc32 } from '../formats/checksum.js';
import { applyOrientation, readOrientation } from './exif.js';
import { upright, type PictureHeader } from './form.js';
import { guessFormat } from './format.js';
import { checkSize, type Limits } from './limits.js';
import type { Picture } from './picture.js';
import { channelsOf, isKnownKind, readPixels, type PngContents, type PngHeader } from './pngPixels.js';

/** Encoders cut the largest picture into some ten thousand; each takes many times its 12 bytes of memory here. */
const MAX_CHUNKS = 100_000;
/** Entries of a palette, and bytes of the opacities beside it. */
const MAX_COLORS = 256;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const NEEDED = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];

/** `who` names the picture in messages. */
export function decodePng(bytes: Uint8Array, limits: Limits): Picture {
  const { who } = limits;
  check(bytes.length > 0, `${who} is empty; give a PNG picture`);
  check(
    SIGNATURE.every((byte, i) => bytes[i] === byte),
    () => `${who} is not a PNG picture but ${guessFormat(bytes, 'save it as PNG')}`,
  );
  const { exif, ...contents } = readChunks(bytes, limits);
  const { width, height } = contents.header;
  const channels = channelsOf(contents);
  const picture = { data: readPixels(contents, who), width, height, channels };
  return exif ? applyOrientation(picture, readOrientation(exif)) : picture;
}

/** What the picture is like, by the chunks before its pixels. */
export function readPngForm(bytes: Uint8Array, limits: Limits): PictureHeader {
  const { exif, ...contents } = readChunks(bytes, limits, 'to the pixels');
  return upright(contents.header, channelsOf(contents) === 1, exif ? readOrientation(exif) : 1);
}

interface Chunks extends PngContents {
  readonly exif: Uint8Array | undefined;
}

function readChunks(bytes: Uint8Array, limits: Limits, extent: 'whole' | 'to the pixels' = 'whole'): Chunks {
  const { who } = limits;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const compressed: Uint8Array[] = [];
  const seen = new Map<string, Uint8Array>();
  let header: PngHeader | undefined;
  let exif: Uint8Array | undefined;
  for (let at = SIGNATURE.length, last = '', count = 1; last !== 'IEND'; count++) {
    check(
      at + 12 <= bytes.length,
      `${who} is cut off: ${bytes.length} bytes without the IEND chunk that ends a PNG; copy it again`,
    );
    check(count <= MAX_CHUNKS, `${who} has more than ${MAX_CHUNKS} chunks; save it again as PNG`);
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    check(/^[A-Za-z]{4}$/.test(type), `${who} is damaged: no chunk starts at byte ${at}; copy it again`);
    if (extent !== 'whole' && type === 'IDAT' && header) break;
    const end = at + 12 + length;
    check(
      end <= bytes.length,
      `${who} is cut off: chunk ${type} at byte ${at} says ${length} bytes, ${bytes.length - at - 12} are left; copy it again`,
    );
    const data = bytes.subarray(at + 8, end - 4);
    const isSound = (): boolean => crc32(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
    if (NEEDED.includes(type)) {
      check(isSound(), `${who} is damaged: wrong checksum in chunk ${type} at byte ${at}; copy it again`);
      check(
        (type === 'IHDR') === (header === undefined),
        `${who} is damaged: the IHDR chunk must come first and once; save it again as PNG`,
      );
      check(
        type === 'IDAT' ? last === 'IDAT' || !seen.has('IDAT') : !seen.has(type),
        `${who} is damaged: chunk ${type} comes again at byte ${at}; save it again as PNG`,
      );
      if (type === 'IHDR') header = readHeader(data, limits);
      if (type === 'IDAT') compressed.push(data);
      if (type === 'PLTE')
        check(
          length % 3 === 0 && length <= 3 * MAX_COLORS,
          `${who} is damaged: its palette has ${length} bytes, 3 for each of at most ${MAX_COLORS} colors are allowed; save it again as PNG`,
        );
      if (type === 'tRNS')
        check(
          length <= MAX_COLORS,
          `${who} is damaged: its tRNS chunk has ${length} bytes, at most ${MAX_COLORS} are allowed; save it again as PNG`,
        );
      seen.set(type, data);
    } else {
      // A lower-case first letter marks what a reader may pass over: texts, color profiles, animation.
      check(type[0]! >= 'a', `${who} needs the PNG chunk ${type}, which is not known here; save it again as plain PNG`);
      check(header !== undefined, `${who} is damaged: the IHDR chunk must come first and once; save it again as PNG`);
      if (type === 'eXIf' && !exif && isSound()) exif = data;
    }
    last = type;
    at = end;
  }
  check(
    extent !== 'whole' || compressed.length > 0,
    `${who} holds no image data (no IDAT chunk); save it again as PNG`,
  );
  const palette = seen.get('PLTE');
  check(
    extent !== 'whole' || header!.colorType !== 3 || palette !== undefined,
    `${who} has palette colors but no PLTE chunk; save it again as PNG`,
  );
  return { header: header!, compressed, palette, transparency: seen.get('tRNS'), exif };
}

function readHeader(data: Uint8Array, limits: Limits): PngHeader {
  const { who } = limits;
  check(
    data.length === 13,
    `${who} is damaged: its IHDR chunk has ${data.length} bytes instead of 13; save it again as PNG`,
  );
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth = 0, colorType = 0, compression, filter, interlace = 0] = data.subarray(8);
  checkSize(width, height, limits);
  check(
    isKnownKind(colorType, depth) && compression === 0 && filter === 0 && interlace <= 1,
    `${who} is of no kind that the PNG standard knows (bit depth ${depth}, color type ${colorType}, compression ${compression}, ` +
      `filter ${filter}, interlace ${interlace}); save it again as PNG`,
  );
  return { width, height, depth, colorType, interlaced: interlace === 1 };
}
