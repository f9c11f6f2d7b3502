// BMP of Windows and OS/2: plain, masked or run-length rows.
import { check } from '../base/errors.js';
import { readBmpHeader, type BmpHeader } from './bmpHeader.js';
import type { Limits } from './limits.js';
import type { Picture } from './picture.js';

export function decodeBmp(bytes: Uint8Array, limits: Limits): Picture {
  const header = readBmpHeader(bytes, limits);
  const { width, height, masks, palette } = header;
  const channels = masks && masks[3] !== 0 ? 4 : 3;
  const picture = { data: new Uint8Array(width * height * channels), width, height, channels } as const;
  if (masks) readMasked(bytes, header, masks, picture);
  else if (palette) {
    const indices = header.runs ? readRuns(bytes, header, limits.who) : readIndices(bytes, header);
    readColors(indices, palette, picture, limits.who);
  } else readColors24(bytes, header, picture);
  return picture;
}

/** Rows are stored from the bottom to the top, unless the height is negative. */
const rowOf = ({ height, topDown }: BmpHeader, y: number): number => (topDown ? y : height - 1 - y);

/** Blue, green, red. */
function readColors24(bytes: Uint8Array, header: BmpHeader, { data, width, height }: Picture): void {
  for (let y = 0, to = 0; y < height; y++) {
    let from = header.at + rowOf(header, y) * header.rowBytes;
    for (let x = 0; x < width; x++, from += 3, to += 3) {
      data[to] = bytes[from + 2]!;
      data[to + 1] = bytes[from + 1]!;
      data[to + 2] = bytes[from]!;
    }
  }
}

/** Pixels of 16 or 32 bits, of which each mask takes some; they are spread over 0 … 255, rounded down as in Pillow. */
function readMasked(
  bytes: Uint8Array,
  header: BmpHeader,
  masks: readonly number[],
  { data, width, height, channels }: Picture,
): void {
  const shifts = masks.map((mask) => (mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)));
  const largest = masks.map((mask, i) => mask >>> shifts[i]!);
  const pixelBytes = header.bits / 8;
  for (let y = 0, to = 0; y < height; y++) {
    let from = header.at + rowOf(header, y) * header.rowBytes;
    for (let x = 0; x < width; x++, from += pixelBytes, to += channels) {
      const low = bytes[from]! + bytes[from + 1]! * 256;
      const pixel = pixelBytes === 2 ? low : low + (bytes[from + 2]! << 16) + bytes[from + 3]! * 0x1000000;
      for (let c = 0; c < channels; c++) {
        const value = ((pixel & masks[c]!) >>> 0) >>> shifts[c]!;
        data[to + c] = largest[c] === 0 ? 0 : Math.floor((value * 255) / largest[c]!);
      }
    }
  }
}

/** Palette indices of 1, 2, 4 or 8 bits, top row first. */
function readIndices(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bits, at, rowBytes } = header;
  const indices = new Uint8Array(width * height);
  const mask = (1 << bits) - 1;
  for (let y = 0, to = 0; y < height; y++) {
    const row = at + rowOf(header, y) * rowBytes;
    for (let x = 0; x < width; x++) {
      const bit = x * bits;
      indices[to++] = (bytes[row + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
    }
  }
  return indices;
}

/**
 * Run-length rows of 4 or 8 bits: pairs of a count and the index, or two, to repeat; after a count of 0 the end of a row (0) or of the
 * picture (1), a move (2), or so many indices as they are, padded to two bytes. What is passed over has index 0.
 */
function readRuns(bytes: Uint8Array, header: BmpHeader, who: string): Uint8Array {
  const { width, height, bits, at: start } = header;
  const indices = new Uint8Array(width * height);
  let [x, y] = [0, 0];
  const put = (index: number): void => {
    // Some encoders pad rows to four bytes here, too.
    check(
      x < ((width + 3) & ~3) && y < height,
      () => `${who} is damaged: its runs leave the picture in row ${y}; save it again as BMP`,
    );
    if (x < width) indices[rowOf(header, y) * width + x] = index;
    x++;
  };
  for (let at = start; ;) {
    check(at + 2 <= bytes.length, `${who} is cut off: its ${bytes.length} bytes end within its runs; copy it again`);
    const [count, value] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(bits === 8 ? value : i % 2 === 0 ? value >> 4 : value & 15);
    } else if (value === 0) {
      [x, y] = [0, y + 1];
    } else if (value === 1) return indices;
    else {
      const length = value === 2 ? 2 : bits === 8 ? value : (value + 1) >> 1;
      check(
        at + length <= bytes.length,
        `${who} is cut off: its ${bytes.length} bytes end within its runs; copy it again`,
      );
      if (value === 2) {
        x += bytes[at]!;
        y += bytes[at + 1]!;
      } else
        for (let i = 0; i < value; i++)
          put(bits === 8 ? bytes[at + i]! : (bytes[at + (i >> 1)]! >> (i % 2 === 0 ? 4 : 0)) & 15);
      at += length + (length & 1);
    }
  }
}

function readColors(indices: Uint8Array, palette: readonly Uint8Array[], { data, width }: Picture, who: string): void {
  for (let i = 0; i < indices.length; i++) {
    const color = palette[indices[i]!];
    check(
      color !== undefined,
      () =>
        `${who} is damaged: pixel ${i % width}, ${Math.floor(i / width)} has color ${indices[i]} of a palette of ${palette.length}; save it again as BMP`,
    );
    data[3 * i] = color[2]!;
    data[3 * i + 1] = color[1]!;
    data[3 * i + 2] = color[0]!;
  }
}
