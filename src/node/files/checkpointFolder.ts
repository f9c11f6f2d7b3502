// A folder of checkpoints: checkpoint-<step>.safetensors, the last two of one training.
import * as fs from 'node:fs/promises';
import { basename, join } from 'node:path';
import { loadModel, type LoadedModel, type LoadOptions } from '../../model/load.js';
import { check, WasmCnnError } from '../../base/errors.js';
import { describe } from '../../base/options.js';
import {
  codeOf,
  exists,
  isHeldByAnother,
  makeFolder,
  persistently,
  readBytes,
  withFileErrors,
  writeFileAtomic,
  type FileSystem,
  type ReadingSystem,
} from './files.js';
import { lockFolder, type Training } from './folderLock.js';

/** The newest, and one to fall back on. */
const KEPT = 2;
const CHECKPOINT = /^checkpoint-(\d{1,15})\.safetensors$/;

export interface Checkpoint {
  readonly step: number;
  readonly path: string;
}

export function isCheckpoint(path: string): boolean {
  return CHECKPOINT.test(basename(path));
}

/** Newest first; none where there is no such folder. */
export async function findCheckpoints(folder: string): Promise<Checkpoint[]> {
  const names = await fs.readdir(folder).catch(() => []);
  const found = names.flatMap((name) => {
    const [, step] = CHECKPOINT.exec(name) ?? [];
    return step === undefined ? [] : [{ step: Number(step), path: join(folder, name) }];
  });
  return found.sort((a, b) => b.step - a.step);
}

/**
 * For modelCheckpoint({ save }): writes each checkpoint whole or not at all, then removes all but the last two. Makes the folder and
 * locks it for this process, and in it for the model while its fit is under way, at each save: a folder that was removed comes again.
 *
 * @example
 * ```ts
 * import { modelCheckpoint } from 'wasm-cnn';
 * import { checkpointFolder, loadNewestCheckpoint } from 'wasm-cnn/node';
 *
 * const { model } = await loadNewestCheckpoint('checkpoints');
 * const callbacks = [modelCheckpoint({ saveFreq: 200, save: checkpointFolder('checkpoints') })];
 * ```
 */
export function checkpointFolder(
  folder: string,
  system: FileSystem = fs,
): (bytes: Uint8Array, step: number, model?: Training) => Promise<string> {
  check(
    typeof folder === 'string' && folder !== '',
    () => `checkpointFolder needs the path of a folder, got ${describe(folder)}`,
  );
  check(
    typeof system.open === 'function',
    `checkpointFolder takes a folder and no options: it keeps the last ${KEPT} checkpoints`,
  );
  const save = async (bytes: Uint8Array, step: number, model?: Training): Promise<string> => {
    await makeFolder(folder);
    await lockFolder(folder, { training: model });
    const [newest] = await findCheckpoints(folder);
    check(
      newest === undefined || newest.step <= step,
      () =>
        `${folder} holds checkpoint-${newest!.step} of another training, which is further than step ${step}; resume from it, or choose an empty folder`,
    );
    const path = join(folder, `checkpoint-${step}.safetensors`);
    await writeFileAtomic(path, bytes, system);
    for (const old of (await findCheckpoints(folder)).slice(KEPT)) {
      // One that stays is tried again after the next save.
      await persistently(() => system.rm(old.path, { force: true })).catch(
        (error: unknown) => isHeldByAnother(error) || Promise.reject(error),
      );
    }
    return path;
  };
  return async (bytes, step, model) => {
    try {
      return await save(bytes, step, model);
    } catch (error) {
      // The folder was removed within the save.
      if (codeOf((error as Error).cause) !== 'ENOENT') throw error;
      return save(bytes, step, model);
    }
  };
}

/** What {@link loadNewestCheckpoint} returns. */
export interface LoadedCheckpoint extends LoadedModel, Checkpoint {}

/**
 * The newest checkpoint that is whole. Any newer one is put aside, and `log` told so; but where it is the system that refuses (the file
 * may not be read, the disk or the memory fails), nothing is put aside, and its sentence is thrown.
 *
 * @example
 * ```ts
 * import { modelCheckpoint } from 'wasm-cnn';
 * import { checkpointFolder, loadNewestCheckpoint } from 'wasm-cnn/node';
 *
 * const { model } = await loadNewestCheckpoint('checkpoints');
 * const callbacks = [modelCheckpoint({ saveFreq: 200, save: checkpointFolder('checkpoints') })];
 * ```
 */
export async function loadNewestCheckpoint(
  folder: string,
  options: LoadOptions = {},
  log: (line: string) => void = console.error,
  system: ReadingSystem = fs,
): Promise<LoadedCheckpoint> {
  const found = await findCheckpoints(folder);
  const refused: { path: string; error: WasmCnnError }[] = [];
  for (const checkpoint of found) {
    const { path } = checkpoint;
    const bytes = await readBytes(path, system).catch((error: Error) => {
      // A training that is under way has removed it: there are newer ones.
      if (codeOf(error.cause) === 'ENOENT') return null;
      throw bySystem(error, path, found);
    });
    if (!bytes) continue;
    try {
      const loaded = loadModel(bytes, { name: path, ...options });
      // Only now is it sure that the file was at fault, not this host.
      for (const { path: damaged, error } of refused) {
        await withFileErrors('write', damaged, () => persistently(() => fs.rename(damaged, `${damaged}.damaged`)));
        log(`${error.message}; it is now ${damaged}.damaged, and ${path} takes its place`);
      }
      return { ...checkpoint, ...loaded };
    } catch (error) {
      // What is wrong with the contents has no cause elsewhere.
      if (!(error instanceof WasmCnnError) || error.cause !== undefined) throw bySystem(error as Error, path, found);
      refused.push({ path, error });
    }
  }
  throw (
    refused[0]?.error ??
    new WasmCnnError(
      `${folder} ${(await exists(folder)) ? 'holds no checkpoint' : 'does not exist'}; name the folder of a training that was interrupted`,
    )
  );
}

/** The error, with the way round it where there is one. */
function bySystem(error: Error, path: string, found: readonly Checkpoint[]): Error {
  return error instanceof WasmCnnError && found.length > 1
    ? new WasmCnnError(`${error.message}; or move ${path} away, to resume from another checkpoint`, {
        cause: error.cause,
      })
    : error;
}
