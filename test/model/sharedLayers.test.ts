// What models that share layers ask of each other. That they have the same weights: functional.test.ts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layers } from '../../src/index.js';
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

test.run();
