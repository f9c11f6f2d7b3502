// npm run trial: one training of a sweep, for those who have a scheduler of their own: Slurm, Kubernetes, Ray, W&B, a loop in a shell.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { check, WasmCnnError } from '../../base/errors.js';
import { describe, isRecord } from '../../base/options.js';
import type { Config } from '../../sweep/space.js';
import type { Task, TrialResult } from '../../sweep/plan.js';
import { modelOfTrial } from '../../sweep/runTrial.js';
import { exists, makeFolder, readBytes, writeFileAtomic } from '../files/files.js';
import { folderStore } from '../sweep/folderStore.js';
import { commandLine } from '../commandLine.js';
import {
  cacheOption,
  command,
  imageSize,
  positive,
  run,
  threadsOption,
  useVectors,
  vectorsOption,
  whole,
} from './command.js';
import { Interrupted, interruptible } from './interrupt.js';
import { checkFree, DEFINED_FILE, MODEL_FILE } from './runs.js';
import { openSweep, readSweepFile } from './sweep/recipeTrial.js';

interface TrialOptions {
  epochs: number;
  until?: number;
  folds?: number;
  fold?: number;
  metric: string;
  out: string;
  resumeOrStart?: true;
  data?: string;
  imageSize?: readonly [number, number];
  saveEvery: number;
  threads: number;
  vectors?: '128' | '256';
}

const RESULT_FILE = 'result.json';

const program = command(
  'trial',
  'Trains one setting, from its checkpoint where there is one; the last line it prints is its result as JSON.',
)
  .usage('\'{"learningRate":0.003,"seed":2}\' --out <folder> [options]')
  .argument(
    '<config>',
    'the setting as JSON: recipe, network, learningRate, batchSize, seed, and what a network of your own takes',
  )
  .requiredOption('--out <folder>', 'where its checkpoint, model.safetensors and result.json go')
  .option(
    '--resume-or-start',
    'resume from the checkpoint in --out, or start where there is none: the same command any number of times',
  )
  .option('--epochs <n>', 'passes over the training images; the learning rate falls over all of them', whole(1), 5)
  .option(
    '--until <epoch>',
    'end after this epoch for now, for a scheduler that compares (default: the last)',
    whole(1),
  )
  .option('--folds <n>', 'cut the training images into so many folds, and hold one out', whole(2))
  .option('--fold <n>', 'which one, from 0', whole(0))
  .option('--metric <name>', 'the figure that is the score', 'val_accuracy')
  .option('--data <path>', `a folder or a file of images with labels (default: that of ${commandLine('train')})`)
  .option('--image-size <size>', 'height x width that pictures of folders, CSV and Parquet are scaled to', imageSize)
  .option('--save-every <seconds>', 'how often it writes a checkpoint', positive, 10)
  .addOption(threadsOption())
  .addOption(cacheOption())
  .addOption(vectorsOption());

await run<TrialOptions>(
  program,
  async (options) => {
    const { epochs, until = epochs, folds, fold, metric, out, data, threads, saveEvery } = options;
    check(out !== '', '--out is empty; name a folder');
    check(until <= epochs, `--until is ${until}, but the trial has ${epochs} epochs; give at most ${epochs}`);
    check(
      (folds === undefined) === (fold === undefined),
      '--folds and --fold belong together, how many there are and which one is held out; give both or neither',
    );
    check(
      folds === undefined || fold! < folds,
      `--fold is ${fold}, but the ${folds} folds are numbered from 0; give at most ${folds! - 1}`,
    );
    const { definition, source } = readSweepFile(
      {
        name: 'trial',
        space: parseConfig(program.args[0]!),
        search: { kind: 'grid' },
        epochs,
        maximize: metric,
        ...(folds !== undefined && { folds }),
        ...(data !== undefined && { data }),
        ...(options.imageSize && { imageSize: options.imageSize }),
      },
      'the trial',
    );
    useVectors(options.vectors);
    const sweep = await openSweep(definition, source, threads);
    const plan = await sweep.plan();
    const task: Task = { ...plan.trials[fold ?? 0]!, until };
    const store = folderStore(out);
    if ((await store.get(task.id)) === null) await checkFolder(out, task.id);
    else
      check(
        options.resumeOrStart === true,
        `${out} holds a checkpoint of this trial; resume it with --resume-or-start, or choose another folder`,
      );
    await makeFolder(out);
    const result = await interruptible(async (signal) => {
      try {
        return await sweep.trial(task, { store, signal, saveEvery, log: console.error });
      } catch (error) {
        throw error instanceof Interrupted
          ? new Interrupted(error.signal, '; the same command with --resume-or-start resumes it')
          : error;
      }
    });
    const found = result.status === 'finished' ? await modelOfTrial(store, task.id, result.weightsSha256) : null;
    const path = join(out, MODEL_FILE);
    if (found) await writeFileAtomic(path, found.model.save({ includeOptimizer: false, facts: found.facts }));
    else await rm(path, { force: true });
    const line = JSON.stringify(lineOf(task, metric, result));
    await writeFileAtomic(join(out, RESULT_FILE), `${line}\n`);
    console.log(line);
    if (result.status === 'failed') throw new WasmCnnError(`the trial has failed: ${result.reason}`);
    check(
      found !== null || result.status !== 'finished',
      `${out} has no ${MODEL_FILE}: no checkpoint has the weights of epoch ${until}, as it could not be kept or the trial was trained further; free some space and run the trial again, or give it another folder`,
    );
  },
  'text',
);

/** Throws where the folder has files of a run, of a sweep or of another trial, which this one has not begun in. */
async function checkFolder(folder: string, trial: string): Promise<void> {
  const path = join(folder, RESULT_FILE);
  if (!(await exists(path))) return checkFree(folder, [DEFINED_FILE], 'a trial');
  const text = Buffer.from(await readBytes(path)).toString();
  check(
    text.includes(`"trial":"${trial}"`),
    `${folder} holds the result of another trial; choose another folder with --out`,
  );
}

function lineOf({ id, config, fold }: Task, metric: string, result: TrialResult): object {
  const { status, score, epochs, weightsSha256, reason } = result;
  return {
    trial: id,
    config,
    ...(fold !== null && { fold }),
    status,
    score,
    [metric]: score,
    epochs,
    weightsSha256,
    reason,
  };
}

function parseConfig(text: string): Config {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new WasmCnnError(
      `the setting is not valid JSON (${(error as Error).message}); write it in single quotes, such as '{"learningRate":0.003,"seed":2}'`,
    );
  }
  check(
    isRecord(config),
    () => `the setting must be an object, as {"learningRate":0.003,"seed":2}, got ${describe(config)}`,
  );
  for (const [name, value] of Object.entries(config))
    check(
      typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value),
      () => `the setting's ${name} must be one value, a number, a text, true or false, got ${describe(value)}`,
    );
  return Object.keys(config).length === 0 ? { seed: 1 } : (config as Config);
}
