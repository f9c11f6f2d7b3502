// What npm run train and the demo page share: one split, one schedule, one identity, one record of a run.
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tensor } from '../../src/base/tensor.js';
import { builtinDigits, europeanDigits, mnistSha256 } from '../../src/data/index.js';
import { stratifiedSplit, stratifiedSplitInPlace } from '../../src/data/split.js';
import { networks } from '../../src/index.js';
import { datasetSha256 } from '../../src/node/dataset/datasetSha256.js';
import { weightsSha256 } from '../../src/node/cli/training.js';
import {
  classifierFactsOf,
  compileRun,
  countAfterSplit,
  countBeforeSplit,
  dataFactsOf,
  datasetBytes,
  epochRecords,
  makeEarlyStopping,
  runRecord,
  runDataSha256,
  sha256Of,
  splitForRun,
  usualSettings,
  withDrawnDigits,
  weightsBytes,
  withTestImages,
  type RunSettings,
} from '../../src/recipes/index.js';

const settings: RunSettings = {
  epochs: 2,
  batchSize: 50,
  learningRate: 0.01,
  seed: 1,
  numerics: 'exact',
  earlyStopping: null,
};
const data = builtinDigits({ trainCount: 240, testCount: 60 });

test('facts of data say what the split gives, and the count before it is found again', () => {
  const { train, validation } = splitForRun(data.train, 3);
  const facts = dataFactsOf(data, null);
  assert.equal(facts, {
    name: 'builtin-digits',
    trainCount: 220,
    testCount: 60,
    sha256: null,
    split: 'stratified',
    drawnCount: 0,
  });
  assert.is(train.y.length, facts.trainCount);
  assert.is(validation!.y.length, 20);
  for (const count of [60, 61, 600, 6000, 12000, 60000, 60001])
    assert.is(countBeforeSplit(count - Math.round(count / 12)), count);
});

test('without test images a fifth of each class is held out, the same for every seed; groups stay together and go with theirs', () => {
  const { train } = data;
  const groups = Array.from(train.y, (_, i) => `writer ${Math.floor(i / 20)}`);
  const untested = { ...data, test: null };
  const held = withTestImages(untested);
  assert.equal([held.train.y.length, held.test.y.length, held.groups], [192, 48, undefined]);
  assert.equal(
    Array.from({ length: 10 }, (_, label) => held.test.y.filter((other) => other === label).length),
    [5, 5, 5, 5, 5, 5, 5, 5, 4, 4],
  );
  assert.equal(withTestImages(untested).test, held.test);
  assert.is(withTestImages(data).test, data.test);
  const x = { data: Float32Array.from(untested.train.x.data, (value) => value / 255), shape: untested.train.x.shape };
  const given = { ...untested.train, x } as unknown as typeof untested.train;
  const floats = withTestImages({ ...untested, train: given });
  assert.equal(
    floats.test.x.data,
    Float32Array.from(held.test.x.data, (value) => value / 255),
  );
  const grouped = withTestImages({ ...untested, groups });
  assert.is(grouped.groups?.length, grouped.train.y.length);
  const images = (x: Tensor<Uint8Array>): string[] =>
    Array.from({ length: x.shape[0]! }, (_, i) => Buffer.from(x.data.subarray(784 * i, 784 * (i + 1))).toString('hex'));
  const groupOf = new Map(images(train.x).map((image, i) => [image, groups[i]!]));
  assert.equal(
    images(grouped.train.x).map((image) => groupOf.get(image)),
    grouped.groups,
  );
  const apart = new Set(images(grouped.test.x).map((image) => groupOf.get(image)));
  assert.ok(apart.size > 0 && !grouped.groups!.some((group) => apart.has(group)));
  const in16bits = { ...train, y: Uint16Array.from(train.y) };
  assert.instance(withTestImages({ ...untested, train: in16bits }).test.y, Uint16Array);
});

test('the identity of data: validation images and groups count where there are any', () => {
  const identities = [
    data,
    { ...data, test: null },
    { ...data, validation: data.test },
    { ...data, groups: ['a'] },
  ].map((dataset) => datasetSha256(dataset));
  assert.is(new Set(identities).size, 4);
});

test("drawn digits join MNIST's training images, alone or in their own memory", () => {
  const { train, validation } = splitForRun(data.train, 3);
  const drawn = europeanDigits(15, 3);
  const joined = withDrawnDigits({ train, validation }, 15, 3);
  assert.equal(joined.validation, validation);
  assert.equal(joined.train.x.shape, [235, 28, 28, 1]);
  assert.equal(joined.train.x.data.subarray(0, train.x.data.length), train.x.data);
  assert.equal(joined.train.x.data.subarray(train.x.data.length), drawn.x.data);
  assert.equal([...joined.train.y], [...train.y, ...drawn.y]);
  for (const count of [15, 20, 21]) {
    const copy = { x: { ...data.train.x, data: data.train.x.data.slice() }, y: data.train.y.slice() };
    const inPlace = withDrawnDigits(splitForRun(copy, 3, stratifiedSplitInPlace), count, 3, copy);
    assert.equal(inPlace, withDrawnDigits({ train, validation }, count, 3), `${count} drawn, 20 held out`);
    assert.is(inPlace.train.x.data.buffer === copy.x.data.buffer, count <= 20);
  }
  const facts = dataFactsOf(data, mnistSha256);
  assert.is(facts.trainCount, 220 + facts.drawnCount);
  assert.ok(facts.drawnCount > 0 && facts.drawnCount < 5000, 'in the place of those held out');
  assert.is(dataFactsOf(data, datasetSha256(data)).drawnCount, 0);
});

test('pictures of ten classes are prepared as digits where the classes are the digits by name, and MNIST has the form', () => {
  const names = [...'0123456789'];
  const picturesOf = (given: readonly string[] | null, ...form: number[]): string =>
    classifierFactsOf(10, given, [5, ...form]).pictures;
  assert.is(picturesOf(names, 28, 28, 1), 'prepareDigit');
  assert.is(picturesOf(null, 28, 28, 1), 'imageToInput');
  assert.is(picturesOf(names, 28, 28, 3), 'imageToInput');
  assert.is(picturesOf([...names].reverse(), 28, 28, 1), 'imageToInput');
  assert.equal(classifierFactsOf(3, null, [5, 28, 28, 1]).classNames, ['0', '1', '2']);
});

test('the same SHA-256 from any host: over parts with node:crypto, and with crypto.subtle', async () => {
  const hash = createHash('sha256');
  for (const { data: bytes } of [data.train.x, { data: data.train.y }, data.test.x, { data: data.test.y }])
    hash.update(bytes);
  const sha256 = hash.digest('hex');
  assert.is(datasetSha256(data), sha256);
  assert.is(await sha256Of(datasetBytes(data)), sha256);
  const model = networks.reference({ seed: 5 });
  assert.is(await sha256Of(weightsBytes(model)), weightsSha256(model));
});

test("the SHA-256 of a run's data is a function of the data set, the split and its seed", async () => {
  const sha256 = datasetSha256(data);
  const expected = createHash('sha256').update(`${sha256} stratified 3`).digest('hex');
  assert.is(await runDataSha256(sha256, 3), expected);
  assert.is.not(await runDataSha256(sha256, 4), expected);
  assert.is(await runDataSha256(null, 3), null);
  const drawn = await Promise.all([0, 1, 2].map((count) => runDataSha256(sha256, 3, count)));
  assert.is(drawn[0], expected);
  assert.is(new Set(drawn).size, 3);
  const split = await Promise.all([undefined, 1 / 12, 0, 0.2].map((share) => runDataSha256(sha256, 3, 0, share)));
  assert.is(split[0], expected);
  assert.is(split[1], expected);
  assert.is(new Set(split).size, 3);
});

test('the requested share is held out, down to nothing', () => {
  const counts = [undefined, 0.2, 0].map((share) => {
    const { train, validation } = splitForRun(data.train, 3, stratifiedSplit, undefined, share);
    assert.is(train.y.length, countAfterSplit(240, share));
    assert.is(countBeforeSplit(train.y.length, share), 240);
    return [train.y.length, validation?.y.length ?? null];
  });
  assert.equal(counts, [
    [220, 20],
    [192, 48],
    [240, null],
  ]);
});

test('default epochs of a run: two for MNIST, five for other sets, and enough steps for small ones', () => {
  const steps = (count: number): number => {
    const { epochs, batchSize } = usualSettings('pets', count);
    return epochs * Math.ceil(count / batchSize);
  };
  for (const name of ['mnist', 'builtin-digits'])
    assert.equal(usualSettings(name, name === 'mnist' ? 60_000 : 300), { epochs: 2, batchSize: 128 });
  assert.equal(usualSettings('fashion-mnist', 60_000), { epochs: 5, batchSize: 128 });
  assert.equal(usualSettings('pets', 6_000), { epochs: 9, batchSize: 128 });
  assert.equal(usualSettings('pets', 5_999), { epochs: 5, batchSize: 32 });
  for (const count of [256, 500, 2_000, 5_999, 20_000]) assert.ok(steps(count) >= 400, String(count));
  assert.equal(usualSettings('pets', 20), { epochs: 50, batchSize: 32 });
});

test('a run has its schedule, and keeps records that a file may bring back', async () => {
  const model = networks.reference({ seed: settings.seed });
  const { train, validation } = splitForRun(data.train, settings.seed);
  compileRun(model, settings, train.y.length, undefined);
  const records = epochRecords(train.y.length, settings);
  const record = runRecord(4, performance.now());
  assert.is(makeEarlyStopping(settings), null);
  await model.fit(train.x, train.y, {
    epochs: settings.epochs,
    validationData: [validation!.x, validation!.y],
    callbacks: [records, record],
  });
  assert.is(model.step, 10);
  assert.equal(
    records.state.records.map(({ epoch }) => epoch),
    [1, 2],
  );
  const [last] = records.state.records.slice(-1);
  const { curve } = last!;
  assert.equal(curve!.steps, [1, 2, 3, 4, 5]);
  // Four whole batches and one of less.
  for (const figure of ['loss', 'accuracy'] as const) {
    const sum = curve![figure].reduce(
      (total, mean, i) => total + mean * (i < 4 ? settings.batchSize : 220 % settings.batchSize),
      0,
    );
    assert.ok(Math.abs(sum / 220 - last![figure]) < 1e-4 * last![figure], `${sum / 220} for ${last![figure]}`);
  }
  assert.ok(Math.abs(last!.samplesPerSecond - 220 / last!.seconds) < 1e-6);
  assert.equal(record.state.resumedAt, [4]);
  assert.ok(record.state.seconds > 0 && record.state.seconds < 60, 'counted from when it was told');
  records.checkState!(records.state, model);
  record.checkState!(record.state, model);
  assert.throws(
    () => records.checkState!({ records: [{ epoch: 1 }], seconds: 0 }, model),
    /records of its epochs are none/,
  );
  assert.throws(
    () => records.checkState!({ records: [], seconds: 0, curve: { steps: [1], loss: [], accuracy: [1] } }, model),
    /records of its epochs are none/,
  );
  assert.throws(() => record.checkState!({ ...record.state, resumedAt: ['x'] }, model), /record of its run is none/);
});

test('a run of many epochs keeps no curve within them, one with long epochs 20 entries', () => {
  const stepsOfCurve = (epochs: number, steps: number): readonly number[] | undefined => {
    const records = epochRecords(steps, { epochs, batchSize: 1 });
    for (let batch = 0; batch < steps; batch++) records.onBatchEnd!(batch, { loss: 1, accuracy: 0 });
    return records.state.curve?.steps;
  };
  assert.is(stepsOfCurve(51, 100), undefined);
  assert.equal(stepsOfCurve(50, 100), [50, 100]);
  assert.is(stepsOfCurve(2, 450)!.length, 20);
  assert.equal(stepsOfCurve(2, 450)!.slice(-2), [428, 450]);
});

test.run();
