import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cloneModel, networks as known, type Model } from '../../src/index.js';
import { modelConfigOf } from '../../src/model/pack.js';
import { networks, toModel } from './networks.js';

const values = (model: Model): number[][] => model.getWeights().map(({ data }) => [...data]);

for (const network of networks) {
  test(`a clone of '${network.name}' is described as it is`, () => {
    const model = toModel(network, 7);
    assert.equal(modelConfigOf(cloneModel(model)), modelConfigOf(model));
  });
}

test('a clone has the first weights of its seed, and shares nothing with the model', () => {
  const model = known.resnet20({ seed: 3 });
  const first = values(model);
  const clone = cloneModel(model);
  model.setWeights(model.getWeights().map(({ data, shape }) => ({ data: data.map((value) => value + 1), shape })));
  assert.equal(values(clone), first);
  assert.equal(values(cloneModel(model)), first);
  const other = cloneModel(model, { seed: 4 });
  assert.is(other.seed, 4);
  assert.equal(values(other), values(known.resnet20({ seed: 4 })));
  assert.is.not(values(other)[0]![0], first[0]![0]);
});

test('a clone is not compiled, and takes no other option', () => {
  const [network] = networks;
  const model = toModel(network!, 1);
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  assert.is(cloneModel(model).compiled, null);
  assert.throws(
    () => cloneModel(model, { weights: true } as object),
    (error: Error) => error.message === "cloneModel has no option 'weights'; it has seed",
  );
});

test.run();
