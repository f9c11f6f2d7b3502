// Confusion matrix and class report, against counts by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { metrics } from '../../src/index.js';
import { refusesAtOnce } from '../node/refuses.js';

// True 0 0 0 1 1 2 2 2 2, taken for 0 0 1 1 1 0 1 1 1: nothing is taken for 2.
const labels = [0, 0, 0, 1, 1, 2, 2, 2, 2];
const taken = [0, 0, 1, 1, 1, 0, 1, 1, 1];
const predictions = {
  data: Float32Array.from(taken.flatMap((c) => [0, 1, 2].map((k) => (k === c ? 0.5 : 0.25)))),
  shape: [9, 3],
};
const counts = { data: Int32Array.from([2, 1, 0, 0, 2, 0, 1, 3, 0]), shape: [3, 3] };

test('labels as indices, as a tensor of them and as one-hot rows', () => {
  const rows = { data: Float32Array.from(labels.flatMap((c) => [0, 1, 2].map((k) => Number(k === c)))), shape: [9, 3] };
  for (const y of [labels, Uint8Array.from(labels), { data: Float32Array.from(labels), shape: [9, 1] }, rows])
    assert.equal(metrics.confusionMatrix(y, predictions), counts);
});

test('precision, recall and F1 of each class, and their means', () => {
  const report = metrics.classReport(counts, ['a', 'b', 'c']);
  assert.equal(report.classes, [
    { name: 'a', precision: 2 / 3, recall: 2 / 3, f1Score: 4 / 6, count: 3 },
    { name: 'b', precision: 2 / 6, recall: 1, f1Score: 4 / 8, count: 2 },
    { name: 'c', precision: NaN, recall: 0, f1Score: 0, count: 4 },
  ]);
  assert.equal([report.accuracy, report.count], [4 / 9, 9]);
  const near = (found: number, expected: number): void => assert.ok(Math.abs(found - expected) < 1e-15, `${found}`);
  near(report.macro.precision, (2 / 3 + 1 / 3) / 3);
  near(report.macro.recall, (2 / 3 + 1) / 3);
  near(report.macro.f1Score, (2 / 3 + 1 / 2) / 3);
  near(report.weighted.precision, (3 * (2 / 3) + 2 * (1 / 3)) / 9);
  near(report.weighted.recall, 4 / 9);
  near(report.weighted.f1Score, (3 * (2 / 3) + 2 * (1 / 2)) / 9);
});

test('the mean over classes leaves out one that is neither there nor predicted', () => {
  const [few, all] = [Int32Array.of(3, 1, 0, 2, 4, 0, 0, 0, 0), Int32Array.of(3, 1, 2, 4)];
  const [among, alone] = [
    { data: few, shape: [3, 3] },
    { data: all, shape: [2, 2] },
  ].map((matrix) => metrics.classReport(matrix).macro);
  assert.equal(among, alone);
});

test('as a table', () => {
  assert.match(String(metrics.classReport(counts)), /\n2 +· +0\.00 % +0\.00 % +4\n/);
});

test('of one sigmoid, more than a half is class 1', () => {
  const predictions = { data: Float32Array.of(0.9, 0.5, 0.51, 0.1, 1), shape: [5, 1] };
  const expected = { data: Int32Array.of(1, 1, 1, 2), shape: [2, 2] };
  assert.equal(metrics.confusionMatrix([1, 1, 0, 0, 1], predictions), expected);
  const targets = { data: Float32Array.of(1, 1, 0, 0, 1), shape: [5, 1] };
  assert.equal(metrics.confusionMatrix(targets, predictions), expected);
  refusesAtOnce(
    () => metrics.confusionMatrix([1, 2, 0, 0, 1], predictions),
    'confusionMatrix: label 2 of example 1 is no class; classes are 0 to 1',
  );
});

test('invalid predictions, labels and matrices', () => {
  for (const [call, sentence] of [
    [
      () => metrics.confusionMatrix(labels, { data: new Float32Array(9), shape: [9] }),
      'confusionMatrix needs predictions [n, classes], or [n, 1] of one sigmoid, got [9]; count each pixel or position as an example of its own',
    ],
    [
      () => metrics.confusionMatrix([0], { data: Float32Array.of(NaN, 0.5), shape: [1, 2] }),
      'confusionMatrix got NaN among the predictions; it is no answer',
    ],
    [
      () => metrics.confusionMatrix([0, 1], predictions),
      'confusionMatrix has 9 predictions but 2 labels; give one label a prediction',
    ],
    [
      () => metrics.confusionMatrix([0, 1, 2, 3, 0, 0, 0, 0, 0], predictions),
      'confusionMatrix: label 3 of example 3 is no class; classes are 0 to 2',
    ],
    [
      () => metrics.classReport({ data: new Int32Array(6), shape: [2, 3] }),
      'classReport needs what confusionMatrix() returns, [classes, classes], got [2, 3]',
    ],
    [
      () => metrics.classReport(null as never),
      'classReport needs what confusionMatrix() returns, [classes, classes], got null',
    ],
    [() => metrics.classReport(counts, 'abc' as never), 'classReport needs 3 classNames, one per class, got "abc"'],
    [() => metrics.classReport(counts, ['a']), 'classReport needs 3 classNames, one per class, got 1'],
  ] as const)
    assert.throws(call, (error: Error) => error.message === sentence || assert.is(error.message, sentence));
});

test.run();
