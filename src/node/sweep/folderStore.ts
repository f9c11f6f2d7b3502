// Checkpoints of trials in a folder that all workers share.
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointStore } from '../../sweep/runTrial.js';
import { codeOf, makeFolder, readBytes, removeTemporaries, withFileErrors, writeFileAtomic } from '../files/files.js';

/** A file that was not written to for so long is one of a worker that died: a minute. */
const ABANDONED_MS = 60_000;

/**
 * One file a trial, <trial>-<step>.safetensors, written whole or not at all. One that cannot be read is renamed to end in .damaged.
 *
 * @example
 * ```ts
 * import { layers, sequential } from 'wasm-cnn';
 * import { builtinDigits } from 'wasm-cnn/data';
 * import { folderStore, sweep } from 'wasm-cnn/sweep';
 *
 * const study = sweep({
 *   name: 'digits',
 *   data: builtinDigits({ trainCount: 120, testCount: 20, seed: 1 }),
 *   epochs: 1,
 *   space: { units: [4, 8] },
 *   model({ units }, { inputShape, classes, seed }) {
 *     const network = [layers.flatten(), layers.dense({ units: Number(units) }), layers.dense({ units: classes, activation: 'softmax' })];
 *     const model = sequential({ inputShape, seed, layers: network });
 *     model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
 *     return model;
 *   },
 * });
 * await study.run({ store: folderStore('checkpoints') });
 * ```
 */
export function folderStore(folder: string): CheckpointStore {
  const find = async (trial: string): Promise<{ step: number; path: string }[]> => {
    const names = await withFileErrors('read', folder, () =>
      readdir(folder).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      }),
    );
    return names
      .flatMap((name) => {
        const [, of, step] = /^(trial-[0-9a-f]{32}(?:-end)?)-(\d{1,15})\.safetensors$/.exec(name) ?? [];
        return of === trial ? [{ step: Number(step), path: join(folder, name) }] : [];
      })
      .sort((a, b) => b.step - a.step);
  };
  return {
    async get(trial) {
      for (;;) {
        const [newest] = await find(trial);
        if (!newest) return null;
        try {
          return await readBytes(newest.path);
        } catch (error) {
          // Another worker has written a newer one.
          if (codeOf((error as Error).cause) !== 'ENOENT') throw error;
        }
      }
    },
    async put(trial, bytes, step) {
      await makeFolder(folder);
      const before = await find(trial);
      if (before[0] && before[0].step > step) return;
      await removeTemporaries(folder, `${trial}-`, ABANDONED_MS);
      await writeFileAtomic(join(folder, `${trial}-${step}.safetensors`), bytes);
      for (const { step: old, path } of before) if (old < step) await rm(path, { force: true });
    },
    async remove(trial) {
      for (const { path } of await find(trial))
        await withFileErrors('write', path, () => rename(path, `${path}.damaged`));
    },
  };
}
