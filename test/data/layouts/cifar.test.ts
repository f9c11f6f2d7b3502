// CIFAR's binary files: planes of colors, one label or two, several files, names of classes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCifar } from '../../../src/data/layouts/cifar.js';
import { refuses } from '../../node/refuses.js';
import { readLayout } from './memoryFolder.js';

/** Records of these labels; pixel p of example i has red 3 i, green p % 256, blue p >> 8. */
function records(...labels: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    labels.flatMap((own, i) => [
      ...own,
      ...Array<number>(1024).fill(3 * i),
      ...Array.from({ length: 1024 }, (_, p) => p % 256),
      ...Array.from({ length: 1024 }, (_, p) => p >> 8),
    ]),
  );
}

test('planes become pixels', () => {
  const { x, y } = parseCifar(records([7], [255]), 'f', 1);
  assert.equal(
    [x.shape, [...y]],
    [
      [2, 32, 32, 3],
      [7, 255],
    ],
  );
  for (const [i, p] of [
    [0, 0],
    [1, 0],
    [1, 1023],
    [0, 700],
  ] as const)
    assert.equal([...x.data.subarray(3 * (1024 * i + p), 3 * (1024 * i + p) + 3)], [3 * i, p % 256, p >> 8]);
  assert.equal([...parseCifar(records([3, 80], [4, 99]), 'f', 2).y], [80, 99], 'the fine label');
});

test('batches are joined in the order of their numbers, and named by batches.meta.txt', async () => {
  const data = await readLayout({
    'data_batch_2.bin': records([2], [0]),
    'data_batch_1.bin': records([1]),
    'test_batch.bin': records([1]),
    'batches.meta.txt': 'cat\ndog\nowl\n\n',
    'readme.html': '<html>',
  });
  const { train, test, validation, classNames } = data;
  assert.equal(
    [[...train.y], train.x.shape],
    [
      [1, 2, 0],
      [3, 32, 32, 3],
    ],
  );
  assert.equal(
    [0, 1, 2].map((i) => train.x.data[3072 * i]),
    [0, 0, 3],
  );
  assert.equal([[...test!.y], validation, classNames], [[1], undefined, ['cat', 'dog', 'owl']]);
});

test('CIFAR-100 has fine labels and their names', async () => {
  const { train, test, classNames } = await readLayout({
    'train.bin': records([0, 1], [1, 0]),
    'test.bin': records([0, 1]),
    'fine_label_names.txt': 'apple\nbear\n',
    'coarse_label_names.txt': 'fruit\nanimal\n',
  });
  assert.equal([[...train.y], [...test!.y], classNames], [[1, 0], [1], ['apple', 'bear']]);
});

test('without test files there is no test, and without names none', async () => {
  const { train, test, classNames } = await readLayout({ 'my-train-2.bin': records([1], [0]) });
  assert.equal([train.y.length, test, classNames], [2, null, null]);
});

test('other data than CIFAR are left alone or refused', async () => {
  await refuses(
    readLayout({ 'data_batch_1.bin': records([1]).subarray(1) }),
    'folder/data_batch_1.bin: holds 3072 bytes, which are no whole number of records of 3073; fetch the file again',
  );
  await refuses(
    readLayout({ 'data_batch_1.bin': '' }),
    'folder/data_batch_1.bin: holds 0 bytes, which are no whole number of records of 3073; fetch the file again',
  );
  await refuses(
    readLayout({ 'test_batch.bin': records([1]) }),
    'folder: has no CIFAR file to train on beside test_batch.bin; add data_batch_1.bin or the like',
  );
  await refuses(
    readLayout({ 'data_batch_1.bin': records([1]), 'batches.meta.txt': 'cat' }),
    'folder/batches.meta.txt: names 1 classes, but the labels go up to 1; write one name a line, class 0 first',
  );
  const error = await readLayout({ 'train.bin': 'abc', 'model.bin': records([1]) }).catch((reason: Error) => reason);
  assert.match(
    String(error),
    'folder: holds no data set that is known, but the files model.bin, train.bin; looked for',
  );
});

test.run();
