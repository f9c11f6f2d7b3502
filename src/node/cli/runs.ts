// Run folders: where a training run writes, which one is the newest, and what is left of one that was interrupted.
import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { classifyLater } from '../../model/classifyLater.js';
import type { HostOptions } from '../../model/compile.js';
import { loadModel, type LoadedModel } from '../../model/load.js';
import { check } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import {
  findCheckpoints,
  isCheckpoint,
  loadNewestCheckpoint,
  type LoadedCheckpoint,
} from '../files/checkpointFolder.js';
import { codeOf, exists, isFolder, makeFolder, readBytes, withFileErrors } from '../files/files.js';
import { lockFolder, readLock, unlockFolder } from '../files/folderLock.js';
import { enableFused } from '../threads/fused.js';
import { readHolder } from '../files/lockHolder.js';
import { loadForeignModel, TFJS_FILE, type ForeignOptions } from '../files/foreignModel.js';
import { inFloat32, isStateDict, loadModelFile } from '../files/modelFile.js';
import { workers } from '../threads/workers.js';
import { trainedOn } from './runData.js';
import { areSettingsOf } from '../../recipes/settings.js';
import { commandLine } from '../commandLine.js';
import type { RunFacts } from './training.js';

export const MODEL_FILE = 'model.safetensors';
export const PICTURE_FILE = 'training.png';
/** Written last: a run that has it is finished. */
export const HISTORY_FILE = 'history.json';
/** What a sweep's folder has: of which sweep its results are. */
export const DEFINED_FILE = 'definition.json';
/** The best model of a sweep, in its folder. */
export const BEST_FILE = 'best.safetensors';
export const RUNS = 'runs';

/**
 * Makes the folder of a new run, `out` or a new one in runs/, and locks it. Existing files are never overwritten or removed: a run's
 * results and the user's own files look alike.
 */
export async function makeRunFolder(out: string | undefined, name: string): Promise<string> {
  const folder = out ?? (await makeNewFolder(name));
  await makeFolder(folder);
  const lock = await withFileErrors('read', folder, () => readLock(join(folder, 'lock')));
  check(
    lock === null || lock === '' || readHolder(lock) !== null,
    `${folder} holds a file lock of another program; choose another folder, or move it away`,
  );
  await lockFolder(folder);
  try {
    await checkUnused(folder);
  } catch (error) {
    unlockFolder(folder);
    throw error;
  }
  return folder;
}

/** runs/<time>-<name>, or with a number behind it: two runs may begin within one second, and clocks are set back. */
async function makeNewFolder(name: string): Promise<string> {
  const time = new Date().toISOString().slice(0, 19).replace(/:/g, '-');
  await makeFolder(RUNS);
  for (let number = 1; ; number++) {
    const folder = join(RUNS, `${time}-${name}${number === 1 ? '' : `-${number}`}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') return withFileErrors('write', folder, () => Promise.reject(error));
    }
  }
}

/** Throws, before anything is read, where this folder holds a run that has ended; makeRunFolder() says who holds a locked one. */
export async function checkRunFolder(folder: string): Promise<void> {
  if ((await isFolder(folder)) && !(await exists(join(folder, 'lock')))) await checkUnused(folder);
}

const RESULTS = [MODEL_FILE, PICTURE_FILE, HISTORY_FILE];

/** Throws where the folder, which need not be there, has a file of these names or of a run: `what` is written there and is not one. */
export async function checkFree(folder: string, names: readonly string[], what: string): Promise<void> {
  const present = (await isFolder(folder)) ? await withFileErrors('read', folder, () => readdir(folder)) : [];
  const taken = present.filter((name) => [...names, ...RESULTS].includes(name) || isCheckpoint(name));
  check(
    taken.length === 0,
    () =>
      `${folder} holds ${taken.join(', ')}, which ${what} does not overwrite or mix with; choose another folder with --out`,
  );
}

/** Throws where a file has a name that a run writes to. */
async function checkUnused(folder: string): Promise<void> {
  const names = await readdir(folder);
  const results = RESULTS.filter((name) => names.includes(name));
  const checkpoints = (await findCheckpoints(folder)).map(({ path }) => basename(path));
  check(
    checkpoints.length === 0 || results.includes(HISTORY_FILE),
    () =>
      `${folder} holds ${checkpoints[0]}; resume that run with --resume ${folder}, or choose another folder with --out`,
  );
  check(
    !names.includes(DEFINED_FILE),
    `${folder} holds the results of a sweep, which a run of its own would mix with; choose another folder with --out`,
  );
  check(
    results.length === 0,
    () =>
      `${folder} holds ${results.join(', ')}, which a new run does not overwrite; choose another folder with --out, or move them away`,
  );
}

/** After a failure: deletes a run that never got past its first checkpoint. False where it did. */
export async function dropFruitlessRun(folder: string): Promise<boolean> {
  const checkpoints = await findCheckpoints(folder);
  if (checkpoints.some(({ step }) => step > 0)) return false;
  for (const { path } of checkpoints) await rm(path, { force: true });
  unlockFolder(folder);
  await rmdir(folder).catch(() => {});
  return true;
}

/** The facts in a checkpoint: what a resumed run does as before unless told otherwise. */
export interface CheckpointFacts extends RunFacts {
  /** What --checkpoint-every was. */
  readonly checkpointEvery?: number | undefined;
  /** The new last layer is still to be trained alone: there is no fit yet. */
  readonly isHeadDue?: true;
}

/** A run that has checkpoints and no end. */
export interface InterruptedRun extends LoadedCheckpoint {
  readonly folder: string;
  readonly facts: CheckpointFacts;
}

/** Opens the run to resume, `run` or the one in runs/ that was interrupted last, and locks it. */
export async function openInterruptedRun(run: string | true, threads: number): Promise<InterruptedRun> {
  const folder = run === true ? await newestInterrupted() : run;
  await checkInterrupted(folder);
  await lockFolder(folder);
  // Whose lock it was may have finished the run meanwhile.
  await checkInterrupted(folder);
  const how = { workers: workers(threads) };
  let checkpoint = await loadNewestCheckpoint(folder, how);
  const facts = checkpoint.facts as CheckpointFacts | undefined;
  const state = checkpoint.model.fitState?.();
  const isHeadDue = facts?.isHeadDue === true && state === undefined && checkpoint.model.compiled !== null;
  check(
    isRecord(facts?.settings) && trainedOn(facts) !== null && (isHeadDue || state !== undefined),
    `${checkpoint.path} was not written by ${commandLine('train')}; resume it where it was written`,
  );
  const { settings, checkpointEvery: every } = facts;
  check(
    (state === undefined ? settings.headEpochs !== undefined : areSettingsOf(settings, state)) &&
      (every === undefined || (Number.isSafeInteger(every) && every > 0)),
    `${checkpoint.path}: its settings are not those of its fit; resume from another checkpoint`,
  );
  if (facts.settings.numerics === 'fused') {
    enableFused();
    checkpoint = { ...checkpoint, ...(await loadModelFile(checkpoint.path, { ...how, numerics: 'fused' })) };
  }
  return { ...checkpoint, folder, facts };
}

async function checkInterrupted(folder: string): Promise<void> {
  check(await exists(folder), `there is no folder ${folder}; name that of a run that was interrupted`);
  check(
    !(await exists(join(folder, HISTORY_FILE))),
    `${folder} is finished, there is nothing to resume; start a new run`,
  );
  check(
    (await findCheckpoints(folder)).length > 0,
    `${folder} holds no checkpoint; name the folder of a run that was interrupted`,
  );
}

async function newestInterrupted(): Promise<string> {
  const folder = await newestFolder(async (path) =>
    (await exists(join(path, HISTORY_FILE))) ? undefined : (await findCheckpoints(path))[0]?.path,
  );
  check(folder !== undefined, `there is no interrupted run in ${RUNS}/; name a run's folder with --resume FOLDER`);
  return folder;
}

/** The folder in runs/ whose file, as `fileOf` names it, was written last. */
async function newestFolder(fileOf: (folder: string) => Promise<string | undefined>): Promise<string | undefined> {
  const names = await readdir(RUNS).catch(() => []);
  let newest: string | undefined;
  let latest = 0;
  for (const name of names) {
    const folder = join(RUNS, name);
    const file = await fileOf(folder);
    const time =
      file === undefined
        ? 0
        : await stat(file).then(
            (stats) => stats.mtimeMs,
            () => 0,
          );
    if (time > latest) [newest, latest] = [folder, time];
  }
  return newest;
}

/** The model file of the run that was finished last. */
async function newestModel(): Promise<string> {
  const folder = await newestFolder(async (path) => join(path, MODEL_FILE));
  check(
    folder !== undefined,
    `there is no trained model in ${RUNS}/; run ${commandLine('train')} first, or name a model with --model FILE`,
  );
  return join(folder, MODEL_FILE);
}

/** The folder of the run that was finished last. */
export async function newestFinished(): Promise<string> {
  const folder = await newestFolder(async (path) => join(path, HISTORY_FILE));
  check(folder !== undefined, `there is no finished run in ${RUNS}/; name a run's folder`);
  return folder;
}

export interface OpenedModel extends LoadedModel {
  readonly path: string;
}

/** A run that was interrupted has checkpoints and no results yet. */
export async function checkFinished(folder: string, file: string): Promise<void> {
  const isInterrupted = !(await exists(join(folder, file))) && (await findCheckpoints(folder)).length > 0;
  check(!isInterrupted, `${folder} was interrupted; finish it with ${commandLine('train', `--resume ${folder}`)}`);
}

/** A model file of wasm-cnn. */
export async function loadOwnModel(file: string, how: Pick<HostOptions, 'workers'> = {}): Promise<LoadedModel> {
  const bytes = await readBytes(file);
  check(
    !isStateDict(bytes),
    `${file}: its tensors were not saved by wasm-cnn; where they are a state dict of PyTorch, say with --architecture what network it is of, as torchvision/resnet18 (docs/formats.md)`,
  );
  return loadModel(inFloat32(bytes, file), { name: file, workers: how.workers });
}

/**
 * Loads the model at `path`, or the newest run's: a folder of a run or a sweep, a model file, or one of another program. Prints what is otherwise
 * than in that.
 */
export async function openModel(path: string | undefined, options: ForeignOptions = {}): Promise<OpenedModel> {
  check(path !== '', 'the model is an empty path; name a model file, or the folder of a run');
  let file = path ?? (await newestModel());
  if ((await isFolder(file)) && !(await exists(join(file, TFJS_FILE)))) {
    await checkFinished(file, MODEL_FILE);
    const folder = file;
    const own = join(folder, MODEL_FILE);
    file = (await exists(own)) ? own : join(folder, BEST_FILE);
    check(
      await exists(file),
      `${folder} holds no model, neither ${MODEL_FILE} nor a ${TFJS_FILE} of TensorFlow.js; name a model file, or the folder of a run`,
    );
  }
  const foreign = await loadForeignModel(file, options);
  if (!foreign) return { path: file, ...(await loadOwnModel(file, options)) };
  const { model, notes, format } = foreign;
  for (const note of notes) console.log(`Note on the ${format} model: ${note}`);
  return { path: file, model, facts: undefined, classify: classifyLater(model, undefined, file) };
}
