// Slopes of the f64 losses against central differences, and values worked out by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { gradientError } from './centralDifferences.js';
import * as losses from './losses.js';
import type { ReferenceLoss } from './losses.js';

const LIMIT = 1e-7;
const random = new RandomStream(2);
const between = (low: number, high: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, () => random.between(low, high));
/** Probabilities away from where they are clipped. */
const probable = (count: number): Float64Array => between(0.05, 0.95, count);

const cases: readonly [name: string, loss: ReferenceLoss, x: Float64Array, t: Float64Array][] = [
  ['mean squared error', losses.meanSquaredError, between(-2, 2, 24), between(-2, 2, 24)],
  ['mean absolute error', losses.meanAbsoluteError, between(1, 2, 24), between(-1, 0.9, 24)],
  ['huber, both branches', losses.huber(0.7), between(-2, 2, 24), between(-2, 2, 24)],
  ['cross-entropy of a sigmoid', losses.sigmoidCrossEntropy, between(-9, 9, 24), between(0, 1, 24)],
  ['binary cross-entropy', losses.binaryCrossEntropy(), probable(24), between(0, 1, 24)],
  ['binary focal', losses.binaryCrossEntropy(1.7, 0.3, 0.7), probable(24), between(0, 1, 24)],
  ['categorical cross-entropy', losses.categoricalCrossEntropy(), probable(24), between(0, 1, 24)],
  ['categorical focal', losses.categoricalCrossEntropy(0.25, 2.5), probable(24), between(0, 1, 24)],
  ['Kullback–Leibler divergence', losses.kullbackLeibler, probable(24), between(0.01, 1, 24)],
];

for (const [name, loss, x, t] of cases)
  test(`${name}: slopes`, () => {
    for (const n of [1, 2, 6]) {
      const mean = (): number => loss(x, t, n, 4).losses.reduce((a, b) => a + b) / n;
      const error = gradientError(x, loss(x, t, n, 4).dx, mean);
      assert.ok(error <= LIMIT, `${n} examples: off by ${error} of the largest, limit ${LIMIT}`);
    }
  });

test('by hand', () => {
  const close = (actual: Float64Array, ...expected: number[]): void =>
    expected.forEach((value, i) => assert.ok(Math.abs(actual[i]! - value) <= 1e-12, `${actual[i]} for ${value}`));
  const [x, t] = [Float64Array.of(0.25, 0.75), Float64Array.of(1, 0)];
  close(losses.meanSquaredError(x, t, 1, 2).losses, 0.5625);
  close(losses.meanAbsoluteError(x, t, 2, 1).losses, 0.75, 0.75);
  close(losses.huber(0.5)(x, t, 1, 2).losses, 0.25);
  close(losses.binaryCrossEntropy()(x, t, 1, 2).losses, 2 * Math.LN2);
  close(losses.binaryCrossEntropy(2, 0.25, 0.75)(x, t, 2, 1).losses, 0.28125 * Math.LN2, 0.84375 * Math.LN2);
  close(losses.categoricalCrossEntropy()(x, t, 1, 2).losses, 2 * Math.LN2);
  close(losses.categoricalCrossEntropy(0.25, 2)(x, t, 1, 2).losses, 0.28125 * Math.LN2);
  close(
    losses.sigmoidCrossEntropy(Float64Array.of(0, 2000, -2000), Float64Array.of(1, 0, 1), 3, 1).losses,
    Math.LN2,
    2000,
    2000,
  );
});

test.run();
