// The results of a run: its trained model, tested, the curves, and at last the history that says it is finished.
import { join } from 'node:path';
import type { EarlyStopping } from '../../callbacks/index.js';
import type { Examples } from '../../data/dataset.js';
import { countsOf } from '../../data/summary.js';
import { standardError } from '../../metrics/index.js';
import type { Model } from '../../model/model.js';
import type { EpochRecord, EpochRecords, RunRecord } from '../../recipes/records.js';
import { formatCount, formatPercent } from '../../base/table.js';
import { colored } from './color.js';
import type { HeadRecord } from './fineTune.js';
import { phase } from './phases.js';
import { writePicture } from './picture.js';
import type { Vectors } from '../threads/wideVectors.js';
import type { RunCheckpoints } from './runCheckpoints.js';
import { HISTORY_FILE, MODEL_FILE, PICTURE_FILE } from './runs.js';
import { weightsSha256, type RunFacts } from './training.js';

interface Results {
  readonly folder: string;
  readonly vectors: Vectors;
  readonly model: Model;
  readonly test: Examples;
  readonly facts: RunFacts;
  readonly epochs: EpochRecords;
  readonly stopping: EarlyStopping | null;
  readonly record: RunRecord;
  readonly checkpoints: RunCheckpoints;
}

/** So many test images tell a network that has learned nothing from one that has. */
const ENOUGH = 20;

/** What a person who trains for the first time may not see in the figures. */
function* notesOn(
  { accuracy, standardError }: { readonly accuracy: number; readonly standardError: number },
  counts: readonly number[],
  { valLoss = -Infinity }: EpochRecord,
  head: HeadRecord | undefined,
): Generator<string> {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...counts) / total;
  const isWorse = accuracy < most;
  if (isWorse || (total >= ENOUGH && accuracy <= most + standardError))
    yield `that is ${isWorse ? 'worse' : 'not clearly better'} than the same answer to every image (${formatPercent(most)}); train longer (--epochs), at another --learning-rate, or from a pretrained model (--model mobileNetV2)`;
  if (head?.valLoss !== undefined && valLoss > head.valLoss)
    yield `the new last layer alone had a lower validation loss, ${head.valLoss.toFixed(4)}; train all layers longer (--epochs), or at a lower --learning-rate`;
}

/** Tests the trained model and writes it, its curves, and at last its history. */
export async function writeResults({
  folder,
  vectors,
  model,
  test: examples,
  facts: { dataset, classifier, networkFile, head, settings },
  epochs,
  stopping,
  record,
  checkpoints,
}: Results): Promise<void> {
  const { x, y } = examples;
  const { loss, accuracy } = (await model.evaluate(x, y)) as { loss: number; accuracy: number };
  const test = { loss, accuracy, standardError: standardError(accuracy, y.length) };
  const best = stopping ? `, with the weights of epoch ${stopping.state.bestEpoch! + 1}` : '';
  const figures = `loss ${loss.toFixed(4)}, accuracy ${formatPercent(accuracy)} ± ${formatPercent(test.standardError)}`;
  console.log(`${colored('bold', `Test: ${figures}`)} (standard error, ${formatCount(y.length)} images${best})`);
  for (const note of notesOn(test, countsOf(examples, model.outputShape[0]!), epochs.state.records.at(-1)!, head))
    console.log(`Note: ${note}`);

  phase('write the model');
  const { records } = epochs.state;
  const facts = {
    dataset,
    classifier,
    ...(networkFile !== undefined && { networkFile }),
    model: { name: model.name, parameters: model.countParams() },
    seed: settings.seed,
    threads: model.threads.running,
    build: settings.numerics,
    vectors,
    node: process.version,
    ...(head && { head }),
    epochs: records,
    test,
    weightsSha256: weightsSha256(model),
    planBytes: model.plan!.totalBytes,
    settings,
    checkpoints: record.state.checkpoints,
    resumedAt: record.state.resumedAt,
    bestEpoch: stopping ? stopping.state.bestEpoch! + 1 : null,
  };
  const [modelFile, picture, history] = [MODEL_FILE, PICTURE_FILE, HISTORY_FILE].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await checkpoints.writeResult(modelFile, model.save({ facts }), model.step);
  phase('draw the curves');
  const title = `${model.name} network on ${dataset.name}, seed ${settings.seed}: test accuracy ${formatPercent(accuracy)}`;
  const drawn = await writePicture(picture, async (createCanvas) => {
    // Chart.js is not loaded before there is something to draw.
    const { drawTrainingCurves } = await import('../../plots/trainingCurves.js');
    return drawTrainingCurves(createCanvas, records, { title });
  });
  phase('write the history');
  record.tick();
  const totalSeconds = record.state.seconds;
  await checkpoints.writeResult(history, `${JSON.stringify({ ...facts, totalSeconds }, null, 2)}\n`, Infinity);
  console.log(
    `Wrote ${[modelFile, ...(drawn ? [picture] : []), history].join(', ')} after ${totalSeconds.toFixed(1)} s`,
  );
}
