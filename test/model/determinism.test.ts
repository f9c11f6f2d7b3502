// The same bits: for a seed, however the work is cut, on either build, for either form of input and labels.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layers, loadModel, sequential, type Model, type Tensor } from '../../src/index.js';
import { workers } from '../../src/node/threads/workers.js';
import { buildNames, readBuild } from '../assembly/guardedMemory.js';
import { classes, compiledToy, toyExamples, toyModel, weightsHash } from './toy.js';

const { x, y } = toyExamples(40);
const floats: Tensor<Float32Array> = { data: Float32Array.from(x.data, (byte) => byte / 255), shape: x.shape };
const epochs = 3;

function bits(values: Float32Array): string {
  return [...new Uint32Array(values.slice().buffer)].join(' ');
}

async function trained(seed: number, prepare: (model: Model) => void = () => {}): Promise<Model> {
  const model = toyModel(seed);
  prepare(model);
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 16 });
  await model.fit(x, y, { epochs });
  return model;
}

test('a seed gives the same weights on both builds, another seed others', async () => {
  const first = weightsHash(await trained(1));
  assert.is(weightsHash(await trained(1)), first);
  for (const build of buildNames)
    assert.is(
      weightsHash(
        await trained(1, (model) => {
          model.wasm = readBuild(build);
        }),
      ),
      first,
      build,
    );
  assert.is.not(weightsHash(await trained(2)), first);
});

test('any number of threads is bit-identical', async () => {
  const run = async (threads: number): Promise<unknown> => {
    const model = toyModel();
    model.compile({
      optimizer: 'adam',
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
      batchSize: 16,
      workers: workers(threads),
    });
    const { history } = await model.fit(x, y, { epochs });
    return [history, weightsHash(model), bits((await model.predict(x)).data)];
  };
  const one = await run(1);
  for (const threads of [2, 3]) assert.equal(await run(threads), one, `${threads} threads`);
});

test("fit's seed is another order and other dropout, from the same first weights", async () => {
  const run = async (options: object): Promise<string> => {
    const model = compiledToy();
    await model.fit(x, y, options);
    return weightsHash(model);
  };
  assert.is(await run({}), await run({ seed: 1 }));
  assert.is.not(await run({ seed: 2 }), await run({ seed: 1 }));
  assert.is.not(await run({ seed: 2, shuffle: false }), await run({ seed: 1, shuffle: false }), 'dropout alone');
});

test('without shuffling and dropout, the seed of fit changes nothing', async () => {
  const run = async (seed: number, shuffle: boolean): Promise<string> => {
    const model = sequential({
      inputShape: [6, 6, 1],
      layers: [layers.flatten(), layers.dense({ units: classes, activation: 'softmax' })],
    });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 16 });
    await model.fit(x, y, { seed, shuffle });
    return weightsHash(model);
  };
  assert.is(await run(1, false), await run(2, false));
  assert.is.not(await run(1, true), await run(2, true));
});

test('epochs in two calls are the same as in one', async () => {
  const model = compiledToy();
  await model.fit(x, y, { epochs: 1 });
  await model.fit(x, y, { epochs, initialEpoch: 1 });
  assert.is(weightsHash(model), weightsHash(await trained(1)));
});

test('another batch size plans again and keeps weights, optimizer and step', async () => {
  const [model, other] = [compiledToy(16), compiledToy(16)];
  for (const each of [model, other]) await each.fit(x, y);
  const slots = (): string[] => [...model.optimizerSlots.values()].map(bits);
  const before = { weights: weightsHash(model), slots: slots(), step: model.step };
  // Epoch 1 of 1 is over: this plans and trains nothing.
  await model.fit(x, y, { batchSize: 5, epochs: 1, initialEpoch: 1 });
  assert.is(model.plan!.batchSize, 5);
  assert.equal({ weights: weightsHash(model), slots: slots(), step: model.step }, before);
  await model.fit(x, y, { batchSize: 16, epochs: 2, initialEpoch: 1 });
  await other.fit(x, y, { epochs: 2, initialEpoch: 1 });
  assert.is(weightsHash(model), weightsHash(other));
});

test('a batch larger than planned plans again, too', async () => {
  const [small, large] = [compiledToy(4), compiledToy(40)];
  for (const model of [small, large]) await model.trainOnBatch(x, y);
  assert.is(small.plan!.batchSize, 40);
  assert.is(weightsHash(small), weightsHash(large));
});

test('predict and evaluate are bit-identical in batches of any size', async () => {
  const weights = (await trained(1)).getWeights();
  const results = await Promise.all(
    [1, 3, 16, 17, 40, 64].map(async (batchSize) => {
      const model = compiledToy(batchSize);
      model.setWeights(weights);
      return { outputs: bits((await model.predict(x)).data), logs: await model.evaluate(x, y) };
    }),
  );
  for (const result of results) assert.equal(result, results[0]);
});

test('evaluate sums losses of very different sizes alike in batches of any size', async () => {
  // ln(1 + e^x) from 2e-9 to 20: more digits than an f64 holds, so the order of the sum shows.
  const values = Float32Array.from({ length: 1000 }, (_, i) => ((i * 37) % 200) / 5 - 20);
  const losses = await Promise.all(
    [1, 7, 16, 1000].map(async (batchSize) => {
      const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 2, activation: 'softmax' })] });
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize });
      model.setWeights([
        { data: Float32Array.of(0, 1), shape: [1, 2] },
        { data: new Float32Array(2), shape: [2] },
      ]);
      return (await model.evaluate({ data: values, shape: [1000, 1] }, new Uint8Array(1000))).loss;
    }),
  );
  for (const loss of losses) assert.is(loss, losses[0]);
});

test('a prediction does not depend on what else is in the batch', async () => {
  const model = await trained(1);
  const all = (await model.predict(x)).data;
  for (const example of [0, 5, 15, 16, 31, 39]) {
    const alone = await model.predict({ data: x.data.subarray(36 * example, 36 * (example + 1)), shape: [1, 6, 6, 1] });
    assert.is(bits(alone.data), bits(all.subarray(example * classes, (example + 1) * classes)), `example ${example}`);
    // Neighbors full of NaN.
    const among: Tensor = { data: new Float32Array(3 * 36).fill(NaN), shape: [3, 6, 6, 1] };
    (among.data as Float32Array).set(floats.data.subarray(36 * example, 36 * (example + 1)), 36);
    const { data } = (await model.training().predict([among], 3))[0]!;
    assert.is(bits(data.subarray(classes, 2 * classes)), bits(alone.data), `example ${example} among NaN`);
  }
});

test('one-hot labels are class indices, in every form', async () => {
  const rows = Float32Array.from({ length: 40 * classes }, (_, i) =>
    y[Math.floor(i / classes)] === i % classes ? 1 : 0,
  );
  const forms = [
    y,
    [...y],
    Int32Array.from(y),
    { data: y, shape: [40] },
    { data: rows, shape: [40, classes] },
    { data: Uint8Array.from(rows), shape: [40, classes] },
  ];
  const hashes = await Promise.all(
    forms.map(async (labels) => {
      const model = compiledToy();
      await model.fit(x, labels);
      return weightsHash(model);
    }),
  );
  for (const hash of hashes) assert.is(hash, hashes[0]);
});

test('bytes are f32 numbers of value / 255, in fit, evaluate and predict, also in turn', async () => {
  const [bytes, numbers, mixed] = [compiledToy(), compiledToy(), compiledToy()];
  await bytes.fit(x, y, { epochs: 2 });
  await numbers.fit(floats, y, { epochs: 2 });
  await mixed.fit(x, y, { epochs: 1 });
  await mixed.fit(floats, y, { epochs: 2, initialEpoch: 1 });
  assert.is(weightsHash(numbers), weightsHash(bytes));
  assert.is(weightsHash(mixed), weightsHash(bytes));
  assert.equal(await numbers.evaluate(x, y), await bytes.evaluate(floats, y));
  assert.is(bits((await numbers.predict(x)).data), bits((await numbers.predict(floats)).data));
});

test('predict works without compile, and compile changes no bit of it', async () => {
  const model = toyModel();
  const { data, shape } = await model.predict(x);
  assert.equal(shape, [40, classes]);
  const before = weightsHash(model);
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  assert.is(weightsHash(model), before);
  assert.is(bits((await model.predict(x)).data), bits(data));
  assert.equal(await model.predict({ data: new Uint8Array(0), shape: [0, 6, 6, 1] }), {
    data: new Float32Array(0),
    shape: [0, classes],
  });
});

test('weights survive the round trip, are copies, and take effect at once', async () => {
  const [from, to] = [await trained(1), toyModel(9)];
  const weights = from.getWeights();
  assert.equal(
    weights.map(({ shape }) => shape),
    [[3, 3, 1, 4], [4], [16, 12], [12], [12, classes], [classes]],
  );
  to.setWeights(weights);
  assert.is(weightsHash(to), weightsHash(from));
  const expected = bits((await from.predict(x)).data);
  assert.is(bits((await to.predict(x)).data), expected);
  // After the engine is there, too: the panels that kernels read are made anew.
  to.setWeights(toyModel(3).getWeights());
  to.setWeights(weights);
  assert.is(bits((await to.predict(x)).data), expected);
  weights[0]!.data.fill(NaN);
  assert.is(weightsHash(from), weightsHash(to));
});

test('saving, loading and training further is bit-identical to never having stopped', async () => {
  const model = compiledToy();
  await model.fit(x, y, { epochs: 1 });
  const { model: loaded } = loadModel(model.save());
  for (const each of [model, loaded]) await each.fit(x, y, { epochs, initialEpoch: 1 });
  assert.is(weightsHash(loaded), weightsHash(await trained(1)));
  assert.is(weightsHash(model), weightsHash(loaded));
});

test('gradients change nothing, and return the same twice', async () => {
  const model = await trained(1);
  const before = { weights: weightsHash(model), step: model.step };
  const first = (await model.gradients(x, y)).map(({ data }) => bits(data));
  assert.equal(
    (await model.gradients(x, y)).map(({ data }) => bits(data)),
    first,
  );
  assert.equal({ weights: weightsHash(model), step: model.step }, before);
});

test('compile resets the optimizer and keeps the weights', async () => {
  const model = await trained(1);
  const before = weightsHash(model);
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 16 });
  assert.equal([weightsHash(model), model.step], [before, 0]);
  for (const slot of model.optimizerSlots.values()) assert.ok(slot.every((value) => value === 0));
});

test.run();
