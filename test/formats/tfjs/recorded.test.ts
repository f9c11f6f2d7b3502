// What tensorflowjs_converter makes of Keras 3, which TF.js itself does not load, and what TF.js saves: both predict here what they do there.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadTfjs, saveTfjs } from '../../../src/formats/tfjs/index.js';
import { filesOf, recordedBy, recordedInput } from './recorded.js';
import { predicted } from './tensorflow.js';

for (const by of ['converted', 'saved'] as const)
  for (const [name, recorded] of Object.entries(recordedBy(by)))
    test(`${by}: ${name}`, async () => {
      const { model, notes } = await loadTfjs(filesOf(recorded));
      assert.equal(notes, []);
      const found = (await predicted(model, recordedInput())).flatMap((values) => [...values]);
      assert.is(found.length, recorded.outputs.length);
      for (const [i, value] of found.entries())
        assert.ok(Math.abs(value - recorded.outputs[i]!) < 1e-5, `${i}: ${value}, ${recorded.outputs[i]}`);
      const { model: again } = await loadTfjs(saveTfjs(model));
      const same = (await predicted(again, recordedInput())).flatMap((values) => [...values]);
      for (const [i, value] of same.entries())
        assert.ok(Math.abs(value - found[i]!) < 1e-6, `${i}: ${value}, ${found[i]}`);
    });

test('they are of all kinds: shards that are cut, weights of 8 and 16 bits, a description of Keras 3', () => {
  const names = (by: 'converted' | 'saved'): string[] => Object.keys(recordedBy(by));
  assert.equal(names('converted'), ['chain', 'graph', 'chain, uint8', 'graph, float16']);
  assert.equal(names('saved'), ['chain', 'graph', 'chain, uint8', 'chain, uint16', 'graph, float16']);
  const files = filesOf(recordedBy('converted')['chain']!);
  assert.ok(Object.keys(files).length > 2);
  assert.match(Buffer.from(files['model.json']!).toString(), '"batch_shape"');
});

test.run();
