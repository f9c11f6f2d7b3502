// The data of a run are hashed when they are opened, and stand for themselves in its checkpoints.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, modelCheckpoint, networks } from '../../../src/index.js';
import { splitRunData } from '../../../src/node/cli/runData.js';
import { fitRun, makeModel, weightsSha256 } from '../../../src/node/cli/training.js';
import { formOf, openDataset } from '../../../src/node/dataset/openDataset.js';
import { runDataSha256, type RunSettings } from '../../../src/recipes/index.js';

const settings: RunSettings = {
  epochs: 2,
  batchSize: 32,
  learningRate: 0.007,
  seed: 1,
  numerics: 'exact',
  earlyStopping: null,
};
const dataset = await openDataset({ data: 'builtin', builtin: { trainCount: 72, testCount: 10 } });
const form = formOf(dataset);
const data = splitRunData(dataset, settings);

test('a checkpoint has what the recipe makes of the hash of the data set; one with a hash of its own resumes as well', async () => {
  const ends: string[] = [];
  for (const hashed of [false, true]) {
    const checkpoints: Uint8Array[] = [];
    const keep = modelCheckpoint({ save: (bytes) => void checkpoints.push(bytes) });
    const model = await makeModel(networks.reference, settings, { ...form, shape: data.train.x.shape }, 1);
    if (hashed) {
      const { train, validation } = data;
      const validationData = [validation!.x, validation!.y] as const;
      await model.fit(train.x, train.y, { epochs: settings.epochs, validationData, callbacks: keep });
    } else await fitRun(model, data, settings, [keep], false);
    const { model: loaded } = loadModel(checkpoints[1]!);
    const expected = await runDataSha256(dataset.sha256, settings.seed);
    assert.is(loaded.fitState!().dataSha256 === expected, !hashed);
    await fitRun(loaded, data, settings, [], true);
    ends.push(weightsSha256(model), weightsSha256(loaded));
  }
  assert.is(new Set(ends).size, 1);
});

test.run();
