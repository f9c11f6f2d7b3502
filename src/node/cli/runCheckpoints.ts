// The checkpoints of a run: written, recorded, and named when something fails.
import { WasmCnnError } from '../../errors.js';
import type { Sequential } from '../../model.js';
import { checkpointFolder } from '../checkpointFolder.js';
import { codeOf } from '../files.js';
import { refusedMemory } from './refusedMemory.js';
import type { RunRecord } from './runRecord.js';
import { weightsSha256 } from './training.js';

export class RunCheckpoints {
  readonly #write: ReturnType<typeof checkpointFolder>;
  readonly #record: RunRecord;
  #last: string | undefined;

  /** `last`: the checkpoint that the run goes on from, if it does. */
  constructor(folder: string, record: RunRecord, last: string | undefined) {
    this.#write = checkpointFolder(folder);
    this.#record = record;
    this.#last = last;
  }

  /** Hours of training are not thrown away for a disk that is full: where it can, the run goes on with the checkpoint it has. */
  async save(bytes: Uint8Array, step: number, model: Sequential, { aborted }: AbortSignal): Promise<void> {
    try {
      this.#last = await this.#write(bytes, step);
      this.#record.addCheckpoint(step, weightsSha256(model));
    } catch (error) {
      const byDisk = codeOf((error as Error).cause) !== undefined;
      if (!byDisk || aborted || this.#last === undefined) throw error;
      console.error(`${(error as Error).message}; training goes on, and the last checkpoint is ${this.#last}`);
    }
  }

  /** The error, telling what is left where something is. */
  named(thrown: unknown): unknown {
    const error = refusedMemory(thrown);
    if (!(error instanceof WasmCnnError) || this.#last === undefined) return error;
    return new WasmCnnError(`${error.message}; the last good checkpoint is ${this.#last}`, { cause: error });
  }
}
