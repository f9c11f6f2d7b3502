// What a BMP file says before its pixels.
import { check } from '../base/errors.js';
import { checkSize, type Limits } from './limits.js';

export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  /** Position of the pixels. */
  readonly at: number;
  /** Bytes of a plain row, padded to a multiple of four. */
  readonly rowBytes: number;
  /** Rows are run-length encoded. */
  readonly runs: boolean;
  /** Bits of red, green, blue and opacity (0: none) in pixels of 16 or 32 bits. */
  readonly masks: readonly [number, number, number, number] | undefined;
  /** Colors as they are stored: blue, green, red. */
  readonly palette: readonly Uint8Array[] | undefined;
}

const FILE_HEADER = 14;
/** OS/2's first header has sizes of 16 bits and palettes of three bytes a color. */
const CORE_HEADER = 12;
/** Sizes of headers; from 52 on they hold the masks, from 56 on that of the opacity, too. */
const HEADERS = [CORE_HEADER, 40, 52, 56, 64, 108, 124];
const OS2_HEADER = 64;
const [PLAIN, RUNS8, RUNS4, MASKS, JPEG, PNG, MASKS_WITH_ALPHA] = [0, 1, 2, 3, 4, 5, 6];
/** Runs of 255 pixels take two bytes; an end of the picture, or a move, leaves pixels out, which need not be many. */
const PIXELS_PER_BYTE = 4096;

export function readBmpHeader(bytes: Uint8Array, limits: Limits): BmpHeader {
  const { who } = limits;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const cut = (needed: number): void =>
    check(
      bytes.length >= needed,
      () => `${who} is cut off: ${bytes.length} bytes, ${needed} are needed; copy it again`,
    );
  cut(FILE_HEADER + 4);
  const at = view.getUint32(10, true);
  const headerBytes = view.getUint32(FILE_HEADER, true);
  check(
    HEADERS.includes(headerBytes),
    `${who} has a BMP header of ${headerBytes} bytes, which is not known here; save it again as BMP`,
  );
  cut(FILE_HEADER + headerBytes);
  const isCore = headerBytes === CORE_HEADER;
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? PLAIN! : view.getUint32(30, true);
  const height = Math.abs(signedHeight);
  checkSize(width, height, limits);
  const topDown = signedHeight < 0;
  check(
    isKnown(compression, bits, topDown) && !(headerBytes === OS2_HEADER && compression > RUNS4!),
    () =>
      `${who} is a BMP of a kind that is not read (${describeKind(bits, compression)}); save it again as BMP or PNG`,
  );
  const masksBytes =
    headerBytes > 40 || compression === PLAIN
      ? 0
      : compression === MASKS
        ? 12
        : compression === MASKS_WITH_ALPHA
          ? 16
          : 0;
  const paletteAt = FILE_HEADER + headerBytes + masksBytes;
  cut(paletteAt);
  const runs = compression === RUNS8 || compression === RUNS4;
  const rowBytes = Math.floor((width * bits + 31) / 32) * 4;
  if (runs)
    check(
      width * height <= (bytes.length - at) * PIXELS_PER_BYTE,
      `${who} says it is ${width} × ${height} pixels, which its ${bytes.length} bytes cannot hold; copy it again`,
    );
  else cut(at + height * rowBytes);
  check(at >= paletteAt, `${who} is damaged: its pixels begin at byte ${at}, within its header; copy it again`);
  return {
    width,
    height,
    topDown,
    bits,
    at,
    rowBytes,
    runs,
    masks: bits === 16 || bits === 32 ? masksOf(view, headerBytes, bits, compression) : undefined,
    palette: bits <= 8 ? paletteOf(bytes, view, headerBytes, bits, paletteAt, at) : undefined,
  };
}

function isKnown(compression: number, bits: number, topDown: boolean): boolean {
  if (compression === PLAIN) return [1, 2, 4, 8, 16, 24, 32].includes(bits);
  if (compression === RUNS8) return bits === 8 && !topDown;
  if (compression === RUNS4) return bits === 4 && !topDown;
  return (compression === MASKS || compression === MASKS_WITH_ALPHA) && (bits === 16 || bits === 32);
}

function describeKind(bits: number, compression: number): string {
  const inside = compression === JPEG ? ', a JPEG inside' : compression === PNG ? ', a PNG inside' : '';
  return `${bits} bits a pixel, compression ${compression}${inside}`;
}

function masksOf(
  view: DataView,
  headerBytes: number,
  bits: number,
  compression: number,
): readonly [number, number, number, number] {
  // The fourth byte of plain pixels means nothing.
  if (compression === PLAIN) return bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
  const hasAlpha = compression === MASKS_WITH_ALPHA || headerBytes >= 56;
  const mask = (i: number): number => view.getUint32(FILE_HEADER + 40 + 4 * i, true);
  return [mask(0), mask(1), mask(2), hasAlpha ? mask(3) : 0];
}

function paletteOf(
  bytes: Uint8Array,
  view: DataView,
  headerBytes: number,
  bits: number,
  start: number,
  end: number,
): Uint8Array[] {
  const isCore = headerBytes === CORE_HEADER;
  const colorBytes = isCore ? 3 : 4;
  const stated = isCore ? 0 : view.getUint32(46, true);
  const colors = Math.min(
    stated === 0 || stated > 256 ? 1 << bits : stated,
    1 << bits,
    Math.floor((end - start) / colorBytes),
  );
  return Array.from({ length: colors }, (_, i) => bytes.subarray(start + i * colorBytes, start + (i + 1) * colorBytes));
}
