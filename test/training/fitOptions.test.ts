// fit's options beside epochs and batchSize, and steps of one's own: what each does, on threads, in the background and resumed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  earlyStopping,
  layers,
  linearDecay,
  loadModel,
  optimizers,
  sequential,
  type FitOptions,
  type Model,
} from '../../src/index.js';
import { background, workers } from '../../src/node/index.js';
import { splitOrders } from '../../src/data/split.js';
import { refuses } from '../node/refuses.js';
import { compiledToy, toyExamples, toyModel, weightsHash } from '../model/toy.js';

const { x, y } = toyExamples(43);

function compiled(options: Partial<Parameters<Model['compile']>[0]> = {}): Model {
  const model = toyModel();
  model.compile({
    optimizer: 'sgd',
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize: 16,
    ...options,
  });
  return model;
}

function distance(a: Model, b: Model): number {
  const [mine, its] = [a, b].map((model) => model.getWeights().flatMap(({ data }) => [...data]));
  return Math.max(...mine!.map((value, i) => Math.abs(value - its![i]!)));
}

test('a model at the end of its schedule is not trained any further without a word', async () => {
  const model = compiled({ optimizer: optimizers.sgd({ learningRate: linearDecay({ peak: 0.1, totalSteps: 6 }) }) });
  await model.fit(x, y, { epochs: 2 });
  const loaded = loadModel(model.save()).model;
  for (const each of [model, loaded])
    await refuses(
      each.fit(x, y),
      'fit would change nothing: the learning rate is 0 from step 7 on, as its schedule has ended; call compile() with a new optimizer',
    );
  loaded.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', batchSize: 16 });
  const before = weightsHash(loaded);
  await loaded.fit(x, y);
  assert.is.not(weightsHash(loaded), before);
});

test('gradientAccumulationSteps: the steps of batches so many times as large, dropout too', async () => {
  const whole = compiled({ batchSize: 20 });
  const { history: expected } = await whole.fit(x, y, { epochs: 3 });
  const cut = compiled({ batchSize: 5 });
  const { history } = await cut.fit(x, y, { epochs: 3, gradientAccumulationSteps: 4 });
  // 20, 20 and 3 examples.
  assert.is(cut.step, 9);
  assert.is(cut.plan!.batchSize, 5);
  assert.ok(distance(cut, whole) < 1e-6, String(distance(cut, whole)));
  assert.ok(Math.abs(history.loss![2]! - expected.loss![2]!) < 1e-6);
  assert.equal(history.accuracy, expected.accuracy);
  const other = compiled({ batchSize: 5 });
  await other.fit(x, y, { epochs: 3 });
  assert.ok(distance(other, whole) > 1e-3);
});

const accumulated: FitOptions = { epochs: 2, batchSize: 6, gradientAccumulationSteps: 3 };

for (const [where, more] of [
  ['on two threads', { workers: workers(2) }],
  ['in the background', { background: background() }],
] as const)
  test(`gradientAccumulationSteps: bit-identical ${where}`, async () => {
    const [alone, there] = [compiled(), compiled(more)];
    const expected = await alone.fit(x, y, accumulated);
    assert.equal(await there.fit(x, y, accumulated), expected);
    assert.is(weightsHash(there), weightsHash(alone));
  });

test('gradientAccumulationSteps, stepsPerEpoch, validationSplit and validationFreq: resumed at each save point, bit-identical', async () => {
  const options: FitOptions = {
    ...accumulated,
    epochs: 3,
    stepsPerEpoch: 2,
    validationSplit: 0.1,
    validationFreq: 2,
  };
  const model = compiled();
  const files: Uint8Array[] = [];
  const expected = await model.fit(x, y, {
    ...options,
    callbacks: { onSavePoint: () => void files.push(model.save()) },
  });
  assert.is(files.length, 10);
  assert.equal(Object.keys(expected.history), ['loss', 'accuracy', 'val_loss', 'val_accuracy']);
  assert.is(expected.history.val_loss!.length, 1);
  for (const file of files) {
    const { model: resumed } = loadModel(file);
    assert.equal(await resumed.fit(x, y, { resume: true }), expected);
    assert.is(weightsHash(resumed), weightsHash(model));
  }
  await refuses(
    loadModel(files[2]!).model.fit(x, y, { resume: true, validationSplit: 0.2 }),
    "fit's validationSplit is 0.2, the checkpoint's is 0.1; leave it out, or start anew without resume",
  );
});

test("batchSize is of one fit: the next one has compile()'s, also from a file, and after a step of another size", async () => {
  const stepsOf = async (model: Model, options: FitOptions = {}): Promise<number> => {
    const before = model.step;
    await model.fit(x, y, options);
    return model.step - before;
  };
  const model = compiled();
  assert.is(await stepsOf(model, { batchSize: 4 }), 11);
  assert.is(await stepsOf(loadModel(model.save()).model), 3);
  assert.is(await stepsOf(model), 3);
  await model.trainOnBatch(x, y);
  assert.is(await stepsOf(model), 3);
  const apart = compiled({ background: background() });
  assert.is(await stepsOf(apart, { batchSize: 4 }), 11);
  assert.is(await stepsOf(apart), 3);
});

test('validationSplit of a Buffer, whose slice() is a view: the bits of a Uint8Array, and it stays as it is', async () => {
  const bytes = Uint8Array.from(x.data, (value, i) => (value + i) % 256);
  const [plain, buffer] = [bytes, Buffer.from(bytes)].map((data) => ({ data, shape: x.shape }));
  const [its, mine] = [compiled(), compiled()];
  const expected = await its.fit(plain!, y, { validationSplit: 0.25, epochs: 2 });
  assert.equal(await mine.fit(buffer!, y, { validationSplit: 0.25, epochs: 2 }), expected);
  assert.is(weightsHash(mine), weightsHash(its));
  assert.equal([...buffer!.data], [...bytes]);
});

test('applyGradients(gradients(x, y)): bit-identical to the step of trainOnBatch', async () => {
  const [mine, its] = [compiledToy(), compiledToy()];
  for (let step = 0; step < 3; step++) {
    await its.trainOnBatch(x, y);
    await mine.applyGradients(await mine.gradients(x, y));
  }
  assert.is(mine.step, 3);
  assert.is(weightsHash(mine), weightsHash(its));
  const [first, ...others] = await mine.gradients(x, y);
  await refuses(mine.applyGradients(others), 'applyGradients needs 6 tensors, got 5');
  await refuses(
    mine.applyGradients([{ data: first!.data, shape: [36] }, ...others]),
    'applyGradients needs conv2d/kernel [3, 3, 1, 4], got [36]',
  );
});

/** Penalties on weights and outputs, and a constraint. */
function regularized(batchSize: number): Model {
  const model = sequential({
    seed: 2,
    inputShape: [6, 6, 1],
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, kernelRegularizer: 'l2', activityRegularizer: 'l1' }),
      layers.flatten(),
      layers.dense({ units: 4, activation: 'softmax', kernelConstraint: 'maxNorm', biasRegularizer: 'l1' }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', batchSize });
  return model;
}

test('penalties and constraints count once a step, of several batches and of gradients that were given', async () => {
  const sampleWeight = Float32Array.from(y, (_, i) => (i % 3) / 2);
  const [whole, cut] = [regularized(20), regularized(5)];
  const { history: expected } = await whole.fit(x, y, { epochs: 3, sampleWeight });
  const { history } = await cut.fit(x, y, { epochs: 3, sampleWeight, gradientAccumulationSteps: 4 });
  assert.ok(distance(cut, whole) < 1e-6, String(distance(cut, whole)));
  assert.ok(Math.abs(history.loss![2]! - expected.loss![2]!) < 1e-6);
  const [mine, its] = [regularized(64), regularized(64)];
  for (let step = 0; step < 3; step++) {
    await its.trainOnBatch(x, y);
    await mine.applyGradients(await mine.gradients(x, y));
  }
  assert.is(weightsHash(mine), weightsHash(its));
});

test('validationSplit splits sampleWeight, too', async () => {
  const sampleWeight = Float32Array.from(y, (_, i) => 1 + (i % 3));
  const [kept, held] = splitOrders(y, { validationSplit: 0.25, seed: 5 });
  const part = (order: Uint32Array) =>
    [
      {
        data: Uint8Array.from([...order].flatMap((i) => [...x.data.subarray(36 * i, 36 * i + 36)])),
        shape: [order.length, 6, 6, 1],
      },
      Array.from(order, (i) => y[i]!),
      Array.from(order, (i) => sampleWeight[i]!),
    ] as const;
  const [own, given] = [compiledToy(), compiledToy()];
  const [trainX, trainY, trainWeight] = part(kept);
  const expected = await given.fit(trainX, trainY, { seed: 5, sampleWeight: trainWeight, validationData: part(held) });
  assert.equal(await own.fit(x, y, { seed: 5, sampleWeight, validationSplit: 0.25 }), expected);
  assert.is(weightsHash(own), weightsHash(given));
});

test('testOnBatch and predictOnBatch are evaluate and predict', async () => {
  const model = compiledToy();
  assert.equal(await model.testOnBatch(x, y), await model.evaluate(x, y));
  assert.equal(await model.predictOnBatch(x), await model.predict(x));
});

test('repeated fits continue with new orders, as one long fit would, also from a file', async () => {
  const [whole, parts] = [compiledToy(), compiledToy()];
  await whole.fit(x, y, { epochs: 3 });
  await parts.fit(x, y);
  await parts.fit(x, y);
  const { model: loaded } = loadModel(parts.save());
  for (const model of [parts, loaded]) {
    await model.fit(x, y);
    assert.is(weightsHash(model), weightsHash(whole));
  }
  // What initialEpoch says already is not counted twice.
  const numbered = compiledToy();
  await numbered.fit(x, y);
  await numbered.fit(x, y, { initialEpoch: 1, epochs: 3 });
  assert.is(weightsHash(numbered), weightsHash(whole));
  // compile() begins anew.
  const [again, once] = [compiledToy(), compiledToy()];
  await again.fit(x, y);
  again.setWeights(compiledToy().getWeights());
  again.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 16 });
  await again.fit(x, y);
  await once.fit(x, y);
  assert.is(weightsHash(again), weightsHash(once));
});

test("validationSplit: each class's share by the seed; the tail on request", async () => {
  const sorted = [...y.keys()].sort((a, b) => y[a]! - y[b]!);
  const part = (order: readonly number[]) =>
    [
      {
        data: Uint8Array.from(order.flatMap((i) => [...x.data.subarray(36 * i, 36 * i + 36)])),
        shape: [order.length, 6, 6, 1],
      },
      order.map((i) => y[i]!),
    ] as const;
  const [allX, allY] = part(sorted);
  const [kept, held] = splitOrders(allY, { validationSplit: 0.25, seed: 5 }).map((order) => [...order]);
  assert.equal(new Set(held!.map((i) => allY[i]!)).size, 4);
  for (const [mode, orders] of [
    ['stratified', [kept!, held!]],
    ['tail', [sorted.map((_, i) => i).slice(0, 32), sorted.map((_, i) => i).slice(32)]],
  ] as const) {
    const [train, validation] = orders.map((order) => part(order.map((i) => sorted[i]!)));
    const [own, given] = [compiledToy(), compiledToy()];
    const more = { epochs: 2, seed: 5 };
    const expected = await given.fit(...train!, { ...more, validationData: validation! });
    const oneHot = { data: new Float32Array(4 * 43), shape: [43, 4] };
    for (const [i, label] of allY.entries()) oneHot.data[4 * i + label] = 1;
    assert.equal(await own.fit(allX, allY, { ...more, validationSplit: 0.25, validationSplitMode: mode }), expected);
    assert.is(weightsHash(own), weightsHash(given));
    const rows = compiledToy();
    assert.equal(await rows.fit(allX, oneHot, { ...more, validationSplit: 0.25, validationSplitMode: mode }), expected);
  }
  // Values have no classes: a share by the seed.
  const regression = sequential({ inputShape: [3], layers: [layers.dense({ units: 1 })] });
  regression.compile({ optimizer: 'sgd', loss: 'mse' });
  const values = { data: Float32Array.from({ length: 30 }, (_, i) => i / 30), shape: [10, 3] };
  const { history } = await regression.fit(values, values.data.slice(0, 10), { validationSplit: 0.2 });
  assert.equal(Object.keys(history), ['loss', 'val_loss']);
});

test('validationFreq: epochs between have no val_, and callbacks skip them', async () => {
  const seen: string[] = [];
  const stopping = earlyStopping({ patience: 1, minDelta: 1000 });
  const { epoch, history } = await compiledToy().fit(x, y, {
    epochs: 9,
    validationData: [x, y],
    validationFreq: 3,
    callbacks: [stopping, { onEpochEnd: (_, logs) => void seen.push(Object.keys(logs).join()) }],
  });
  // The first is the best, the second no better.
  assert.equal(epoch, [0, 1, 2, 3, 4, 5]);
  assert.is(history.val_loss!.length, 2);
  const [without, all] = ['loss,accuracy', 'loss,accuracy,val_loss,val_accuracy'];
  assert.equal(seen, [without, without, all, without, without, all]);
});

test('stepsPerEpoch: of arrays the first steps of each epoch', async () => {
  const counted = compiledToy();
  await counted.fit(x, y, { epochs: 4, stepsPerEpoch: 2 });
  assert.is(counted.step, 8);
  const [all, three] = [compiledToy(), compiledToy()];
  assert.equal(await three.fit(x, y, { stepsPerEpoch: 3 }), await all.fit(x, y));
  await refuses(
    compiledToy().fit(x, y, { stepsPerEpoch: 4 }),
    "fit's stepsPerEpoch is 4, and 43 examples make 3 steps of 16; ask for fewer",
  );
});

test('a line per epoch is printed, unless verbose is 0', async () => {
  const { log } = console;
  const lines: string[] = [];
  try {
    console.log = (line: string) => void lines.push(line);
    await compiledToy().fit(x, y, { epochs: 2, verbose: 0 });
    assert.equal(lines, []);
    await compiledToy().fit(x, y, { epochs: 2, verbose: 2, validationSplit: 0.2 });
    await compiledToy().fit(x, y);
  } finally {
    console.log = log;
  }
  const time = String.raw`\d+\.\d s - \S+ ms/step`;
  const figures = String.raw`loss: \d+\.\d+ - accuracy: 0\.\d+`;
  const validation = figures.replaceAll(/(loss|accuracy)/g, 'val_$1');
  assert.is(lines.length, 3);
  for (const epoch of [1, 2])
    assert.match(lines[epoch - 1]!, new RegExp(`^Epoch ${epoch}/2 - 3 steps - ${time} - ${figures} - ${validation}$`));
  assert.match(lines[2]!, new RegExp(`^Epoch 1/1 - 3 steps - ${time} - ${figures}$`));
});

test('errors come before anything is trained', async () => {
  const model = compiledToy();
  const before = weightsHash(model);
  for (const [options, sentence] of [
    [{ validationSplit: 1 }, "fit's validationSplit must be at least 0 and below 1, got 1"],
    [
      { validationSplit: 0.2, validationSplitMode: 'random' },
      "fit's validationSplitMode must be 'stratified' or 'tail', got \"random\"",
    ],
    [{ validationSplit: 0.2, validationData: [x, y] }, 'fit has validationData and validationSplit; leave one out'],
    [{ validationFreq: 2, epochs: 4 }, "fit's validationFreq needs validationData"],
    [{ initialEpoch: 5, epochs: 3 }, 'fit needs initialEpoch up to epochs, got 5 and 3'],
    [{ validationSplit: 0.99, validationSplitMode: 'tail' }, '43 examples are too few'],
    [{ validationFreq: 0 }, 'validationFreq must be a whole number of at least 1, got 0'],
    [{ gradientAccumulationSteps: 0.5 }, 'gradientAccumulationSteps must be a whole number of at least 1, got 0.5'],
    [{ stepsPerEpoch: 0 }, 'stepsPerEpoch must be a whole number of at least 1, got 0'],
    [{ verbose: 3 }, "fit's verbose must be 'auto', 0, 1 or 2, got 3"],
  ] as readonly (readonly [FitOptions, string])[]) {
    const error = (await model.fit(x, y, options).catch((error: Error) => error)) as Error;
    assert.ok(error.message?.includes(sentence), `${JSON.stringify(options).slice(0, 60)}: ${error.message}`);
  }
  assert.is(weightsHash(model), before);
});

test.run();
