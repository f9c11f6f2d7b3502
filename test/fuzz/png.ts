// decodePng: what it reads has the pixels that a second, plain decoder finds; what the standard allows is read.
import { crc32, deflateSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { drawingOf } from '../../src/images/drawing.js';
import type { PictureHeader } from '../../src/images/form.js';
import type { Picture } from '../../src/images/picture.js';
import { decodePng, readPngForm } from '../../src/images/png.js';
import { damaged, joined, type Decisions } from './decisions.js';
import { passesOf, referencePng, rowBytes, type PngHeader } from './referencePng.js';
import { outcome, same, who, type Target } from './target.js';

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const KINDS = [
  [0, 1],
  [0, 2],
  [0, 4],
  [0, 8],
  [0, 16],
  [2, 8],
  [2, 16],
  [3, 1],
  [3, 2],
  [3, 4],
  [3, 8],
  [4, 8],
  [4, 16],
  [6, 8],
  [6, 16],
] as const;
const SIDES = [0, 2 ** 31, 2 ** 32 - 1, 4096, 4097, 65536];

function bytesOf(chunk: Chunk, decisions: Decisions): Uint8Array {
  const body = joined(Buffer.from(chunk.type, 'latin1'), chunk.data);
  const file = new Uint8Array(body.length + 8);
  const view = new DataView(file.buffer);
  view.setUint32(0, decisions.rarely(100) ? decisions.uint32() : body.length - 4);
  file.set(body, 4);
  view.setUint32(body.length + 4, crc32(body) ^ Number(decisions.rarely(60)));
  return file;
}

/** A zlib stream of one stored block, or really deflated. */
function compressed(raw: Uint8Array, decisions: Decisions): Uint8Array {
  if (decisions.rarely(8)) return deflateSync(raw, { level: 1 });
  let [a, b] = [1, 0];
  for (const byte of raw) ((a = (a + byte) % 65521), (b = (b + a) % 65521));
  const { length } = raw;
  return joined(
    Uint8Array.of(0x78, 1, 1, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255),
    raw,
    Uint8Array.of(b >> 8, b & 255, a >> 8, a & 255),
  );
}

function headerOf({ width, height, depth, colorType, interlaced }: PngHeader, decisions: Decisions): Uint8Array {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, colorType, 0, 0, Number(interlaced)], 8);
  if (decisions.rarely(30)) view.setUint32(decisions.pick([0, 4]), decisions.pick(SIDES));
  if (decisions.rarely(30)) data[8 + decisions.below(5)] = decisions.byte();
  return data;
}

/** Rows of the fuzzer's bytes, each with its filter; rarely too few, too many, or with a filter that there is not. */
function rawOf(header: PngHeader, decisions: Decisions): Uint8Array {
  const rows = passesOf(header).flatMap(({ columns, rows }) =>
    new Array<number>(rows).fill(1 + rowBytes(header, columns)),
  );
  const raw = new Uint8Array(
    Math.max(
      0,
      rows.reduce((sum, bytes) => sum + bytes, decisions.rarely(30) ? decisions.below(5) - 2 : 0),
    ),
  );
  const [filter, step] = [decisions.below(5), decisions.below(5)];
  raw.set(decisions.bytes(decisions.below(100)).subarray(0, raw.length));
  for (let row = 0, at = 0; row < rows.length && at < raw.length; at += rows[row++]!)
    raw[at] = decisions.rarely(200) ? 5 : (filter + step * row) % 5;
  return raw;
}

/** As tRNS names the one color that is clear. */
function firstPixel(raw: Uint8Array, depth: number): Uint8Array {
  return depth === 16
    ? raw.slice(1, 7)
    : Uint8Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? 0 : (raw[1 + (i >> 1)] ?? 0)));
}

function split(data: Uint8Array, decisions: Decisions): Chunk[] {
  const cuts = [
    0,
    ...Array.from({ length: Math.max(0, decisions.below(5) - 2) }, () => decisions.below(data.length + 1)).sort(
      (a, b) => a - b,
    ),
    data.length,
  ];
  return cuts.slice(1).map((end, i) => ({ type: 'IDAT', data: data.subarray(cuts[i], end) }));
}

/** Chunks that belong there; `sound` while nothing was done that the reader may refuse. */
function makeChunks(decisions: Decisions): { chunks: Chunk[]; sound: boolean } {
  const [colorType, depth] = decisions.pick(KINDS);
  const header = {
    width: 1 + decisions.below(9),
    height: 1 + decisions.below(9),
    depth,
    colorType,
    interlaced: decisions.rarely(3),
  };
  const ihdr = headerOf(header, decisions);
  const chunks: Chunk[] = [{ type: 'IHDR', data: ihdr }];
  // Whole palettes, so that each index has its color.
  if (colorType === 3)
    chunks.push({
      type: 'PLTE',
      data: Uint8Array.from(
        { length: 3 * 2 ** depth - (decisions.rarely(20) ? decisions.below(12) : 0) },
        (_, i) => i * 37,
      ),
    });
  const raw = rawOf(header, decisions);
  if (decisions.rarely(3))
    chunks.push({
      type: 'tRNS',
      data:
        decisions.below(2) === 0
          ? firstPixel(raw, depth)
          : decisions.bytes(decisions.pick([2, 6, 1, decisions.below(20)])),
    });
  const whole =
    raw.length === passesOf(header).reduce((sum, { columns, rows }) => sum + rows * (1 + rowBytes(header, columns)), 0);
  const [width, height] = [new DataView(ihdr.buffer).getUint32(0), new DataView(ihdr.buffer).getUint32(4)];
  const asMade =
    width === header.width &&
    height === header.height &&
    ihdr[8] === depth &&
    ihdr[9] === colorType &&
    ihdr[10] === 0 &&
    ihdr[11] === 0 &&
    ihdr[12] === Number(header.interlaced);
  const filtersKnown = !raw.includes(5);
  chunks.push(...split(compressed(raw, decisions), decisions), { type: 'IEND', data: new Uint8Array(0) });
  return { chunks, sound: whole && asMade && filtersKnown && colorType !== 3 };
}

/** Chunks twice, missing, in another order, of other types, with other contents; each with its right checksum. */
function disordered(chunks: readonly Chunk[], decisions: Decisions): Chunk[] {
  const result = [...chunks];
  const [at, other] = [decisions.below(result.length), decisions.below(result.length)];
  const kind = decisions.below(6);
  if (kind === 0) result.splice(at, 1);
  else if (kind === 1) result.splice(other, 0, result[at]!);
  else if (kind === 2) [result[at], result[other]] = [result[other]!, result[at]!];
  else if (kind === 3)
    result.splice(at, 0, {
      type: decisions.pick(['tEXt', 'iCCP', 'acTL', 'fdAT', 'ABCD', 'PLTE', 'tRNS', 'IDAT', 'a\n[m']),
      data: decisions.bytes(decisions.below(20)),
    });
  else result[at] = { ...result[at]!, data: damaged(result[at]!.data, decisions) };
  return result;
}

/** A header says what is decoded, but for chunks behind the pixels, which the standard has before them: EXIF turns a picture. */
function checkHeader(file: Uint8Array, header: PictureHeader | undefined, picture: Picture): void {
  const sides = (size: PictureHeader | Picture | undefined): string => [size?.width, size?.height].sort().join();
  assert.is(sides(header), sides(picture), 'the size in the header');
  const bytes = Buffer.from(file);
  if (bytes.lastIndexOf('tRNS') < bytes.indexOf('IDAT')) assert.is(header?.isGray, picture.channels === 1);
}

export const png: Target = {
  filesEach: 1,
  check(decisions) {
    const whole = decisions.below(3) > 0;
    const { chunks, sound } = makeChunks(decisions);
    const parts = (whole ? chunks : disordered(chunks, decisions)).map((chunk) => bytesOf(chunk, decisions));
    const built = joined(SIGNATURE, ...parts);
    const file = whole ? built : damaged(built, decisions);
    const limits = { who, maxPixels: 2 ** 24 };
    const picture = outcome(() => decodePng(file, limits));
    const header = outcome(() => readPngForm(file, limits));
    if (picture === undefined) {
      assert.not.ok(whole && sound && isIntact(file), 'it was to be read');
      return 'refused';
    }
    checkHeader(file, header, picture);
    const result = drawingOf(picture);
    const expected = referencePng(file);
    assert.ok(
      expected !== null &&
        result.width === expected.width &&
        result.height === expected.height &&
        same(result.gray, expected.gray),
      'other pixels',
    );
    return 'read';
  },
};

/** Whether all lengths and checksums are right. */
function isIntact(file: Uint8Array): boolean {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = SIGNATURE.length;
  while (at + 12 <= file.length) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > file.length || view.getUint32(end) !== crc32(file.subarray(at + 4, end))) return false;
    at = end + 4;
  }
  return at === file.length;
}
