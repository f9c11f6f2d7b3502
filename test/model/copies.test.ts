// What a model hands out is the caller's to change: the model does not notice.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layers, sequential } from '../../src/index.js';
import { compiledToy, toyExamples, weightsHash } from './toy.js';

test("the shapes of getWeights() and gradients() are not the model's own", async () => {
  const [model, untouched] = [compiledToy(), compiledToy()];
  const { x, y } = toyExamples(16);
  for (const tensors of [model.getWeights(), await model.gradients(x, y)])
    for (const { shape } of tensors) (shape as number[]).fill(99);
  await untouched.gradients(x, y);
  assert.equal(
    model.getWeights().map(({ shape }) => shape),
    untouched.getWeights().map(({ shape }) => shape),
  );
  assert.is(Buffer.compare(model.save(), untouched.save()), 0);
  await model.fit(x, y);
  await untouched.fit(x, y);
  assert.is(weightsHash(model), weightsHash(untouched));
});

test("a layer's getConfig() is a copy", () => {
  for (const layer of [layers.conv2d({ filters: 2, kernelSize: 3 }), layers.maxPooling2d({ poolSize: 3 })]) {
    const config = layer.getConfig();
    const before = JSON.stringify(config);
    for (const value of Object.values(config)) if (Array.isArray(value)) value.fill(1);
    assert.is(JSON.stringify(layer.getConfig()), before);
    assert.equal(
      sequential({ inputShape: [7, 7, 1], layers: [layer] }).outputShape.slice(0, 2),
      layer.kind === 'conv2d' ? [5, 5] : [2, 2],
    );
  }
});

test.run();
