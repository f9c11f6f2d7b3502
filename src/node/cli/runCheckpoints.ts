// The checkpoints of a run: written, recorded, named when something fails, and given up where a full disk has no room for what is newer.
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WasmCnnError } from '../../base/errors.js';
import type { RunRecord } from '../../recipes/records.js';
import type { TrainedModel } from '../../training/executor.js';
import { checkpointFolder, findCheckpoints, type Checkpoint } from '../files/checkpointFolder.js';
import { codeOf, makeFolder, readBytes, removeTemporaries, withFileErrors, writeFileAtomic } from '../files/files.js';
import { refusedMemory } from './refusedMemory.js';
import { weightsSha256 } from './training.js';

export class RunCheckpoints {
  readonly #folder: string;
  readonly #write: ReturnType<typeof checkpointFolder>;
  readonly #record: RunRecord;
  #last: string | undefined;
  /** Whether the disk has ever taken one. */
  #begun: boolean;

  /** `last`: the checkpoint that the run resumes from, if it does. */
  constructor(folder: string, record: RunRecord, last: string | undefined) {
    this.#folder = folder;
    this.#write = checkpointFolder(folder);
    this.#record = record;
    this.#last = last;
    this.#begun = last !== undefined;
  }

  get begun(): boolean {
    return this.#begun;
  }

  /**
   * Hours of training are not thrown away for a disk that is full: where it can, the run continues with the checkpoint it has. One that
   * was interrupted, be it while this was written, cannot.
   */
  async save(bytes: Uint8Array, step: number, model: TrainedModel, signal: AbortSignal): Promise<void> {
    try {
      this.#last = await this.#withRoom(() => this.#write(bytes, step));
      this.#begun = true;
      this.#record.addCheckpoint(step, weightsSha256(model));
    } catch (error) {
      const byDisk = codeOf((error as Error).cause) !== undefined;
      if (!byDisk || signal.aborted || !this.#begun) throw error;
      console.error(
        `${(error as Error).message}; training continues, ${this.#last ? `and the last checkpoint is ${this.#last}` : 'without a checkpoint so far'}`,
      );
    }
  }

  /** Writes what the training has led to. On a full disk a checkpoint from before `step` makes room for it. */
  async writeResult(path: string, content: Uint8Array | string, step: number): Promise<void> {
    const write = async (): Promise<void> => {
      await makeFolder(dirname(path));
      await writeFileAtomic(path, content);
    };
    try {
      await this.#withRoom(write);
    } catch (error) {
      const [newest] = await findCheckpoints(this.#folder);
      if (!isFull(error) || newest === undefined || newest.step >= step) throw error;
      const kept = await readBytes(newest.path);
      await this.#remove(newest);
      try {
        await write();
      } catch (second) {
        // It had room before.
        await writeFileAtomic(newest.path, kept);
        this.#last = newest.path;
        throw second;
      }
    }
  }

  /** The error, telling what is left where something is. */
  named(thrown: unknown): unknown {
    const error = refusedMemory(thrown);
    if (!(error instanceof WasmCnnError) || this.#last === undefined) return error;
    return new WasmCnnError(`${error.message}; the last good checkpoint is ${this.#last}`, { cause: error });
  }

  /** Writes; on a full disk tries again after deleting each checkpoint that is not worth the room, the oldest first. */
  async #withRoom<Result>(write: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        const [newest, ...older] = isFull(error) ? await findCheckpoints(this.#folder) : [];
        // That of step 0 is what the seed gives.
        const least = older.at(-1) ?? (newest?.step === 0 ? newest : undefined);
        if (least === undefined) throw error;
        await removeTemporaries(this.#folder);
        await this.#remove(least);
      }
    }
  }

  async #remove({ path }: Checkpoint): Promise<void> {
    await withFileErrors('write', path, () => rm(path, { force: true }));
    if (this.#last === path) this.#last = undefined;
    console.error(`the disk is full: ${path} was removed to make room`);
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf((error as Error | null)?.cause) ?? '');
}
