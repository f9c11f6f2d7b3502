// A sweep's trials in TensorBoard's HParams dashboard, as its own reader finds them. Skipped where PYTHON has no tensorboard.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeHparams } from '../../src/node/cli/sweep/hparams.js';
import { makePlan, taskId, type TrialResult } from '../../src/sweep/plan.js';
import { temporaryFolder } from '../node/temporaryFolder.js';

const python = process.env['PYTHON'] ?? 'python3';
const isPresent = spawnSync(python, ['-c', 'import tensorboard']).status === 0;
if (!isPresent) console.log('note: no tensorboard for Python, so it reads no hyperparameters');
const script = fileURLToPath(new URL('../../../test/python/hparams.py', import.meta.url));

(isPresent ? test : test.skip)('each trial has its hyperparameters, its group and its scores', async () => {
  const basis = { version: '1', dataSha256: 'd', code: 'c', numerics: 'exact' };
  const space = { learningRate: [0.001, 0.01], network: ['tiny.json'], mirrored: true, seed: { repeat: 2 } };
  const plan = await makePlan({ name: 'x', epochs: 2, space }, basis);
  const scores = [0.25, 0.5];
  const finished: TrialResult = { status: 'finished', scores, score: 0.5, epochs: 2, weightsSha256: 'w' };
  // The last one is still to come.
  const done = plan.trials.slice(0, 3);
  const folder = join(temporaryFolder(), 'board');
  await writeHparams(folder, plan, new Map(done.map((trial) => [taskId({ ...trial, until: 2 }), finished])));
  const { status, stdout, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8' });
  assert.is(status, 0, stderr);
  const expected = done.map(({ id, config, setting }) => [
    id,
    {
      hparams: { ...config },
      group: `setting-${setting + 1}`,
      status: 1,
      scalars: { val_accuracy: scores.map((score, step) => [step, score]) },
    },
  ]);
  assert.equal(JSON.parse(stdout), Object.fromEntries(expected));
});

test.run();
