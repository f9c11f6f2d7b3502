// Augmentation: what it costs outside training, with bytes, in files; what draws the numbers; and what is refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  augmentedBatch,
  input,
  layers,
  loadModel,
  model as functional,
  modelCheckpoint,
  sequential,
  type Model,
} from '../../src/index.js';
import { RandomStream } from '../../src/base/random.js';
import { workers } from '../../src/node/index.js';
import { planOf } from './plans.js';

const { randomBrightness, randomContrast, randomCrop, randomElasticTransform, randomErasing } = layers;
const { randAugment, randomColorDegeneration, randomGrayscale, randomInvert } = layers;
const { randomPosterization, randomSharpness, solarization } = layers;
const { randomAffine, randomFlip, randomRotation, randomShear, randomTranslation, randomZoom } = layers;

const affine = (): layers.Layer =>
  randomAffine({
    ...{ flip: 'horizontal', rotation: 0.1, translation: { width: 0.2 }, zoom: [-0.3, 0.1], shear: { x: [0.1, 0.2] } },
    fillMode: 'constant',
  });

/** The reference network, smaller, behind these layers. */
function network(first: readonly layers.Layer[]): Model {
  const model = sequential({
    ...{ seed: 3, inputShape: [14, 14, 1] },
    layers: [
      ...first,
      layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', batchSize: 16 });
  return model;
}

const random = new RandomStream(5);
const bytes = { data: Uint8Array.from({ length: 40 * 14 * 14 }, () => random.below(256)), shape: [40, 14, 14, 1] };
const labels = Uint8Array.from({ length: 40 }, (_, i) => i % 10);
const floats = (scale: number) => ({ data: Float32Array.from(bytes.data, (byte) => byte / scale), shape: bytes.shape });
const weightsOf = (model: Model): number[] => model.getWeights().flatMap(({ data }) => [...data]);

const others = (): layers.Layer[] => [
  randomCrop({ height: 14, width: 14, padding: 2 }),
  randomBrightness({ factor: 0.2 }),
  randomContrast({ factor: 0.3 }),
  randomErasing({ factor: 0.5 }),
  randomElasticTransform({ alpha: 10, sigma: 3 }),
  randAugment(),
  randomSharpness({ factor: 1 }),
  randomPosterization({ factor: 4 }),
  solarization({ thresholdFactor: 0.5 }),
  randomInvert({ factor: 0.5 }),
];

test('outside training it has no effect: the same predictions, and none of its kernels', async () => {
  const [plain, augmented] = [network([]), network([affine(), randomFlip(), ...others()])];
  augmented.setWeights(plain.getWeights());
  assert.equal(await augmented.predict(bytes), await plain.predict(bytes));
  assert.equal(await augmented.evaluate(bytes, labels), await plain.evaluate(bytes, labels));
  const { predicting } = planOf(augmented, { batchSize: 4, slots: null });
  for (const { op, inputs, outputs } of predicting.ops)
    if (op.nodes[0]!.augments) {
      assert.equal(inputs, outputs, 'it takes no memory');
      assert.is(op.moreKernels, undefined);
    }
});

test('the first convolution keeps its fast ops, bit-identical for bytes and floats', async () => {
  const names = (model: Model): string[] => model.plan!.ops.map(({ op }) => op.name);
  const [plain, augmented] = [network([]), network([affine()])];
  assert.equal(names(augmented), ['randomAffine', ...names(plain)]);
  assert.match(names(augmented)[1]!, /one channel/);
  const other = network([affine()]);
  await augmented.fit(bytes, labels, { epochs: 2 });
  await other.fit(floats(255), labels, { epochs: 2 });
  assert.equal(weightsOf(other), weightsOf(augmented));
});

test('bytes pass it as 0 to 255 where the model scales them itself', async () => {
  const [scaled, plain] = [network([affine(), layers.rescaling({ scale: 1 / 255 })]), network([affine()])];
  const raw = network([affine(), layers.rescaling({ scale: 1 / 255 })]);
  await scaled.fit(bytes, labels, { epochs: 1 });
  await raw.fit(floats(1), labels, { epochs: 1 });
  assert.equal(weightsOf(raw), weightsOf(scaled));
  await plain.fit(bytes, labels, { epochs: 1 });
  const apart = weightsOf(plain).map((value, i) => Math.abs(value - weightsOf(scaled)[i]!));
  assert.ok(Math.max(...apart) < 1e-4, 'rounded elsewhere');
});

test('brightness, contrast and noise keep to 0 to 1, or to 0 to 255 where the model scales behind them', () => {
  const of = (behind: readonly layers.Layer[]): Float32Array =>
    augmentedBatch(
      network([
        ...[randomBrightness({ factor: 0.9 }), randomContrast({ factor: 1 }), randomErasing({ scale: [0.5, 1] })],
        ...[affine(), ...behind],
      ]),
      bytes,
      labels,
    ).data;
  for (const [data, top] of [
    [of([]), 1],
    [of([layers.rescaling({ scale: 1 / 255 })]), 255],
  ] as const) {
    assert.is(Math.min(...data), 0);
    assert.ok(Math.max(...data) <= 1.0001 * top && Math.max(...data) > 0.9 * top);
  }
});

test('outside training randomCrop takes the middle, of zeros around a smaller image', async () => {
  const x = { data: Float32Array.from({ length: 20 }, (_, i) => i + 1), shape: [1, 4, 5, 1] };
  const crop = async (height: number, width: number, padding = 0): Promise<number[]> => {
    const layer = randomCrop({ height, width, padding });
    const { data } = await sequential({ inputShape: [4, 5, 1], layers: [layer] }).predict(x);
    return [...data];
  };
  assert.equal(await crop(2, 3, 2), [7, 8, 9, 12, 13, 14]);
  assert.equal(await crop(4, 5, 3), [...x.data]);
  assert.equal(await crop(5, 2), [2, 3, 7, 8, 12, 13, 17, 18, 0, 0]);
});

test('a probability applies to each image', () => {
  const n = 1000;
  const model = sequential({ inputShape: [4, 4, 1], layers: [randomErasing({ factor: 0.3, fillValue: 0 })] });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', batchSize: n });
  const x = { data: new Float32Array(16 * n).fill(1), shape: [n, 4, 4, 1] };
  const { data } = augmentedBatch(model, x, x);
  const whole = Array.from({ length: n }, (_, i) => data.subarray(16 * i, 16 * i + 16).every((value) => value === 1));
  const erased = whole.filter((is) => !is).length / n;
  // Four standard errors; a tiny rectangle may lie between two pixels, but on none.
  assert.ok(erased > 0.15 && erased < 0.3 + 4 * Math.sqrt((0.3 * 0.7) / n), `${erased}`);
});

test('training sees other images in each step and for each seed, and the same ones for the same', async () => {
  const train = async (seed: number): Promise<number[]> => {
    const model = network([affine()]);
    await model.fit(bytes, labels, { epochs: 2, seed, shuffle: false });
    return weightsOf(model);
  };
  const [first, again, other] = [await train(1), await train(1), await train(2)];
  assert.equal(again, first);
  assert.not.equal(other, first);
});

test('a layer that moves nothing compiles to no op, and two calls draw different numbers', () => {
  const still = [
    randomRotation({ factor: 0 }),
    randomTranslation({ heightFactor: 0, widthFactor: [0, 0] }),
    randomZoom({ heightFactor: 0 }),
    randomShear(),
    randomAffine({}),
    randomCrop({ height: 14, width: 14 }),
    randomBrightness({ factor: 0 }),
    randomContrast({ factor: 0 }),
    randomErasing({ factor: 0 }),
    randomElasticTransform({ scale: 0 }),
    randomColorDegeneration({ factor: 0.5 }),
    randomGrayscale(),
    randomInvert({ factor: 0 }),
  ];
  assert.equal(
    network(still).plan!.ops.map(({ op }) => op.name),
    network([]).plan!.ops.map(({ op }) => op.name),
  );
  const x = input({ shape: [6, 6, 1] });
  const layer = affine();
  const twice = functional({ inputs: x, outputs: layers.concatenate().apply([layer.apply(x), layer.apply(x)]) });
  twice.compile({ optimizer: 'adam', loss: 'meanSquaredError', batchSize: 4 });
  const salts = twice.plan!.ops.flatMap(({ op }) => op.nodes.flatMap((node) => ('index' in node ? [node.index] : [])));
  assert.is(new Set(salts).size, 2);
});

test("a file keeps it for further training, and a list of options is no longer the caller's", () => {
  const factor: [number, number] = [-0.1, 0.2];
  const layer = randomRotation({ factor, fillMode: 'wrap', interpolation: 'nearest' });
  factor[0] = 5;
  const color = randAugment({ factor: [0.1, 0.4], numOps: 3, valueRange: [0, 255], interpolation: 'nearest' });
  const { model } = loadModel(network([layer, affine(), color, ...others()]).save());
  assert.equal(model.layers[2]!.layer.getConfig(), {
    ...{ valueRange: [0, 255], numOps: 3, factor: [0.1, 0.4] },
    ...{ interpolation: 'nearest', fillMode: 'reflect', fillValue: 0 },
  });
  for (const [i, other] of others().entries()) assert.equal(model.layers[3 + i]!.layer.getConfig(), other.getConfig());
  assert.equal(model.layers[0]!.layer.getConfig(), {
    ...{ factor: [-0.1, 0.2], interpolation: 'nearest', fillMode: 'wrap', fillValue: 0 },
  });
  assert.equal(model.layers[1]!.layer.getConfig(), affine().getConfig());
});

test('randAugment: bit-identical on one, two and three threads, and across an interruption', async () => {
  const build = (threads: number): Model => {
    const model = network([randAugment({ fillMode: 'constant' })]);
    const loss = 'categoricalCrossentropy';
    model.compile({ optimizer: adam(), loss, batchSize: 16, ...(threads > 1 && { workers: workers(threads) }) });
    return model;
  };
  const saved: Uint8Array[] = [];
  const whole = build(1);
  const checkpoint = modelCheckpoint({ saveFreq: 2, save: (file) => void saved.push(file) });
  await whole.fit(bytes, labels, { epochs: 3, callbacks: checkpoint });
  for (const threads of [2, 3]) {
    const several = build(threads);
    await several.fit(bytes, labels, { epochs: 3 });
    assert.equal(weightsOf(several), weightsOf(whole), `${threads} threads`);
  }
  const { model } = loadModel(saved[1]!, { workers: workers(2) });
  await model.fit(bytes, labels, { resume: true, callbacks: modelCheckpoint({ saveFreq: 2, save: () => {} }) });
  assert.equal(weightsOf(model), weightsOf(whole));
});

test('each image has operations of its own, which leave its values in their range', () => {
  const n = 400;
  // Auto contrast has something to stretch.
  const image = bytes.data.slice(0, 196).map((byte) => 20 + byte / 2);
  const x = { data: new Uint8Array(n * 196), shape: [n, 14, 14, 1] };
  for (let i = 0; i < n; i++) x.data.set(image, 196 * i);
  const y = new Uint8Array(n);
  const model = network([randAugment({ numOps: 1 })]);
  const { data } = augmentedBatch(model, x, y);
  const each = Array.from({ length: n }, (_, i) => data.subarray(196 * i, 196 * i + 196));
  assert.ok(data.every((value) => value >= 0 && value <= 1));
  // Color degeneration leaves a gray image, about one in eleven: four standard errors.
  const still = each.filter((values) => values.every((value, j) => value === Math.fround(image[j]! / 255))).length / n;
  const error = 4 * Math.sqrt(((1 / 11) * (10 / 11)) / n);
  assert.ok(Math.abs(still - 1 / 11) < error, `${still}`);
  // Auto contrast, equalization and 1 to 3 bits have nothing else to draw; all others differ from image to image.
  const different = new Set(each.map((values) => values.join())).size / n;
  assert.ok(Math.abs(different - 7 / 11) < 6 / n + 4 * Math.sqrt(((7 / 11) * (4 / 11)) / n), `${different}`);
});

test('all bytes: the bits that are left, negatives, and gray', () => {
  const every = { data: Uint8Array.from({ length: 256 }, (_, i) => i), shape: [1, 16, 16, 1] };
  const one = (layer: layers.Layer, behind: readonly layers.Layer[] = []): number[] => {
    const model = sequential({
      inputShape: [16, 16, 1],
      layers: [layer, ...behind, layers.flatten(), layers.dense({ units: 1 })],
    });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    return [...augmentedBatch(model, every, { data: new Float32Array(1), shape: [1, 1] }).data];
  };
  const inBytes = [layers.rescaling({ scale: 1 / 255 })];
  const expected = Array.from(every.data, (byte) => byte & 0xe0);
  assert.equal(one(randomPosterization({ factor: [3, 3] }), inBytes), expected);
  assert.equal(
    one(randomPosterization({ factor: [3, 3] })),
    expected.map((byte) => Math.fround(byte / 255)),
  );
  assert.equal(
    one(randomPosterization({ factor: [8, 8] })),
    Array.from(every.data, (byte) => Math.fround(byte / 255)),
  );
  assert.equal(
    one(randomInvert(), inBytes),
    Array.from(every.data, (byte) => 255 - byte),
  );
  assert.equal(
    one(solarization({ thresholdFactor: [0.5, 0.5] }), inBytes),
    Array.from(every.data, (byte) => (byte < 127.5 ? byte : 255 - byte)),
  );
  const colors = { data: Float32Array.from({ length: 12 }, (_, i) => i / 16), shape: [1, 2, 2, 3] };
  const model = sequential({ inputShape: [2, 2, 3], layers: [randomGrayscale({ factor: 1 })] });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const { data } = augmentedBatch(model, colors, colors);
  for (let i = 0; i < 12; i += 3) {
    const gray = 0.2989 * colors.data[i]! + 0.587 * colors.data[i + 1]! + 0.114 * colors.data[i + 2]!;
    for (let c = 0; c < 3; c++) assert.ok(Math.abs(data[i + c]! - gray) < 1e-6);
  }
});

test('augmentedBatch gives what a step trains on, on any plan, and nothing is learned', () => {
  const model = network([affine(), randomFlip(), layers.rescaling({ scale: 1 / 255 })]);
  const before = weightsOf(model);
  const { data, shape } = augmentedBatch(model, bytes, labels);
  assert.equal(shape, [40, 14, 14, 1]);
  assert.equal(weightsOf(model), before);
  assert.ok(Math.max(...data) > 100, 'bytes as they are, before they are scaled');
  const part = (count: number) => ({ data: bytes.data.subarray(0, count * 196), shape: [count, 14, 14, 1] });
  for (const count of [1, 3, 17])
    assert.equal(
      [...augmentedBatch(model, part(count), labels.subarray(0, count)).data],
      [...data.subarray(0, count * 196)],
    );
  assert.not.equal(augmentedBatch(model, bytes, labels, { step: 2 }).data, data);
  assert.not.equal(augmentedBatch(model, bytes, labels, { seed: 9 }).data, data);
  assert.equal(augmentedBatch(model, bytes, labels, { seed: 3, step: 1 }).data, data);
});

const sentences: readonly [() => unknown, string][] = [
  [
    () => sequential({ inputShape: [784], layers: [randomFlip()] }),
    'randomFlip needs input [height, width, channels], got [784]; put it before flatten(), or give the model such an inputShape',
  ],
  [
    () => randomFlip({ mode: 'horizontal_and_vertical' as never }),
    "randomFlip's mode must be 'horizontal', 'vertical' or 'horizontalAndVertical', got \"horizontal_and_vertical\"",
  ],
  [
    () => randomRotation({} as never),
    "randomRotation's factor must be a number from -1 to 1, or a range [low, high] of two, got undefined",
  ],
  [
    () => randomRotation({ factor: 30 }),
    "randomRotation's factor must be a number from -1 to 1, or a range [low, high] of two, got 30",
  ],
  [
    () => randomTranslation({ heightFactor: [0, NaN], widthFactor: 0 }),
    "randomTranslation's heightFactor must be a number from -1 to 1, or a range [low, high] of two, got [0, NaN]",
  ],
  [
    () => randomZoom({ heightFactor: 0.1, widthFactor: [1] as never }),
    "randomZoom's widthFactor must be a number from -1 to 1, or a range [low, high] of two, got [1]",
  ],
  [
    () => randomShear({ xFactor: -0.1 }),
    "randomShear's xFactor must be a number from 0 to 1, or a range [low, high] of two, got -0.1",
  ],
  [
    () => randomShear({ fillMode: 'mirror' as never }),
    "randomShear's fillMode must be 'constant', 'nearest', 'reflect' or 'wrap', got \"mirror\"",
  ],
  [
    () => randomRotation({ factor: 0.1, interpolation: 'cubic' as never }),
    "randomRotation's interpolation must be 'bilinear' or 'nearest', got \"cubic\"",
  ],
  [() => randomZoom({ heightFactor: 0, fillValue: 1e39 }), "randomZoom's fillValue must be a number, got 1e+39"],
  [
    () => randomRotation({ factor: 0.1, seed: 1 } as never),
    "randomRotation has no option 'seed'; it has factor, interpolation, fillMode, fillValue, name, inputShape, trainable, activityRegularizer",
  ],
  [
    () => randomAffine({ translation: { y: 0.1 } as never }),
    "randomAffine's translation has no option 'y'; it has height, width",
  ],
  [
    () => randomAffine({ shear: { x: 2 } }),
    "randomAffine's shear.x must be a number from 0 to 1, or a range [low, high] of two, got 2",
  ],
  [
    () => sequential({ inputShape: [784], layers: [randomErasing()] }),
    'randomErasing needs input [height, width, channels], got [784]; put it before flatten(), or give the model such an inputShape',
  ],
  [() => randomCrop({ height: 0, width: 3 }), "randomCrop's height must be a whole number of at least 1, got 0"],
  [
    () => randomCrop({ height: 3, width: 3, padding: [1, -1] }),
    "randomCrop's padding must be a whole number of at least 0, got -1",
  ],
  [
    () => randomBrightness({ factor: 2 }),
    "randomBrightness's factor must be a number from -1 to 1, or a range [low, high] of two, got 2",
  ],
  [
    () => randomBrightness({ factor: 0.1, valueRange: [1, 0] }),
    "randomBrightness's valueRange must be [low, high], the smaller first, got [1, 0]",
  ],
  [
    () => randomContrast({ factor: [-0.1, 0.5] }),
    "randomContrast's factor must be a number from 0 to 1, or a range [low, high] of two, got [-0.1, 0.5]",
  ],
  [
    () => randomErasing({ factor: 1.5 }),
    "randomErasing's factor must be a number from 0 to 1, or a range [low, high] of two, got 1.5",
  ],
  [
    () => randomErasing({ fillValue: '0' as never }),
    'randomErasing\'s fillValue must be a number, or null for noise, got "0"',
  ],
  [
    () => randomElasticTransform({ scale: 34 }),
    "randomElasticTransform's scale must be a number from 0 to 1, or a range [low, high] of two, got 34",
  ],
  [
    () => randomElasticTransform({ alpha: -1 }),
    "randomElasticTransform's alpha must be a number of pixels from 0 to 1000, got -1",
  ],
  [
    () => randAugment({ factor: 1.5 }),
    "randAugment's factor must be a number from 0 to 1, or a range [low, high] of two, got 1.5",
  ],
  [() => randAugment({ numOps: 0 }), "randAugment's numOps must be a whole number of at least 1, got 0"],
  [() => randAugment({ numOps: 12 }), "randAugment's numOps must be at most 11, got 12"],
  [
    () => randAugment({ valueRange: [255, 0] }),
    "randAugment's valueRange must be [low, high], the smaller first, got [255, 0]",
  ],
  [
    () => randAugment({ magnitude: 9 } as never),
    "randAugment has no option 'magnitude'; it has valueRange, numOps, factor, interpolation, fillMode, fillValue, name, inputShape, trainable, activityRegularizer",
  ],
  [
    () => randAugment({ fillMode: 'mirror' as never }),
    "randAugment's fillMode must be 'constant', 'nearest', 'reflect' or 'wrap', got \"mirror\"",
  ],
  [
    () => sequential({ inputShape: [784], layers: [randAugment()] }),
    'randAugment needs input [height, width, channels], got [784]; put it before flatten(), or give the model such an inputShape',
  ],
  [
    () => sequential({ inputShape: [4, 4, 2], layers: [randomGrayscale()] }),
    'randomGrayscale needs images of 1 or 3 channels, got 2',
  ],
  [
    () => randomSharpness({} as never),
    "randomSharpness's factor must be a number from 0 to 1, or a range [low, high] of two, got undefined",
  ],
  [
    () => randomColorDegeneration({ factor: [0, 2] }),
    "randomColorDegeneration's factor must be a number from 0 to 1, or a range [low, high] of two, got [0, 2]",
  ],
  [
    () => randomPosterization({ factor: 0.5 }),
    "randomPosterization's factor must be a whole number from 1 to 8, or a range [low, high] of two, got 0.5",
  ],
  [
    () => randomPosterization({ factor: [1, 9] }),
    "randomPosterization's factor must be a whole number from 1 to 8, or a range [low, high] of two, got [1, 9]",
  ],
  [
    () => solarization({ additionFactor: -1 }),
    "solarization's additionFactor must be a number from 0 to 1, or a range [low, high] of two, got -1",
  ],
  [
    () => randomInvert({ factor: NaN }),
    "randomInvert's factor must be a number from 0 to 1, or a range [low, high] of two, got NaN",
  ],
  [
    () => augmentedBatch(network([]), bytes, labels),
    'augmentedBatch needs a model with augmentation before what learns, and this one has none; begin it with e.g. layers.randomAffine()',
  ],
  [
    () => augmentedBatch(network([affine()]), bytes, labels, { step: 0 }),
    "augmentedBatch's step must be a whole number of at least 1, got 0",
  ],
  [
    () => randomAffine(null as never),
    'randomAffine needs an object of options, got null; it has flip, rotation, translation, zoom, shear, interpolation, fillMode, fillValue, name, inputShape, trainable, activityRegularizer',
  ],
];
for (const [make, sentence] of sentences)
  test(sentence, () => {
    assert.throws(make, (error: Error) => (assert.is(error.message, sentence), true));
  });

test.run();
