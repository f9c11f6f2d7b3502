// What a JPEG file says before its pixels: the segments, walked from the first to the last.
import { check } from '../base/errors.js';
import { readOrientation, type Orientation } from './exif.js';
import { checkSize, type Limits } from './limits.js';

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly orientation: Orientation;
}

/** Each scan goes over all pixels: a small file of many would take hours. Encoders make ten or so. */
const MAX_SCANS = 100;
/** A bit for each block of 8 × 8 pixels is the least that Huffman codes can say. */
const PIXELS_PER_BYTE = 512;

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** Baseline, extended and progressive, with Huffman or arithmetic codes. */
const FRAMES_READ = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];
const ARITHMETIC = [0xc9, 0xca];
/** Markers without a length: TEM, RST0 … RST7, SOI. */
const isAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= SOI);

interface Frame {
  readonly marker: number;
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

/** `extent`: where it stops. What follows the first scan is checked in a whole file, and tells nothing of the picture. */
export function readJpegHeader(
  bytes: Uint8Array,
  limits: Limits,
  extent: 'whole' | 'to the first scan' = 'whole',
): JpegHeader {
  const { who } = limits;
  const cut = (): string =>
    `${who} is cut off: ${bytes.length} bytes without the marker that ends a JPEG; copy it again`;
  let frame: Frame | undefined;
  let orientation: Orientation | undefined;
  for (let at = 2, scans = 0; ;) {
    at = bytes.indexOf(0xff, at);
    // Any number of 0xff may stand before a marker.
    while (at >= 0 && bytes[at] === 0xff) at++;
    check(at >= 0 && at < bytes.length, cut);
    const marker = bytes[at++]!;
    if (marker === EOI) break;
    if (marker === 0 || isAlone(marker)) continue;
    check(at + 2 <= bytes.length, cut);
    const length = bytes[at]! * 256 + bytes[at + 1]!;
    const segment = bytes.subarray(at + 2, at + length);
    check(
      length >= 2,
      () => `${who} is a damaged JPEG: the segment at byte ${at - 2} has ${length} bytes; copy it again`,
    );
    check(at + length <= bytes.length, cut);
    at += length;
    if (isFrame(marker) && !frame) frame = readFrame(marker, segment, bytes.length, limits);
    if (marker === APP1 && orientation === undefined && isExif(segment)) orientation = readOrientation(segment);
    if (marker !== SOS) continue;
    if (extent !== 'whole') break;
    check(++scans <= MAX_SCANS, `${who} has more than ${MAX_SCANS} scans; save it again as JPEG`);
    at = endOfScan(bytes, at);
  }
  check(frame !== undefined, `${who} holds no picture (no SOF marker); save it again as JPEG`);
  const { width, height, components } = frame;
  return { width, height, channels: components === 1 ? 1 : 3, orientation: orientation ?? 1 };
}

function isExif(segment: Uint8Array): boolean {
  return String.fromCharCode(...segment.subarray(0, 6)) === 'Exif\0\0';
}

function readFrame(marker: number, segment: Uint8Array, fileBytes: number, limits: Limits): Frame {
  const { who } = limits;
  check(segment.length >= 6, `${who} is a damaged JPEG: its frame header has ${segment.length} bytes; copy it again`);
  const [depth, heightHigh, heightLow, widthHigh, widthLow, components] = segment as unknown as number[] & {
    readonly length: 6;
  };
  check(
    FRAMES_READ.includes(marker),
    `${who} is a JPEG of a kind that is not read (lossless or hierarchical, SOF${marker - 0xc0}); save it as a usual JPEG or PNG`,
  );
  check(depth === 8, `${who} is a JPEG of ${depth} bits a sample, 8 are read; save it as a usual JPEG or PNG`);
  check(components !== 4, `${who} is a CMYK JPEG, for print, and its colors would only be guessed; save it as RGB`);
  check(
    components === 1 || components === 3,
    `${who} is a JPEG of ${components} components a pixel, 1 (gray) or 3 (color) are read; save it as RGB`,
  );
  const [width, height] = [widthHigh! * 256 + widthLow!, heightHigh! * 256 + heightLow!];
  checkSize(width, height, limits);
  check(
    ARITHMETIC.includes(marker) || width * height <= fileBytes * PIXELS_PER_BYTE,
    `${who} says it is ${width} × ${height} pixels, which its ${fileBytes} bytes cannot hold; copy it again`,
  );
  return { marker, width, height, components };
}

/** Position of the first marker behind the entropy-coded data from `at` on; in them 0xff is followed by 0 or a restart marker. */
function endOfScan(bytes: Uint8Array, at: number): number {
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) return bytes.length;
    const next = bytes[at + 1];
    if (next !== 0 && !(next !== undefined && next >= 0xd0 && next <= 0xd7)) return at;
    at += 2;
  }
}
