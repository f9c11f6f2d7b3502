// The trials of a sweep as TensorBoard reads them: a run each, with its hyperparameters for the HParams dashboard.
import { join } from 'node:path';
import { lastResultOf, type Plan, type Results } from '../../../sweep/plan.js';
import { makeFolder, writeFileAtomic } from '../../files/files.js';
import { eventRecord, type Event } from '../../files/codecs/eventRecord.js';

/** Writes those that are finished, or diverged; a trial that was written before is written again. */
export async function writeHparams(folder: string, plan: Plan, results: Results): Promise<void> {
  let count = 0;
  for (const { id, setting, config, fold } of plan.trials) {
    const result = lastResultOf(plan, results, id)?.result;
    if (!result || result.status === 'failed') continue;
    const hparams = { ...config, ...(fold !== null && { fold }) };
    const events: Event[] = [
      { fileVersion: 'brain.Event:2' },
      // Trials of a setting, with other seeds and folds, are a group.
      { hparams, group: `setting-${setting + 1}` },
      ...result.scores.map((score, step): Event => ({ step, scalars: { [plan.metric]: score } })),
      'hparamsEnd',
    ];
    const run = join(folder, id);
    await makeFolder(run);
    const seconds = Date.now() / 1000;
    const records = events.map((event) => eventRecord(event, seconds));
    await writeFileAtomic(join(run, 'events.out.tfevents.0000000001.sweep.v2'), Buffer.concat(records));
    count++;
  }
  console.log(`Wrote ${count} trials to ${folder}; look at them with: tensorboard --logdir ${folder}`);
}
