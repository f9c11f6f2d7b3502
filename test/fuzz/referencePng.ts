// A plain PNG decoder, pixel by pixel as the standard tells it (https://www.w3.org/TR/png/), slow and trusting: the oracle of the fuzzer.
import { crc32 } from 'node:zlib';
import { referenceInflate } from './referenceInflate.js';

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly interlaced: boolean;
}

interface Pass {
  readonly left: number;
  readonly top: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly columns: number;
  readonly rows: number;
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

export function channelsOf({ colorType }: PngHeader): number {
  return { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colorType] ?? 0;
}

/** The pictures within an interlaced one that are not empty, or the one picture. */
export function passesOf({ width, height, interlaced }: PngHeader): Pass[] {
  const steps = interlaced ? ADAM7 : [[0, 0, 1, 1] as const];
  const all = steps.map(([left, top, stepX, stepY]) => ({
    left,
    top,
    stepX,
    stepY,
    columns: Math.ceil((width - left) / stepX),
    rows: Math.ceil((height - top) / stepY),
  }));
  return all.filter(({ columns, rows }) => columns > 0 && rows > 0);
}

export function rowBytes(header: PngHeader, columns: number): number {
  return Math.ceil((columns * header.depth * channelsOf(header)) / 8);
}

/** Gray as decodePng gives it, or null for what makes no picture. */
export function referencePng(file: Uint8Array): { width: number; height: number; gray: Uint8Array } | null {
  const chunks = chunksOf(file);
  const ihdr = chunks?.get('IHDR');
  if (!chunks || !ihdr || ihdr.length < 13 || !chunks.has('IDAT')) return null;
  const view = new DataView(ihdr.buffer, ihdr.byteOffset, ihdr.length);
  const header = {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth: ihdr[8]!,
    colorType: ihdr[9]!,
    interlaced: ihdr[12] === 1,
  };
  const { width, height } = header;
  const raw = referenceInflate(chunks.get('IDAT')!);
  if (
    raw?.length !== passesOf(header).reduce((sum, { columns, rows }) => sum + rows * (1 + rowBytes(header, columns)), 0)
  )
    return null;
  const [luma, alpha] = [new Uint8Array(width * height), new Uint8Array(width * height)];
  let at = 0;
  for (const { left, top, stepX, stepY, columns, rows } of passesOf(header)) {
    const length = rowBytes(header, columns);
    let above: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < rows; row++, at += 1 + length) {
      const line = unfiltered(
        raw.subarray(at + 1, at + 1 + length),
        raw[at]!,
        above,
        Math.max(1, (header.depth * channelsOf(header)) >> 3),
      );
      for (let column = 0; column < columns; column++) {
        const target = (top + row * stepY) * width + left + column * stepX;
        const [r, g, b, a] = colorOf(header, line, column, chunks);
        luma[target] = (77 * r + 150 * g + 29 * b + 128) >> 8;
        alpha[target] = a;
      }
      above = line;
    }
  }
  const onto = (ground: number): Uint8Array =>
    luma.map((value, i) => Math.floor((value * alpha[i]! + ground * (255 - alpha[i]!) + 127) / 255));
  const white = onto(255);
  return { width, height, gray: white.some((value) => value <= 250) ? white : onto(0) };
}

/** By type, up to IEND; IDAT chunks joined. Null where one that makes the picture has a wrong checksum. */
function chunksOf(file: Uint8Array): Map<string, Uint8Array> | null {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const chunks = new Map<string, Uint8Array>();
  for (let at = 8; at + 12 <= file.length;) {
    const length = Math.min(view.getUint32(at), file.length - at - 12);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (
      ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'].includes(type) &&
      view.getUint32(at + 8 + length) !== crc32(file.subarray(at + 4, at + 8 + length))
    )
      return null;
    chunks.set(
      type,
      Buffer.concat([
        type === 'IDAT' ? (chunks.get(type) ?? new Uint8Array(0)) : new Uint8Array(0),
        file.subarray(at + 8, at + 8 + length),
      ]),
    );
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return chunks;
}

function unfiltered(row: Uint8Array, filter: number, above: Uint8Array, pixelBytes: number): Uint8Array {
  const line = new Uint8Array(row.length);
  for (let i = 0; i < row.length; i++) {
    const [a, b, c] = [line[i - pixelBytes] ?? 0, above[i]!, above[i - pixelBytes] ?? 0];
    line[i] = row[i]! + [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter]!;
  }
  return line;
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** Red, green, blue, opacity of 0 … 255. */
function colorOf(
  header: PngHeader,
  line: Uint8Array,
  column: number,
  chunks: ReadonlyMap<string, Uint8Array>,
): [number, number, number, number] {
  const { depth, colorType } = header;
  const channels = channelsOf(header);
  const sample = (channel: number): number => {
    let value = 0;
    for (let bit = (column * channels + channel) * depth, end = bit + depth; bit < end; bit++)
      value = value * 2 + ((line[bit >> 3]! >> (7 - (bit & 7))) & 1);
    return value;
  };
  const scaled = (value: number): number => (depth === 16 ? value >> 8 : (value * 255) / (2 ** depth - 1));
  const samples = Array.from({ length: channels }, (_, channel) => sample(channel));
  const clear = chunks.get('tRNS') ?? new Uint8Array(0);
  if (colorType === 3) {
    const [index] = samples as [number];
    const [r, g, b] = chunks.get('PLTE')!.subarray(3 * index) as unknown as [number, number, number];
    return [r, g, b, clear[index] ?? 255];
  }
  if (channels === 2 || channels === 4) {
    const opacity = scaled(samples[channels - 1]!);
    const [r, g, b] = samples.map(scaled) as [number, number, number];
    return channels === 2 ? [r, r, r, opacity] : [r, g, b, opacity];
  }
  const isClear = samples.every(
    (value, i) => 2 * i + 1 < clear.length && value === clear[2 * i]! * 256 + clear[2 * i + 1]!,
  );
  const [r, g = r, b = r] = samples.map(scaled) as [number, number?, number?];
  return [r, g, b, isClear ? 0 : 255];
}
