// Slopes of the f64 activations against central differences, layers with weights too, and erfc against known values.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { logSoftmax, prelu } from './activationLayers.js';
import { gradientError } from './centralDifferences.js';
import { clippedRelu, elu, erfc, pointwise } from './pointwise.js';

const LIMIT = 1e-7;
const random = new RandomStream(4);
const uniform = (count: number, size = 1): Float64Array =>
  Float64Array.from({ length: count }, () => random.between(-size, size));
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const small = (error: number, what: string): void =>
  assert.ok(error <= LIMIT, `${what}: off by ${error} of the largest, limit ${LIMIT}`);

for (const [name, { of, slope }] of Object.entries({
  ...pointwise,
  'clippedRelu(0.1, 1.5, 4)': clippedRelu(0.1, 1.5, 4),
  'elu(0.5)': elu(0.5),
}))
  test(`${name}: slope`, () => {
    const x = uniform(60, 6);
    small(
      gradientError(x, x.map(slope), () => x.reduce((sum, value) => sum + of(value), 0)),
      name,
    );
  });

test('logSoftmax and prelu backward', () => {
  const [x, dy, alpha] = [uniform(24, 2), uniform(24), uniform(4)];
  small(
    gradientError(x, logSoftmax({ values: x, shape: [6] }).backward(dy).inputs[0]!, () =>
      dot(dy, logSoftmax({ values: x, shape: [6] }).values),
    ),
    'logSoftmax',
  );
  const call = {
    config: { sharedAxes: [1] },
    inputs: [{ values: x, shape: [3, 4] }],
    weights: [alpha],
    n: 2,
    random: null,
  };
  const { inputs, weights } = prelu(call).backward(dy);
  small(
    gradientError(x, inputs[0]!, () => dot(dy, prelu(call).values)),
    'dx of prelu',
  );
  small(
    gradientError(alpha, weights[0]!, () => dot(dy, prelu(call).values)),
    'dAlpha of prelu',
  );
});

// Abramowitz and Stegun, table 7.1 and 7.3.
test('erfc', () => {
  for (const [x, expected] of [
    [0, 1],
    [0.5, 0.4795001221869535],
    [1, 0.15729920705028513],
    [2, 0.004677734981047266],
    [4, 1.541725790028002e-8],
    [-1, 1.8427007929497148],
  ] as const)
    assert.ok(Math.abs(erfc(x) / expected - 1) <= 1e-12, `erfc ${x}`);
});

test.run();
