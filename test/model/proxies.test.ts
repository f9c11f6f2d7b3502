// Models and data behind a Proxy, as reactive frameworks hand them out.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CompileOptions, type Model, type Tensor } from '../../src/index.js';
import { restoreOptimizer } from '../../src/model/restoreOptimizer.js';
import { background } from '../../src/node/threads/background.js';
import { compiledToy, toyExamples, toyModel, weightsHash } from './toy.js';

const { x, y } = toyExamples(40);

test('every public member of a model works through a Proxy', async () => {
  const model = new Proxy(toyModel(), {});
  model.compile(
    new Proxy({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 16 }, {}),
  );
  const plain = compiledToy();
  await model.fit(x, y);
  await plain.fit(x, y);
  assert.is(weightsHash(model), weightsHash(plain));
  assert.equal(await model.predict(x), await plain.predict(x));
  assert.equal(await model.evaluate(x, y), await plain.evaluate(x, y));
  assert.equal(await model.trainOnBatch(x, y), await plain.trainOnBatch(x, y));
  assert.equal(await model.gradients(x, y), await plain.gradients(x, y));
  assert.equal(model.save(), plain.save());
  model.setWeights(model.getWeights());
  restoreOptimizer(model, model.step, model.optimizerSlots);
  model.summary(() => {});
  assert.equal(
    [model.countParams(), model.threads, model.inputShape, model.outputShape],
    [plain.countParams(), plain.threads, plain.inputShape, plain.outputShape],
  );
});

test('Vue leaves a model as it is', () => {
  // What @vue/reactivity asks before it makes a proxy.
  assert.is((toyModel() as { __v_skip?: boolean }).__v_skip, true);
});

test('data behind proxies are trained on, in the background too', async () => {
  const expected = compiledToy();
  await expected.fit(x, y, { validationData: [x, y] });
  const data: [Tensor, number[]] = [
    new Proxy({ data: x.data, shape: new Proxy([...x.shape], {}) }, {}),
    new Proxy([...y], {}),
  ];
  for (const more of [{}, { background: background() }] as Partial<CompileOptions>[]) {
    const model: Model = toyModel();
    model.compile({
      optimizer: 'adam',
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
      batchSize: 16,
      ...more,
    });
    await model.fit(...data, { validationData: new Proxy(data, {}) });
    assert.is(weightsHash(model), weightsHash(expected));
  }
});

test.run();
