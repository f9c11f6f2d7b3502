// First values: moments and ranges by Keras' rules, orthogonality, exact bits, and options that come back from files.
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { initializers, layers, loadModel, sequential, type Shape } from '../../src/index.js';
import { fans, initialize, type Initializer } from '../../src/initializers/index.js';
import { sizeOf } from '../../src/base/shape.js';

const valuesOf = (initializer: Initializer, shape: Shape, seed = 1, index = 0): Float32Array => {
  const values = new Float32Array(sizeOf(shape));
  initialize(initializer, values, shape, seed, index);
  return values;
};
/** Mean of the powers of what is left of x - mean. */
const moment = (values: Float32Array, power: number, mean = 0): number =>
  values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
const close = (actual: number, expected: number, limit: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) <= limit, `${what} is ${actual}, should be ${expected} ± ${limit}`);

test("Keras' fans", () => {
  for (const [shape, fanIn, fanOut] of [
    [[], 1, 1],
    [[7], 7, 7],
    [[7, 5], 7, 5],
    [[3, 3, 16, 32], 144, 288],
    [[5, 3, 8, 2], 120, 30], // depthwise [kernelHeight, kernelWidth, in, multiplier]
    [[4, 2, 3], 8, 12],
  ] as const)
    assert.equal(fans(shape), { fanIn, fanOut }, `[${shape}]`);
});

// 3 × 3 × 40 × 80: fanIn 360, fanOut 720.
const shape = [3, 3, 40, 80];
const { varianceScaling } = initializers;
const variances: readonly [Initializer, variance: number, kind: 'uniform' | 'truncated' | 'normal'][] = [
  ['glorotUniform', 1 / 540, 'uniform'],
  ['glorotNormal', 1 / 540, 'truncated'],
  ['heUniform', 2 / 360, 'uniform'],
  ['heNormal', 2 / 360, 'truncated'],
  ['lecunUniform', 1 / 360, 'uniform'],
  ['lecunNormal', 1 / 360, 'truncated'],
  ['varianceScaling', 1 / 360, 'truncated'],
  [varianceScaling({ scale: 3, mode: 'fanOut', distribution: 'untruncatedNormal' }), 3 / 720, 'normal'],
  [varianceScaling({ scale: 0.5, mode: 'fanAvg', distribution: 'uniform' }), 0.5 / 540, 'uniform'],
  [initializers.heNormal({ seed: 5 }), 2 / 360, 'truncated'],
  ['randomNormal', 0.05 ** 2, 'normal'],
  // Keras leaves the deviation of what is truncated as it is: 0.88 of stddev.
  ['truncatedNormal', (0.05 * 0.8796256610342398) ** 2, 'truncated'],
  ['randomUniform', 0.1 ** 2 / 12, 'uniform'],
];

for (const [initializer, variance, kind] of variances)
  test(`${JSON.stringify(initializer)}: moments and range`, () => {
    const values = valuesOf(initializer, shape);
    const deviation = Math.sqrt(variance);
    // Five standard errors of 28,800 values, times at most √3 for the fourth power's own spread.
    const limit = 5 / Math.sqrt(values.length);
    close(moment(values, 1) / deviation, 0, limit, 'mean');
    close(moment(values, 2) / variance, 1, 1.5 * limit, 'variance');
    close(moment(values, 3) / deviation ** 3, 0, 4 * limit, 'third moment');
    const kurtosis = { uniform: 1.8, truncated: 2.3655, normal: 3 }[kind];
    close(moment(values, 4) / variance ** 2, kurtosis, 10 * limit, 'fourth moment');
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / deviation;
    const edge = { uniform: Math.sqrt(3), truncated: 2 / 0.8796256610342398, normal: 6 }[kind];
    assert.ok(largest <= edge * (1 + 1e-6) && largest > (kind === 'normal' ? 3.5 : 0.99 * edge), `reaches ${largest}`);
  });

test('mean, minval and maxval', () => {
  const at3 = valuesOf(initializers.randomNormal({ mean: 3, stddev: 0.5 }), shape);
  close(moment(at3, 1), 3, 0.02, 'mean');
  close(moment(at3, 2, 3), 0.25, 0.02, 'variance');
  const between = valuesOf(initializers.randomUniform({ minval: -1, maxval: 3 }), shape);
  assert.ok(between.every((value) => value >= -1 && value < 3));
  close(moment(between, 1), 1, 0.05, 'mean');
});

test('orthogonal: orthonormal columns or rows, times the gain', () => {
  for (const [own, gain] of [
    [[64, 10], 1],
    [[10, 64], 1],
    [[9, 9], 2.5],
    [[3, 3, 4, 8], 1],
    [[1, 1], 1],
  ] as const) {
    const columns = own.at(-1)!;
    const values = valuesOf(initializers.orthogonal({ gain }), own);
    const rows = values.length / columns;
    const count = Math.min(rows, columns);
    const at = (vector: number, i: number): number =>
      rows >= columns ? values[i * columns + vector]! : values[vector * columns + i]!;
    for (let a = 0; a < count; a++)
      for (let b = 0; b < count; b++) {
        let product = 0;
        for (let i = 0; i < Math.max(rows, columns); i++) product += at(a, i) * at(b, i);
        close(product, a === b ? gain * gain : 0, 1e-6 * gain * gain, `[${own}]: product of ${a} and ${b}`);
      }
  }
});

test('constant, identity, zeros and ones', () => {
  assert.equal([...valuesOf(initializers.constant({ value: 0.25 }), [3])], [0.25, 0.25, 0.25]);
  assert.equal([...valuesOf('constant', [2])], [0, 0]);
  assert.equal([...valuesOf(initializers.identity({ gain: 2 }), [2, 3])], [2, 0, 0, 0, 2, 0]);
  assert.equal([...valuesOf('zeros', [2])], [0, 0]);
  assert.equal([...valuesOf(initializers.ones(), [2])], [1, 1]);
});

test('a seed of its own gives the same numbers in every model and place, the model gives each place its own', () => {
  const own = initializers.heNormal({ seed: 7 });
  assert.equal(valuesOf(own, [4, 5], 1, 0), valuesOf(own, [4, 5], 2, 9));
  assert.not.equal(valuesOf(own, [4, 5]), valuesOf(initializers.heNormal({ seed: 8 }), [4, 5]));
  assert.not.equal(valuesOf('heNormal', [4, 5], 1, 0), valuesOf('heNormal', [4, 5], 1, 1));
  assert.not.equal(valuesOf('heNormal', [4, 5], 1, 0), valuesOf('heNormal', [4, 5], 2, 0));
});

test('exact bits: only + - * / and square roots are in them', () => {
  const sha256 = (initializer: Initializer): string =>
    createHash('sha256')
      .update(new Uint8Array(valuesOf(initializer, [3, 3, 5, 7]).buffer))
      .digest('hex')
      .slice(0, 16);
  assert.equal(
    ['glorotUniform', 'heUniform', 'heNormal', 'randomNormal', 'orthogonal'].map((name) => sha256(name as Initializer)),
    ['a2c7a66218de095d', 'ddb246dd52e7bb79', 'a453785908c70ee2', '2de3fbdb43b35e1e', 'b423ce1dc51773c1'],
  );
});

test('options come back from a file, and names stay names', () => {
  const kernels: readonly Initializer[] = [
    'heNormal',
    initializers.heNormal({ seed: 3 }),
    initializers.varianceScaling({ scale: 2, mode: 'fanAvg', distribution: 'uniform' }),
    initializers.orthogonal({ gain: 0.5 }),
    initializers.constant({ value: 0.125 }),
  ];
  for (const kernelInitializer of kernels) {
    const make = () => layers.dense({ units: 3, kernelInitializer, biasInitializer: 'randomUniform' });
    const model = sequential({ inputShape: [4], layers: [make()] });
    const config = loadModel(model.save()).model.layers[0]!.layer.getConfig();
    assert.equal(config.kernelInitializer, kernelInitializer);
    assert.is(config.biasInitializer, 'randomUniform');
    const again = sequential({ inputShape: [4], layers: [layers.dense(config as never)] });
    assert.equal(again.getWeights(), model.getWeights());
  }
});

test.run();
