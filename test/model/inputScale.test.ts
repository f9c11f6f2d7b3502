// Inputs on another scale than training's, or on none: one warning a model, with the cure.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/digits/digits.js';
import { layers, loadModel, sequential, type Model, type Tensor } from '../../src/index.js';
import { warnings } from './warnings.js';

const { train } = builtinDigits({ trainCount: 200, testCount: 1 });
const bytes = train.x.data;
const floats = (f: (value: number) => number): Tensor => ({ data: Float32Array.from(bytes, f), shape: train.x.shape });
const asBytes = (f: (value: number) => number): Tensor => ({ data: Uint8Array.from(bytes, f), shape: train.x.shape });

function compiled(): Model {
  const model = sequential({
    inputShape: [28, 28, 1],
    seed: 1,
    layers: [layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  return model;
}

const right: Record<string, Tensor> = {
  bytes: train.x,
  'value / 255': floats((value) => value / 255),
  '-1 to 1': floats((value) => value / 127.5 - 1),
  standardised: floats((value) => (value / 255 - 0.13) / 0.31),
};
for (const [what, x] of Object.entries(right)) {
  test(`${what}: nothing is said, of one example either, nor of a blank picture`, async () => {
    const model = compiled();
    const one = { data: x.data.slice(0, 784), shape: [1, 28, 28, 1] } as Tensor;
    const blank = { data: one.data.slice().fill(0), shape: one.shape } as Tensor;
    assert.equal(
      await warnings(async () => {
        await model.fit(x, train.y, { validationData: [x, train.y] });
        await model.predict(x);
        await model.predict(one);
        await model.predict(blank);
      }),
      [],
    );
  });
}

test('training on float pixels up to 255, or on bytes of 0 and 1, warns once', async () => {
  const model = compiled();
  const told = await warnings(async () => {
    await model.fit(
      floats((value) => value),
      train.y,
      {},
    );
    await model.fit(
      floats((value) => value),
      train.y,
      {},
    );
  });
  assert.equal(told, [
    "wasm-cnn: fit's x reaches 255, and networks learn best from values of about 0 to 1; give pixels as a Uint8Array, or divide them by 255",
  ]);
  assert.equal(
    await warnings(() =>
      compiled().fit(
        asBytes((value) => (value > 127 ? 1 : 0)),
        train.y,
      ),
    ),
    [
      "wasm-cnn: fit's x has bytes of at most 1, and bytes are pixels that become value / 255, here at most 0.00392; multiply them by 255, or give a Float32Array",
    ],
  );
});

test('each kind of doubt is told once: after a warning of fit, predictions on another scale still warn', async () => {
  const model = compiled();
  const raw = floats((value) => value);
  const told = await warnings(async () => {
    await model.fit(raw, train.y);
    for (let i = 0; i < 2; i++) await model.predict(train.x);
  });
  assert.is(told.length, 2);
  assert.match(
    told[1]!,
    /^wasm-cnn: predict's x has values from 0 to 1, and the model was trained on values from 0 to 255;/,
  );
});

test('predicting, evaluating or validating on another scale than in training warns, also for a loaded model', async () => {
  const trained = compiled();
  await trained.fit(train.x, train.y);
  const file = trained.save();
  const scaled =
    'and the model was trained on values from 0 to 1; scale them in the same way (bytes become value / 255, a Float32Array is taken as it is)';
  const inverted =
    /^wasm-cnn: predict's x has a mean of 0\.\d+, and the model was trained on values from 0 to 1 with a mean of 0\.\d+: it looks inverted; subtract it from 1 \(bytes: from 255\)$/;
  const loaded = (): Model => loadModel(file).model;
  assert.equal(await warnings(() => loaded().predict(floats((value) => value))), [
    `wasm-cnn: predict's x has values from 0 to 255, ${scaled}`,
  ]);
  assert.equal(
    await warnings(() =>
      loaded().evaluate(
        asBytes((value) => (value > 127 ? 1 : 0)),
        train.y,
      ),
    ),
    [`wasm-cnn: evaluate's x has values from 0 to 0.00392, ${scaled}`],
  );
  for (const x of [asBytes((value) => 255 - value), floats((value) => 1 - value / 255)]) {
    const told = await warnings(async () => {
      const model = loaded();
      await model.predict(x);
      await model.predict(x);
    });
    assert.is(told.length, 1);
    assert.match(told[0]!, inverted);
  }
  const one = { data: asBytes((value) => 255 - value).data.slice(0, 784), shape: [1, 28, 28, 1] } as Tensor;
  assert.match((await warnings(() => loaded().predict(one)))[0]!, inverted);
  assert.match(
    (
      await warnings(() => compiled().fit(train.x, train.y, { validationData: [floats((value) => value), train.y] }))
    )[0]!,
    /^wasm-cnn: fit's validationData has values from 0 to 255, /,
  );
});

test("a canvas' clamped bytes are bytes", async () => {
  const [model, clamped] = [compiled(), compiled()];
  const x: Tensor = { data: Uint8ClampedArray.from(bytes), shape: train.x.shape };
  await model.fit(train.x, train.y, { epochs: 2 });
  await clamped.fit(x, train.y, { epochs: 2 });
  assert.equal(clamped.getWeights(), model.getWeights());
  assert.equal(await clamped.predict(x), await model.predict(train.x));
});

test.run();
