// The composed network against central differences. test/golden/golden.test.ts holds it against PyTorch.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { gradientError } from './centralDifferences.js';
import { runNetwork, type NetworkLayer } from './network.js';
import { oneHot } from './softmaxCrossEntropy.js';

const random = new RandomStream(1);
const uniform = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.between(-1, 1));

test('every gradient of a network with every kind of layer', () => {
  const layers: NetworkLayer[] = [
    { kind: 'conv2d', filters: 3, kernelSize: [2, 3], strides: [1, 2], padding: 'same' }, // [6, 3, 3]
    { kind: 'tanh' },
    { kind: 'maxPooling2d', poolSize: [2, 2] }, // [3, 1, 3]
    { kind: 'conv2d', filters: 4, kernelSize: [2, 1] }, // [2, 1, 4]
    { kind: 'relu' },
    { kind: 'maxPooling2d', poolSize: [2, 2], strides: [1, 1], padding: 'same' }, // [2, 1, 4]
    { kind: 'softmax' },
    { kind: 'dropout', rate: 0.25, mask: [1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1] },
    { kind: 'flatten' },
    { kind: 'dense', units: 5 },
    { kind: 'sigmoid' },
    { kind: 'dense', units: 3 },
    { kind: 'softmax' },
  ];
  const weights = [2 * 3 * 2 * 3, 3, 2 * 3 * 4, 4, 8 * 5, 5, 5 * 3, 3].map(uniform);
  const x = uniform(2 * 6 * 5 * 2);
  const targets = oneHot([2, 0], 3);
  const run = () => runNetwork(layers, [6, 5, 2], weights, x, targets);
  const { gradients, dx } = run();
  assert.is(gradients.length, 8);
  [...weights, x].forEach((values, i) => {
    const error = gradientError(values, [...gradients, dx][i]!, () => run().loss);
    assert.ok(error <= 1e-7, `gradient ${i} is off by ${error} of its largest element`);
  });
});

test('every gradient of a network without biases', () => {
  const layers: NetworkLayer[] = [
    { kind: 'conv2d', filters: 2, kernelSize: [2, 2], useBias: false },
    { kind: 'tanh' },
    { kind: 'flatten' },
    { kind: 'dense', units: 3, useBias: false },
    { kind: 'softmax' },
  ];
  const weights = [2 * 2 * 2, 12 * 3].map(uniform);
  const x = uniform(2 * 3 * 4);
  const run = () => runNetwork(layers, [3, 4, 1], weights, x, oneHot([2, 1], 3));
  const { gradients, dx } = run();
  assert.is(gradients.length, 2);
  [...weights, x].forEach((values, i) => {
    const error = gradientError(values, [...gradients, dx][i]!, () => run().loss);
    assert.ok(error <= 1e-7, `gradient ${i} is off by ${error} of its largest element`);
  });
});

test('weights that do not fit are refused', () => {
  const layers: NetworkLayer[] = [{ kind: 'dense', units: 2 }, { kind: 'softmax' }];
  const run = (...sizes: number[]) => runNetwork(layers, [3], sizes.map(uniform), uniform(3), oneHot([1], 2));
  assert.throws(() => run(6, 3), /needs 2 weights, got 3$/);
  assert.throws(() => run(6), /needs 2 weights, got undefined$/);
  assert.throws(() => run(6, 2, 1), /1 arrays of weights are left over$/);
});

test.run();
