// Activations and losses of models against what PyTorch in f64 says of them (recordFunctions.py): values and gradients.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layers, losses, sequential, type Labels, type Model } from '../../src/index.js';
import type { Activation } from '../../src/layers/activation.js';
import { magnitudes, within, worst } from '../assembly/guardedMemory.js';
import { pointwise } from '../reference/pointwise.js';

interface Recorded {
  readonly x: number[];
  readonly activations: Record<string, { readonly y: number[]; readonly dx: number[] }>;
  readonly logits: number[];
  readonly classes: number[];
  readonly rows: number[];
  readonly yes: number[];
  readonly losses: Record<string, { readonly loss: number; readonly dx: number[] }>;
}

const recorded = JSON.parse(
  readFileSync(new URL('../../../test/golden/functions.json', import.meta.url), 'utf8'),
) as Recorded;
const rowsOf4 = (values: readonly number[]) => ({ data: Float32Array.from(values), shape: [values.length / 4, 4] });

/** Far to the left PyTorch's gelu, 1 + erf, is 0 where ours, erfc, is still tiny. */
const size = (y: readonly number[]): Float64Array => magnitudes(y).map((value) => value + 1e-5);

test('activations', async () => {
  for (const [name, { y }] of Object.entries(recorded.activations)) {
    const model = sequential({ inputShape: [4], layers: [layers.activation({ activation: name as Activation })] });
    const { data } = await model.predict(rowsOf4(recorded.x));
    within(worst(data, y, size(y)), 1e-6, name);
  }
});

test('slopes of the f64 reference, which kernels are compared with', () => {
  for (const [name, { y, dx }] of Object.entries(recorded.activations)) {
    if (!(name in pointwise)) continue;
    const { of, slope } = pointwise[name]!;
    within(worst(recorded.x.map(of), y, size(y)), 1e-11, `${name}: y`);
    const weighted = recorded.x.map((x, i) => slope(x) * (i + 1));
    // PyTorch's hardSigmoid has its slope, 1 / 6, as an f32.
    within(worst(weighted, dx, 16), name === 'hardSigmoid' ? 1e-8 : 1e-11, `${name}: dx`);
  }
});

/** A model whose outputs are x plus its bias, so that the bias's gradient is the sum over the examples of the loss's slopes. */
function shifted(end: Activation, loss: losses.Loss): Model {
  const model = sequential({ inputShape: [4], layers: [layers.dense({ units: 4, activation: end })] });
  const identity = Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
  model.setWeights([
    { data: identity, shape: [4, 4] },
    { data: new Float32Array(4), shape: [4] },
  ]);
  model.compile({ optimizer: 'adam', loss, batchSize: 3 });
  return model;
}

const { categoricalCrossentropy, binaryCrossentropy, sparseCategoricalCrossentropy, kullbackLeiblerDivergence } =
  losses;
const cases: readonly [name: string, end: Activation, loss: losses.Loss, y: Labels][] = [
  ['meanSquaredError', 'linear', losses.meanSquaredError(), rowsOf4(recorded.yes)],
  ['meanAbsoluteError', 'linear', losses.meanAbsoluteError(), rowsOf4(recorded.yes)],
  ['huber', 'linear', losses.huber({ delta: 0.75 }), rowsOf4(recorded.yes)],
  ['binaryCrossentropy', 'sigmoid', binaryCrossentropy(), rowsOf4(recorded.yes)],
  ['binaryCrossentropy', 'linear', binaryCrossentropy({ fromLogits: true }), rowsOf4(recorded.yes)],
  ['binaryCrossentropy, probabilities', 'softmax', binaryCrossentropy(), rowsOf4(recorded.yes)],
  ['sparseCategoricalCrossentropy', 'softmax', sparseCategoricalCrossentropy(), recorded.classes],
  ['categoricalCrossentropy', 'softmax', categoricalCrossentropy(), rowsOf4(recorded.rows)],
  ['categoricalCrossentropy', 'linear', categoricalCrossentropy({ fromLogits: true }), rowsOf4(recorded.rows)],
  [
    'categoricalCrossentropy, smoothed',
    'softmax',
    categoricalCrossentropy({ labelSmoothing: 0.2 }),
    rowsOf4(recorded.rows),
  ],
  ['kullbackLeiblerDivergence', 'softmax', kullbackLeiblerDivergence(), rowsOf4(recorded.rows)],
];

for (const [name, end, loss, y] of cases)
  test(`${name} of ${end} outputs`, async () => {
    const model = shifted(end, loss);
    const x = rowsOf4(recorded.logits);
    const expected = recorded.losses[name]!;
    assert.ok(Math.abs((await model.evaluate(x, y)).loss! / expected.loss - 1) <= 1e-6, 'loss');
    const bias = (await model.gradients(x, y))[1]!.data;
    const sums = [0, 1, 2, 3].map((i) => expected.dx[i]! + expected.dx[4 + i]! + expected.dx[8 + i]!);
    within(worst(bias, sums, Math.max(...magnitudes(expected.dx))), 2e-6, 'gradient');
  });

test.run();
