// The learning-rate finder trains as fit() would, on a copy, and leaves no trace.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cloneModel, findLearningRate, layers, sequential, type Model } from '../../src/index.js';
import { takeExamples } from '../../src/data/dataset.js';
import { RandomStream } from '../../src/base/random.js';
import { exponentialDecay } from '../../src/schedules/exponentialDecay.js';
import { epochOrder } from '../../src/training/batches.js';
import { compiledToy, toyExamples, toyModel, weightsHash } from '../model/toy.js';

const { x, y } = toyExamples(200);

const stateOf = (model: Model): unknown => [weightsHash(model), model.step, [...model.optimizerSlots], model.fitState];

test('the losses are bit-identical to those of steps at these rates', async () => {
  const model = compiledToy();
  const { learningRates, losses, smoothed } = await findLearningRate(model, x, y, {
    ...{ minLearningRate: 1e-4, maxLearningRate: 1e-1, steps: 30 },
  });
  assert.is(losses.length, 30);
  assert.is(smoothed.length, 30);
  assert.is(learningRates[0], 1e-4);
  assert.ok(Math.abs(learningRates[29]! - 0.1) < 1e-12);
  for (let i = 1; i < 30; i++) assert.ok(Math.abs(learningRates[i]! / learningRates[i - 1]! - 1000 ** (1 / 29)) < 1e-9);

  const again = cloneModel(model);
  const schedule = exponentialDecay({ initialLearningRate: 1e-4, decaySteps: 29, decayRate: 1000 });
  again.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 16 });
  for (let step = 0; step < 30; step++) {
    const order = epochOrder(200, model.seed, Math.floor(step / 12), true);
    const start = (step % 12) * 16;
    const batch = takeExamples({ x, y }, order.slice(start, start + 16));
    again.learningRate = schedule.at(step + 1);
    const { loss } = await again.trainOnBatch(batch.x, batch.y);
    assert.is(loss, losses[step], `step ${step}`);
  }
});

test('the model is as it was, whatever was done with it before, and continues as if nothing had happened', async () => {
  const [model, other] = [compiledToy(), compiledToy()];
  for (const each of [model, other]) await each.fit(x, y, { epochs: 1 });
  const before = stateOf(model);
  const bytes = model.save();
  const found = await findLearningRate(model, x, y, { steps: 20, batchSize: 64 });
  assert.equal(stateOf(model), before);
  assert.equal(model.save(), bytes);
  assert.equal(await findLearningRate(model, x, y, { steps: 20, batchSize: 64 }), found);
  for (const each of [model, other]) await each.fit(x, y, { epochs: 1 });
  assert.is(weightsHash(model), weightsHash(other));
});

test('the suggestion lies where the loss falls, below the lowest; an exploding loss ends the search', async () => {
  const { suggestion, lowest, learningRates, losses, smoothed } = await findLearningRate(compiledToy(), x, y);
  assert.ok(suggestion! > learningRates[0]! && suggestion! < lowest);
  assert.is(smoothed[learningRates.indexOf(lowest)], Math.min(...smoothed));
  const at = learningRates.indexOf(suggestion!);
  assert.ok(smoothed[at - 1]! > smoothed[at + 1]!);
  assert.ok(losses.every(Number.isFinite));

  const unstable = sequential({
    inputShape: [6, 6, 1],
    layers: [layers.flatten(), layers.dense({ units: 20 }), layers.dense({ units: 1 })],
  });
  unstable.compile({ optimizer: 'sgd', loss: 'meanSquaredError', batchSize: 16 });
  const target = { data: Float32Array.from(y), shape: [200, 1] };
  const exploded = await findLearningRate(unstable, x, target, { maxLearningRate: 1e6 });
  assert.ok(exploded.learningRates.length < 100 && exploded.learningRates.length > 10);
  assert.ok(exploded.lowest < 10);
});

test('if the loss does not fall nothing is suggested', async () => {
  const flat = { data: new Float32Array(40 * 36), shape: [40, 6, 6, 1] };
  const { suggestion, learningRates } = await findLearningRate(compiledToy(), flat, new Uint8Array(40), {
    steps: 10,
    minLearningRate: 1e-30,
    maxLearningRate: 1e-29,
  });
  assert.is(suggestion, null);
  assert.is(learningRates.length, 10);
});

test('what does not fit gets one sentence', async () => {
  const refuses = async (sentence: RegExp, ...given: unknown[]): Promise<void> => {
    try {
      await (findLearningRate as (...given: unknown[]) => Promise<unknown>)(...given);
      assert.unreachable(String(sentence));
    } catch (error) {
      assert.match((error as Error).message, sentence);
    }
  };
  const model = compiledToy();
  await refuses(/^the model is not compiled; call compile/, toyModel(), x, y);
  await refuses(/^findLearningRate needs a model first/, x, y);
  await refuses(
    /^findLearningRate's maxLearningRate must be a number above its minLearningRate, 0\.1, got 0\.01$/,
    model,
    x,
    y,
    { minLearningRate: 0.1, maxLearningRate: 0.01 },
  );
  await refuses(/^findLearningRate's minLearningRate must be a number above 0, got 0$/, model, x, y, {
    minLearningRate: 0,
  });
  await refuses(/^findLearningRate's steps must be a whole number of at least 10, got 3$/, model, x, y, { steps: 3 });
  await refuses(/^findLearningRate has no option 'numSteps'/, model, x, y, { numSteps: 3 });
  await refuses(/^findLearningRate's stopFactor must be a number above 1, got 1$/, model, x, y, { stopFactor: 1 });
  await refuses(/findLearningRate/, model, x, [0, 1]);
  const data = Float32Array.from(x.data);
  data[0] = NaN;
  await refuses(/^findLearningRate's x holds NaN in example 0; leave/, model, { ...x, data }, y);
});

test('of labels that have nothing to do with the images no rate is suggested, although the loss wavers', async () => {
  const random = new RandomStream(2);
  const noise = { data: Uint8Array.from({ length: 200 * 36 }, () => random.below(256)), shape: [200, 6, 6, 1] };
  const labels = Uint8Array.from({ length: 200 }, () => random.below(4));
  const model = compiledToy();
  const found = await findLearningRate(model, noise, labels, { maxLearningRate: 1e-3 });
  assert.ok(new Set(found.smoothed).size > 50);
  assert.is(found.suggestion, null);
});

test.run();
