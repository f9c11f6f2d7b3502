// Run folders: where a training run writes, and which one is the newest.
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadedModel } from '../../checkpoint/load.js';
import { WasmCnnError } from '../../errors.js';
import { withFileErrors } from '../files.js';
import { loadModelFile } from '../modelFile.js';

export const MODEL_FILE = 'model.safetensors';
const RUNS = 'runs';

/** Makes the folder of a new run: `out`, or runs/<time>-<name>. */
export async function makeRunFolder(out: string | undefined, name: string): Promise<string> {
  const time = new Date().toISOString().slice(0, 19).replace(/:/g, '-');
  const folder = out ?? join(RUNS, `${time}-${name}`);
  await withFileErrors('write', folder, () => mkdir(folder, { recursive: true }));
  return folder;
}

/** The model file of the run that was finished last. */
async function newestModel(): Promise<string> {
  const folders = await readdir(RUNS, { withFileTypes: true }).catch(() => []);
  let newest = { path: '', time: 0 };
  for (const folder of folders) {
    const path = join(RUNS, folder.name, MODEL_FILE);
    const time = await stat(path).then((stats) => stats.mtimeMs, () => 0);
    if (time > newest.time) newest = { path, time };
  }
  if (newest.path === '') throw new WasmCnnError(`there is no trained model in ${RUNS}/; run npm run train first, or name a model with --model FILE`);
  return newest.path;
}

export interface OpenedModel extends LoadedModel {
  readonly path: string;
}

/** Loads the model at `path` (a file or a run's folder), or the newest run's. */
export async function openModel(path: string | undefined): Promise<OpenedModel> {
  let file = path ?? (await newestModel());
  if (await stat(file).then((stats) => stats.isDirectory(), () => false)) file = join(file, MODEL_FILE);
  return { path: file, ...(await loadModelFile(file)) };
}
