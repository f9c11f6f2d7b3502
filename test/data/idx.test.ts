// IDX: what is read, and the sentence for each file that must not be read.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WasmCnnError } from '../../src/base/errors.js';
import { parseIdxImages, parseIdxLabels, parseIdxTable, readIdxHeader } from '../../src/data/idx.js';
import { idxFile, imagesFile, labelsFile } from './craftIdx.js';

test('images are a view with a channel axis', () => {
  const file = imagesFile(5);
  const { data, shape } = parseIdxImages(file, 'f');
  assert.equal(shape, [5, 3, 2, 1]);
  assert.equal(
    [...data],
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
  assert.is(data.buffer, file.buffer);
});

test('images may have channels: 1, 3 or 4', () => {
  for (const channels of [1, 3, 4])
    assert.equal(parseIdxImages(idxFile([2, 3, 5, channels], new Uint8Array(30 * channels)), 'f').shape, [
      2,
      3,
      5,
      channels,
    ]);
  refuses(
    () => parseIdxImages(idxFile([2, 3, 32, 32], []), 'f'),
    'f: header says 2 × 3 × 32 × 32, but the fourth axis is of channels, 1, 3 or 4; write the images as count × height × width × channels',
  );
});

test('a table is big-endian whole numbers, and nothing else', () => {
  const file = idxFile([2, 2], [0, 0, 0, 7, 255, 255, 255, 254, 127, 0, 0, 0, 0, 0, 1, 0], 0x0c);
  const { data, shape } = parseIdxTable(file, 'f');
  assert.equal(
    [shape, [...data]],
    [
      [2, 2],
      [7, -2, 2130706432, 256],
    ],
  );
  refuses(() => parseIdxTable(file.subarray(0, 27), 'f'), `f: header says 2 × 2 = 16 bytes, file holds 15; ${again}`);
  refuses(
    () => parseIdxTable(idxFile([1], [0, 0, 0, 1], 0x0c), 'f'),
    'f: has 1 axes, but a table needs 2 axes: count, columns; convert the file',
  );
  refuses(
    () => parseIdxTable(labelsFile(3), 'f'),
    'f: holds unsigned bytes, expected int32 (type 0x0c); convert the table to int32',
  );
});

test('labels are a view', () => {
  const file = labelsFile(12);
  const labels = parseIdxLabels(file, 'f');
  assert.equal([...labels], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  assert.is(labels.buffer, file.buffer);
  assert.equal([...parseIdxLabels(idxFile([3], [255, 0, 10]), 'f')], [255, 0, 10]);
});

test('a file may start anywhere in its buffer, and a Buffer becomes a Uint8Array', () => {
  const padded = new Uint8Array(100);
  padded.set(labelsFile(3), 7);
  const labels = parseIdxLabels(Buffer.from(padded.buffer, 7, 11), 'f');
  assert.equal([...labels], [0, 1, 2]);
  assert.is(labels.constructor, Uint8Array);
});

test('the header says the size of the file before the elements are there', () => {
  const header = readIdxHeader(idxFile([60000, 28, 28], []), 'images', 'f');
  assert.equal(header, { shape: [60000, 28, 28], headerBytes: 16, fileBytes: 47040016 });
});

test('the largest file that is read is 2 GiB - 1', () => {
  assert.is(readIdxHeader(idxFile([2147483639], []), 'labels', 'f').fileBytes, 2147483647);
  assert.throws(() => readIdxHeader(idxFile([2147483640], []), 'labels', 'f'), /more than the 2147483647/);
});

const again = 'fetch the file again';
const max = 2 ** 32 - 1;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const littleEndian = (...numbers: number[]): Uint8Array => new Uint8Array(Uint32Array.from(numbers).buffer);

const imageCases: [string, Uint8Array, string][] = [
  ['empty', new Uint8Array(0), `is empty, expected an IDX images file; ${again}`],
  ['1 byte', Uint8Array.of(0), `holds only 1 of the 16 header bytes of an IDX images file; ${again}`],
  ['15 bytes', imagesFile(1).subarray(0, 15), `holds only 15 of the 16 header bytes of an IDX images file; ${again}`],
  ['still gzipped', Uint8Array.of(0x1f, 0x8b, 8, 0), 'is still gzipped (it starts with 1f 8b); gunzip it first'],
  [
    'PNG',
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10),
    `is not an IDX file: it starts with 89 50 4e 47, expected 00 00 08 03; ${again}`,
  ],
  [
    'web page',
    text('<!DOCTYPE html>'),
    `is not an IDX file: it starts with 3c 21 44 4f (a web page?), expected 00 00 08 03; ${again}`,
  ],
  [
    'labels',
    labelsFile(20),
    'is an IDX labels file (1 axis: count), expected images (3 axes: count, height, width); were two files swapped?',
  ],
  [
    '0 axes',
    idxFile([], [], 8),
    'has 0 axes, but images need 3 axes: count, height, width, or channels beside them; convert the file',
  ],
  [
    '2 axes',
    idxFile([4, 4], new Array<number>(16).fill(0)),
    'has 2 axes, but images need 3 axes: count, height, width, or channels beside them; convert the file',
  ],
  [
    '255 axes',
    Uint8Array.of(0, 0, 8, 255, 0, 0, 0, 1),
    'has 255 axes, but images need 3 axes: count, height, width, or channels beside them; convert the file',
  ],
  [
    'int32',
    idxFile([1, 1, 1], [0, 0, 0, 0], 0x0c),
    'holds int32, expected unsigned bytes (type 0x08); convert the images to bytes',
  ],
  [
    'float64',
    idxFile([1, 1, 1], [], 0x0e),
    'holds float64, expected unsigned bytes (type 0x08); convert the images to bytes',
  ],
  [
    'type 0',
    idxFile([1, 1, 1], [0], 0),
    'holds elements of unknown type 0x00, expected unsigned bytes (type 0x08); convert the images to bytes',
  ],
  ['no images', idxFile([0, 28, 28], []), `header says 0 × 28 × 28, but every axis needs at least 1; ${again}`],
  ['no height', idxFile([1, 0, 28], []), `header says 1 × 0 × 28, but every axis needs at least 1; ${again}`],
  ['no width', idxFile([1, 28, 0], []), `header says 1 × 28 × 0, but every axis needs at least 1; ${again}`],
  [
    'product past 2^32',
    idxFile([65537, 65536, 1], []),
    'header says 65537 × 65536 × 1 bytes, more than the 2147483647 that can be read; use a smaller data set',
  ],
  [
    'product that wraps to 16',
    idxFile([65536, 65536, 16], new Array<number>(16).fill(0)),
    'header says 65536 × 65536 × 16 bytes, more than the 2147483647 that can be read; use a smaller data set',
  ],
  [
    'product past 2^53',
    idxFile([max, max, max], []),
    `header says ${max} × ${max} × ${max} bytes, more than the 2147483647 that can be read; use a smaller data set`,
  ],
  ['one pixel missing', imagesFile(5).subarray(0, 45), `header says 5 × 3 × 2 = 30 bytes, file holds 29; ${again}`],
  ['no pixels', imagesFile(5).subarray(0, 16), `header says 5 × 3 × 2 = 30 bytes, file holds 0; ${again}`],
  [
    'one byte too many',
    Uint8Array.of(...imagesFile(5), 0),
    `header says 5 × 3 × 2 = 30 bytes, file holds 31; ${again}`,
  ],
  [
    'little-endian',
    littleEndian(0x803, 1, 1, 1, 0),
    'starts with 03 08 00 00, expected 00 00 08 03: the header is little-endian; write it big-endian',
  ],
  [
    'little-endian axes',
    Uint8Array.of(0, 0, 8, 3, ...littleEndian(60000, 28, 28)),
    'header says 1625948160 × 469762048 × 469762048 bytes, more than the 2147483647 that can be read; as little-endian it would be 60000 × 28 × 28, so write it big-endian',
  ],
];

const labelCases: [string, Uint8Array, string][] = [
  ['empty', new Uint8Array(0), `is empty, expected an IDX labels file; ${again}`],
  ['7 bytes', labelsFile(3).subarray(0, 7), `holds only 7 of the 8 header bytes of an IDX labels file; ${again}`],
  [
    'images',
    imagesFile(5),
    'is an IDX images file (3 axes: count, height, width), expected labels (1 axis: count); were two files swapped?',
  ],
  [
    'int32',
    idxFile([1], [0, 0, 0, 1], 0x0c),
    'holds int32, expected unsigned bytes (type 0x08); convert the labels to bytes',
  ],
  ['none', idxFile([0], []), `header says 0, but every axis needs at least 1; ${again}`],
  ['one missing', labelsFile(5).subarray(0, 12), `header says 5 labels, file holds 4; ${again}`],
  ['one too many', Uint8Array.of(...labelsFile(5), 1), `header says 5 labels, file holds 6; ${again}`],
  [
    'little-endian count',
    Uint8Array.of(0, 0, 8, 1, ...littleEndian(10000), 1, 2),
    'header says 270991360 labels, file holds 2; as little-endian it would be 10000, so write it big-endian',
  ],
];

for (const [name, bytes, sentence] of imageCases) {
  test(`images file, ${name}`, () => refuses(() => parseIdxImages(bytes, 'dir/images'), `dir/images: ${sentence}`));
}
for (const [name, bytes, sentence] of labelCases) {
  test(`labels file, ${name}`, () => refuses(() => parseIdxLabels(bytes, 'dir/labels'), `dir/labels: ${sentence}`));
}

test('cut anywhere in the header, a file says how much of it there is', () => {
  for (let length = 1; length < 16; length++) {
    refuses(
      () => parseIdxImages(imagesFile(1).subarray(0, length), 'f'),
      `f: holds only ${length} of the 16 header bytes of an IDX images file; ${again}`,
    );
    if (length < 8)
      refuses(
        () => parseIdxLabels(labelsFile(1).subarray(0, length), 'f'),
        `f: holds only ${length} of the 8 header bytes of an IDX labels file; ${again}`,
      );
  }
});

test('every element type but bytes is named and refused', () => {
  for (const [type, name] of [
    [0x09, 'int8'],
    [0x0b, 'int16'],
    [0x0c, 'int32'],
    [0x0d, 'float32'],
    [0x0e, 'float64'],
    [0x0a, 'elements of unknown type 0x0a'],
    [255, 'elements of unknown type 0xff'],
  ] as const) {
    refuses(
      () => parseIdxImages(idxFile([1, 1, 1], [0], type), 'f'),
      `f: holds ${name}, expected unsigned bytes (type 0x08); convert the images to bytes`,
    );
  }
});

test('any bytes are read or refused in a sentence', () => {
  let state = 1;
  const random = (n: number): number => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) % n;
  for (let round = 0; round < 20000; round++) {
    const file = random(2) === 0 ? imagesFile(1 + random(3)) : labelsFile(1 + random(20));
    for (let changes = random(4); changes > 0; changes--) file[random(Math.min(file.length, 20))] = random(256);
    const bytes = random(2) === 0 ? file : file.subarray(0, random(file.length + 1));
    for (const parse of [parseIdxImages, parseIdxLabels, parseIdxTable]) {
      try {
        parse(bytes, 'f');
      } catch (error) {
        assert.instance(error, WasmCnnError, `${String(error)} for ${[...bytes].join(' ')}`);
      }
    }
  }
});

function refuses(read: () => unknown, sentence: string): void {
  assert.throws(read, (error: unknown) => {
    assert.instance(error, WasmCnnError);
    assert.is((error as Error).message, sentence);
    return true;
  });
}

test.run();
