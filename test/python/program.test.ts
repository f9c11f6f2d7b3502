// saveTorchProgram: train.py's model gives the outputs and the first five losses that the model gives here, and continues in two processes. Runs where a
// Python has torch, numpy and safetensors (PYTORCH_PYTHON, or python3), and is skipped elsewhere.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { sizeOf } from '../../src/base/shape.js';
import type { Tensor } from '../../src/base/tensor.js';
import { loadTorchWeights, saveTorchProgram } from '../../src/formats/torch/index.js';
import { input, layers, losses, model, networks, optimizers, sequential, type Model } from '../../src/index.js';
import { refusesAtOnce } from '../node/refuses.js';
import { temporaryFolder } from '../node/temporaryFolder.js';

const python = process.env.PYTORCH_PYTHON ?? 'python3';
const isPresent = spawnSync(python, ['-c', 'import torch, numpy, safetensors.torch']).status === 0;
if (!isPresent) console.log(`train.py is not run: ${python} has no torch, numpy and safetensors`);
const testWithTorch = isPresent ? test : test.skip;
const script = fileURLToPath(new URL('../../../test/python/program.py', import.meta.url));
const folder = temporaryFolder();
const STEPS = 5;
/**
 * Tolerances, absolute for probabilities and relative for losses: about three times the worst error seen. The rates of the deep networks
 * are small: with such initial weights and eight examples PyTorch's float32 departs from its own float64 within two steps at usual ones
 * (1.359 and 1.322 at step 2 of MobileNetV2 with a rate of 0.01).
 */
const LIMITS = { outputs: 5e-6, losses: 2e-4 };

/** NumPy's format, version 1. */
function npy({ data, shape }: Tensor, type: string): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const text = `${header.padEnd(117)}\n`;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([text.length, 0]),
    Buffer.from(text),
    bytes,
  ]);
}

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
  assert.is(status, 0, stderr);
  return stdout;
}

interface Case {
  readonly made: Model;
  readonly y?: Tensor;
}

/** Eight examples: bytes or floats, and classes or what is given. */
async function compare(name: string, { made, y }: Case, bytes: boolean): Promise<void> {
  const own = join(folder, name.replaceAll(/\W+/g, '-'));
  mkdirSync(own);
  const random = new RandomStream(5);
  const shape = [8, ...made.inputShape];
  const data = bytes
    ? Uint8Array.from({ length: sizeOf(shape) }, () => random.below(256))
    : Float32Array.from({ length: sizeOf(shape) }, () => random.below(1000) / 500 - 1);
  const classes = made.outputShape.at(-1)!;
  const targets = y ?? { data: Int32Array.from({ length: 8 }, () => random.below(classes)), shape: [8] };
  const { files, notes } = saveTorchProgram(made);
  assert.equal(notes, []);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(own, file), content);
  writeFileSync(join(own, 'x.npy'), npy({ data, shape }, bytes ? '|u1' : '<f4'));
  writeFileSync(join(own, 'y.npy'), npy(targets, y ? '<f4' : '<i4'));
  const told = JSON.parse(run([script, own, String(STEPS)])) as { before: number[]; losses: number[] };

  const before = (await made.predict({ data, shape })).data;
  assert.is(told.before.length, before.length);
  const worst = Math.max(...before.map((value, i) => Math.abs(value - told.before[i]!)));
  assert.ok(worst <= LIMITS.outputs, `outputs are off by ${worst}`);
  const found: number[] = [];
  for (let i = 0; i < STEPS; i++)
    found.push((await made.trainOnBatch({ data, shape }, y ? targets : [...targets.data])).loss!);
  const off = found.map((loss, i) => Math.abs(loss / told.losses[i]! - 1));
  assert.ok(
    Math.max(...off) <= LIMITS.losses,
    `losses ${found.join()} and ${told.losses.join()} are off by ${Math.max(...off)}`,
  );
  assert.ok(found[4]! !== found[0]!, 'it learned');
  if (process.env.SHOW) console.log(name, worst, Math.max(...off));
}

const compiled = (made: Model, options: object = {}): Model => {
  made.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 8, ...options });
  return made;
};

testWithTorch('the reference network, whose flattened images have another order there', () =>
  compare('reference', { made: compiled(networks.reference({ inputShape: [16, 14, 3] })) }, true),
);

testWithTorch('MobileNetV2: batch normalization, depthwise convolutions, skips', () => {
  const made = networks.mobileNetV2({ alpha: 0.35, inputShape: [64, 64, 3], classes: 5, dropout: 0 });
  return compare(
    'mobile',
    { made: compiled(made, { optimizer: optimizers.sgd({ learningRate: 2e-7, momentum: 0.9 }) }) },
    true,
  );
});

testWithTorch("EfficientNet-Lite0 with TensorFlow's padding, and ResNet-18", async () => {
  const options = { inputShape: [33, 47, 3], classes: 4 };
  const slow = { optimizer: optimizers.sgd({ learningRate: 2e-7 }) };
  await compare('lite', { made: compiled(networks.efficientNetLite0({ ...options, dropout: 0 }), slow) }, false);
  await compare('resnet', { made: compiled(networks.resNet18(options), slow) }, false);
});

testWithTorch('a head on a frozen body that scales bytes itself', () => {
  const base = networks.mobileNetV2({ alpha: 0.35, inputShape: [32, 32, 3], includeTop: false, pooling: 'avg' });
  base.trainable = false;
  const x = input({ shape: [32, 32, 3] });
  const scaled = layers.normalization({ mean: [120, 110, 100], variance: [3000, 3500, 4000] }).apply(x);
  const outputs = layers.dense({ units: 3, activation: 'softmax', name: 'head' }).apply(base.apply(scaled));
  return compare('frozen', { made: compiled(model({ inputs: x, outputs }), { optimizer: optimizers.adamw() }) }, true);
});

testWithTorch(
  'every other layer: strides, paddings, dilation, groups, transposed and separable ones, pools, merges, activations',
  async () => {
    const x = input({ shape: [13, 17, 4] });
    const conv = (options: object) => layers.conv2d({ filters: 8, kernelSize: 3, ...options } as never);
    let y = conv({ padding: 'same', strides: 2, activation: 'tanh' }).apply(x);
    const skip = layers.prelu({ sharedAxes: [1, 2], alphaInitializer: 'randomNormal' }).apply(y);
    y = conv({ padding: 'same', dilationRate: 2, activation: 'leakyRelu' }).apply(y);
    y = conv({
      padding: [
        [1, 0],
        [2, 1],
      ],
      groups: 2,
      kernelSize: [2, 4],
      activation: 'silu',
      useBias: false,
    }).apply(y);
    y = layers.add().apply([layers.layerNormalization().apply(y), skip]);
    y = layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(y);
    y = layers.upSampling2d({ size: 2 }).apply(y);
    y = layers.maxPooling2d({ poolSize: [3, 2], strides: 1, padding: 'same' }).apply(y);
    y = layers.separableConv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'gelu' }).apply(y);
    const wide = layers.conv2dTranspose({ filters: 5, kernelSize: 2, strides: 3, padding: 'valid' }).apply(y);
    const other = layers.conv2dTranspose({ filters: 5, kernelSize: 4, strides: 3, padding: 'same' }).apply(y);
    y = layers.concatenate().apply([layers.relu({ maxValue: 2 }).apply(wide), layers.elu({ alpha: 0.5 }).apply(other)]);
    y = layers.maximum().apply([y, layers.rescaling({ scale: 0.5, offset: 0.1 }).apply(y)]);
    y = layers
      .cropping2d({
        cropping: [
          [1, 2],
          [0, 3],
        ],
      })
      .apply(layers.zeroPadding2d({ padding: [1, 2] }).apply(y));
    y = layers.maxPooling2d({ poolSize: 4 }).apply(y);
    y = layers.batchNormalization().apply(layers.flatten().apply(y));
    y = layers.dense({ units: 12, activation: 'hardSilu' }).apply(y);
    const made = model({ inputs: x, outputs: layers.dense({ units: 4, activation: 'softmax' }).apply(y), seed: 4 });
    await compare(
      'others',
      { made: compiled(made, { optimizer: optimizers.sgd({ learningRate: 0.02, momentum: 0.9, nesterov: true }) }) },
      false,
    );
  },
);

testWithTorch('yes and no, numbers, and label smoothing', async () => {
  const small = (units: number, activation: 'sigmoid' | 'linear' | 'softmax'): Model =>
    sequential({
      inputShape: [6],
      layers: [layers.dense({ units: 7, activation: 'relu' }), layers.dense({ units, activation })],
    });
  const y = (width: number, of: (i: number) => number): Tensor => ({
    data: Float32Array.from({ length: 8 * width }, (_, i) => of(i)),
    shape: [8, width],
  });
  await compare(
    'binary',
    { made: compiled(small(1, 'sigmoid'), { loss: 'binaryCrossentropy' }), y: y(1, (i) => i % 2) },
    false,
  );
  await compare(
    'regression',
    { made: compiled(small(2, 'linear'), { loss: 'meanSquaredError' }), y: y(2, (i) => i / 8) },
    false,
  );
  const loss = losses.categoricalCrossentropy({ labelSmoothing: 0.1 });
  await compare('smooth', { made: compiled(small(3, 'softmax'), { loss }) }, false);
});

testWithTorch('torchrun continues in two processes, and what it saves is read here', async () => {
  const own = join(folder, 'two');
  mkdirSync(own);
  const made = compiled(
    sequential({
      inputShape: [8, 8, 1],
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', name: 'a.conv-1' }),
        layers.flatten(),
        layers.dense({ units: 2, activation: 'softmax', name: 'train' }),
      ],
    }),
    { batchSize: 16 },
  );
  for (const [file, content] of Object.entries(saveTorchProgram(made).files)) writeFileSync(join(own, file), content);
  run([
    '-c',
    `import numpy; r = numpy.random.RandomState(0); y = r.randint(0, 2, 256); x = (r.rand(256, 8, 8, 1) * 100 + 150 * y[:, None, None, None]).astype('uint8'); numpy.savez(r'${own}/data.npz', x=x, y=y)`,
  ]);
  const given = ['--weights', `${own}/model.safetensors`, '--epochs', '3', '--learning-rate', '0.01'];
  const args = [`${own}/train.py`, `${own}/data.npz`, ...given];
  const lossesOf = (stdout: string): number[] =>
    [...stdout.matchAll(/epoch \d: loss ([\d.]+)/g)].map(([, loss]) => Number(loss));
  const one = lossesOf(run([...args, '--out', `${own}/one.safetensors`]));
  const two = lossesOf(
    run([
      '-m',
      'torch.distributed.run',
      '--standalone',
      '--nproc-per-node',
      '2',
      ...args,
      '--out',
      `${own}/two.safetensors`,
    ]),
  );
  assert.is(two.length, 3);
  assert.ok(two[2]! < two[0]! && one[2]! < one[0]!, `${one.join()} and ${two.join()}`);
  const names = { 'a.conv-1': 'a_conv_1', train: 'train_' };
  const weights: Float32Array[] = [];
  for (const file of ['one', 'two']) {
    assert.equal(await loadTorchWeights(made, readFileSync(`${own}/${file}.safetensors`), { names }), []);
    weights.push(made.getWeights()[2]!.data);
  }
  // The mean gradient of two halves is that of the whole.
  const worst = Math.max(...weights[0]!.map((value, i) => Math.abs(value - weights[1]![i]!)));
  assert.ok(worst < 1e-4, `one and two processes differ by ${worst}`);
});

test('everything without a counterpart is named', () => {
  const made = sequential({
    inputShape: [8, 8, 2],
    layers: [
      layers.gaussianNoise({ stddev: 0.1 }),
      layers.batchNormalization({ scale: false, name: 'half' }),
      layers.reshape({ targetShape: [4, 16, 2] }),
      layers.conv2d({ filters: 1, kernelSize: 2 }),
    ],
  });
  refusesAtOnce(
    () => saveTorchProgram(made),
    'saveTorchProgram: there is no PyTorch counterpart of gaussianNoise (GaussianNoise), half (BatchNormalization), reshape (Reshape); use other layers or options',
  );
  const augmented = sequential({
    inputShape: [8, 8, 2],
    layers: [layers.randomFlip(), layers.flatten(), layers.dense({ units: 2, activation: 'softmax' })],
  });
  assert.equal(saveTorchProgram(augmented).notes, [
    'randomFlip left out: pictures are not changed at random in train.py',
  ]);
});

test.run();
