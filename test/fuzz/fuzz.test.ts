// A little of what npm run fuzz does at length: the same files each time. And that the loop sees a reader that errs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WasmCnnError } from '../../src/base/errors.js';
import { RandomStream } from '../../src/base/random.js';
import * as classes from '../../src/layers/classes.js';
import { Decisions } from './decisions.js';
import { fuzz } from './fuzz.js';
import { randomGraph } from './randomGraph.js';
import { activations } from './randomLayers.js';
import { lossKinds } from './randomLoss.js';
import { checkRefusal, outcome } from './target.js';
import type { Reader } from './targets.js';

const inputs: Record<Reader, number> = {
  idx: 6000,
  gzip: 1600,
  cifar: 1000,
  npy: 3000,
  npz: 1600,
  csv: 1600,
  parquet: 1600,
  png: 3000,
  jpeg: 800,
  webp: 800,
  gif: 800,
  bmp: 800,
  safetensors: 5000,
  hdf5: 1600,
  keras: 600,
  tfjs: 2000,
  model: 200,
  classifier: 6000,
  onnx: 1500,
  stateDict: 2000,
  graphs: 64,
};

for (const [reader, count] of Object.entries(inputs) as [Reader, number][]) {
  test(`${reader}: read correctly, or refused in one sentence`, async () => {
    const { files } = await fuzz(reader, count, 1);
    assert.is(files.read + files.refused, count);
    // Both ways are taken: neither garbage alone nor sound files alone.
    const refused = reader === 'graphs' ? 0 : count / 10;
    assert.ok(files.read > count / 10 && files.refused > refused, JSON.stringify(files));
  });
}

test('random models have layers, activations and losses of every kind', () => {
  const random = new RandomStream(1);
  const seen = { layers: new Set<string>(), activations: new Set<string>(), losses: new Set<string>() };
  for (let i = 0; i < 600; i++) {
    const made = randomGraph(new Decisions(Uint8Array.from({ length: 250 }, () => random.below(256))));
    for (const { layer } of made.model.topology.layers) {
      seen.layers.add(layer.className);
      const { activation } = layer.getConfig();
      if (layer.className !== 'Activation' && typeof activation === 'string') seen.activations.add(activation);
    }
    for (const each of made.losses) if (each) seen.losses.add(each.loss.name);
  }
  const sorted = (names: Iterable<string>): string[] => [...names].sort();
  assert.equal(sorted(seen.layers), sorted(Object.keys(classes)));
  assert.equal(sorted(seen.activations), sorted(['linear', 'relu', ...Object.keys(activations)]));
  assert.equal(sorted(seen.losses), sorted(Object.keys(lossKinds)));
});

test('a refusal is a sentence about the file, and nothing else', () => {
  assert.is(
    outcome(() => 1),
    1,
  );
  assert.is(
    outcome(() => {
      throw new WasmCnnError('the-file: is empty; fetch it again');
    }),
    undefined,
  );
  for (const error of [
    new RangeError('the-file'),
    'the-file',
    Object.assign(new WasmCnnError('x'), { message: 'the-file: \u001b' }),
    new WasmCnnError('is empty'),
  ]) {
    let thrown: unknown;
    try {
      checkRefusal(error);
    } catch (reason) {
      thrown = reason;
    }
    assert.ok(thrown, String(error));
  }
});

test('decisions end in zeros', () => {
  const decisions = new Decisions(Uint8Array.of(7, 1, 2, 3));
  assert.equal(
    [
      decisions.below(4),
      decisions.below(300),
      [...decisions.bytes(5)],
      decisions.byte(),
      decisions.rarely(1),
      decisions.rarely(2),
    ],
    [3, 258, [3], 0, true, false],
  );
});

test.run();
