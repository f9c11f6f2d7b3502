// Reads PNGs made here byte by byte, sound ones of every kind and damaged ones.
import { crc32, deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WasmCnnError } from '../../src/base/errors.js';
import { drawingOf } from '../../src/images/drawing.js';
import { decodePng } from '../../src/images/png.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunk(type: string, data: Uint8Array | readonly number[] = []): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(data)]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(body.length - 4);
  body.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(body), body.length + 4);
  return bytes;
}

function header(width: number, height: number, depth: number, colorType: number, interlace = 0): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width);
  data.writeUInt32BE(height, 4);
  data.set([depth, colorType, 0, 0, interlace], 8);
  return chunk('IHDR', data);
}

/** `rows` are whole rows of bytes, without their filter byte, which is 0 (none). */
function pixels(rows: readonly (readonly number[])[]): Buffer {
  return chunk('IDAT', deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row]))));
}

const file = (...chunks: Buffer[]) => Buffer.concat([SIGNATURE, ...chunks]);
const limits = { who: 'a.png', maxPixels: 2 ** 24 };
const decode = (bytes: Uint8Array) => decodePng(bytes, limits);
const gray = (bytes: Uint8Array) => Array.from(drawingOf(decode(bytes)).gray);
const end = chunk('IEND');

/** The one sentence that `bytes` get. */
function sentence(bytes: Uint8Array): string {
  try {
    decode(bytes);
  } catch (error) {
    assert.instance(error, WasmCnnError);
    return (error as Error).message;
  }
  return assert.unreachable('it was read') as never;
}

test('gray of 1, 2, 4, 8 and 16 bits', () => {
  assert.equal(
    gray(
      file(
        header(9, 2, 1, 0),
        pixels([
          [0b10110000, 0b10000000],
          [0, 0],
        ]),
        end,
      ),
    ).slice(0, 9),
    [255, 0, 255, 255, 0, 0, 0, 0, 255],
  );
  assert.equal(gray(file(header(5, 1, 2, 0), pixels([[0b00011011, 0b01000000]]), end)), [0, 85, 170, 255, 85]);
  assert.equal(gray(file(header(3, 1, 4, 0), pixels([[0x0f, 0x80]]), end)), [0, 255, 136]);
  assert.equal(gray(file(header(3, 1, 8, 0), pixels([[0, 77, 255]]), end)), [0, 77, 255]);
  assert.equal(gray(file(header(2, 1, 16, 0), pixels([[0x12, 0xff, 0xff, 0x00]]), end)), [0x12, 0xff]);
});

test('colors become luma', () => {
  const rgb = pixels([[255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]]);
  assert.equal(gray(file(header(4, 1, 8, 2), rgb, end)), [77, 149, 29, 255]);
  assert.equal(gray(file(header(1, 1, 16, 2), pixels([[255, 255, 0, 0, 0, 0]]), end)), [77]);
});

test('what is transparent lies on white', () => {
  assert.equal(gray(file(header(3, 1, 8, 6), pixels([[0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 51]]), end)), [255, 0, 204]);
  assert.equal(gray(file(header(3, 1, 8, 4), pixels([[0, 0, 100, 255, 100, 0]]), end)), [255, 100, 255]);
  assert.equal(gray(file(header(2, 1, 16, 4), pixels([[0, 0, 0, 0, 0, 0, 255, 255]]), end)), [255, 0]);
  assert.equal(gray(file(header(3, 1, 8, 0), chunk('tRNS', [0, 7]), pixels([[7, 8, 0]]), end)), [255, 8, 0]);
  assert.equal(
    gray(file(header(2, 1, 8, 2), chunk('tRNS', [0, 1, 0, 2, 0, 3]), pixels([[1, 2, 3, 1, 2, 4]]), end)),
    [255, 2],
  );
});

test('white ink on nothing lies on black, as white on white would show nothing', () => {
  assert.equal(
    gray(file(header(3, 1, 8, 6), pixels([[255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 51]]), end)),
    [0, 255, 51],
  );
});

test('palettes of 1, 2, 4 and 8 bits, with and without transparency', () => {
  const palette = chunk('PLTE', [0, 0, 0, 255, 255, 255, 255, 0, 0]);
  assert.equal(gray(file(header(3, 1, 2, 3), palette, pixels([[0b00011000]]), end)), [0, 255, 77]);
  assert.equal(gray(file(header(3, 1, 8, 3), palette, pixels([[2, 1, 0]]), end)), [77, 255, 0]);
  assert.equal(
    gray(file(header(3, 1, 4, 3), palette, chunk('tRNS', [0, 255]), pixels([[0x02, 0x10]]), end)),
    [255, 77, 255],
  );
  assert.equal(gray(file(header(2, 1, 1, 3), palette, pixels([[0b01000000]]), end)), [0, 255]);
});

test('interlaced and filtered pictures are the same as plain ones', () => {
  const data = Uint8Array.from({ length: 13 * 11 * 3 }, (_, i) => (i * i * 7) & 255);
  const image = { width: 13, height: 11, data, channels: 3, depth: 8 } as const;
  const rows = Array.from({ length: 11 }, (_, y) => Array.from(data.subarray(y * 39, (y + 1) * 39)));
  const plain = gray(file(header(13, 11, 8, 2), pixels(rows), end));
  assert.equal(gray(encode(image, { interlace: 'Adam7' })), plain);
  // Each row, after the first, as its difference from the one above (filter 2).
  const differences = rows.flatMap((row, y) =>
    y === 0 ? [0, ...row] : [2, ...row.map((value, i) => (value - rows[y - 1]![i]!) & 255)],
  );
  assert.equal(gray(file(header(13, 11, 8, 2), chunk('IDAT', deflateSync(Buffer.from(differences))), end)), plain);
});

test('image data in several chunks; chunks that pixels do not need are passed over, even damaged ones', () => {
  const data = pixels([
    [1, 2],
    [3, 4],
  ]).subarray(8, -4);
  const bomb = chunk('iCCP', Buffer.concat([Buffer.from('x\0\0'), deflateSync(Buffer.alloc(1 << 22))]));
  const bytes = file(
    header(2, 2, 8, 0),
    bomb,
    chunk('tEXt', [1, 2, 3]),
    chunk('IDAT', data.subarray(0, 3)),
    chunk('IDAT'),
    chunk('IDAT', data.subarray(3)),
    end,
  );
  assert.equal(gray(bytes), [1, 2, 3, 4]);
});

const sound = file(
  header(4, 3, 8, 0),
  pixels([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [9, 10, 11, 12],
  ]),
  end,
);

test('cut anywhere: a sentence', () => {
  for (let length = 0; length < sound.length; length++)
    assert.match(sentence(sound.subarray(0, length)), /^a\.png (is|holds)/);
  assert.is(
    sentence(sound.subarray(0, 40)),
    'a.png is cut off: 40 bytes without the IEND chunk that ends a PNG; copy it again',
  );
  assert.is(
    sentence(sound.subarray(0, 50)),
    `a.png is cut off: chunk IDAT at byte 33 says ${sound.length - 57} bytes, 5 are left; copy it again`,
  );
});

test('any one bit turned: a sentence', () => {
  for (let i = 0; i < sound.length * 8; i++) {
    const bytes = Buffer.from(sound);
    bytes[i >> 3]! ^= 1 << (i & 7);
    sentence(bytes);
  }
  const bytes = Buffer.from(sound);
  bytes[45]! ^= 1;
  assert.is(sentence(bytes), 'a.png is damaged: wrong checksum in chunk IDAT at byte 33; copy it again');
});

test('other formats are named', () => {
  const named: [start: string, name: string, todo?: string][] = [
    ['\xff\xd8\xff\xe0', 'a JPEG'],
    ['GIF89a', 'a GIF'],
    ['RIFF\x01\x02\x03\x04WEBP', 'a WebP'],
    ['\0\0\0\x18ftypheic', 'a HEIC photo'],
    ['\0\0\0\x18ftypavif', 'an AVIF'],
    ['BM123', 'a BMP'],
    ['II*\0', 'a TIFF'],
    ['%PDF-1.4', 'a PDF'],
    ['<svg xmlns', 'an SVG'],
    ['hello\n', 'a text'],
    ['hello\0', 'something else'],
    ['\x89PNG\n\x1a\n', 'a PNG whose line ends were changed on the way', 'copy it as binary'],
  ];
  for (const [start, name, todo = 'save it as PNG'] of named)
    assert.is(sentence(Buffer.from(start, 'latin1')), `a.png is not a PNG picture but ${name}; ${todo}`);
  assert.is(sentence(new Uint8Array(0)), 'a.png is empty; give a PNG picture');
});

test('sizes out of range are refused before anything is allocated', () => {
  const of = (width: number, height: number) => sentence(file(header(width, height, 8, 0), pixels([[0]]), end));
  assert.is(of(0, 5), 'a.png says it is 0 × 5 pixels; save it again');
  assert.is(of(2 ** 31, 1), 'a.png is 2147483648 × 1 pixels, more than the 16777216 that are read; make it smaller');
  assert.match(of(4096, 4097), /more than the 16777216/);
  assert.is(
    of(4096, 4096),
    'a.png is damaged: its image data inflates to 4128 bytes at most, 4096 × 4096 pixels take 16781312; copy it again',
  );
  assert.is(
    sentence(file(header(4, 4, 8, 0), pixels([[0]]), end)),
    'a.png is damaged: its image data inflates to 2 bytes, 4 × 4 pixels take 20; copy it again',
  );
});

test('a small file does not become a large one', () => {
  const bomb = chunk('IDAT', deflateSync(Buffer.alloc(1 << 26)));
  assert.is(
    sentence(file(header(3, 1, 8, 0), bomb, end)),
    'a.png is damaged: its image data inflates to more than the 4 bytes that 3 × 1 pixels take; save it again as PNG',
  );
});

test('what takes more memory than its bytes is refused before it is taken', () => {
  const first = header(1, 1, 8, 3),
    data = pixels([[0]]);
  const before = process.memoryUsage().heapUsed;
  assert.is(
    sentence(file(first, chunk('PLTE', [0, 0, 0]), Buffer.alloc(12e6, chunk('IDAT')), data, end)),
    'a.png has more than 100000 chunks; save it again as PNG',
  );
  assert.is(
    sentence(file(first, chunk('PLTE', new Uint8Array(3e7)), data, end)),
    'a.png is damaged: its palette has 30000000 bytes, 3 for each of at most 256 colors are allowed; save it again as PNG',
  );
  assert.is(
    sentence(file(first, chunk('PLTE', [0, 0, 0, 0]), data, end)),
    'a.png is damaged: its palette has 4 bytes, 3 for each of at most 256 colors are allowed; save it again as PNG',
  );
  assert.is(
    sentence(file(first, chunk('PLTE', [0, 0, 0]), chunk('tRNS', new Uint8Array(1e7)), data, end)),
    'a.png is damaged: its tRNS chunk has 10000000 bytes, at most 256 are allowed; save it again as PNG',
  );
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < 100e6, `${grown} bytes taken`);
});

test('chunks in the wrong place', () => {
  const data = pixels([[0]]);
  const first = header(1, 1, 8, 0);
  assert.is(
    sentence(file(data, first, end)),
    'a.png is damaged: the IHDR chunk must come first and once; save it again as PNG',
  );
  assert.is(
    sentence(file(chunk('tEXt'), first, data, end)),
    'a.png is damaged: the IHDR chunk must come first and once; save it again as PNG',
  );
  assert.is(
    sentence(file(first, first, data, end)),
    'a.png is damaged: the IHDR chunk must come first and once; save it again as PNG',
  );
  assert.is(sentence(file(first, end)), 'a.png holds no image data (no IDAT chunk); save it again as PNG');
  assert.is(
    sentence(file(first, data, chunk('tEXt'), data, end)),
    'a.png is damaged: chunk IDAT comes again at byte 67; save it again as PNG',
  );
  assert.is(
    sentence(file(first, chunk('ABCD'), data, end)),
    'a.png needs the PNG chunk ABCD, which is not known here; save it again as plain PNG',
  );
  assert.is(
    sentence(file(header(1, 1, 8, 3), data, end)),
    'a.png has palette colors but no PLTE chunk; save it again as PNG',
  );
});

test('contents that no PNG may have', () => {
  assert.is(
    sentence(file(header(1, 1, 4, 2), pixels([[0, 0]]), end)),
    'a.png is of no kind that the PNG standard knows (bit depth 4, color type 2, compression 0, filter 0, interlace 0); save it again as PNG',
  );
  assert.is(
    sentence(file(header(1, 1, 8, 3), chunk('PLTE', [1, 2, 3]), pixels([[9]]), end)),
    'a.png is damaged: pixel 0, 0 has color 9 of a palette of 1; save it again as PNG',
  );
  assert.is(
    sentence(file(header(1, 1, 8, 0), chunk('IDAT', [1, 2, 3]), end)),
    'a.png is damaged: its image data does not inflate (no zlib stream); copy it again',
  );
  const filter9 = chunk('IDAT', deflateSync(Buffer.from([9, 0])));
  assert.is(
    sentence(file(header(1, 1, 8, 0), filter9, end)),
    'a.png is damaged: row 0 has filter 9, 0 to 4 are known; save it again as PNG',
  );
});

test.run();
