// The pixels of a PNG (https://www.w3.org/TR/png/): rows are inflated, unfiltered and laid into the picture one after another.
import { check, WasmCnnError } from '../base/errors.js';
import type { OwnBytes } from '../base/hostTypes.js';
import { inflate } from '../formats/codecs/inflate.js';

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly interlaced: boolean;
}

export interface PngContents {
  readonly header: PngHeader;
  /** The contents of the IDAT chunks, in order. */
  readonly compressed: readonly Uint8Array[];
  readonly palette: Uint8Array | undefined;
  /** The contents of the tRNS chunk: an opacity for each palette color, or the one gray or color that is clear. */
  readonly transparency: Uint8Array | undefined;
}

const PALETTE = 3;
/** Color type → samples a pixel, and the bit depths that the standard allows. */
const COLOR_TYPES: Record<number, { samples: number; depths: readonly number[] }> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  [PALETTE]: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

export function isKnownKind(colorType: number, depth: number): boolean {
  return COLOR_TYPES[colorType]?.depths.includes(depth) === true;
}

/** Gray stays gray where it is opaque. */
export function channelsOf({ header, transparency }: PngContents): 1 | 3 | 4 {
  const { colorType } = header;
  return transparency || colorType === 4 || colorType === 6 ? 4 : colorType === 0 ? 1 : 3;
}

/** The whole picture, or one of the seven smaller ones of an interlaced one. */
interface Pass {
  readonly left: number;
  readonly top: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly columns: number;
  readonly rows: number;
  /** Bytes of one row, without the one before it that names its filter. */
  readonly rowBytes: number;
}

const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function passesOf({ width, height, depth, colorType, interlaced }: PngHeader): Pass[] {
  const bits = depth * COLOR_TYPES[colorType]!.samples;
  return (interlaced ? ADAM7 : [[0, 0, 1, 1] as const])
    .map(([left, top, stepX, stepY]) => {
      const [columns, rows] = [Math.ceil((width - left) / stepX), Math.ceil((height - top) / stepY)];
      return { left, top, stepX, stepY, columns, rows, rowBytes: Math.ceil((columns * bits) / 8) };
    })
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** [height, width, channels] as channelsOf() has it. */
export function readPixels(contents: PngContents, who: string): OwnBytes {
  const { header } = contents;
  const { width, height, depth, colorType } = header;
  const passes = passesOf(header);
  const expected = passes.reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
  const deflated = zlibContents(joined(contents.compressed), who);
  // A deflated byte stands for 1032 at most: a header that says more is known to be wrong before pixels are allocated.
  check(
    deflated.bytes.length * 1032 >= expected,
    () =>
      `${who} is damaged: its image data inflates to ${deflated.bytes.length * 1032} bytes at most, ${width} × ${height} pixels take ${expected}; copy it again`,
  );
  const pixels = new Uint8Array(width * height * channelsOf(contents));
  const pixelBytes = Math.max(1, (depth * COLOR_TYPES[colorType]!.samples) >> 3);
  const place = placer(contents, pixels, who);
  const [adler, rows] = [new Adler32(), new Rows(passes, pixelBytes, place, who)];
  let found = 0;
  try {
    inflate(deflated.bytes, (bytes) => {
      found += bytes.length;
      check(
        found <= expected,
        () =>
          `${who} is damaged: its image data inflates to more than the ${expected} bytes that ${width} × ${height} pixels take; save it again as PNG`,
      );
      adler.add(bytes);
      rows.add(bytes);
    });
  } catch (error) {
    if (error instanceof WasmCnnError) throw error;
    throw new WasmCnnError(
      `${who} is damaged: its image data does not inflate (${(error as Error).message}); copy it again`,
    );
  }
  check(
    found === expected,
    () =>
      `${who} is damaged: its image data inflates to ${found} bytes, ${width} × ${height} pixels take ${expected}; copy it again`,
  );
  check(adler.value === deflated.checksum, `${who} is damaged: its image data has a wrong checksum; copy it again`);
  return pixels;
}

/** A zlib stream is two bytes, deflated ones, and their checksum. */
function zlibContents(stream: Uint8Array, who: string): { bytes: Uint8Array; checksum: number } {
  const [method = 0, flags = 0] = stream;
  check(
    stream.length > 6 &&
      (method & 15) === 8 &&
      method >> 4 <= 7 &&
      (method * 256 + flags) % 31 === 0 &&
      (flags & 32) === 0,
    `${who} is damaged: its image data does not inflate (no zlib stream); copy it again`,
  );
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  return { bytes: stream.subarray(2, -4), checksum: view.getUint32(stream.length - 4) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** zlib's checksum of what was deflated. */
class Adler32 {
  #a = 1;
  #b = 0;

  add(bytes: Uint8Array): void {
    let [a, b] = [this.#a, this.#b];
    // So many bytes fit 32 bits before the remainders must be taken.
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(at + 3800, bytes.length);
      for (; at < end; at++) {
        a += bytes[at]!;
        b += a;
      }
      a %= 65521;
      b %= 65521;
    }
    [this.#a, this.#b] = [a, b];
  }

  get value(): number {
    return this.#b * 65536 + this.#a;
  }
}

type Place = (row: Uint8Array, pass: Pass, y: number) => void;

/** Collects inflated bytes into rows, unfilters them, and hands them on. */
class Rows {
  readonly #passes: readonly Pass[];
  readonly #pixelBytes: number;
  readonly #place: Place;
  readonly #who: string;
  #pass = 0;
  #y = 0;
  /** The filter byte and the row; the one above it. */
  #row: Uint8Array;
  #above: Uint8Array;
  #filled = 0;

  constructor(passes: readonly Pass[], pixelBytes: number, place: Place, who: string) {
    this.#passes = passes;
    this.#pixelBytes = pixelBytes;
    this.#place = place;
    this.#who = who;
    this.#row = new Uint8Array(1 + passes[0]!.rowBytes);
    this.#above = new Uint8Array(1 + passes[0]!.rowBytes);
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.#row.length - this.#filled);
      this.#row.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#row.length) this.#finish();
    }
  }

  #finish(): void {
    const pass = this.#passes[this.#pass]!;
    const filter = this.#row[0]!;
    check(
      filter <= 4,
      () => `${this.#who} is damaged: row ${this.#y} has filter ${filter}, 0 to 4 are known; save it again as PNG`,
    );
    unfilter(filter, this.#row, this.#above, this.#pixelBytes);
    this.#place(this.#row.subarray(1), pass, pass.top + this.#y * pass.stepY);
    [this.#row, this.#above, this.#filled] = [this.#above, this.#row, 0];
    if (++this.#y < pass.rows) return;
    this.#y = 0;
    const next = this.#passes[++this.#pass];
    if (!next) return;
    this.#row = new Uint8Array(1 + next.rowBytes);
    this.#above = new Uint8Array(1 + next.rowBytes);
  }
}

/** Undoes the filter in place; element 0 of both rows is the filter's. `pixelBytes` back is the pixel to the left, which is 0 for the first. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  const first = 1 + pixelBytes;
  if (filter === 1) for (let i = first; i < row.length; i++) row[i]! += row[i - pixelBytes]!;
  else if (filter === 2) for (let i = 1; i < row.length; i++) row[i]! += above[i]!;
  else if (filter === 3) {
    for (let i = 1; i < first && i < row.length; i++) row[i]! += above[i]! >> 1;
    for (let i = first; i < row.length; i++) row[i]! += (row[i - pixelBytes]! + above[i]!) >> 1;
  } else if (filter === 4) {
    for (let i = 1; i < first && i < row.length; i++) row[i]! += above[i]!;
    for (let i = first; i < row.length; i++) {
      const a = row[i - pixelBytes]!;
      const b = above[i]!;
      const c = above[i - pixelBytes]!;
      const pa = Math.abs(b - c);
      const pb = Math.abs(a - c);
      const pc = Math.abs(a + b - 2 * c);
      row[i]! += pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    }
  }
}

/** Lays a row's pixels into the picture: 16 bits by their upper half, fewer than 8 spread over 0 … 255. */
function placer(contents: PngContents, pixels: Uint8Array, who: string): Place {
  const { header, palette = new Uint8Array(0), transparency } = contents;
  const { width, depth, colorType } = header;
  const channels = channelsOf(contents);
  const { samples } = COLOR_TYPES[colorType]!;
  /** Sample i of a row, as it is stored. */
  const full = depth < 8 ? (1 << depth) - 1 : 255;
  const sample =
    depth === 8
      ? (row: Uint8Array, i: number) => row[i]!
      : depth === 16
        ? (row: Uint8Array, i: number) => row[2 * i]! * 256 + row[2 * i + 1]!
        : (row: Uint8Array, i: number) => (row[(i * depth) >> 3]! >> (8 - depth - ((i * depth) & 7))) & full;
  const to8 = depth === 16 ? (value: number) => value >> 8 : (value: number) => (value * 255) / full;
  if (colorType === PALETTE) {
    const colors = palette.length / 3;
    return (row, { left, stepX, columns }, y) => {
      for (let x = 0, to = (y * width + left) * channels; x < columns; x++, to += stepX * channels) {
        const index = sample(row, x);
        check(
          index < colors,
          () =>
            `${who} is damaged: pixel ${left + x * stepX}, ${y} has color ${index} of a palette of ${colors}; save it again as PNG`,
        );
        for (let c = 0; c < 3; c++) pixels[to + c] = palette[3 * index + c]!;
        if (channels === 4) pixels[to + 3] = transparency?.[index] ?? 255;
      }
    };
  }
  if (depth === 8 && samples === channels && !header.interlaced)
    return (row, _, y) => pixels.set(row, y * width * channels);
  const clear = clearColor(transparency, samples);
  return (row, { left, stepX, columns }, y) => {
    for (let x = 0, to = (y * width + left) * channels; x < columns; x++, to += stepX * channels) {
      const at = x * samples;
      if (samples <= 2) {
        const gray = to8(sample(row, at));
        for (let c = 0; c < channels; c++) pixels[to + c] = gray;
      } else for (let c = 0; c < 3; c++) pixels[to + c] = to8(sample(row, at + c));
      if (channels < 4) continue;
      pixels[to + 3] =
        samples % 2 === 0
          ? to8(sample(row, at + samples - 1))
          : clear?.every((value, c) => value === sample(row, at + c))
            ? 0
            : 255;
    }
  };
}

/** The one gray or color that is clear, or null: a chunk too short for one names none. */
function clearColor(transparency: Uint8Array | undefined, samples: number): readonly number[] | null {
  if (!transparency || samples % 2 === 0 || transparency.length < 2 * samples) return null;
  return Array.from({ length: samples }, (_, i) => transparency[2 * i]! * 256 + transparency[2 * i + 1]!);
}
