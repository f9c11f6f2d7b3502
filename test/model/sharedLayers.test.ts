// What models that share layers ask of each other. That they have the same weights: functional.test.ts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layers, sequential } from '../../src/index.js';
import type { Layer } from '../../src/layers/layer.js';
import { SharedLayers, type Holder } from '../../src/model/sharedLayers.js';

test('a model with many layers is read once for all of them, and again only after a change', () => {
  let reads = 0;
  const holder = { version: '1', fitting: false, yields: false };
  const own: Holder = {
    ...holder,
    read: () => {
      reads++;
      return () => [Float32Array.of(reads)];
    },
  };
  const placed = Array.from({ length: 5 }, () => ({ layer: layers.dense({ units: 1 }) }));
  new SharedLayers(own).share(placed);
  const other = new SharedLayers({ ...holder, read: () => () => [] });
  other.share(placed);
  const taken = new Map<Layer, number>();
  const update = (): void => other.update((layer, [values]) => taken.set(layer, values![0]!));
  update();
  update();
  assert.equal([reads, ...taken.values()], [1, 1, 1, 1, 1, 1]);
  (own as { version: string }).version = '2';
  update();
  assert.equal([reads, ...taken.values()], [2, 2, 2, 2, 2, 2]);
});

test('a stack of the layers of another one has its weights, and learns with it', async () => {
  const x = { data: Float32Array.of(0, 1, 1, 0), shape: [2, 2] };
  const y = { data: Float32Array.of(1, 0), shape: [2, 1] };
  const options = { optimizer: 'sgd', loss: 'meanSquaredError' } as const;
  const base = sequential({
    inputShape: [2],
    seed: 1,
    layers: [layers.dense({ units: 3 }), layers.dense({ units: 1 })],
  });
  base.compile(options);
  await base.fit(x, y, { epochs: 2, verbose: 0 });
  const own = base.layers.map(({ layer }) => layer);
  const again = sequential({ inputShape: [2], seed: 2, layers: own });
  assert.equal(again.getWeights(), base.getWeights());
  assert.equal((await again.predict(x)).data, (await base.predict(x)).data);
  again.compile(options);
  await again.fit(x, y, { epochs: 1, verbose: 0 });
  assert.equal(base.getWeights(), again.getWeights());
  const before = base.getWeights();
  const longer = sequential({ inputShape: [2], seed: 3, layers: [own[0]!, layers.dense({ units: 4 })] });
  longer.compile(options);
  assert.equal(longer.getWeights().slice(0, 2), before.slice(0, 2));
});

test.run();
