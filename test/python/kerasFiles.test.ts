// Files for Keras itself: what it predicts with ours, and how training continues there and back here. Runs where a Python has Keras 3
// (PYTHON, or python3), and is skipped elsewhere.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { input, layers, model as functional, optimizers, sequential, type Model } from '../../src/index.js';
import { loadKeras, saveKeras } from '../../src/formats/keras/index.js';
import { fileOf, inputsOf, numbers, recorded, SEEDS } from '../formats/keras/recorded.js';
import { temporaryFolder } from '../node/temporaryFolder.js';

const python = process.env.PYTHON ?? 'python3';
const isPresent =
  spawnSync(python, ['-c', 'import keras; assert keras.__version__.startswith("3")'], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  }).status === 0;
if (!isPresent) console.log('files for Keras: skipped, there is no Python with Keras 3 (PYTHON, or python3)');
const testWithKeras = isPresent ? test : test.skip;
const script = fileURLToPath(new URL('../../../test/python/kerasFiles.py', import.meta.url));
const folder = temporaryFolder();

interface Asked {
  readonly path: string;
  readonly inputs: readonly (readonly number[])[];
  readonly seeds: readonly number[];
  readonly positive?: boolean;
  readonly labels?: readonly number[];
  readonly save?: string;
}

interface Told {
  readonly outputs: readonly (readonly number[])[];
  readonly losses: readonly number[];
  readonly step: number;
}

/** One Keras for all of them, as it takes seconds to start. */
function ask(all: readonly Asked[]): Told[] {
  const { status, stdout, stderr } = spawnSync(python, [script], {
    encoding: 'utf8',
    input: all.map((each) => `${JSON.stringify(each)}\n`).join(''),
    maxBuffer: 1 << 28,
  });
  assert.is(status, 0, stderr.slice(-3000));
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);
}

interface Tensor {
  readonly data: Float32Array;
}

const predictionsOf = async (model: Model, inputs: readonly object[]): Promise<Float32Array[]> =>
  [await model.predict<Tensor | Tensor[]>((inputs.length === 1 ? inputs[0] : inputs) as never)]
    .flat()
    .map(({ data }) => data);

function near(
  found: readonly (readonly number[])[],
  expected: readonly Float32Array[],
  most: number,
  what: string,
): void {
  const errors = expected.flatMap((values, k) => [...values].map((value, i) => Math.abs(value - found[k]![i]!)));
  assert.ok(Math.max(...errors) < most, `${what}: off by ${Math.max(...errors)}`);
}

testWithKeras('what was recorded, saved again in both formats', async () => {
  const asked: Asked[] = [];
  const expected: Float32Array[][] = [];
  for (const cases of [recorded.keras3, recorded.keras2])
    for (const name of ['chain', 'graph', 'preprocessing'] as const) {
      const { model } = await loadKeras(fileOf(cases[name], 'keras'));
      for (const format of ['keras', 'h5'] as const) {
        const path = join(folder, `${asked.length}.${format}`);
        writeFileSync(path, saveKeras(model, { format }));
        asked.push({ path, inputs: cases[name].inputs, seeds: SEEDS[name], positive: name === 'preprocessing' });
        expected.push(await predictionsOf(model, inputsOf(name, cases[name])));
      }
    }
  for (const [i, { outputs }] of ask(asked).entries()) near(outputs, expected[i]!, 1e-5, asked[i]!.path);
});

/** Every layer with a counterpart, between its neighbors. */
function everyLayer(): Model {
  const image = input({ shape: [9, 8, 4], name: 'image' });
  const blocks = [
    layers.conv2d({ filters: 4, kernelSize: [3, 2], padding: 'same', strides: 2, activation: 'elu' }),
    layers.conv2d({
      filters: 4,
      kernelSize: 3,
      padding: [
        [1, 0],
        [2, 1],
      ],
      groups: 2,
      activation: 'silu',
    }),
    layers.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2, padding: 'same', useBias: false }),
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'gelu' }),
    layers.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'softplus' }),
    layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'selu' }),
    layers.maxPooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
    layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    layers.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 1],
      ],
    }),
    layers.cropping2d({
      cropping: [
        [1, 0],
        [0, 2],
      ],
    }),
    layers.upSampling2d({ size: [2, 1], interpolation: 'nearest' }),
    layers.upSampling2d({ size: 2, interpolation: 'bilinear' }),
    layers.batchNormalization({ epsilon: 0.01 }),
    layers.batchNormalization({ scale: false }),
    layers.layerNormalization({ epsilon: 1e-4 }),
    layers.prelu({ sharedAxes: [1, 2] }),
    // Not a value that there is: at the threshold itself Keras has 0, and its documentation the value.
    layers.relu({ maxValue: 6, negativeSlope: 0.1, threshold: 0.21 }),
    layers.leakyReLU({ negativeSlope: 0.25 }),
    layers.elu({ alpha: 0.5 }),
    layers.activation({ activation: 'hardSigmoid' }),
    layers.activation({ activation: 'hardSilu' }),
    layers.activation({ activation: 'mish' }),
    layers.activation({ activation: 'softsign' }),
    layers.activation({ activation: 'exponential' }),
    layers.activation({ activation: 'relu6' }),
    layers.activation({ activation: 'leakyRelu' }),
    layers.dropout({ rate: 0.4 }),
    layers.spatialDropout2d({ rate: 0.4 }),
    layers.gaussianNoise({ stddev: 0.2 }),
    layers.rescaling({ scale: 0.5, offset: 1 }),
    layers.randomFlip({ mode: 'horizontal' }),
    layers.permute({ dims: [2, 1, 3] }),
  ];
  const pooled = blocks.map((block) => layers.globalAveragePooling2d({ keepDims: true }).apply(block.apply(image)));
  const flat = pooled.map((tensor) => layers.reshape({ targetShape: [tensor.shape[2]!] }).apply(tensor));
  const dense = flat.map((tensor) => layers.dense({ units: 3 }).apply(tensor));
  const joined = [
    layers.add().apply(dense.slice(0, 6)),
    layers.average().apply(dense.slice(6, 12)),
    layers.maximum().apply(dense.slice(12, 18)),
    layers.minimum().apply(dense.slice(18, 24)),
    layers.multiply().apply(dense.slice(24, 27)),
    layers.subtract().apply(dense.slice(27, 29)),
    ...dense.slice(29),
    layers.globalMaxPooling2d().apply(image),
    layers.flatten().apply(image),
  ];
  const all = layers.concatenate().apply(joined);
  return functional({ inputs: image, outputs: layers.dense({ units: 5, activation: 'softmax' }).apply(all) });
}

testWithKeras('every layer', async () => {
  const model = everyLayer();
  model.setWeights(
    model.getWeights().map(({ shape }, i) => ({
      shape,
      data: numbers(shape, i).map((value) =>
        /Variance|gamma/.test(model.parameters[i]!.name) ? Math.abs(value) + 0.5 : value / Math.sqrt(shape.at(-2) ?? 4),
      ),
    })),
  );
  const shape = [3, 9, 8, 4];
  const asked = (['keras', 'h5'] as const).map((format): Asked => {
    const path = join(folder, `every.${format}`);
    writeFileSync(path, saveKeras(model, { format }));
    return { path, inputs: [shape], seeds: [5], save: join(folder, `every2.${format}`) };
  });
  const expected = await predictionsOf(model, [{ data: numbers(shape, 5), shape }]);
  for (const [i, { outputs }] of ask(asked).entries()) {
    near(outputs, expected, 1e-5, asked[i]!.path);
    // And as Keras writes it.
    const { model: again } = await loadKeras(readFileSync(asked[i]!.save!));
    near(
      (await predictionsOf(again, [{ data: numbers(shape, 5), shape }])).map((each) => [...each]),
      expected,
      1e-6,
      asked[i]!.save!,
    );
  }
});

const KINDS = {
  adam: optimizers.adam({ learningRate: 0.02 }),
  amsgrad: optimizers.adam({ learningRate: 0.02, amsgrad: true, clipnorm: 1 }),
  average: optimizers.adam({ learningRate: 0.02, useEma: true, emaMomentum: 0.5 }),
  adamw: optimizers.adamw({ learningRate: 0.02, weightDecay: 0.1 }),
  sgd: optimizers.sgd({ learningRate: 1 }),
  momentum: optimizers.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  rmsprop: optimizers.rmsprop({ learningRate: 0.01, momentum: 0.5, centered: true }),
  adagrad: optimizers.adagrad({ learningRate: 0.1 }),
  adadelta: optimizers.adadelta({ learningRate: 1 }),
  nadam: optimizers.nadam({ learningRate: 0.02 }),
  lion: optimizers.lion({ learningRate: 0.01 }),
};

testWithKeras("training continues in Keras, and back here, with the optimizer's state", async () => {
  const shape = [6, 5, 4, 2];
  const x = { data: numbers(shape, 1), shape };
  const labels = [0, 1, 2, 2, 1, 0];
  const y = Uint8Array.from(labels);
  const asked: Asked[] = [];
  const ours: { losses: number[]; model: Model }[] = [];
  const step = async (model: Model): Promise<number> => (await model.trainOnBatch(x as never, y)).loss!;
  for (const [name, optimizer] of Object.entries(KINDS)) {
    const model = sequential({
      inputShape: shape.slice(1),
      layers: [
        layers.conv2d({ filters: 3, kernelSize: 2, activation: 'tanh', name: 'c' }),
        layers.conv2d({ filters: 4, kernelSize: 1, trainable: false, name: 'frozen' }),
        layers.batchNormalization({ name: 'n' }),
        layers.flatten(),
        layers.dense({ units: 3, activation: 'softmax', name: 'd' }),
      ],
    });
    model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 6 });
    for (let i = 0; i < 4; i++) await step(model);
    const path = join(folder, `${name}.keras`);
    writeFileSync(path, saveKeras(model));
    asked.push({ path, inputs: [shape], seeds: [1], labels, save: join(folder, `${name}2.keras`) });
    ours.push({ losses: [await step(model), await step(model), await step(model)], model });
  }
  for (const [i, told] of ask(asked).entries()) {
    const { losses, model } = ours[i]!;
    assert.is(told.step, 4, asked[i]!.path);
    near([told.losses], [Float32Array.from(losses)], 2e-4, asked[i]!.path);
    const back = await loadKeras(readFileSync(asked[i]!.save!));
    assert.equal(back.notes, []);
    assert.is(back.model.step, 7);
    near(
      [[await step(back.model), await step(back.model)]],
      [Float32Array.of(await step(model), await step(model))],
      5e-4,
      `back of ${asked[i]!.path}`,
    );
  }
});

test.run();
