// Verdicts of the bench's rows: which way is better, which side has failed, what is reached.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FUSED, KERAS, median, OURS, PYTORCH, PYTORCH_COMPILED, type Figure, type Unit } from '../../bench/figures.js';
import { judge, rows } from '../../bench/rows.js';

const figure = (measure: string, contestant: string, threads: number, unit: Unit, ...rounds: number[]): Figure => ({
  measure,
  contestant,
  threads,
  unit,
  rounds,
});
const judged = (...figures: Figure[]) => judge(figures).map(({ row, value, verdict }) => [row.what, value, verdict]);

test('the median is the value in the middle, or between the two there, whatever the order', () => {
  assert.is(median([10, 9, 100]), 10);
  assert.is(median([1, 10, 3, 2]), 2.5);
  assert.is(median([7]), 7);
});

test('for speed more is better: ours by theirs, against the same number of threads', () => {
  const training = 'training, strided network';
  const theirs = [figure(training, KERAS, 1, 'samples/s', 100), figure(training, KERAS, 2, 'samples/s', 1000)];
  const rowsOf = (...rounds: number[]) =>
    judged(figure(training, OURS, 1, 'samples/s', ...rounds), ...theirs).filter(([, value]) => value !== undefined);
  const row = 'training, strided network, 1 thread';
  assert.equal(rowsOf(90, 120, 900), [[row, 1.2, 'aim reached']]);
  assert.equal(rowsOf(100), [[row, 1, 'must reached']]);
  assert.equal(rowsOf(99), [[row, 0.99, 'MISSED']]);
});

test('for time less is better: theirs by ours', () => {
  const one = 'inference, one image';
  assert.equal(judged(figure(one, OURS, 1, 'ms', 0.5), figure(one, 'onnxruntime-web', 1, 'ms', 2)).slice(1, 2), [
    ['inference, one image, 1 thread', 4, 'must reached'],
  ]);
});

test('the best of several peers counts, whichever failed, and each Node has its own targets', () => {
  const training = { measure: 'training, ResNet-20', threads: 1, unit: 'samples/s' } as const;
  const ours = ['Node 20', 'Node 26'].map((node) => ({ ...training, contestant: OURS, node, rounds: [700] }));
  const theirs = [
    { ...training, contestant: PYTORCH, rounds: [500] },
    { ...training, contestant: PYTORCH_COMPILED, rounds: [], failure: 'no compiler' },
    { ...training, contestant: KERAS, rounds: [1000] },
  ];
  const told = (...figures: Figure[]) =>
    judge([...ours, ...figures]).map(({ node, theirs, value, verdict }) => [node, theirs?.contestant, value, verdict]);
  assert.equal(told(...theirs), [
    ['Node 20', KERAS, 0.7, 'must reached'],
    ['Node 26', KERAS, 0.7, 'MISSED'],
  ]);
  assert.equal(told(theirs[1]!), [
    ['Node 20', PYTORCH_COMPILED, undefined, ''],
    ['Node 26', PYTORCH_COMPILED, undefined, ''],
  ]);
  assert.equal(told(), [
    ['Node 20', undefined, undefined, ''],
    ['Node 26', undefined, undefined, ''],
  ]);
});

test('threads and fused kernels are compared with one thread of ours', () => {
  const training = 'training, reference network';
  const values = judged(
    figure(training, OURS, 1, 'samples/s', 100),
    figure(training, OURS, 2, 'samples/s', 180),
    figure(training, FUSED, 1, 'samples/s', 105),
  ).filter(([, value]) => value !== undefined);
  assert.equal(values, [
    ['training, reference network, 2 threads against 1', 1.8, 'must reached'],
    ['training, reference network, fused kernels, 1 thread', 1.05, 'MISSED'],
  ]);
});

test('our own figures are compared with their targets; for accuracy the worst run counts', () => {
  const own = (what: string, unit: Unit, ...rounds: number[]) =>
    judged(figure(what, OURS, 2, unit, ...rounds))[0]!.slice(1);
  assert.equal(own('`npm run train`, peak memory', 'MiB', 150), [150, 'aim reached']);
  assert.equal(own('`npm run train`, peak memory', 'MiB', 151), [151, 'must reached']);
  assert.equal(own('`npm run train`, peak memory', 'MiB', 201), [201, 'MISSED']);
  assert.equal(own('`npm run train`, test accuracy, seed by seed', '%', 99.2, 98.99, 99.1), [98.99, 'MISSED']);
  assert.equal(own('`npm run train -- --data builtin`, accuracy on MNIST', '%', 97), [97, ''], 'no target');
});

test('no verdict where a peer failed or is missing, no row where we were not asked', () => {
  const one = 'inference, one image';
  const ours = figure(one, OURS, 1, 'ms', 1);
  const failed: Figure = { ...figure(one, 'PyTorch', 1, 'ms'), failure: 'no' };
  assert.equal(
    judged(ours, failed).map(([, value, verdict]) => [value, verdict]),
    Array(3).fill([undefined, '']),
  );
  assert.equal(judged(failed), []);
  assert.is(new Set(rows.map(({ what, against }) => `${what} ${against}`)).size, rows.length, 'no row twice');
});

test.run();
