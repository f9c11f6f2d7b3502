// wasm-cnn/predict as it is built: every layer loads there, and predicts the bits of the full library.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { sizeOf } from '../../src/base/shape.js';
import { loadModel, layers, networks as known, sequential, WasmCnnError, type Model } from '../../src/index.js';
import type * as Predict from '../../src/predict/index.js';
import { networks, toModel } from '../model/networks.js';

const predict = (await import(new URL('../../predict/index.js', import.meta.url).href)) as typeof Predict;

async function compare(model: Model, count: number, name: string): Promise<void> {
  const random = new RandomStream(5);
  const bytes = model.save();
  const loaded = await predict.loadModel(bytes);
  const { inputShape } = model;
  assert.equal([loaded.model.inputShape, loaded.model.outputShape], [inputShape, model.outputShape], name);
  const bytesOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => random.below(256));
  const floatsOf = (size: number): Float32Array => Float32Array.from({ length: size }, () => random.below(1000) / 1000);
  for (const dataOf of [bytesOf, floatsOf]) {
    const xs = model.topology.inputs.map(({ shape }) => ({
      data: dataOf(count * sizeOf(shape)),
      shape: [count, ...shape],
    }));
    assert.equal(await loaded.model.predict(xs), await loadModel(bytes).model.predict(xs), name);
  }
}

test('every network of the tests', async () => {
  for (const network of networks) for (const count of [1, 35]) await compare(toModel(network, 3), count, network.name);
});

for (const name of ['reference', 'resnet20', 'mobileNetV2'] as const)
  test(name, async () => {
    assert.ok(name in known, Object.keys(known).join());
    for (const count of [1, 2]) await compare(known[name](), count, name);
  });

test('a trained model, with its optimizer, and what was saved with it', async () => {
  const model = sequential({
    inputShape: [6, 6, 2],
    layers: [layers.flatten(), layers.dense({ units: 3, activation: 'softmax' })],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const x = { data: Float32Array.from({ length: 288 }, (_, i) => (i % 7) / 7), shape: [4, 6, 6, 2] };
  await model.fit(x, [0, 1, 2, 0], { epochs: 2 });
  const { model: loaded, facts } = await predict.loadModel(
    new Response(model.save({ facts: { classes: ['a', 'b', 'c'] } })),
  );
  assert.equal(facts, { classes: ['a', 'b', 'c'] });
  assert.equal(await loaded.predict(x), await model.predict(x));
});

async function sentence(act: () => Promise<unknown>): Promise<string> {
  return act().then(
    () => 'taken',
    (error: Error) => {
      assert.is(error.name, 'WasmCnnError');
      return error.message;
    },
  );
}

test('foreign files, and inputs of another shape, get a sentence', async () => {
  assert.ok(WasmCnnError);
  const model = sequential({ inputShape: [4], layers: [layers.dense({ units: 2 })] });
  assert.match(await sentence(() => predict.loadModel(Uint8Array.of(0x1f, 0x8b, 8, 0))), /compressed with gzip/);
  assert.match(await sentence(() => predict.loadModel(model.save().slice(0, 100))), /^the model file: /);
  const loaded = (await predict.loadModel(model.save())).model;
  assert.is(
    await sentence(() => loaded.predict({ data: new Float32Array(6), shape: [2, 3] })),
    'predict needs x [n, 4], got [2, 3]',
  );
  assert.match(await sentence(() => predict.loadModel(model.save(), { numerics: 'fused' } as object)), /numerics/);
});

test.run();
