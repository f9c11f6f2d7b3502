// Files written by earlier versions load, predict bit-identically, and resume to the same weights as in those versions.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as library from '../../src/index.js';
import { bitsOf, factsOf, fit, furtherEpoch, kinds, type Expected } from './samples.js';

const { loadModel } = library;
// From build/test/formats/ back to the sources.
const samples = new URL('../../../test/formats/samples/', import.meta.url);
const folders = readdirSync(samples, { withFileTypes: true }).filter((entry) => entry.isDirectory());

for (const { name: folder } of folders) {
  const read = (name: string): Buffer => readFileSync(new URL(`${folder}/${name}`, samples));
  const { writtenBy, files } = JSON.parse(String(read('expected.json'))) as Expected;
  for (const [file, { kind, loaded, ended }] of Object.entries(files)) {
    test(`${folder}/${file}, of ${writtenBy}`, async () => {
      const bytes = read(`${file}.safetensors`);
      const { model, facts } = loadModel(bytes);
      assert.equal(await bitsOf(model), loaded);
      assert.equal(facts, factsOf[file.replace(kind, '')]);
      assert.is(model.compiled !== null, ended !== undefined);
      const savedAgain = model.save({ facts });
      assert.equal(await bitsOf(loadModel(savedAgain).model), loaded, 'saved again');
      if (!ended) return;
      const options = file.endsWith('Checkpoint') ? { resume: true } : furtherEpoch;
      for (const each of [bytes, savedAgain]) {
        const { model: goingOn } = loadModel(each);
        const { epoch, history } = await fit(library, goingOn, kinds[kind]!, options);
        assert.equal({ ...(await bitsOf(goingOn)), history: { epoch, history } }, ended);
      }
    });
  }
}

test.run();
