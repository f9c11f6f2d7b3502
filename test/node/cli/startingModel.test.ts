// A model that a run starts from, for other classes and sizes; its new last layer is trained on features as it would be in the whole model.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { input, layers, loadModel, model, sequential, type Model } from '../../../src/index.js';
import { classifierFacts } from '../../../src/images/index.js';
import { freezeNormalization, trainHead, usualHeadEpochs } from '../../../src/node/cli/fineTune.js';
import { withProbabilities } from '../../../src/node/cli/probabilities.js';
import { openModel } from '../../../src/node/cli/runs.js';
import { openStartingModel, type StartingModel } from '../../../src/node/cli/startingModel.js';
import { compileRun, type RunSettings } from '../../../src/recipes/index.js';
import { refusal, refuses } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

const folder = temporaryFolder();
const shape = [6, 6, 3];
const settings = {
  ...{ recipe: 'quick', epochs: 1, batchSize: 8, learningRate: 1e-4, headEpochs: 3 },
  ...{ seed: 5, numerics: 'exact', earlyStopping: null },
} as const satisfies RunSettings;

const sameForAllSizes = () => [
  layers.conv2d({ filters: 4, kernelSize: 3 }),
  layers.batchNormalization(),
  layers.activation({ activation: 'relu' }),
];
type Layers = readonly ReturnType<typeof layers.dense>[];
const average = (): Layers => [layers.activation({ activation: 'relu' }), layers.globalAveragePooling2d()];
const chain = (last: Layers, end: Layers = [layers.globalAveragePooling2d(), ...last]): Model =>
  sequential({ seed: 1, inputShape: shape, layers: [...sameForAllSizes(), ...end] });
/** With a branch, and the last layer before others in the list of layers. */
function graph(): Model {
  const x = input({ shape });
  const relu = layers.activation({ activation: 'relu' });
  const y = layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' }).apply(x);
  const z = relu.apply(layers.add().apply([layers.batchNormalization().apply(relu.apply(y)), x]));
  const features = layers.globalMaxPooling2d().apply(z);
  const outputs = layers.activation({ activation: 'softmax' }).apply(layers.dense({ units: 5 }).apply(features));
  return model({ name: 'branches', seed: 1, inputs: x, outputs });
}

const models: Readonly<Record<string, () => Model>> = {
  'a chain': () => chain([layers.dense({ units: 5, activation: 'softmax' })]),
  'a chain with a softmax of its own': () =>
    chain([layers.dense({ units: 5 }), layers.activation({ activation: 'softmax' })]),
  'a graph': graph,
  'a convolution with ReLU and an average': () =>
    chain([], [layers.conv2d({ filters: 5, kernelSize: 1, name: 'last' }), ...average()]),
  'a convolution, an average and a reshape to one number a class': () =>
    chain(
      [],
      [
        layers.conv2d({ filters: 5, kernelSize: 1, name: 'last', activation: 'relu' }),
        layers.globalAveragePooling2d({ keepDims: true }),
        layers.reshape({ targetShape: [5] }),
        layers.activation({ activation: 'softmax' }),
      ],
    ),
  'a chain that ends in sigmoid': () => chain([layers.dense({ units: 1, activation: 'sigmoid' })]),
  'a chain with a sigmoid of its own': () =>
    chain([layers.dense({ units: 3 }), layers.activation({ activation: 'sigmoid' })]),
  'nothing but a last layer': () =>
    sequential({ seed: 1, inputShape: [12], layers: [layers.dense({ units: 5, activation: 'softmax' })] }),
};

function saved(name: string, of: Model, facts?: object): string {
  const path = join(folder, `${name.replaceAll(' ', '-')}.safetensors`);
  writeFileSync(path, of.save(facts === undefined ? {} : { facts }));
  return path;
}

function examples(count: number, ofShape: readonly number[], classes: number) {
  const data = new Uint8Array(count * ofShape.reduce((size, each) => size * each, 1));
  for (let i = 0; i < data.length; i++) data[i] = (i * 37 + (i >> 3) * 11) % 251;
  return { x: { data, shape: [count, ...ofShape] }, y: Uint8Array.from({ length: count }, (_, i) => i % classes) };
}

function weightsOf(of: Model): Map<string, Float32Array> {
  return new Map(of.getWeights().map(({ data }, i) => [of.parameters[i]!.name, data]));
}

for (const [name, make] of Object.entries(models))
  test(`${name}: the new last layer becomes the same as in the whole model with all others frozen`, async () => {
    const path = saved(name, make());
    const { inputShape } = make();
    const data = { train: examples(40, inputShape, 3), validation: examples(12, inputShape, 3) };
    const made = async (): Promise<Model> =>
      (await openStartingModel(path)).make({ inputShape, classes: 3, seed: settings.seed });
    const tuned = await made();
    freezeNormalization(tuned);
    assert.equal(tuned.outputShape, [3]);
    const head = tuned.layers.filter(({ layer }) => /^(Dense|Conv2D)$/.test(layer.className)).at(-1)!.name;
    assert.is(head.startsWith('dense') || head === 'last', true);
    const before = weightsOf(tuned);
    const record = await trainHead(tuned, data, settings, 1);

    const whole = await made();
    for (const { layer } of whole.layers) layer.trainable = false;
    whole.layers.find((each) => each.name === head)!.layer.trainable = true;
    compileRun(whole, { ...settings, epochs: 3, learningRate: 1e-3 }, 40, undefined);
    const { history } = await whole.fit(data.train.x, data.train.y, {
      epochs: 3,
      seed: settings.seed,
      validationData: [data.validation.x, data.validation.y],
    });
    const expected = weightsOf(whole);
    let moved = 0;
    for (const [variable, values] of weightsOf(tuned)) {
      for (const [i, value] of values.entries())
        assert.ok(Math.abs(value - expected.get(variable)![i]!) <= 1e-5, `${variable} ${value}`);
      const own = before.get(variable)!;
      if (!variable.startsWith(`${head}/`)) assert.equal(values, own);
      else if (variable.endsWith('kernel'))
        moved = values.reduce((sum, value, i) => sum + Math.abs(value - own[i]!), 0);
    }
    assert.ok(moved > 1e-3, `the last layer moved by ${moved}`);
    for (const [figure, value] of [
      ['loss', record.loss],
      ['val_loss', record.valLoss],
      ['val_accuracy', record.valAccuracy],
    ] as const)
      assert.ok(Math.abs(value! - history[figure]!.at(-1)!) < 1e-5, `${figure} ${value}`);
  });

test('a last layer that gives no probabilities is replaced, and so is any on request', async () => {
  const opened = async (name: string): Promise<StartingModel> => openStartingModel(saved(name, models[name]!()));
  const last = async (of: StartingModel, isLastNew?: true): Promise<Map<string, Float32Array>> =>
    weightsOf(await of.make({ inputShape: shape, classes: of.classes, seed: 9, ...(isLastNew && { isLastNew }) }));
  const sigmoid = await opened('a chain with a sigmoid of its own');
  assert.is(sigmoid.keepsLast, false);
  const own = weightsOf(models['a chain with a sigmoid of its own']!());
  const renewed = await last(sigmoid);
  assert.equal(renewed.get('conv2d/kernel'), own.get('conv2d/kernel'));
  assert.not.equal(renewed.get('dense/kernel'), own.get('dense/kernel'));
  for (const name of ['a chain', 'a convolution with ReLU and an average']) {
    const kept = await opened(name);
    assert.is(kept.keepsLast, true);
    const before = weightsOf(models[name]!());
    assert.equal(await last(kept), before);
    const changed = await last(kept, true);
    const layer = name === 'a chain' ? 'dense' : 'last';
    for (const [variable, values] of changed)
      if (variable === `${layer}/kernel`) assert.not.equal(values, before.get(variable));
      else assert.equal(values, before.get(variable), variable);
  }
});

test('an average of ReLUs of a convolution, as SqueezeNet ends in, is logits: softmax makes probabilities of them', async () => {
  const path = saved('squeeze', models['a convolution with ReLU and an average']!());
  const { x } = examples(4, shape, 5);
  const opened = await openModel(path);
  const logits = await opened.model.predict(x);
  const expected = [...logits.data].map((_, i) => {
    const row = [...logits.data.subarray(5 * Math.floor(i / 5), 5 * Math.floor(i / 5) + 5)].map(Math.exp);
    return row[i % 5]! / row.reduce((sum, each) => sum + each);
  });
  const tuned = await (await openStartingModel(path)).make({ inputShape: shape, classes: 5, seed: 1 });
  for (const model of [withProbabilities(opened).model, tuned])
    for (const [i, value] of (await model.predict(x)).data.entries()) assert.ok(Math.abs(value - expected[i]!) < 1e-6);
});

test('too many features to keep are refused, with advice', async () => {
  const made = sequential({
    inputShape: [64, 64, 1],
    layers: [
      layers.conv2d({ filters: 256, kernelSize: 1 }),
      layers.conv2d({ filters: 2, kernelSize: 1 }),
      ...average(),
    ],
  });
  const x = { data: new Uint8Array(600 * 4096), shape: [600, 64, 64, 1] };
  const data = { x, y: new Uint8Array(600) };
  assert.match(
    await refusal(trainHead(made, { train: data, validation: data }, settings, 1)),
    /^the features of 600 images, \[64, 64, 256\] each, take 2\.3 GiB, and at most 2 are kept; take smaller images/,
  );
});

test('an aborted signal ends it before the last layer has changed', async () => {
  const tuned = models['a chain']!();
  const before = weightsOf(tuned);
  const data = { train: examples(40, shape, 5), validation: examples(12, shape, 5) };
  await trainHead(tuned, data, settings, 1, AbortSignal.abort(new Error('stopped'))).then(
    () => assert.unreachable(),
    ({ message }: Error) => assert.is(message, 'stopped'),
  );
  assert.equal(weightsOf(tuned), before);
});

test('images of another size, where the weights do not depend on it', async () => {
  const own = models['a chain']!();
  const { make, classes } = await openStartingModel(saved('sizes', own));
  assert.is(classes, 5);
  const larger = await make({ inputShape: [9, 11, 3], classes: 5, seed: 2 });
  assert.equal(larger.inputShape, [9, 11, 3]);
  assert.equal(weightsOf(larger), weightsOf(own));
  const path = saved(
    'flat',
    sequential({
      inputShape: shape,
      layers: [layers.flatten(), layers.dense({ units: 4 }), layers.dense({ units: 5, activation: 'softmax' })],
    }),
  );
  const flat = await openStartingModel(path);
  await refuses(
    Promise.resolve().then(() => flat.make({ inputShape: [9, 6, 3], classes: 2, seed: 2 })),
    `${path} takes images [6, 6, 3], and these are [9, 6, 3]; the weights of dense are for that size alone; name data of its form with --data, or read pictures as such with --image-size 6x6`,
  );
  for (const inputShape of [[6, 6, 1], [108]])
    assert.match(
      await refusal(Promise.resolve().then(() => flat.make({ inputShape, classes: 2, seed: 2 }))),
      /takes images \[6, 6, 3\], and these are \[.*\]; name data of its form with --data$/,
    );
  assert.match(
    await refusal(Promise.resolve().then(() => make({ inputShape: [2, 2, 3], classes: 2, seed: 2 }))),
    /and these are \[2, 2, 3\]; name data of its form .* \(.+\)$/,
  );
});

test("pictures are read in the form that the file says, which must be its model's", async () => {
  const input = { imageSize: [6, 6], colorMode: 'rgb', interpolation: 'area', aspectRatio: 'pad' } as const;
  const known = await openStartingModel(saved('facts', graph(), classifierFacts({ classNames: null, input })));
  const { pictures } = known;
  assert.equal([pictures.imageSize, pictures.colorMode], [[6, 6], 'rgb']);
  assert.equal([pictures.input!.interpolation, pictures.input!.aspectRatio], ['area', 'pad']);
  assert.is((await openStartingModel(saved('no facts', graph()))).pictures.input, undefined);
  const other = classifierFacts({ classNames: ['a', 'b'], input });
  assert.match(await refusal(openStartingModel(saved('others', graph(), other))), /its facts name 2 classes/);
});

test('the frozen normalization stays so in the file', async () => {
  const own = graph();
  freezeNormalization(own);
  const { model: again } = loadModel(own.save());
  assert.equal(
    again.layers.filter(({ layer }) => !layer.trainable).map(({ layer }) => layer.className),
    ['BatchNormalization'],
  );
});

test('weights that were not fetched, and models that tell no classes apart', async () => {
  const before = process.env['XDG_CACHE_HOME'];
  process.env['XDG_CACHE_HOME'] = folder;
  try {
    if (process.platform === 'linux')
      await refuses(
        openStartingModel('mobileNetV2'),
        'the weights of mobileNetV2 are not on this machine; get them with npm run weights -- mobileNetV2',
      );
  } finally {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  }
  const images = sequential({ inputShape: shape, layers: [layers.conv2d({ filters: 3, kernelSize: 1 })] });
  assert.match(await refusal(openStartingModel(saved('images', images))), /a probability for each class are needed/);
});

test('a small set takes more epochs of the last layer', () => {
  assert.equal([usualHeadEpochs(100, 32), usualHeadEpochs(1600, 32), usualHeadEpochs(60000, 128)], [100, 20, 10]);
});

test.run();
