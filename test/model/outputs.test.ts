// Models of two outputs of which one has no loss: it adds no gradient, whatever else reads its value, and is still predicted.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import {
  input,
  layers,
  model as functional,
  type CompileOptions,
  type Model,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index.js';
import { workers } from '../../src/node/threads/workers.js';
import { within } from '../assembly/guardedMemory.js';
import { distance } from '../golden/golden.js';
import { runGraph, crossEntropy } from '../reference/graph.js';
import { oneHot } from '../reference/softmaxCrossEntropy.js';
import { weightsHash } from './toy.js';

const { activation, add, batchNormalization, conv2d, dense, dropout, flatten, maxPooling2d } = layers;

const n = 19;
const classes = 3;
const random = new RandomStream(5);
const x: Tensor<Float32Array> = {
  data: Float32Array.from({ length: n * 5 * 6 * 2 }, () => random.between(-1, 1)),
  shape: [n, 5, 6, 2],
};
const labels = Uint8Array.from({ length: n }, () => random.below(classes));

const relu = (tensor: SymbolicTensor): SymbolicTensor => activation({ activation: 'relu' }).apply(tensor);
const conv = (tensor: SymbolicTensor, more: object = {}): SymbolicTensor =>
  conv2d({ filters: 8, kernelSize: 3, padding: 'same', ...more }).apply(tensor);
const head = (tensor: SymbolicTensor): SymbolicTensor =>
  dense({ units: classes, activation: 'softmax', name: 'trained' }).apply(flatten().apply(tensor));

/** What has no loss, and what has. */
const cases: Record<string, (image: SymbolicTensor) => readonly [SymbolicTensor, SymbolicTensor]> = {
  'a value in the middle, which further layers read': (image) => {
    const features = relu(conv(image));
    return [features, head(maxPooling2d().apply(conv(features)))];
  },
  'what would be fused with the layers around it': (image) => {
    const convolved = conv(image);
    const normalized = batchNormalization({ momentum: 0.5 }).apply(convolved);
    return [normalized, head(maxPooling2d().apply(relu(normalized)))];
  },
  'what a layer behind it works in the place of': (image) => {
    const features = conv(image);
    return [features, head(activation({ activation: 'elu' }).apply(features))];
  },
  'what a sum is made in the place of': (image) => {
    const features = conv(image);
    return [features, head(add().apply([features, conv(image, { kernelSize: 1 })]))];
  },
  'what a normalization is made in the place of': (image) => {
    const features = maxPooling2d().apply(conv(image, { useBias: false }));
    return [features, head(batchNormalization({ momentum: 0.5 }).apply(features))];
  },
  'a ReLU that dropout and a skip read': (image) => {
    const features = relu(conv(image));
    return [features, head(add().apply([dropout({ rate: 0.4 }).apply(features), features]))];
  },
  'what dropout leaves': (image) => {
    const dropped = dropout({ rate: 0.4 }).apply(relu(conv(image)));
    return [dropped, head(relu(conv(dropped)))];
  },
  'a branch with layers of its own': (image) => {
    const features = relu(conv(image));
    const branch = batchNormalization({ momentum: 0.5 }).apply(conv(features, { name: 'idle_conv' }));
    return [dense({ units: 2, name: 'idle' }).apply(flatten().apply(relu(branch))), head(features)];
  },
  'a branch whose layer the trained output has, too': (image) => {
    const shared = conv2d({ filters: 2, kernelSize: 3, padding: 'same' });
    const once = shared.apply(image);
    return [shared.apply(relu(once)), head(activation({ activation: 'tanh' }).apply(once))];
  },
  'the input of the layer that ends in a loss': (image) => {
    const features = flatten().apply(activation({ activation: 'tanh' }).apply(conv(image)));
    return [features, dense({ units: classes, activation: 'softmax', name: 'trained' }).apply(features)];
  },
};

function make(
  outputs: (image: SymbolicTensor) => readonly [SymbolicTensor, SymbolicTensor],
  trainedFirst: boolean,
): Model {
  const image = input({ shape: [5, 6, 2] });
  const [idle, trained] = outputs(image);
  return functional({ inputs: image, outputs: trainedFirst ? [trained, idle] : [idle, trained], seed: 6 });
}

function compile(model: Model, trainedFirst: boolean, more: Partial<CompileOptions> = {}): void {
  const loss = 'categoricalCrossentropy';
  model.compile({
    optimizer: 'adam',
    loss: (trainedFirst ? [loss, null] : [null, loss]) as never,
    batchSize: 32,
    ...more,
  });
}

for (const [name, outputs] of Object.entries(cases))
  test(`an output without loss: ${name}`, async () => {
    for (const trainedFirst of [false, true]) {
      const model = make(outputs, trainedFirst);
      compile(model, trainedFirst);
      const weights = model.getWeights().map(({ data }) => Float64Array.from(data));
      const run = (step: number | null) => {
        const values = [...weights];
        const layered = model.layers.map(({ parameters }) => values.splice(0, parameters.length));
        const loss = crossEntropy(oneHot(labels, classes));
        const losses = trainedFirst ? [loss, null] : [null, loss];
        return runGraph(
          model.topology,
          layered,
          [Float64Array.from(x.data)],
          losses,
          step === null ? null : { seed: model.seed, step },
        );
      };
      const [inference, training] = [run(null), run(1)];
      assert.ok(Math.min(inference.margin, training.margin) >= 5e-6, 'near to a kink or a tie');

      const predicted = (await model.predict(x)) as unknown as Tensor[];
      for (const [i, { data }] of predicted.entries())
        within(distance(data, inference.outputs[i]!.values), 2e-6, `output ${i}`);
      const expected = training.gradients.flat().filter((_, i) => model.parameters[i]!.role === 'weight');
      const trained = model.parameters.filter(({ role }) => role === 'weight');
      for (const [i, { data }] of (await model.gradients(x, labels)).entries())
        within(
          distance(
            data,
            expected[i]!.map((value) => (Math.abs(value) < 1e-15 ? 0 : value)),
          ),
          1.5e-5,
          `gradient of ${trained[i]!.name}`,
        );
      within(Math.abs((await model.trainOnBatch(x, labels)).loss! / training.loss - 1), 2e-6, 'loss');
      const after = model.getWeights();
      const idle = model.parameters.map(({ name: own }) => own.startsWith('idle'));
      for (const [i, { data }] of after.entries())
        if (idle[i]) assert.equal([...data], [...weights[i]!], 'stays as it is');
      // Also of what no loss depends on, as in Keras.
      const moved = after.filter((_, i) => model.parameters[i]!.role === 'statistic');
      for (const [i, statistic] of training.statistics.flat().entries())
        within(distance(moved[i]!.data, statistic), 2e-6, `statistic ${i}`);

      const hashes = await Promise.all(
        [1, 3].map(async (threads) => {
          const each = make(outputs, trainedFirst);
          compile(each, trainedFirst, { workers: workers(threads) });
          await each.fit(x, labels, { epochs: 3, batchSize: 6 });
          return weightsHash(each);
        }),
      );
      assert.is(hashes[1], hashes[0], 'on three threads');
    }
  });

test.run();
