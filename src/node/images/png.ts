// Reads a person's PNG as a grey picture. The file's structure is checked here, before anything is allocated; fast-png decodes what is left.
import { open } from 'node:fs/promises';
import { crc32, inflateSync } from 'node:zlib';
import { decode, type DecodedPng } from 'fast-png';
import type { GrayPicture } from '../../data/digitImage/picture.js';
import { check, WasmCnnError } from '../../base/errors.js';

const MAX_SIDE = 4096;
const MAX_FILE_BYTES = 256 * 2 ** 20;
/** Encoders cut the largest picture into some ten thousand; each takes many times its 12 bytes of memory here. */
const MAX_CHUNKS = 100_000;
/** Entries of a palette, and bytes of the opacities beside it. */
const MAX_COLORS = 256;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Colour type → samples a pixel, and the bit depths that the standard allows. */
const COLOR_TYPES: Record<number, { channels: number; depths: readonly number[] }> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly interlaced: boolean;
}

/** Reads a PNG file, or its bytes. Transparent parts lie on white. Throws a WasmCnnError for whatever is not a sound PNG. */
export async function readPng(source: string | Uint8Array): Promise<GrayPicture> {
  return typeof source === 'string' ? decodePng(await readPicture(source), source) : decodePng(source, 'the picture');
}

async function readPicture(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const stat = await file.stat();
      check(stat.isFile(), `${path} is not a file; give the path of a PNG picture`);
      check(
        stat.size <= MAX_FILE_BYTES,
        `${path} holds ${stat.size} bytes, more than the ${MAX_FILE_BYTES} that are read; make the picture smaller`,
      );
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof WasmCnnError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new WasmCnnError(`${path} does not exist; give the path of a PNG picture`);
    throw new WasmCnnError(`${path} cannot be read (${code ?? message}); check the path and its permissions`);
  }
}

/** `who` names the picture in messages. */
export function decodePng(bytes: Uint8Array, who: string): GrayPicture {
  check(bytes.length > 0, `${who} is empty; give a PNG picture`);
  check(
    SIGNATURE.every((byte, i) => bytes[i] === byte),
    () => `${who} is not a PNG picture but ${guessFormat(bytes)}; save it as PNG`,
  );
  const { header, kept, compressed, transparency } = readChunks(bytes, who);
  checkInflated(header, compressed, who);
  let png: DecodedPng;
  try {
    png = decode(Buffer.concat(kept));
  } catch (error) {
    throw new WasmCnnError(`${who} cannot be decoded (${(error as Error).message}); save it again as PNG`);
  }
  return toGray(png, header, transparency, who);
}

function guessFormat(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (text.startsWith('\xff\xd8\xff')) return 'a JPEG';
  if (/^GIF8[79]a/.test(text)) return 'a GIF';
  if (/^RIFF....WEBP/s.test(text)) return 'a WebP';
  if (/^....ftyp(heic|heix|mif1|msf1)/s.test(text)) return 'a HEIC photo';
  if (/^....ftypavi[fs]/s.test(text)) return 'an AVIF';
  if (/^(II\*\0|MM\0\*)/.test(text)) return 'a TIFF';
  if (text.startsWith('BM')) return 'a BMP';
  if (text.startsWith('%PDF')) return 'a PDF';
  if (/^(\xef\xbb\xbf)?\s*<(svg|\?xml)/.test(text)) return 'an SVG';
  if (text.startsWith('\x89PNG')) return 'a PNG whose line ends were changed on the way (copy it as binary)';
  return 'something else';
}

interface Chunks {
  readonly header: Header;
  /** A PNG in pieces: the critical chunks alone; others (text, colour profiles, animation) could only do harm. */
  readonly kept: Uint8Array[];
  /** The contents of the IDAT chunks. */
  readonly compressed: Uint8Array[];
  /** The contents of the tRNS chunk: an opacity for each palette colour, or the one grey or colour that is clear. */
  readonly transparency: Uint8Array;
}

function readChunks(bytes: Uint8Array, who: string): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept = [bytes.subarray(0, SIGNATURE.length)];
  const compressed: Uint8Array[] = [];
  const seen = new Set<string>();
  let header: Header | undefined;
  let transparency: Uint8Array = new Uint8Array(0);
  for (let at = SIGNATURE.length, last = '', count = 1; last !== 'IEND'; count++) {
    check(
      at + 12 <= bytes.length,
      `${who} is cut off: ${bytes.length} bytes without the IEND chunk that ends a PNG; copy it again`,
    );
    check(count <= MAX_CHUNKS, `${who} has more than ${MAX_CHUNKS} chunks; save it again as PNG`);
    const length = view.getUint32(at);
    const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1');
    check(/^[A-Za-z]{4}$/.test(type), `${who} is damaged: no chunk starts at byte ${at}; copy it again`);
    const end = at + 12 + length;
    check(
      end <= bytes.length,
      `${who} is cut off: chunk ${type} at byte ${at} says ${length} bytes, ${bytes.length - at - 12} are left; copy it again`,
    );
    const data = bytes.subarray(at + 8, end - 4);
    const needed = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'].includes(type);
    if (needed) {
      check(
        crc32(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4),
        `${who} is damaged: wrong checksum in chunk ${type} at byte ${at}; copy it again`,
      );
      check(
        (type === 'IHDR') === (header === undefined),
        `${who} is damaged: the IHDR chunk must come first and once; save it again as PNG`,
      );
      check(
        type === 'IDAT' ? last === 'IDAT' || !seen.has('IDAT') : !seen.has(type),
        `${who} is damaged: chunk ${type} comes again at byte ${at}; save it again as PNG`,
      );
      if (type === 'IHDR') header = readHeader(data, who);
      if (type === 'IDAT') compressed.push(data);
      if (type === 'PLTE')
        check(
          length % 3 === 0 && length <= 3 * MAX_COLORS,
          `${who} is damaged: its palette has ${length} bytes, 3 for each of at most ${MAX_COLORS} colours are allowed; save it again as PNG`,
        );
      if (type === 'tRNS')
        check(
          length <= MAX_COLORS,
          `${who} is damaged: its tRNS chunk has ${length} bytes, at most ${MAX_COLORS} are allowed; save it again as PNG`,
        );
      // fast-png refuses it in the smallest pictures, and before PLTE.
      if (type === 'tRNS') transparency = data;
      else kept.push(bytes.subarray(at, end));
      seen.add(type);
    } else {
      // A lower-case first letter marks what a reader may pass over.
      check(type[0]! >= 'a', `${who} needs the PNG chunk ${type}, which is not known here; save it again as plain PNG`);
      check(header !== undefined, `${who} is damaged: the IHDR chunk must come first and once; save it again as PNG`);
    }
    last = type;
    at = end;
  }
  check(compressed.length > 0, `${who} holds no image data (no IDAT chunk); save it again as PNG`);
  check(
    header!.colorType !== 3 || seen.has('PLTE'),
    `${who} has palette colours but no PLTE chunk; save it again as PNG`,
  );
  return { header: header!, kept, compressed, transparency };
}

function readHeader(data: Uint8Array, who: string): Header {
  check(
    data.length === 13,
    `${who} is damaged: its IHDR chunk has ${data.length} bytes instead of 13; save it again as PNG`,
  );
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const width = view.getUint32(0),
    height = view.getUint32(4);
  const [depth = 0, colorType = 0, compression, filter, interlace = 0] = data.subarray(8);
  check(width > 0 && height > 0, `${who} says it is ${width} × ${height} pixels; save it again as PNG`);
  check(
    width <= MAX_SIDE && height <= MAX_SIDE,
    `${who} is ${width} × ${height} pixels, at most ${MAX_SIDE} × ${MAX_SIDE} are read; crop it to the digit or make it smaller`,
  );
  check(
    COLOR_TYPES[colorType]?.depths.includes(depth) === true && compression === 0 && filter === 0 && interlace <= 1,
    `${who} is of no kind that the PNG standard knows (bit depth ${depth}, colour type ${colorType}, compression ${compression}, ` +
      `filter ${filter}, interlace ${interlace}); save it again as PNG`,
  );
  // fast-png reads such rows as if each sample took a byte.
  check(
    interlace === 0 || depth >= 8,
    `${who} is interlaced with ${depth} bits a sample, which is not read here; save it without interlacing`,
  );
  return { width, height, depth, colorType, interlaced: interlace === 1 };
}

/** Inflates once with a limit: a small file must not become more bytes than its own header asks for, nor fewer. */
function checkInflated(header: Header, compressed: Uint8Array[], who: string): void {
  const expected = inflatedBytes(header);
  let found: number;
  try {
    found = inflateSync(Buffer.concat(compressed), { maxOutputLength: expected }).length;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new WasmCnnError(
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `${who} is damaged: its image data inflates to more than the ${expected} bytes that ${header.width} × ${header.height} pixels take; save it again as PNG`
        : `${who} is damaged: its image data does not inflate (${code}); copy it again`,
    );
  }
  check(
    found === expected,
    `${who} is damaged: its image data inflates to ${found} bytes, ${header.width} × ${header.height} pixels take ${expected}; copy it again`,
  );
}

/** Rows of samples, each after a byte that names its filter; interlaced pictures hold seven smaller ones. */
function inflatedBytes({ width, height, depth, colorType, interlaced }: Header): number {
  const bits = depth * COLOR_TYPES[colorType]!.channels;
  const sizeOf = (columns: number, rows: number) =>
    columns > 0 && rows > 0 ? rows * (1 + Math.ceil((columns * bits) / 8)) : 0;
  if (!interlaced) return sizeOf(width, height);
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  return passes.reduce(
    (sum, [x, y, stepX, stepY]) => sum + sizeOf(Math.ceil((width - x) / stepX), Math.ceil((height - y) / stepY)),
    0,
  );
}

/** Luma (Rec. 601, in 256ths) over white; over black where white swallows the whole drawing, as with white ink on nothing. */
function toGray(png: DecodedPng, header: Header, transparency: Uint8Array, who: string): GrayPicture {
  const { width, height } = png;
  const luma = new Uint8Array(width * height),
    alpha = new Uint8Array(width * height).fill(255);
  const { depth, colorType } = header;
  const channels = COLOR_TYPES[colorType]!.channels;
  const bytesPerRow = Math.ceil((width * channels * depth) / 8);
  const full = 2 ** depth - 1;
  const sample = (row: number, i: number): number => {
    if (depth >= 8) return png.data[row * width * channels + i]!;
    const bit = i * depth;
    return (png.data[row * bytesPerRow + (bit >> 3)]! >> (8 - depth - (bit & 7))) & full;
  };
  const to8 = depth === 16 ? (value: number) => value >> 8 : (value: number) => (value * 255) / full;
  const clear = Array.from(
    { length: transparency.length >> 1 },
    (_, i) => transparency[2 * i]! * 256 + transparency[2 * i + 1]!,
  );
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const i = x * channels;
      let red = sample(y, i),
        green = red,
        blue = red;
      if (colorType === 3) {
        const index = red,
          entry = png.palette?.[index];
        check(
          entry !== undefined,
          () =>
            `${who} is damaged: pixel ${x}, ${y} has colour ${index} of a palette of ${png.palette?.length}; save it again as PNG`,
        );
        [red, green, blue] = entry as [number, number, number];
        alpha[at] = transparency[index] ?? 255;
      } else {
        if (channels >= 3) ((green = sample(y, i + 1)), (blue = sample(y, i + 2)));
        if (channels === 2 || channels === 4) alpha[at] = to8(sample(y, i + channels - 1));
        else if (red === clear[0] && (channels === 1 || (green === clear[1] && blue === clear[2]))) alpha[at] = 0;
        ((red = to8(red)), (green = to8(green)), (blue = to8(blue)));
      }
      luma[at] = (77 * red + 150 * green + 29 * blue + 128) >> 8;
    }
  }
  const onWhite = lay(luma, alpha, 255);
  const blank = onWhite.every((value) => value > 250);
  return { gray: blank ? lay(luma, alpha, 0) : onWhite, width, height };
}

function lay(luma: Uint8Array, alpha: Uint8Array, ground: number): Uint8Array {
  return luma.map((value, i) => Math.floor((value * alpha[i]! + ground * (255 - alpha[i]!) + 127) / 255));
}
