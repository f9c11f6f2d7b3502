// Networks that scale their input themselves: bytes come as in Keras, 0 to 255; normalization's numbers are saved with the model.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { input, layers, loadModel, model, sequential, type Tensor } from '../../src/index.js';
import { warnings } from './warnings.js';

const { activation, cropping2d, flatten, normalization, rescaling, resizing, reshape } = layers;
const bytes = Uint8Array.from({ length: 2 * 12 }, (_, i) => 10 * i);
const pixels: Tensor = { data: bytes, shape: [2, 2, 3, 2] };
const floats: Tensor = { data: Float32Array.from(bytes), shape: pixels.shape };
const predict = async (x: Tensor, ...list: layers.Layer[]): Promise<number[]> => [
  ...(await sequential({ inputShape: x.shape.slice(1), layers: list }).predict(x)).data,
];
const asPixels = [...bytes].map((byte) => Math.fround(byte / 255));

test('layers that scale get bytes as 0 to 255, all others as value / 255', async () => {
  const third = [...bytes].map((byte) => Math.fround(Math.fround(byte * 0.25) - 1));
  assert.equal(await predict(pixels, rescaling({ scale: 0.25, offset: -1 })), third);
  assert.equal(await predict(floats, rescaling({ scale: 0.25, offset: -1 })), third);
  // Through layers that move values alone.
  const moved = [flatten(), reshape({ targetShape: [2, 3, 2] }), cropping2d(), resizing({ height: 2, width: 3 })];
  assert.equal(await predict(pixels, ...moved, rescaling({ scale: 0.25, offset: -1 })), third);
  const given = normalization({ mean: 128, variance: 4 });
  assert.equal(
    await predict(pixels, given),
    [...bytes].map((byte) => (byte - 128) / 2),
  );
  assert.equal(await predict(pixels, activation({ activation: 'relu' }), rescaling({ scale: 1 })), asPixels);
  assert.equal(
    await predict(pixels, flatten(), activation({ activation: 'linear' }), activation({ activation: 'relu' })),
    asPixels,
  );
});

test('an input that one branch scales and another reads arrives as value / 255 in both', async () => {
  const x = input({ shape: [2, 3, 2] });
  const sum = layers.add().apply([rescaling({ scale: 1 }).apply(x), activation({ activation: 'relu' }).apply(x)]);
  const made = await model({ inputs: x, outputs: sum }).predict(pixels);
  assert.equal(
    [...(made as Tensor).data],
    asPixels.map((value) => Math.fround(2 * value)),
  );
});

test('adapt: mean and variance of each channel, in files, and the same after another model took them', async () => {
  const layer = normalization();
  layer.adapt(pixels);
  const made = sequential({
    inputShape: [2, 3, 2],
    layers: [layer, flatten(), layers.dense({ units: 2, activation: 'softmax' })],
  });
  const channel = (c: number): number[] => [...bytes].filter((_, i) => i % 2 === c);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const means = [0, 1].map((c) => mean(channel(c)));
  const variances = [0, 1].map((c) => mean(channel(c).map((value) => (value - means[c]!) ** 2)));
  // Layers keep their variables' order: those of normalization are the first layer's.
  assert.equal([...made.getWeights()[0]!.data], means.map(Math.fround));
  assert.equal([...made.getWeights()[1]!.data], variances.map(Math.fround));
  made.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  await made.fit(pixels, [0, 1], { epochs: 2 });
  assert.equal([...made.getWeights()[0]!.data], means.map(Math.fround), 'no training changes them');
  const { model: read } = loadModel(made.save());
  assert.equal(await read.predict(pixels), await made.predict(pixels));
  assert.throws(() => layer.adapt(pixels), /^normalization.adapt comes before the model is used; /);
});

test('a model that scales its input itself causes no warning about its scale', async () => {
  const told = await warnings(async () => {
    const made = sequential({
      inputShape: [2, 3, 2],
      layers: [rescaling({ scale: 1 / 255 }), flatten(), layers.dense({ units: 2, activation: 'softmax' })],
    });
    made.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    await made.fit(pixels, [0, 1], { epochs: 1 });
    await made.evaluate(floats, [0, 1]);
    assert.equal([...(await made.predict(pixels)).data], [...(await made.predict(floats)).data]);
  });
  assert.equal(told, []);
});

const sentences: readonly [() => unknown, string][] = [
  [() => rescaling({} as never), "rescaling's scale must be a number, got undefined"],
  [() => rescaling({ scale: 1, offset: NaN }), "rescaling's offset must be a number, got NaN"],
  [() => layers.gaussianNoise({ stddev: -1 }), "gaussianNoise's stddev must be a number of at least 0, got -1"],
  [() => layers.spatialDropout2d({ rate: 1 }), "spatialDropout2d's rate must lie in [0, 1), got 1"],
  [() => normalization({ mean: 1 }), 'normalization needs mean and variance, or neither, got mean alone'],
  [
    () => normalization({ mean: [1], variance: [-1] }),
    "normalization's variance must be a number of at least 0, or one a channel, got [-1]",
  ],
  [
    () => normalization({ mean: [1, 2], variance: 1 }).apply(input({ shape: [4, 3] })),
    'normalization has mean and variance of 2 channels, got input [4, 3]; give one for each of its last axis',
  ],
  [() => normalization().adapt(5 as never), /^normalization's adapt/ as never],
];
for (const [make, sentence] of sentences)
  test(String(sentence), () => {
    assert.throws(make, (error: Error) =>
      typeof sentence === 'string'
        ? (assert.is(error.message, sentence), true)
        : (sentence as RegExp).test(error.message),
    );
  });

test.run();
