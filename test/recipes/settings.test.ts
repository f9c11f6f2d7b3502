// The settings that a checkpoint's facts hold: only those of its fit are gone on with.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FitState } from '../../src/index.js';
import { areSettingsOf } from '../../src/recipes/settings.js';

test('invalid settings, or those of another fit', () => {
  const fit = { epochs: 3, batchSize: 64, seed: 1, numerics: 'exact' } as FitState;
  const settings = { epochs: 3, batchSize: 64, seed: 1, numerics: 'exact', learningRate: 0.01, earlyStopping: null };
  assert.ok(areSettingsOf(settings, fit));
  for (const right of [{ earlyStopping: 2 }, { recipe: 'quick' }, { recipe: 'best' }, { headEpochs: 20 }])
    assert.ok(areSettingsOf({ ...settings, ...right }, fit));
  const wrong = [
    null,
    [],
    'x',
    ...[
      { epochs: 4 },
      { batchSize: '64' },
      { seed: undefined },
      { numerics: 'fused' },
      { learningRate: '0.01' },
      { learningRate: 0 },
      { learningRate: NaN },
      { earlyStopping: {} },
      { earlyStopping: -1 },
      { earlyStopping: undefined },
      { headEpochs: 0 },
      { headEpochs: '20' },
      { headEpochs: null },
      { recipe: 'toString' },
      { recipe: ['best'] },
      { recipe: null },
    ].map((change) => ({ ...settings, ...change })),
  ];
  for (const each of wrong) assert.not(areSettingsOf(each, fit), JSON.stringify(each));
});

test.run();
