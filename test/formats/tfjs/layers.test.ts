// Each layer that TF.js has, too: written and loaded there, and back, with the same predictions.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadTfjs, saveTfjs } from '../../../src/formats/tfjs/index.js';
import * as layers from '../../../src/layers/index.js';
import type { Layer, SymbolicTensor } from '../../../src/layers/layer.js';
import { input, model as functional, sequential } from '../../../src/index.js';
import type { Model } from '../../../src/model/model.js';
import { refusesAtOnce } from '../../node/refuses.js';
import {
  assertSame,
  examples,
  loadedByTfjs,
  predicted,
  predictedByTfjs,
  savedByTfjs,
  scramble,
  tf,
} from './tensorflow.js';

const withTfjs = tf ? test : test.skip;

/** Height, width and channels all differ, and one of the first two is odd. */
const IMAGE = [8, 7, 3] as const;

const cases: Readonly<Record<string, () => Layer[]>> = {
  'conv2d, valid, strides 2': () => [layers.conv2d({ filters: 4, kernelSize: [3, 2], strides: 2, activation: 'elu' })],
  'conv2d, same, strides 2: even and odd': () => [
    layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }),
  ],
  'conv2d, zeros around': () => [
    layers.conv2d({
      filters: 4,
      kernelSize: 3,
      strides: 2,
      padding: [
        [1, 0],
        [2, 1],
      ],
      useBias: false,
    }),
  ],
  'conv2d, dilated': () => [layers.conv2d({ filters: 2, kernelSize: 3, dilationRate: 2 })],
  depthwiseConv2d: () => [layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same', depthMultiplier: 2 })],
  separableConv2d: () => [layers.separableConv2d({ filters: 5, kernelSize: 3, padding: 'same', depthMultiplier: 2 })],
  'conv2dTranspose, same': () => [layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' })],
  'conv2dTranspose, valid': () => [layers.conv2dTranspose({ filters: 4, kernelSize: [2, 3], strides: 2 })],
  'dense after flatten of H, W, C': () => [layers.flatten(), layers.dense({ units: 6, activation: 'softmax' })],
  'batchNormalization, other epsilon': () => [layers.batchNormalization({ epsilon: 0.02, momentum: 0.8 })],
  'batchNormalization, no gamma': () => [layers.batchNormalization({ scale: false })],
  'batchNormalization, no beta': () => [layers.batchNormalization({ center: false })],
  layerNormalization: () => [layers.flatten(), layers.layerNormalization({ epsilon: 0.01 })],
  normalization: () => [layers.normalization({ mean: [0.1, 0.2, -0.3], variance: [0.5, 2, 1] })],
  'prelu, one slope a channel': () => [layers.prelu({ sharedAxes: [1, 2] })],
  'maxPooling2d, same, strides 2': () => [layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })],
  'averagePooling2d over padding': () => [layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })],
  globalAveragePooling2d: () => [layers.globalAveragePooling2d()],
  'globalAveragePooling2d, keepDims': () => [layers.globalAveragePooling2d({ keepDims: true })],
  globalMaxPooling2d: () => [layers.globalMaxPooling2d()],
  'reshape, permute': () => [layers.permute({ dims: [3, 1, 2] }), layers.reshape({ targetShape: [7, -1, 4] })],
  'zeroPadding2d, cropping2d': () => [
    layers.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 3],
      ],
    }),
    layers.cropping2d({
      cropping: [
        [0, 1],
        [2, 1],
      ],
    }),
  ],
  upSampling2d: () => [layers.upSampling2d({ size: [2, 3] })],
  centerCrop: () => [layers.centerCrop({ height: 5, width: 4 })],
  'rescaling, dropout, noise': () => [
    layers.rescaling({ scale: 3, offset: -0.5 }),
    layers.dropout({ rate: 0.5 }),
    layers.gaussianNoise({ stddev: 1 }),
  ],
  'relu with maxValue': () => [layers.relu({ maxValue: 0.4 })],
  'leakyReLU, elu, softmax': () => [layers.leakyReLU({ negativeSlope: 0.1 }), layers.elu(), layers.softmax()],
  ...Object.fromEntries(
    (
      [
        'linear',
        'relu',
        'relu6',
        'sigmoid',
        'tanh',
        'softmax',
        'elu',
        'selu',
        'gelu',
        'hardSigmoid',
        'leakyRelu',
        'logSoftmax',
        'mish',
        'silu',
        'softplus',
        'softsign',
        'swish',
      ] as const
    ).map((activation) => [
      `activation ${activation}`,
      () => [layers.rescaling({ scale: 5 }), layers.activation({ activation })],
    ]),
  ),
  'convolution with hardSigmoid': () => [layers.conv2d({ filters: 4, kernelSize: 3, activation: 'hardSigmoid' })],
  'dense with leakyRelu': () => [layers.flatten(), layers.dense({ units: 9, activation: 'leakyRelu' })],
};

for (const [name, make] of Object.entries(cases))
  withTfjs(`${name}: there and back`, async () => {
    const model = sequential({ inputShape: IMAGE, layers: make() });
    scramble(model);
    await bothWays(model, name);
  });

/** TF.js loads it and predicts the same; what TF.js then saves comes back and predicts the same. */
async function bothWays(model: Model, name: string): Promise<void> {
  const x = model.inputs.map(({ shape }, i) => examples(shape, 3, i + 1));
  const ours = await predicted(model, ...x);
  const files = saveTfjs(model);
  const there = await loadedByTfjs(files);
  assertSame(ours, predictedByTfjs(there, ...x), `${name}, there`);
  const back = await loadTfjs(await savedByTfjs(there));
  assert.equal(back.notes, []);
  assertSame(ours, await predicted(back.model, ...x), `${name}, back`);
  assertSame(ours, await predicted((await loadTfjs(files)).model, ...x), `${name}, without TF.js`);
}

/** Two inputs, two outputs, a shared layer, merges, a skip. */
function branches(): Model {
  const [a, b] = [input({ shape: IMAGE, name: 'left' }), input({ shape: IMAGE, name: 'right' })];
  const shared = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', name: 'shared' });
  const [left, right] = [shared.apply(a), shared.apply(b)] as [SymbolicTensor, SymbolicTensor];
  const merged = [layers.add(), layers.multiply(), layers.average(), layers.maximum(), layers.minimum()].map((layer) =>
    layer.apply([left, right]),
  );
  const joined = layers.concatenate().apply([...merged, a]);
  const deep = layers.conv2d({ filters: 3, kernelSize: 1 }).apply(joined);
  const skip = layers.add().apply([deep, b]);
  const first = layers
    .dense({ units: 3, activation: 'softmax', name: 'first' })
    .apply(layers.globalAveragePooling2d().apply(skip));
  return functional({
    inputs: [a, b],
    outputs: [first, layers.conv2d({ filters: 1, kernelSize: 1, name: 'second' }).apply(joined)],
  });
}

withTfjs('two inputs, a shared layer, merges and two outputs: there and back', async () => {
  const model = branches();
  scramble(model);
  await bothWays(model, 'branches');
});

test('everything it writes is read back, bit for bit', async () => {
  for (const [name, make] of [...Object.entries(cases), ['branches', null] as const]) {
    const model = make ? sequential({ inputShape: IMAGE, layers: make() }) : branches();
    scramble(model);
    const { model: back, notes } = await loadTfjs(saveTfjs(model));
    assert.equal(notes, [], name);
    assert.equal(
      back
        .getWeights()
        .filter(({ data }) => data.length > 0)
        .map(({ data }) => [...data])
        .sort(),
      model
        .getWeights()
        .filter(({ data }) => data.length > 0)
        .map(({ data }) => [...data])
        .sort(),
      name,
    );
  }
});

test('everything TF.js cannot express is refused at once, before anything is written', () => {
  const model = sequential({
    inputShape: [8, 8, 4],
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 1, groups: 2 }),
      layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2 }),
      layers.relu({ negativeSlope: 0.1 }),
      layers.relu({ threshold: 0.1 }),
      layers.upSampling2d({ interpolation: 'bilinear' }),
      layers.activation({ activation: 'geluApproximate' }),
      layers.conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, outputPadding: 1 }),
      layers.resizing({ height: 3, width: 3 }),
    ],
  });
  refusesAtOnce(
    () => saveTfjs(model),
    'saveTfjs: TF.js has no counterpart of 8 layers: conv2d (Conv2D: groups 2), depthwiseConv2d (DepthwiseConv2D: dilationRate [2,2]), relu (ReLU: a negativeSlope other than 0), relu_1 (ReLU: a threshold other than 0), upSampling2d (UpSampling2D: bilinear interpolation, whose pixels lie elsewhere there), activation (Activation: the activation geluApproximate), conv2dTranspose (Conv2DTranspose: outputPadding [1,1]), resizing (Resizing: its pixels lie elsewhere there); use what it has there, or save the model with save()',
  );
});

test.run();
