// What is said of a data set: its classes and sizes, a sentence for each oddity and none where there is none; near-duplicates that are found.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import type { Tensor } from '../../src/base/tensor.js';
import { nearDuplicates } from '../../src/data/nearDuplicates.js';
import { classTable, dataWarnings, duplicateWarning, formatPixels } from '../../src/data/summary.js';
import type { Examples } from '../../src/data/dataset.js';

const names = ['cat', 'dog', 'newt'];

/** Smooth pictures of 24 × 20 in color, each its own. */
function pictures(n: number, seed = 1, [height, width, channels] = [24, 20, 3]): Tensor<Uint8Array> {
  const random = new RandomStream(seed);
  const shape = [n, height!, width!, channels!];
  const data = new Uint8Array(n * height! * width! * channels!);
  for (let image = 0, at = 0; image < n; image++) {
    const corners = Array.from({ length: 9 }, () => random.below(256));
    for (let y = 0; y < height!; y++)
      for (let x = 0; x < width!; x++) {
        const [v, u] = [(2 * y) / height!, (2 * x) / width!];
        const [row, column] = [Math.floor(v), Math.floor(u)];
        const of = (r: number, c: number): number => corners[Math.min(2, r) * 3 + Math.min(2, c)]!;
        const [a, b] = [of(row, column), of(row, column + 1)];
        const [c, d] = [of(row + 1, column), of(row + 1, column + 1)];
        const top = a + (b - a) * (u - column);
        const mean = top + (c + (d - c) * (u - column) - top) * (v - row);
        for (let i = 0; i < channels!; i++) data[at++] = Math.max(0, Math.min(255, mean + random.below(9) - 4));
      }
  }
  return { data, shape };
}

const examplesOf = (labels: readonly number[], seed = 1): Examples => ({
  x: pictures(labels.length, seed),
  y: Uint8Array.from(labels),
});

const many = (counts: readonly number[]): number[] =>
  counts.flatMap((count, label) => Array<number>(count).fill(label));

test('a table of the classes in each part, and the pixels in words', () => {
  const parts = { train: examplesOf(many([1200, 30, 4])), test: examplesOf(many([2, 0, 1]), 2) };
  assert.is(
    classTable(parts, names),
    [
      '──────────────────────',
      'Class   train   test',
      '──────────────────────',
      'cat     1,200      2',
      'dog        30      0',
      'newt        4      1',
      'all     1,234      3',
      '──────────────────────',
    ]
      .map((line) => (line.startsWith('─') ? '─'.repeat(20) : line))
      .join('\n'),
  );
  assert.is(formatPixels([9, 96, 80, 3]), '96 × 80 pixels, color');
  assert.is(formatPixels([9, 28, 28, 1]), '28 × 28 pixels, gray');
  assert.is(formatPixels([9, 28, 28, 7]), '28 × 28 pixels, 7 channels');
});

test('ordinary data cause no warning', () => {
  const parts = { train: examplesOf(many([20, 30, 4])), test: examplesOf(many([2, 2, 1]), 2) };
  assert.equal(dataWarnings(parts, names), []);
  assert.is(duplicateWarning(parts.train, parts.test), null);
});

test('each oddity has its sentence', () => {
  const warns = (train: Examples, sentences: readonly string[], test?: Examples): void =>
    assert.equal(dataWarnings(test ? { train, test } : { train }, names), sentences);
  warns(examplesOf(many([95, 5, 4])), [
    "class 'cat' holds 91.35 % of the training images: an answer that is always 'cat' is right as often; add images of the others",
  ]);
  warns(examplesOf(many([0, 5])), [
    "all training images are of class 'dog': there is nothing to tell apart; add another class",
  ]);
  warns(examplesOf(many([9, 3, 1])), [
    "class 'dog' has 3 and class 'newt' has 1 training images, too few to learn from; add more",
  ]);
  warns(examplesOf(many([9, 9, 1])), ["class 'newt' has 1 training image, too few to learn from; add more"]);
  warns(
    examplesOf(many([9, 9])),
    [
      "the test images have class 'newt', of which there are no training images: none of them can be right",
      "the test images have none of class 'dog', so nothing tells how well the network knows it",
    ],
    examplesOf(many([3, 0, 3]), 3),
  );
  const bits = examplesOf(many([9, 9]));
  bits.x.data.forEach((pixel, i) => (bits.x.data[i] = pixel >> 7));
  warns(bits, [
    'no pixel of the training images is above 1, of 255: as value / 255 they are nearly black; multiply them by 255',
  ]);
  const black = examplesOf(many([9, 9]));
  black.x.data.fill(0);
  warns(black, ['all pixels of the training images are 0: the files hold no pictures']);
  const blank = examplesOf(many([9, 9]));
  blank.x.data.fill(77, 0, 2 * 24 * 20 * 3);
  warns(blank, ['2 of the training images are of one color all over']);
});

test('copies are found though they were scaled, lightened a little or compressed, and others are not', () => {
  const train = pictures(300);
  const test = pictures(40, 2);
  const size = 24 * 20 * 3;
  const random = new RandomStream(3);
  // Test image i becomes training image 5 i: exact, with noise, or a little lighter.
  for (let i = 0; i < 12; i++)
    for (let j = 0; j < size; j++)
      test.data[i * size + j] = Math.min(255, train.data[5 * i * size + j]! + [0, random.below(7) - 3, 1][i % 3]!);
  const found = nearDuplicates(test, train);
  assert.equal(Array.from(found), [...Array.from({ length: 12 }, (_, i) => 5 * i), ...Array<number>(28).fill(-1)]);

  const half = { data: new Uint8Array(20 * 12 * 10), shape: [20, 12, 10, 1] };
  for (let image = 0, at = 0; image < 20; image++)
    for (let y = 0; y < 12; y++)
      for (let x = 0; x < 10; x++, at++) {
        let sum = 0;
        for (const [dy, dx] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ] as const)
          for (let c = 0; c < 3; c++) sum += train.data[((image * 24 + 2 * y + dy) * 20 + 2 * x + dx) * 3 + c]!;
        half.data[at] = Math.round(sum / 12);
      }
  const scaled = nearDuplicates(half, train);
  assert.ok(scaled.filter((other, image) => other === image).length >= 18, `${scaled.join(' ')}`);

  const warning = duplicateWarning({ x: train, y: new Uint8Array(300) }, { x: test, y: new Uint8Array(40) });
  assert.is(
    warning,
    "12 of 40 test images are nearly the same as a training image (test image 0 as training image 0, counted from 0): the test's accuracy may be too good",
  );
});

test('blank pictures do not count as copies of each other', () => {
  const blank = { data: new Uint8Array(5 * 64).fill(200), shape: [5, 8, 8, 1] };
  assert.equal(Array.from(nearDuplicates(blank, blank)), [-1, -1, -1, -1, -1]);
});

test.run();
