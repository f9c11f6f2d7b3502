// The plain f64 loops against central differences (backward) and against values worked out by hand (forward).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import * as activations from './activations.js';
import { batchNormalizationBackward, batchNormalizationForward, momentsOf } from './batchNormalization.js';
import { gradientError } from './centralDifferences.js';
import {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeights,
  conv2dForward,
  conv2dOutput,
  type Conv2dSizes,
} from './conv2d.js';
import { denseBackwardBias, denseBackwardInput, denseBackwardWeights, denseForward } from './dense.js';
import { dropoutBackward, dropoutForward } from './dropout.js';
import { layerNormalizationBackward, layerNormalizationForward } from './layerNormalization.js';
import {
  maxPooling2dBackward,
  maxPooling2dForward,
  maxPooling2dOutput,
  type MaxPooling2dSizes,
} from './maxPooling2d.js';
import { pixelsForward } from './pixels.js';
import { softmaxBackward, softmaxForward } from './softmax.js';
import { oneHot, softmaxCrossEntropy } from './softmaxCrossEntropy.js';
import { slide } from './windows.js';

const LIMIT = 1e-7;

const random = new RandomStream(1);
const uniform = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.between(-1, 1));
/** Values 0.1 apart and at least 0.05 from 0, in random order: no ties, no kinks. */
function spread(count: number): Float64Array {
  const order = Array.from({ length: count }, (_, i) => i);
  random.shuffle(order);
  return Float64Array.from(order, (place) => (place - Math.floor(count / 2)) * 0.1 + 0.05);
}
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const smallerThanLimit = (error: number, what: string): void =>
  assert.ok(error <= LIMIT, `${what}: gradient is off by ${error} of its largest element, limit ${LIMIT}`);

const convolutions: Conv2dSizes[] = [
  { n: 2, inH: 5, inW: 4, inC: 3, outC: 2, kernelSize: [3, 3], strides: [1, 1], padding: 'valid' },
  { n: 1, inH: 5, inW: 6, inC: 2, outC: 5, kernelSize: [3, 2], strides: [2, 1], padding: 'same' },
  { n: 3, inH: 4, inW: 7, inC: 1, outC: 3, kernelSize: [4, 5], strides: [1, 3], padding: 'same' },
  { n: 2, inH: 7, inW: 5, inC: 2, outC: 1, kernelSize: [2, 1], strides: [3, 2], padding: 'valid' },
  { n: 1, inH: 2, inW: 3, inC: 2, outC: 2, kernelSize: [5, 5], strides: [1, 1], padding: 'same' },
  { n: 2, inH: 5, inW: 5, inC: 1, outC: 2, kernelSize: [1, 1], strides: [3, 3], padding: 'same' },
  { n: 2, inH: 7, inW: 6, inC: 2, outC: 3, kernelSize: [3, 2], strides: [1, 2], padding: 'same', dilationRate: [2, 3] },
  { n: 2, inH: 4, inW: 5, inC: 6, outC: 4, kernelSize: [3, 3], strides: [1, 1], padding: 'valid', groups: 2 },
  { n: 1, inH: 4, inW: 5, inC: 3, outC: 6, kernelSize: [2, 3], strides: [2, 1], padding: 'same', groups: 3 },
  { n: 1, inH: 4, inW: 3, inC: 2, outC: 2, kernelSize: [3, 3], strides: [2, 2], padding: [[1, 2], [0, 3]] }, // prettier-ignore
];
for (const sizes of convolutions)
  test(`conv2d backward, ${JSON.stringify(sizes)}`, () => {
    const { n, inH, inW, inC, outC, kernelSize } = sizes;
    const [outH, outW] = conv2dOutput(sizes);
    const x = uniform(n * inH * inW * inC);
    const w = uniform((kernelSize[0] * kernelSize[1] * inC * outC) / (sizes.groups ?? 1));
    const b = uniform(outC);
    const dy = uniform(n * outH * outW * outC);
    const loss = (): number => dot(dy, conv2dForward(x, w, b, sizes));
    smallerThanLimit(gradientError(x, conv2dBackwardInput(dy, w, sizes), loss), 'dx');
    smallerThanLimit(gradientError(w, conv2dBackwardWeights(dy, x, sizes), loss), 'dw');
    smallerThanLimit(gradientError(b, conv2dBackwardBias(dy, sizes), loss), 'db');
  });

const pools: MaxPooling2dSizes[] = [
  { n: 2, inH: 4, inW: 6, channels: 3, poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
  { n: 1, inH: 5, inW: 5, channels: 2, poolSize: [3, 2], strides: [2, 2], padding: 'same' },
  { n: 2, inH: 5, inW: 7, channels: 1, poolSize: [3, 3], strides: [1, 2], padding: 'valid' },
  { n: 1, inH: 3, inW: 4, channels: 4, poolSize: [4, 3], strides: [1, 1], padding: 'same' },
  { n: 1, inH: 7, inW: 5, channels: 2, poolSize: [1, 2], strides: [3, 4], padding: 'same' },
];
for (const sizes of pools)
  test(`maxPooling2d backward, ${JSON.stringify(sizes)}`, () => {
    const [outH, outW] = maxPooling2dOutput(sizes);
    const x = spread(sizes.n * sizes.inH * sizes.inW * sizes.channels);
    const dy = uniform(sizes.n * outH * outW * sizes.channels);
    const loss = (): number => dot(dy, maxPooling2dForward(x, sizes));
    smallerThanLimit(gradientError(x, maxPooling2dBackward(dy, x, sizes), loss), 'dx');
  });

test('dense backward', () => {
  const sizes = { n: 3, inputs: 5, outputs: 7 };
  const [x, w, b, dy] = [uniform(15), uniform(35), uniform(7), uniform(21)];
  const loss = (): number => dot(dy, denseForward(x, w, b, sizes));
  smallerThanLimit(gradientError(x, denseBackwardInput(dy, w, sizes), loss), 'dx');
  smallerThanLimit(gradientError(w, denseBackwardWeights(dy, x, sizes), loss), 'dw');
  smallerThanLimit(gradientError(b, denseBackwardBias(dy, sizes), loss), 'db');
});

for (const kind of ['relu', 'sigmoid', 'tanh'] as const)
  test(`${kind} backward`, () => {
    const x = spread(17);
    const dy = uniform(17);
    const forward = activations[`${kind}Forward`];
    smallerThanLimit(
      gradientError(x, activations[`${kind}Backward`](dy, forward(x)), () => dot(dy, forward(x))),
      'dx',
    );
  });

test('softmax backward', () => {
  const [x, dy] = [uniform(15), uniform(15)];
  smallerThanLimit(
    gradientError(x, softmaxBackward(dy, softmaxForward(x, 5), 5), () => dot(dy, softmaxForward(x, 5))),
    'dx',
  );
});

test('softmax with cross-entropy backward, one-hot and soft labels', () => {
  for (const targets of [oneHot([4, 0, 3], 5), softmaxForward(uniform(15), 5)]) {
    const logits = uniform(15);
    const loss = (): number => softmaxCrossEntropy(logits, targets, 5).loss;
    smallerThanLimit(gradientError(logits, softmaxCrossEntropy(logits, targets, 5).dLogits, loss), 'dLogits');
  }
});

test('dropout backward', () => {
  const [x, dy, mask] = [uniform(6), uniform(6), [1, 0, 1, 1, 0, 1]];
  smallerThanLimit(
    gradientError(x, dropoutBackward(dy, mask, 0.3), () => dot(dy, dropoutForward(x, mask, 0.3))),
    'dx',
  );
});

test('a wrong gradient is noticed', () => {
  const x = uniform(4);
  const wrong = x.map((value, i) => 2 * value * (i === 2 ? 1.00001 : 1));
  assert.not.ok(gradientError(x, wrong, () => dot(x, x)) <= LIMIT);
  wrong[2] = NaN;
  assert.not.ok(gradientError(x, wrong, () => dot(x, x)) <= LIMIT);
});

// TensorFlow's definition of 'same': https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
test('a window slides as in TensorFlow', () => {
  assert.equal(slide(28, 3, 1, 'valid'), { out: 26, before: 0 });
  assert.equal(slide(13, 2, 2, 'valid'), { out: 6, before: 0 });
  assert.equal(slide(28, 3, 1, 'same'), { out: 28, before: 1 });
  assert.equal(slide(28, 3, 2, 'same'), { out: 14, before: 0 }); // one element of padding: it stands behind
  assert.equal(slide(9, 3, 2, 'same'), { out: 5, before: 1 });
  assert.equal(slide(10, 4, 1, 'same'), { out: 10, before: 1 }); // three: one before, two behind
  assert.equal(slide(5, 1, 3, 'same'), { out: 2, before: 0 });
});

test('conv2d forward by hand: same, stride 2, two channels in and out', () => {
  const sizes: Conv2dSizes = {
    n: 1,
    inH: 2,
    inW: 3,
    inC: 2,
    outC: 2,
    kernelSize: [1, 2],
    strides: [1, 2],
    padding: 'same',
  };
  // One element of padding behind each row. Channel 1 is 10 × channel 0.
  const x = Float64Array.of(1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60);
  // Output 0 adds left channel 0 and 2 × right channel 0; output 1 takes 3 × right channel 1.
  const w = Float64Array.of(1, 0, 0, 0, 2, 0, 0, 3);
  const b = Float64Array.of(100, -1);
  assert.equal([...conv2dForward(x, w, b, sizes)], [105, 59, 103, -1, 114, 149, 106, -1]);
});

test('conv2d forward by hand: two groups, dilation 2, padding before the line alone', () => {
  const sizes: Conv2dSizes = {
    n: 1,
    inH: 1,
    inW: 3,
    inC: 2,
    outC: 2,
    kernelSize: [1, 2],
    strides: [1, 1],
    padding: [
      [0, 0],
      [1, 0],
    ],
    dilationRate: [1, 2],
    groups: 2,
  };
  // Columns 0 1 2 3 | 4 … with the padding: outputs at (0, 2) and (1, 3). Channel 1 is 10 × channel 0.
  const x = Float64Array.of(1, 10, 2, 20, 3, 30);
  // [tap, 1, outC]: output 0 is left + 2 × right of channel 0, output 1 is 3 × left + 4 × right of channel 1.
  const w = Float64Array.of(1, 3, 2, 4);
  assert.equal([...conv2dForward(x, w, new Float64Array(2), sizes)], [4, 80, 7, 150]);
});

test('maxPooling2d: the first of equal maxima wins, padding never does', () => {
  const sizes: MaxPooling2dSizes = {
    n: 1,
    inH: 3,
    inW: 3,
    channels: 1,
    poolSize: [2, 2],
    strides: [2, 2],
    padding: 'same',
  };
  const x = Float64Array.of(-1, -1, -5, -2, -1, -6, -7, -7, -8);
  assert.equal([...maxPooling2dForward(x, sizes)], [-1, -5, -7, -8]);
  assert.equal([...maxPooling2dBackward(Float64Array.of(1, 2, 3, 4), x, sizes)], [1, 0, 2, 0, 0, 0, 3, 0, 4]);
});

test('dense forward by hand', () => {
  const y = denseForward(
    Float64Array.of(1, 2, 3, 4),
    Float64Array.of(1, 10, 100, 2, 20, 200),
    Float64Array.of(0.5, 0, -1),
    {
      n: 2,
      inputs: 2,
      outputs: 3,
    },
  );
  assert.equal([...y], [5.5, 50, 499, 11.5, 110, 1099]);
});

test('activations by hand; relu has slope 0 at its kink', () => {
  assert.equal([...activations.reluForward(Float64Array.of(-2, 0, 3))], [0, 0, 3]);
  assert.equal([...activations.reluBackward(Float64Array.of(7, 7, 7), Float64Array.of(0, 0, 3))], [0, 0, 7]);
  assert.equal(
    [...activations.sigmoidForward(Float64Array.of(0, Math.log(3)))].map((y) => y.toFixed(12)),
    ['0.500000000000', '0.750000000000'],
  );
  assert.equal(
    [...activations.tanhForward(Float64Array.of(0, Math.log(3)))].map((y) => y.toFixed(12)),
    ['0.000000000000', '0.800000000000'],
  );
});

test('softmax with cross-entropy by hand, and with logits whose exp overflows', () => {
  // p = [1/4, 3/4] and [1/2, 1/2], so the loss is (log 4 + log 2) / 2.
  const result = softmaxCrossEntropy(Float64Array.of(0, Math.log(3), 5, 5), oneHot([0, 1], 2), 2);
  assert.ok(Math.abs(result.loss - 1.5 * Math.LN2) <= 1e-15);
  [-0.375, 0.375, 0.25, -0.25].forEach((expected, i) => assert.ok(Math.abs(result.dLogits[i]! - expected) <= 1e-15));
  const large = softmaxCrossEntropy(Float64Array.of(2000, 0), oneHot([1], 2), 2);
  assert.is(large.loss, 2000);
  assert.equal([...large.probabilities], [1, 0]);
});

test('dropout and pixels by hand', () => {
  assert.equal([...dropoutForward(Float64Array.of(1, 2, 3), [1, 0, 1], 0.5)], [2, 0, 6]);
  assert.equal([...pixelsForward(Uint8Array.of(0, 51, 255))], [0, 0.2, 1]);
});

for (const ofBatch of [true, false])
  test(`batch normalization backward, with ${ofBatch ? "the batch's" : 'moving'} statistics`, () => {
    for (const [rows, channels] of [
      [7, 3],
      [2, 5],
      [1, 2],
    ] as const) {
      const [x, dy] = [uniform(rows * channels), uniform(rows * channels)];
      const [gamma, beta] = [uniform(channels), uniform(channels)];
      const moving = { mean: uniform(channels), variance: uniform(channels).map(Math.abs) };
      const moments = () => (ofBatch ? momentsOf(x, channels) : moving);
      const loss = (): number => dot(dy, batchNormalizationForward(x, gamma, beta, moments(), 1e-3));
      const { dx, dgamma, dbeta } = batchNormalizationBackward(dy, x, gamma, moments(), 1e-3, ofBatch);
      // One row is its own mean: nothing of x is left.
      if (ofBatch && rows === 1) assert.ok([...dx, ...dgamma].every((value) => Math.abs(value) < 1e-12));
      else {
        smallerThanLimit(gradientError(x, dx, loss), 'dx');
        smallerThanLimit(gradientError(gamma, dgamma, loss), 'dgamma');
      }
      smallerThanLimit(gradientError(beta, dbeta, loss), 'dbeta');
    }
  });

test('batch normalization brings channels to the mean beta and the deviation gamma', () => {
  const x = Float64Array.of(1, 10, 3, 10, 5, 10);
  const moments = momentsOf(x, 2);
  assert.equal([...moments.mean, ...moments.variance], [3, 10, 8 / 3, 0]);
  const y = batchNormalizationForward(x, Float64Array.of(2, 9), Float64Array.of(0.5, -1), moments, 4 / 3);
  assert.equal([...y], [-1.5, -1, 0.5, -1, 2.5, -1]);
});

test('layer normalization backward', () => {
  for (const [rows, columns] of [
    [3, 7],
    [4, 2],
  ] as const) {
    const [x, dy] = [uniform(rows * columns), uniform(rows * columns)];
    const [gamma, beta] = [uniform(columns), uniform(columns)];
    const loss = (): number => dot(dy, layerNormalizationForward(x, gamma, beta, 1e-3));
    const { dx, dgamma, dbeta } = layerNormalizationBackward(dy, x, gamma, 1e-3);
    smallerThanLimit(gradientError(x, dx, loss), 'dx');
    smallerThanLimit(gradientError(gamma, dgamma, loss), 'dgamma');
    smallerThanLimit(gradientError(beta, dbeta, loss), 'dbeta');
  }
});

test('layer normalization brings rows to mean 0 and deviation 1', () => {
  const [ones, zeros] = [Float64Array.of(1, 1), Float64Array.of(0, 5)];
  assert.equal([...layerNormalizationForward(Float64Array.of(1, 3, 7, 7), ones, zeros, 0)].slice(0, 2), [-1, 6]);
  assert.equal([...layerNormalizationForward(Float64Array.of(1, 3, 7, 7), ones, zeros, 3)], [-0.5, 5.5, 0, 5]);
});

test.run();
