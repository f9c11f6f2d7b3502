// NumPy's arrays: files that NumPy saved, types, orders and forms, names of arrays, archives that lie.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusal, refuses } from '../../node/refuses.js';
import { readLayout, type Files } from './memoryFolder.js';
import { bytesOf, npyFile } from './npyFile.js';
import { zipFile, type Entry } from '../../formats/zip/zipFile.js';

const recorded = JSON.parse(
  readFileSync(new URL('../../../../test/data/layouts/numpy.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const saved = (name: string): Uint8Array => new Uint8Array(Buffer.from(recorded[name]!, 'base64'));

const labels = npyFile({ descr: '|u1', shape: [2] }, Uint8Array.of(1, 0));
const pixels = Uint8Array.of(0, 1, 2, 3, 250, 251, 252, 255);
const images = npyFile({ descr: '|u1', shape: [2, 2, 2] }, pixels);

function archive(arrays: Readonly<Record<string, Uint8Array>>, deflated = false): Uint8Array {
  return zipFile(Object.entries(arrays).map(([name, content]): Entry => ({ name: `${name}.npy`, content, deflated })));
}

test('what NumPy saved, compressed or not', async () => {
  for (const name of ['savez', 'savez_compressed']) {
    const { train, test, validation, classNames, notes } = await readLayout({ 'mnist.npz': saved(name) });
    assert.equal([train.x.shape, [...train.x.data]], [[2, 3, 2, 3], Array.from({ length: 36 }, (_, i) => i)]);
    assert.equal([[...train.y], [...test!.y], test!.x.shape], [[1, 0], [1], [1, 3, 2, 3]]);
    assert.equal([validation, classNames, notes], [undefined, null, []]);
  }
});

test('Fortran order, big-endian floats, in files side by side', async () => {
  const { train, notes } = await readLayout({ 'images.npy': saved('fortran'), 'labels.npy': labels });
  assert.equal([train.x.shape, [...train.x.data]], [[2, 3, 2, 3], Array.from({ length: 36 }, (_, i) => i)]);
  assert.equal(notes, ['floats of 0 to 255, rounded']);
});

test('types: floats are pixels of 0 to 1 or 0 to 255, decided by all arrays together', async () => {
  const typed = (descr: string, data: ArrayBufferView): Uint8Array =>
    npyFile({ descr, shape: [2, 2, 1] }, bytesOf(data));
  const cases: [string, ArrayBufferView, number[], string[]][] = [
    ['<f4', Float32Array.of(0, 0.5, 1, 0.25), [0, 128, 255, 64], ['floats of 0 to 1, taken times 255']],
    ['<f8', Float64Array.of(0, 0.002, 1, 1), [0, 1, 255, 255], ['floats of 0 to 1, taken times 255']],
    ['<f4', Float32Array.of(0, 1.0000002, 1.04, 0.5), [0, 255, 255, 128], ['floats of 0 to 1, taken times 255']],
    ['<f8', Float64Array.of(0, 0.4, 254.6, 1), [0, 0, 255, 1], ['floats of 0 to 255, rounded']],
    ['|b1', Uint8Array.of(0, 1, 1, 0), [0, 255, 255, 0], ['floats of 0 to 1, taken times 255']],
    ['|u1', Uint8Array.of(0, 1, 1, 0), [0, 1, 1, 0], []],
    ['<i8', BigInt64Array.of(0n, 1n, 255n, 0n), [0, 1, 255, 0], []],
    ['<u2', Uint16Array.of(0, 1, 255, 0), [0, 1, 255, 0], []],
    ['<i4', Int32Array.of(0, 1, 255, 0), [0, 1, 255, 0], []],
  ];
  for (const [descr, data, expected, said] of cases) {
    const { train, notes } = await readLayout({ 'a.npz': archive({ x: typed(descr, data), y: labels }, true) });
    assert.equal([[...train.x.data], notes], [expected, said], descr);
  }
  const bright = typed('<f4', Float32Array.of(0, 3, 255, 9));
  const dark = typed('<f4', Float32Array.of(0, 1, 1, 0));
  const { test } = await readLayout({
    'a.npz': archive({ x_train: bright, y_train: labels, x_test: dark, y_test: labels }),
  });
  assert.equal([...test!.x.data], [0, 1, 1, 0]);
});

test('images with channels first, and rows of a square', async () => {
  const first = npyFile(
    { descr: '|u1', shape: [2, 3, 2, 6] },
    Uint8Array.from({ length: 72 }, (_, i) => i),
  );
  const { train, notes } = await readLayout({ 'a.npz': archive({ x: first, y: labels }) });
  assert.equal([train.x.shape, notes], [[2, 2, 6, 3], ['channels first, moved behind']]);
  assert.equal([...train.x.data.subarray(0, 6), ...train.x.data.subarray(69)], [0, 12, 24, 1, 13, 25, 47, 59, 71]);
  const rows = npyFile({ descr: '|u1', shape: [2, 4] }, pixels);
  assert.equal((await readLayout({ 'a.npz': archive({ x: rows, y: labels }) })).train.x.shape, [2, 2, 2, 1]);
});

test('labels of any whole numbers, in a column or one-hot; 16 bits from 257 classes on', async () => {
  const of = async (file: Uint8Array): Promise<unknown> => {
    const { y } = (await readLayout({ 'a.npz': archive({ x: images, y: file }) })).train;
    return [y.BYTES_PER_ELEMENT, ...y];
  };
  assert.equal(await of(npyFile({ descr: '<i8', shape: [2, 1] }, bytesOf(BigInt64Array.of(255n, 3n)))), [1, 255, 3]);
  assert.equal(await of(npyFile({ descr: '<i8', shape: [2] }, bytesOf(BigInt64Array.of(999n, 3n)))), [2, 999, 3]);
  assert.equal(
    await of(npyFile({ descr: '<f4', shape: [2, 3] }, bytesOf(Float32Array.of(0, 0, 1, 1, 0, 0)))),
    [1, 2, 0],
  );
});

test('names of arrays and of files say what they are', async () => {
  const parts = async (files: Files): Promise<unknown> => {
    const { train, validation, test } = await readLayout(files);
    return [train, validation, test].map((part) => part?.y.length ?? 0);
  };
  const one = npyFile({ descr: '|u1', shape: [1, 2, 2] }, pixels.subarray(0, 4));
  const label = npyFile({ descr: '|u1', shape: [1, 1] }, Uint8Array.of(0));
  const med = {
    train_images: images,
    train_labels: labels,
    val_images: one,
    val_labels: label,
    test_images: one,
    test_labels: label,
  };
  assert.equal(await parts({ 'pathmnist.npz': archive(med) }), [2, 1, 1]);
  assert.equal(await parts({ 'c.npz': archive({ arr_1: labels, arr_0: images }) }), [2, 0, 0]);
  assert.equal(
    await parts({
      'k49-train-imgs.npz': archive({ arr_0: images }),
      'k49-train-labels.npz': archive({ arr_0: labels }),
      'k49-test-imgs.npz': archive({ arr_0: one }),
      'k49-test-labels.npz': archive({ arr_0: label }),
    }),
    [2, 0, 1],
  );
  assert.equal(await parts({ 'x_train.npy': images, 'y_train.npy': labels, 'weights.npy': one }), [2, 0, 0]);
});

test('a header of version 2 or 3', async () => {
  for (const version of [2, 3]) {
    const x = npyFile({ descr: '|u1', shape: [2, 2, 2] }, pixels, version);
    assert.equal([...(await readLayout({ 'a.npz': archive({ x, y: labels }) })).train.x.data], [...pixels]);
  }
});

const again = 'fetch the file again';
const bomb = npyFile({ descr: '|u1', shape: [50000, 1000, 4] }, new Uint8Array(0));
const cases: [string, Files, string][] = [
  [
    'pickled objects',
    { 'a.npz': saved('objects') },
    'folder/a.npz: x.npy: holds pickled Python objects, which are programs; save it as uint8, or labels as int64',
  ],
  [
    'texts',
    { 'a.npz': archive({ x: images, y: npyFile({ descr: '<U3', shape: [1] }, new Uint8Array(12)) }) },
    'folder/a.npz: y.npy: holds texts; save it as uint8, or labels as int64',
  ],
  [
    'half floats',
    { 'a.npz': archive({ x: npyFile({ descr: '<f2', shape: [1] }, new Uint8Array(2)), y: labels }) },
    'folder/a.npz: x.npy: holds elements of type f2; save it as uint8, or labels as int64',
  ],
  [
    'standardized floats',
    {
      'a.npz': archive({ x: npyFile({ descr: '<f4', shape: [2, 1, 1] }, bytesOf(Float32Array.of(-1, 1))), y: labels }),
    },
    'folder/a.npz: x.npy: holds numbers of -1 to 1, but pixels are 0 to 255, or floats of 0 to 1; save it as uint8',
  ],
  [
    'NaN',
    {
      'a.npz': archive({ x: npyFile({ descr: '<f4', shape: [2, 1, 1] }, bytesOf(Float32Array.of(NaN, 1))), y: labels }),
    },
    'folder/a.npz: x.npy: holds NaN, but pixels are 0 to 255, or floats of 0 to 1; save it as uint8',
  ],
  [
    'no labels',
    { 'a.npz': archive({ x_train: images }) },
    'folder/a.npz: x_train.npy: is the only array, [2, 2, 2], and images and labels are needed; save both, as x_train and y_train',
  ],
  [
    'two arrays of other things',
    { 'a.npz': archive({ x_test: images, y_test: labels }) },
    'folder/a.npz: has no arrays of images and labels to train on; it has the arrays x_test [2, 2, 2], y_test [2]; call them x_train, y_train, x_test, y_test',
  ],
  [
    'labels of another count',
    { 'a.npz': archive({ x: images, y: npyFile({ descr: '|u1', shape: [3] }, new Uint8Array(3)) }) },
    'folder/a.npz: x.npy: holds 2 images, but folder/a.npz: y.npy 3 labels; use files of one data set',
  ],
  [
    'negative labels',
    { 'a.npz': archive({ x: images, y: npyFile({ descr: '<i4', shape: [2] }, bytesOf(Int32Array.of(0, -1))) }) },
    'folder/a.npz: y.npy: label 1 (counted from 0) is -1, but labels are whole numbers of 0 to 65535; number the classes so',
  ],
  [
    'rows that are not one-hot',
    { 'a.npz': archive({ x: images, y: npyFile({ descr: '|u1', shape: [2, 2] }, Uint8Array.of(1, 0, 1, 1)) }) },
    'folder/a.npz: y.npy: row 1 is no one-hot row of one 1; give one label per image',
  ],
  [
    'an archive cut off',
    { 'a.npz': archive({ x: images, y: labels }).subarray(0, -3) },
    `folder/a.npz: is no whole zip archive, its directory is missing; ${again}`,
  ],
  [
    'a changed pixel',
    {
      'a.npz': zipFile([
        { name: 'x.npy', content: images, crc: 5 },
        { name: 'y.npy', content: labels },
      ]),
    },
    `folder/a.npz: x.npy does not have its CRC-32; ${again}`,
  ],
  [
    'a bomb: the directory says more than deflate can make',
    {
      'a.npz': zipFile([
        { name: 'x.npy', content: bomb, deflated: true, size: 200000128 },
        { name: 'y.npy', content: labels },
      ]),
    },
    `folder/a.npz: x.npy cannot be 200000128 bytes long, as the directory says; ${again}`,
  ],
  [
    'a bomb: more comes out than the directory says',
    {
      'a.npz': zipFile([
        {
          name: 'x.npy',
          content: new Uint8Array(Buffer.concat([images, Buffer.alloc(1e8)])),
          deflated: true,
          size: images.length,
        },
        { name: 'y.npy', content: labels },
      ]),
    },
    `folder/a.npz: x.npy is longer than the ${images.length} bytes that the directory says; ${again}`,
  ],
  [
    'a header that says more than the archive',
    { 'a.npz': archive({ x: bomb, y: labels }) },
    `folder/a.npz: x.npy: header says 200000128 bytes, the archive 128; ${again}`,
  ],
  [
    'a .npy cut off',
    { 'x.npy': images.subarray(0, -1), 'y.npy': labels },
    `folder/x.npy: header says 2 × 2 × 2 = 8 bytes, file holds 7; ${again}`,
  ],
  [
    'no .npy',
    { 'x.npy': '<html>', 'y.npy': labels },
    'folder/x.npy: is no NumPy array: it does not begin with \\x93NUMPY; save it with numpy.save or numpy.savez',
  ],
];
for (const [name, files, sentence] of cases) test(name, () => refuses(readLayout(files), sentence));

test('a header that is not a dict of the three keys', async () => {
  for (const header of [
    '',
    "{'descr': '|u1', 'fortran_order': False}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'x': 'y'}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)} + evil()",
    "{'descr': '|u1', 'fortran_order': 0, 'shape': (2,)}",
    "{'descr': '|u1', 'descr': '|u1', 'shape': (2,)}",
    "{'descr': True, 'fortran_order': False, 'shape': (2,)}",
  ])
    assert.match(
      await refusal(readLayout({ 'x.npy': npyFile(header, new Uint8Array(2)), 'y.npy': labels })),
      /^folder\/x\.npy: (its header is not what NumPy writes|header says)/,
      header,
    );
});

test('two sets in one folder', async () => {
  const files = { 'a.npz': archive({ x: images, y: labels }), 'b.npz': archive({ x: images, y: labels }) };
  await refuses(
    readLayout(files),
    'folder: holds 2 data sets at once, NumPy arrays (a.npz), NumPy arrays (b.npz); name one by its file, or move the others away',
  );
  assert.is((await readLayout(files, 'b.npz')).train.y.length, 2);
});

test.run();
