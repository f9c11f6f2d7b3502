// Four IDX files together: what makes a data set of them, and what does not fit together.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { datasetFromIdx, mnistFiles } from '../../src/data/mnist.js';
import { refusesAtOnce } from '../node/refuses.js';
import { imagesFile, labelsFile } from './craftIdx.js';

function four(
  trainImages = imagesFile(5),
  trainLabels = labelsFile(5),
  testImages = imagesFile(4),
  testLabels = labelsFile(4),
) {
  return {
    trainImages: { bytes: trainImages, where: 'a' },
    trainLabels: { bytes: trainLabels, where: 'b' },
    testImages: { bytes: testImages, where: 'c' },
    testLabels: { bytes: testLabels, where: 'd' },
  };
}

test('four files make a data set', () => {
  const { name, source, train, test } = datasetFromIdx(four(), 'n', 's');
  assert.equal([name, source], ['n', 's']);
  assert.equal(
    [train.x.shape, test.x.shape],
    [
      [5, 3, 2, 1],
      [4, 3, 2, 1],
    ],
  );
  assert.equal([train.y.length, test.y.length], [5, 4]);
});

const mismatches: [string, ReturnType<typeof four>, string][] = [
  ['train counts', four(imagesFile(5), labelsFile(6)), 'a: holds 5 images, but b 6 labels; use files of one data set'],
  [
    'test counts',
    four(undefined, undefined, imagesFile(3), labelsFile(4)),
    'c: holds 3 images, but d 4 labels; use files of one data set',
  ],
  [
    'image sizes',
    four(undefined, undefined, imagesFile(4, 2, 3)),
    'c: holds images of 2 × 3 pixels, but a images of 3 × 2; use files of one data set',
  ],
];
for (const [name, files, sentence] of mismatches) {
  test(`mismatch of ${name}`, () => {
    assert.throws(
      () => datasetFromIdx(files, 'n', 's'),
      (error: unknown) => {
        assert.is((error as Error).message, sentence);
        return true;
      },
    );
  });
}

test('files that are no { bytes, where } get a sentence', () => {
  const needs = 'datasetFromIdx needs trainImages as { bytes, where } with a Uint8Array and its name, got';
  const bytes = new Uint8Array(20);
  const call = (files: unknown) => () => datasetFromIdx(files as ReturnType<typeof four>, 'n', 's');
  refusesAtOnce(call(undefined), `${needs} undefined`);
  refusesAtOnce(call({ ...four(), trainImages: bytes }), `${needs} a Uint8Array`);
  for (const wrong of [[1], bytes.buffer, new DataView(bytes.buffer)])
    refusesAtOnce(call({ ...four(), trainImages: { bytes: wrong, where: 'a' } }), `${needs} an object`);
});

test('MNIST is 60000 + 10000 images of 28 × 28', () => {
  assert.equal(
    mnistFiles.map(({ bytes }) => bytes),
    [16 + 60000 * 784, 8 + 60000, 16 + 10000 * 784, 8 + 10000],
  );
});

test.run();
