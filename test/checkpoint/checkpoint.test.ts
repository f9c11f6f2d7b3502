// A saved model is the model: weights, optimizer, counters; training goes on from it with the bits of never having stopped.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adam, layers, linearDecay, loadModel, sequential, WasmCnnError, type Sequential, type Tensor } from '../../src/index.js';
import { RandomStream } from '../../src/random.js';
import { readSafetensors, writeSafetensors } from '../../src/safetensors.js';

/** Every kind of layer, dropout among them: its masks depend on the step, which must be saved. */
function network(seed = 4): Sequential {
  const model = sequential({
    seed,
    name: 'every-kind',
    inputShape: [10, 9, 1],
    layers: [
      layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.maxPooling2d(),
      layers.conv2d({ filters: 5, kernelSize: [2, 3], strides: [1, 2], useBias: false, kernelInitializer: 'heUniform', name: 'named' }),
      layers.activation({ activation: 'tanh' }),
      layers.flatten(),
      layers.dropout({ rate: 0.25 }),
      layers.dense({ units: 6, activation: 'sigmoid' }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  const learningRate = linearDecay({ peak: 0.01, totalSteps: 20, warmupSteps: 3, end: 0.001 });
  model.compile({ optimizer: adam({ learningRate, beta1: 0.8, epsilon: 1e-6 }), loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 12 });
  return model;
}

const random = new RandomStream(11);
const x: Tensor<Float32Array> = { data: Float32Array.from({ length: 40 * 90 }, () => random.between(-1, 1)), shape: [40, 10, 9, 1] };
const y = Uint8Array.from({ length: 40 }, () => random.below(3));

function weightsOf(model: Sequential): number[][] {
  return model.getWeights().map(({ data }) => [...new Uint32Array(data.buffer)]);
}

function refuses(bytes: Uint8Array, sentence: string): void {
  try {
    loadModel(bytes, { name: 'it' });
    assert.unreachable('it was read');
  } catch (error) {
    assert.instance(error, WasmCnnError, String(error));
    assert.is((error as Error).message, sentence);
  }
}

test('saved, loaded and trained on gives the bits of never having stopped', async () => {
  const whole = network();
  await whole.fit(x, y, { epochs: 4 });
  const half = network();
  await half.fit(x, y, { epochs: 2 });
  const { model: resumed } = loadModel(half.save());
  assert.is(resumed.step, 8);
  await resumed.fit(x, y, { epochs: 4, initialEpoch: 2 });
  assert.equal(weightsOf(resumed), weightsOf(whole));
  assert.equal([...resumed.optimizerSlots.get('v')!], [...whole.optimizerSlots.get('v')!]);

  const [one, other] = [network(), network()];
  for (const model of [one, other]) await model.trainOnBatch({ data: x.data.subarray(0, 900), shape: [10, 10, 9, 1] }, y.subarray(0, 10));
  const { model: loaded } = loadModel(other.save());
  for (const model of [one, loaded]) await model.trainOnBatch({ data: x.data.subarray(900, 1800), shape: [10, 10, 9, 1] }, y.subarray(10, 20));
  assert.equal(weightsOf(loaded), weightsOf(one));
});

test('a model with its state forgotten does not give them: the test above can fail', async () => {
  const whole = network();
  await whole.fit(x, y, { epochs: 4 });
  const half = network();
  await half.fit(x, y, { epochs: 2 });
  const { model } = loadModel(half.save({ includeOptimizer: false }));
  assert.is(model.plan, null);
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'categoricalCrossentropy', batchSize: 12 });
  await model.fit(x, y, { epochs: 4, initialEpoch: 2 });
  assert.not.equal(weightsOf(model), weightsOf(whole));
});

test('everything that describes the model comes back, and facts with it', async () => {
  const model = network(2 ** 40 + 5);
  const { model: loaded, facts } = loadModel(model.save({ facts: { seed: 3, list: [1, null] } }));
  assert.equal([loaded.name, loaded.seed, loaded.inputShape, loaded.outputShape], ['every-kind', 2 ** 40 + 5, [10, 9, 1], [3]]);
  assert.equal(loaded.layers.map(({ name, layer }) => [name, layer.className, layer.getConfig()]), model.layers.map(({ name, layer }) => [name, layer.className, layer.getConfig()]));
  assert.equal(loaded.compiled!.optimizer.getConfig(), model.compiled!.optimizer.getConfig());
  assert.equal(facts, { seed: 3, list: [1, null] });
  assert.equal([...(await loaded.predict(x)).data], [...(await model.predict(x)).data]);
  assert.equal(loadModel(model.save()).facts, undefined);
  assert.equal([...loaded.save()], [...model.save()], 'saved again it is the same file');
});

test('a model that was never compiled can be saved and loaded', async () => {
  const model = sequential({ inputShape: [4], layers: [layers.dense({ units: 2 })] });
  const { model: loaded } = loadModel(model.save());
  assert.is(loaded.compiled, null);
  assert.equal(weightsOf(loaded), weightsOf(model));
});

test('files of other models and damaged descriptions are refused', () => {
  const file = readSafetensors(network().save(), 'it');
  const change = (key: string, value: string): Uint8Array => writeSafetensors({ ...file, metadata: new Map([...file.metadata, [key, value]]) });
  const model = JSON.parse(file.metadata.get('model')!);
  refuses(change('format', 'wasm-cnn 2'), "it: its format is \"wasm-cnn 2\", this version reads 'wasm-cnn 1'; it was not saved by wasm-cnn");
  refuses(change('model', '{'), "it: its metadata 'model' is missing or no JSON; it is damaged or was not saved by wasm-cnn");
  refuses(change('model', '{}'), "it: its description ('model') does not make a model: inputShape or layers is missing");
  refuses(change('model', JSON.stringify({ ...model, layers: [{ className: 'constructor', name: 'a', config: {} }] })), "it: its description ('model') does not make a model: there is no layer 'constructor'; there is Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D");
  refuses(change('model', JSON.stringify({ ...model, layers: [null] })), "it: its description ('model') does not make a model: a layer is no object with className, name and config");
  refuses(change('model', JSON.stringify({ ...model, inputShape: [1e9, 1e9, 1] })), "it: its description ('model') does not make a model: the input shape must be an array of whole numbers above 0, fewer than 1073741824 values in all, got [1000000000,1000000000,1]");
  refuses(change('model', JSON.stringify({ ...model, inputShape: [20000, 20000, 1] })), "it: its description ('model') does not make a model: conv2d makes [20000, 20000, 8] values of one example, and WebAssembly's memory holds fewer than 1073741824; make the input or the layer smaller");
  const huge = change('model', JSON.stringify({ ...model, inputShape: [9000, 9000, 1] }));
  refuses(huge, `it: its description needs 303547877 parameters, more than its ${huge.length} bytes hold; it is damaged`);
  refuses(change('compile', JSON.stringify({ ...JSON.parse(file.metadata.get('compile')!), step: -1 })), "it: its description ('compile') does not make a model: step must be a whole number of at least 0, got -1");
  refuses(change('compile', JSON.stringify({ ...JSON.parse(file.metadata.get('compile')!), loss: '__proto__' })), "it: its description ('compile') does not make a model: there is no loss '__proto__'; there is categoricalCrossentropy, sparseCategoricalCrossentropy");
  const tensors = new Map(file.tensors);
  tensors.delete('dense/kernel/m');
  refuses(writeSafetensors({ ...file, tensors }), "it: the tensor 'dense/kernel/m' is missing; it is a file of another model");
});

test.run();
