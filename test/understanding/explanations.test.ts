// Activations, saliency and Grad-CAM: against plain f64 loops, those against central differences, and all against what Keras recorded.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  activations,
  gradCam,
  input,
  layers,
  model as functional,
  saliency,
  sequential,
  type Model,
  type Tensor,
} from '../../src/index.js';
import { lowerCrop, type CropNode } from '../../src/compiler/ops/crop.js';
import type { Lowering, Op } from '../../src/compiler/ops/op.js';
import type { NodeSpec } from '../../src/graph/graph.js';
import { defineLayer } from '../../src/layers/layer.js';
import { ScorePlan } from '../../src/understanding/scorePlan.js';
import { RandomStream } from '../../src/base/random.js';
import { distance, kerasBatch } from '../golden/golden.js';
import { kerasModels } from '../golden/kerasNetworks.js';
import { gradientError } from '../reference/centralDifferences.js';
import { runGraph, type GraphRun } from '../reference/graph.js';
import { toyExamples, toyModel, compiledToy, weightsHash } from '../model/toy.js';

/** What f32 may be off by, as part of a tensor's largest value. */
const F32_LIMIT = 1e-5;

interface Recorded {
  readonly classes: readonly number[];
  readonly saliency: Readonly<Record<'best' | 'class1', readonly number[]>>;
  readonly layers: Readonly<Record<string, Readonly<Record<'activations' | 'best' | 'class1', readonly number[]>>>>;
}

const { examples: count, ...recorded } = JSON.parse(
  readFileSync(new URL('../../../test/golden/explanations.json', import.meta.url), 'utf8'),
) as { readonly examples: number } & Record<string, Recorded>;

const near = (actual: ArrayLike<number>, expected: ArrayLike<number>, what: string, limit = F32_LIMIT): void => {
  const error = distance(actual, expected);
  assert.ok(error <= limit, `${what}: off by ${error}, limit ${limit}`);
};

function randomImages(n: number, shape: readonly number[], seed: number): Tensor<Float32Array> {
  const random = new RandomStream(seed);
  const size = shape.reduce((a, b) => a * b);
  return { data: Float32Array.from({ length: n * size }, () => random.between(-1, 1)), shape: [n, ...shape] };
}

/** The model's scores in f64, with the gradient of class `classIndex`' score by everything. Its last layer has no activation. */
function reference(model: Model, x: Float64Array, classIndex: number): GraphRun {
  const weights = model.layers.map(({ parameters }) =>
    parameters.map(({ name }) => Float64Array.from(valuesOf(model, name))),
  );
  const loss = ({ values }: { readonly values: Float64Array }) => ({
    loss: values[classIndex]!,
    gradient: values.map((_, i) => Number(i === classIndex)),
  });
  return runGraph(model.topology, weights, [x], [loss], null);
}

function valuesOf(model: Model, name: string): Float32Array {
  const i = model.parameters.findIndex((parameter) => parameter.name === name);
  return model.getWeights()[i]!.data;
}

/** Normalization with statistics of its own, dropout, a branch and a sum, two convolutions that share a layer. */
function branched(last: 'softmax' | 'linear'): Model {
  const image = input({ shape: [6, 5, 2] });
  const stem = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'stem' }).apply(image);
  const normal = layers.batchNormalization({ name: 'normal' }).apply(stem);
  const relu = layers.activation({ activation: 'relu', name: 'relu' }).apply(normal);
  const shared = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'tanh', name: 'shared' });
  const once = layers.dropout({ rate: 0.5, name: 'dropout' }).apply(shared.apply(relu));
  const twice = layers.gaussianNoise({ stddev: 1, name: 'noise' }).apply(shared.apply(once));
  const sum = layers.add({ name: 'sum' }).apply([relu, twice]);
  const pooled = layers.maxPooling2d({ name: 'pool' }).apply(sum);
  const outputs = layers
    .dense({ units: 3, activation: last, name: 'scores' })
    .apply(layers.flatten().apply(layers.dropout({ rate: 0.9 }).apply(pooled)));
  const model = functional({ inputs: image, outputs, seed: 3 });
  const random = new RandomStream(5);
  model.setWeights(
    model.getWeights().map(({ data, shape }, i) => ({
      data: data.map((value) =>
        model.parameters[i]!.name.endsWith('movingVariance') ? 1 + random.uniform() : value + random.between(-0.2, 0.2),
      ),
      shape,
    })),
  );
  return model;
}

test('gradients by the input and by each layer are those of f64 loops, and those the slope of the score', async () => {
  const [model, scores] = [branched('softmax'), branched('linear')];
  const x = randomImages(2, [6, 5, 2], 7);
  for (const classIndex of [0, 2]) {
    for (const example of [0, 1]) {
      const values = Float64Array.from(x.data.subarray(60 * example, 60 * (example + 1)));
      const expected = reference(scores, values, classIndex);
      const slope = gradientError(values, expected.dxs[0]!, () => reference(scores, values, classIndex).loss);
      assert.ok(slope < 1e-7, `central differences: ${slope}`);
      near(new ScorePlan(model, null).of([x], example, classIndex).gradient, expected.dxs[0]!, 'input');
      for (const [layer, { name }] of model.layers.entries()) {
        const tensor = 1 + model.topology.calls.findIndex((call) => call.layer === layer);
        const { gradient, value } = new ScorePlan(model, layer).of([x], example, classIndex);
        if (name === 'scores') continue; // Its softmax stays in the model.
        near(value, expected.tensors[tensor]!.values, `values of ${name}`);
        near(gradient, expected.dTensors[tensor]!, `gradients of ${name}`);
      }
    }
  }
});

test("gradients by a layer are the slope of the score as the layer's output moves", () => {
  const tail = sequential({
    inputShape: [4, 4, 3],
    layers: [
      layers.averagePooling2d(),
      layers.conv2d({ filters: 5, kernelSize: 2, activation: 'sigmoid' }),
      layers.flatten(),
      layers.dense({ units: 3 }),
    ],
  });
  const image = input({ shape: [6, 6, 1] });
  const first = layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu', name: 'first' }).apply(image);
  const model = functional({ inputs: image, outputs: tail.apply(first) });
  const { gradient, value } = new ScorePlan(model, 0).of([randomImages(1, [6, 6, 1], 2)], 0, 1);
  const moved = Float64Array.from(value);
  const error = gradientError(moved, Float64Array.from(gradient), () => reference(tail, moved, 1).loss);
  assert.ok(error <= F32_LIMIT, `off by ${error}`);
});

test('activations are the intermediate values of predict, for any layers and any count', async () => {
  const model = branched('softmax');
  const x = randomImages(37, [6, 5, 2], 8);
  const expected = reference(branched('linear'), Float64Array.from(x.data), 0);
  const names = ['noise', 'stem', 'shared', 'scores'];
  const found = await activations<Tensor<Float32Array>[]>(model, x, names);
  assert.equal(
    found.map(({ shape }) => shape),
    [
      [37, 6, 5, 4],
      [37, 6, 5, 4],
      [37, 6, 5, 4],
      [37, 3],
    ],
  );
  for (const [i, name] of names.slice(0, 3).entries()) {
    const layer = model.layers.findIndex((each) => each.name === name);
    const tensor = 1 + model.topology.calls.findIndex((call) => call.layer === layer);
    near(found[i]!.data, expected.tensors[tensor]!.values, name);
  }
  // What is looked at is fused with nothing, so that the last bits may be others; alone the output is predict's to the bit.
  near(found[3]!.data, (await model.predict(x)).data, 'the output');
  assert.equal(await activations(model, x, 'scores'), await model.predict(x));
  assert.equal(
    (await activations(model, { data: new Float32Array(0), shape: [0, 6, 5, 2] }, 'stem')).shape,
    [0, 6, 5, 4],
  );
});

test('bytes are read as the whole model reads them', async () => {
  const scaled = (rescaling: boolean): Model =>
    sequential({
      inputShape: [6, 6, 1],
      layers: [
        layers.cropping2d({ cropping: 1, name: 'crop' }),
        ...(rescaling ? [layers.rescaling({ scale: 1 / 127.5, offset: -1, name: 'scale' })] : []),
        layers.conv2d({ filters: 2, kernelSize: 3, name: 'conv' }),
        layers.flatten(),
        layers.dense({ units: 4, activation: 'softmax' }),
      ],
    });
  const { x } = toyExamples(3);
  const [raw, plain] = [scaled(true), scaled(false)];
  const [crop, scale] = await activations<Tensor<Float32Array>[]>(raw, x, ['crop', 'scale']);
  assert.is(crop!.data[0], x.data[7]);
  assert.is(scale!.data[0], Math.fround(Math.fround(x.data[7]! * Math.fround(1 / 127.5)) - 1));
  assert.is((await activations(plain, x, 'crop')).data[0], Math.fround(x.data[7]! / 255));
  for (const model of [raw, plain]) {
    const floats = { data: Float32Array.from(x.data, (byte) => (model === raw ? byte : byte / 255)), shape: x.shape };
    assert.equal(await saliency(model, x), await saliency(model, floats));
    assert.equal(await gradCam(model, x), await gradCam(model, floats));
  }
});

/** Crops one pixel from each side when it predicts, and while training makes all zeros, as an unlucky random crop would. */
const unluckyCrop = (): layers.Layer =>
  defineLayer({
    ...{ className: 'UnluckyCrop', make: unluckyCrop, kind: 'unluckyCrop', options: {} },
    outputShape: ([height = 0, width = 0, channels = 0]) => [height - 2, width - 2, channels],
    build(graph, x, { name, index }) {
      const [height, width, channels] = x.shape as [number, number, number];
      const lower: Lowering = (node, view) => {
        const op = lowerCrop({ ...node, kind: 'crop' }, view)!;
        const zeros: Op = { ...op, forward: (kernels, { y }, n) => kernels.clear(y, n * (height - 2) * (width - 2)) };
        return { ...(view.training ? zeros : op), nodes: [node] };
      };
      return graph.add<CropNode>({
        ...{ kind: 'crop', layer: name, inputs: [x], output: [height - 2, width - 2, channels], variables: [] },
        ...{ top: 1, left: 1, index, lowerings: [lower] },
      } as NodeSpec<CropNode>);
    },
    getConfig: () => ({}),
  });

test('layers that are random in training are explained as they predict', async () => {
  const cropped = (crop: layers.Layer): Model =>
    sequential({
      inputShape: [6, 6, 1],
      layers: [
        crop,
        layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' }),
        layers.flatten(),
        layers.dense({ units: 4, activation: 'softmax' }),
      ],
    });
  const x = randomImages(3, [6, 6, 1], 9);
  const [random, fixed] = [cropped(unluckyCrop()), cropped(layers.cropping2d({ cropping: 1 }))];
  assert.equal(await random.predict(x), await fixed.predict(x));
  assert.equal(await saliency(random, x), await saliency(fixed, x));
  assert.equal(await gradCam(random, x), await gradCam(fixed, x));
});

for (const { name, record, make } of kerasModels) {
  test(`${name}: activations, saliency and Grad-CAM are Keras'`, async () => {
    const keras = Object.entries({
      normalizedNetwork: 'normalized network',
      residualNetwork: 'residual network',
      mobileNetwork: 'MobileNet blocks',
    }).find(([, title]) => title === name)![0];
    const expected = recorded[keras]!;
    const { images } = kerasBatch(record, 1);
    const size = record.shape.reduce((a, b) => a * b);
    const x = { data: images.subarray(0, count * size), shape: [count, ...record.shape] };
    const model = make();
    for (const [which, options] of [
      ['best', {}],
      ['class1', { classIndex: 1 }],
    ] as const) {
      const { gradients, heatmap, classIndices } = await saliency(model, x, options);
      near(gradients.data, expected.saliency[which], `saliency, ${which}`);
      assert.equal(classIndices, which === 'best' ? expected.classes : [1, 1]);
      assert.equal(heatmap.shape, [count, ...record.shape.slice(0, 2)]);
      for (const [layer, explained] of Object.entries(expected.layers)) {
        const made = await gradCam(model, x, { layer, ...options });
        near(made.heatmap.data, explained[which], `Grad-CAM of ${layer}, ${which}`);
        assert.is(made.layer, layer);
        near((await activations(model, x, layer)).data, explained.activations, layer);
      }
    }
  });
}

test('one output with a sigmoid is two classes, whose gradients are opposite', async () => {
  const model = sequential({
    inputShape: [4, 4, 1],
    layers: [
      layers.conv2d({ filters: 2, kernelSize: 2, activation: 'tanh' }),
      layers.flatten(),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  const x = randomImages(4, [4, 4, 1], 1);
  const [no, yes, best] = await Promise.all([
    saliency(model, x, { classIndex: 0 }),
    saliency(model, x, { classIndex: 1 }),
    saliency(model, x),
  ]);
  assert.equal(
    no!.gradients.data,
    yes!.gradients.data.map((value) => -value),
  );
  const { data } = await model.predict(x);
  assert.equal(
    best!.classIndices,
    Array.from(data, (value) => Number(value > 0.5)),
  );
});

test('heat maps go from 0 to 1, the default layer is the last of more than one pixel, and the model stays as it was', async () => {
  const model = compiledToy();
  const { x, y } = toyExamples(40);
  await model.fit(x, y);
  const before = [weightsHash(model), model.step];
  const { heatmap, layer, classIndices } = await gradCam(model, x);
  assert.is(layer, 'maxPooling2d');
  assert.equal(heatmap.shape, [40, 2, 2]);
  const { data } = await model.predict(x);
  for (let i = 0; i < 40; i++) {
    const most = Math.max(...heatmap.data.subarray(4 * i, 4 * i + 4));
    assert.ok(most === 1 || most === 0);
    const row = data.subarray(4 * i, 4 * i + 4);
    assert.is(classIndices[i], row.indexOf(Math.max(...row)));
  }
  assert.ok(heatmap.data.every((value) => value >= 0 && value <= 1));
  assert.equal([weightsHash(model), model.step], before);
  assert.equal(await gradCam(model, x), await gradCam(model, x));
});

test('other inputs than images have a saliency, too', async () => {
  const model = sequential({ inputShape: [5], layers: [layers.dense({ units: 3 })] });
  const x = randomImages(1, [5], 1);
  const { gradients, heatmap } = await saliency(model, x, { classIndex: 2 });
  const kernel = model.getWeights()[0]!.data;
  assert.equal(
    Array.from(gradients.data),
    Array.from({ length: 5 }, (_, i) => kernel[3 * i + 2]),
  );
  assert.equal(heatmap.shape, [1, 5]);
});

test('what does not fit gets one sentence', async () => {
  const model = toyModel();
  const { x } = toyExamples(2);
  const refuses = async (attempt: () => Promise<unknown>, sentence: RegExp): Promise<void> => {
    try {
      await attempt();
      assert.unreachable(String(sentence));
    } catch (error) {
      assert.match((error as Error).message, sentence);
    }
  };
  const untyped = { activations, gradCam, saliency } as unknown as Record<
    string,
    (...args: unknown[]) => Promise<unknown>
  >;
  await refuses(
    () => activations(model, x, 'conv'),
    /^activations needs the name of a layer, got "conv"; there is conv2d, /,
  );
  await refuses(() => activations(model, x, []), /^activations needs the name of a layer, got an empty array$/);
  await refuses(() => untyped.activations!(model, x), /needs the name of a layer, got undefined/);
  await refuses(() => untyped.activations!({}, x, 'a'), /^activations needs a model first, .* got an object$/);
  await refuses(() => untyped.gradCam!(null, x), /^gradCam needs a model first, .* got null$/);
  await refuses(() => untyped.saliency!(model, [1, 2]), /^saliency needs x as one tensor, got an array of 2$/);
  await refuses(() => gradCam(model, x, { layer: 'dense' }), /got "dense"; there is conv2d, maxPooling2d$/);
  await refuses(
    () => gradCam(model, x, { classIndex: 4 }),
    /^gradCam's classIndex must be a whole number from 0 to 3, got 4$/,
  );
  await refuses(() => untyped.saliency!(model, x, { class: 1 }), /^saliency has no option 'class'; it has classIndex$/);
  await refuses(() => gradCam(model, { data: x.data, shape: [4, 6, 3, 1] }), /^gradCam needs x \[n, 6, 6, 1\]/);
  const broken = { data: Float32Array.from(x.data).fill(NaN, -1), shape: x.shape };
  for (const [who, explain] of Object.entries(untyped))
    await refuses(
      () => explain(model, broken, ...(who === 'activations' ? ['conv2d'] : [])),
      new RegExp(`^${who}'s x holds NaN in example ${x.shape[0]! - 1}; leave such examples out`),
    );
  const heavy = sequential({ inputShape: [4], layers: [layers.dense({ units: 3, activation: 'softmax' })] });
  heavy.setWeights(heavy.getWeights().map((tensor) => ({ ...tensor, data: tensor.data.fill(3e38) })));
  for (const options of [{}, { classIndex: 0 }])
    await refuses(
      () => saliency(heavy, { data: new Float32Array(4).fill(1), shape: [1, 4] }, options),
      /^saliency's model makes NaN of example 0; the weights are not finite, or too large for these inputs/,
    );
  const flat = sequential({ inputShape: [3], layers: [layers.dense({ units: 2, activation: 'softmax' })] });
  await refuses(
    () => gradCam(flat, randomImages(1, [3], 1)),
    /the model has none; saliency\(\) explains such a model$/,
  );
  const number = sequential({ inputShape: [3], layers: [layers.dense({ units: 1 })] });
  await refuses(
    () => saliency(number, randomImages(1, [3], 1)),
    /^saliency needs a classifier, got a model of one number without a sigmoid/,
  );
  const image = input({ shape: [3, 3, 1] });
  const map = functional({ inputs: image, outputs: layers.conv2d({ filters: 2, kernelSize: 1 }).apply(image) });
  await refuses(
    () => gradCam(map, randomImages(1, [3, 3, 1], 1)),
    /^gradCam needs a classifier of one input and one output \[classes\], got \[3, 3, 1\] → \[3, 3, 2\]$/,
  );
});

test.run();
