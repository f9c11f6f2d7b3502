// npm run verify: trains a finished run again, or a part of it, and says whether its weights are what its seed, data and options give.
import { join } from 'node:path';
import type { Callbacks } from '../../callbacks/callback.js';
import { check, WasmCnnError } from '../../base/errors.js';
import { cloneModel } from '../../model/cloneModel.js';
import type { Model } from '../../model/model.js';
import { isRecord } from '../../base/options.js';
import {
  compileRun,
  epochRecords,
  makeEarlyStopping,
  recipeOf,
  runRecord,
  stepsOf,
  type RunSettings,
} from '../../recipes/index.js';
import { findCheckpoints } from '../files/checkpointFolder.js';
import { readBytes } from '../files/files.js';
import { enableFused } from '../threads/fused.js';
import { loadModelFile } from '../files/modelFile.js';
import { workers } from '../threads/workers.js';
import { commandLine } from '../commandLine.js';
import { colored } from './color.js';
import {
  architectureOption,
  cacheOption,
  command,
  run,
  threadsOption,
  useVectors,
  vectorsOption,
  whole,
} from './command.js';
import { epochProgress } from './epochProgress.js';
import { freezeNormalization, trainHead } from './fineTune.js';
import { checkFinished, HISTORY_FILE, MODEL_FILE, newestFinished } from './runs.js';
import { isDescription, networkOption, openNetwork } from './networkFile.js';
import { openSameData, trainedOn, type RunData } from './runData.js';
import { openStartingModel } from './startingModel.js';
import { fitRun, weightsSha256, type RunFacts } from './training.js';

interface VerifyOptions {
  from?: number;
  to?: number;
  data?: string;
  network?: string;
  model?: string;
  architecture?: string;
  threads: number;
  vectors?: '128' | '256';
}

interface RecordedRun extends RunFacts {
  readonly checkpoints: readonly { readonly step: number; readonly weightsSha256: string }[];
  readonly weightsSha256: string;
}

const program = command(
  'verify',
  'Trains a finished run again and says whether its weights are what its seed, data and options give.',
)
  .usage('[run] [options]')
  .argument('[run]', 'the folder of a finished run (default: the newest in runs/)')
  .option(
    '--from <step>',
    'begin at the checkpoint of this step, which must be in the folder (default: the seed)',
    whole(0),
  )
  .option('--to <step>', 'end at the checkpoint of this step, which the history must name (default: the end)', whole(1))
  .option('--data <path>', 'the data of the run (default: where they were then)')
  .option(
    '--network <file>',
    'the file that --network of the run named: needed where its network begins with weights of its own',
    networkOption,
  )
  .option('--model <file>', 'the model that the run started from, where it was given one')
  .addOption(architectureOption())
  .addOption(threadsOption())
  .addOption(cacheOption())
  .addOption(vectorsOption());

/** What ends the replay at --to. */
const reached = Symbol();

await run<VerifyOptions>(program, async ({ from, to, data, threads, vectors: asked, ...named }) => {
  const vectors = useVectors(asked);
  const folder = program.args[0] ?? (await newestFinished());
  const history = await readHistory(folder);
  const { settings } = history;
  recipeOf(settings);
  const recorded = new Map(history.checkpoints.map(({ step, weightsSha256: sha256 }) => [step, sha256]));
  check(
    to === undefined || recorded.has(to),
    () =>
      `--to is ${to}, and the history of ${folder} has checkpoints of the steps ${[...recorded.keys()].join(', ')}; take one of them`,
  );
  check(to === undefined || from === undefined || from < to, `--from is ${from}, which is not before --to ${to}`);
  const given = ['network', 'model'].filter((name) => named[name as 'network' | 'model'] !== undefined);
  check(given.length + Number(from !== undefined) < 2, () =>
    given.length === 2
      ? '--network and --model both say what the network was before its first step; leave one of them out'
      : `--${given[0]} makes the network before its first step, and --from begins at a checkpoint, which holds it; leave one of them out`,
  );
  const { networkFile } = history;
  check(
    from !== undefined || given.length > 0 || networkFile === undefined || isDescription(networkFile),
    () => `${folder} started from the model ${networkFile}; name it with --model`,
  );
  if (settings.numerics === 'fused') enableFused();
  const start = from === undefined ? null : await openStart(folder, from, settings, threads);
  const runData = await openSameData(data, trainedOn(history)!, folder, settings);
  const { trainCount } = runData.facts;
  const { model: trained } = await loadModelFile(join(folder, MODEL_FILE));
  const model = start ?? (await firstModel(named, trained, settings, runData, threads));
  if (!start) compileRun(model, settings, trainCount, workers(threads));
  const span = `from ${start ? `step ${from}` : `seed ${settings.seed}`} to ${to === undefined ? 'the end' : `step ${to}`} (${stepsOf(settings, trainCount)} steps in all)`;
  console.log(
    `Replaying ${folder} ${span}: ${settings.numerics} kernels, vectors of ${vectors} bits, ${threads} threads, Node ${process.versions.node}, data: ${runData.source}`,
  );

  const compare = (what: string, expected: string, found: string): void => {
    const hint =
      settings.numerics === 'fused'
        ? '; fused kernels round as the processor does, so on another kind of processor than the run had this proves nothing'
        : what === 'step 0' && given.length === 0 && networkFile !== undefined
          ? `; the network may begin with weights of its own: name the file that made it, ${networkFile}, with --network`
          : '';
    check(
      expected === found,
      () =>
        `NOT VERIFIED: ${what} of ${folder} has weights with SHA-256 ${expected.slice(0, 8)}…, the replay gives ${found.slice(0, 8)}…${hint}`,
    );
    console.log(`Same weights: ${what}, SHA-256 ${found.slice(0, 8)}…`);
  };
  const compared = new Set<number>();
  const watch: Callbacks = {
    onSavePoint() {
      const { step } = model;
      const expected = recorded.get(step);
      if (expected !== undefined && !compared.has(step)) compare(`step ${step}`, expected, weightsSha256(model));
      compared.add(step);
      if (step === to) throw reached;
    },
  };
  const epochs = epochRecords(trainCount);
  const progress = epochProgress(epochs, { ...settings, examples: trainCount });
  try {
    await fitRun(
      model,
      runData,
      settings,
      [epochs, progress, makeEarlyStopping(settings), runRecord(), watch],
      start !== null,
    );
    compare(`the end in ${HISTORY_FILE}`, history.weightsSha256, weightsSha256(model));
    compare(MODEL_FILE, weightsSha256(trained), history.weightsSha256);
  } catch (error) {
    if (error !== reached) throw error;
  } finally {
    progress.stop();
  }
  const where = start || to !== undefined ? ', in this span' : '';
  console.log(colored('green', `Verified: the weights of ${folder} are what its seed, data and options give${where}`));
});

/** Before the first step: what the trained model's layers and the seed give, or what a file makes. */
async function firstModel(
  { network, model, architecture }: Pick<VerifyOptions, 'network' | 'model' | 'architecture'>,
  trained: Model,
  settings: RunSettings,
  data: RunData,
  threads: number,
): Promise<Model> {
  const { seed, headEpochs } = settings;
  const { train, classNames } = data;
  if (network === undefined && model === undefined) return cloneModel(trained, { seed });
  const [, ...inputShape] = train.x.shape;
  const [height = 1, width = 1] = inputShape;
  const imageSize = [height, width] as const;
  const make =
    network === undefined
      ? (await openStartingModel(model!, { architecture, imageSize })).make
      : await openNetwork(network);
  const form = { inputShape, classes: classNames.length, seed };
  if (headEpochs === undefined) return make(form);
  const made = await make({ ...form, isLastNew: true });
  freezeNormalization(made);
  await trainHead(made, data, { ...settings, headEpochs }, threads);
  return made;
}

async function readHistory(folder: string): Promise<RecordedRun> {
  await checkFinished(folder, HISTORY_FILE);
  const path = join(folder, HISTORY_FILE);
  const text = new TextDecoder().decode(await readBytes(path));
  let history: Partial<RecordedRun> | null;
  try {
    history = JSON.parse(text);
  } catch (error) {
    throw new WasmCnnError(`${path} is no longer JSON (${(error as Error).message}); bring back what the run wrote`);
  }
  check(
    isRecord(history) &&
      isRecord(history.settings) &&
      trainedOn(history) !== null &&
      Array.isArray(history.checkpoints) &&
      [...history.checkpoints, history].every(isHashed),
    `${path} does not tell how the run was made; only a run of this version of ${commandLine('train')} can be verified`,
  );
  return history as RecordedRun;
}

/** The run at the checkpoint of this step. */
async function openStart(folder: string, step: number, { numerics }: RunSettings, threads: number): Promise<Model> {
  const found = await findCheckpoints(folder);
  const checkpoint = found.find((each) => each.step === step);
  check(
    checkpoint !== undefined,
    () =>
      `--from is ${step}, and ${folder} holds ${found.length > 0 ? `the checkpoints of step ${found.map((each) => each.step).join(' and ')}` : 'no checkpoint'}; take one that is there`,
  );
  return (await loadModelFile(checkpoint.path, { workers: workers(threads), numerics })).model;
}

/** Hashes are printed, and a history may hold anything. */
function isHashed(value: unknown): boolean {
  return isRecord(value) && typeof value['weightsSha256'] === 'string' && /^[0-9a-f]{64}$/.test(value['weightsSha256']);
}
