// What fit logs, as event files for TensorBoard.  https://keras.io/api/callbacks/tensorboard/
import { join } from 'node:path';
import type { Callbacks } from '../../callbacks/callback.js';
import { checkOwnState, isCount, stepsBetween } from '../../callbacks/monitor.js';
import { check } from '../../base/errors.js';
import { checkOptions, describe, isRecord } from '../../base/options.js';
import type { TrainedModel } from '../../training/executor.js';
import { appendEvents, beginEventFile, isEventFileName, listEventFiles, type EventFile } from './eventFiles.js';
import type { Event } from './codecs/eventRecord.js';

/** Options of {@link tensorBoard}. */
export interface TensorBoardOptions {
  /** Default 'logs'. Files are in its folders train and validation. A folder for each run, so that their curves lie over each other. */
  readonly logDir?: string;
  /** 'epoch' (default): once an epoch; n: every n batches, too, 'batch' each. */
  readonly updateFreq?: 'epoch' | 'batch' | number;
}

/** What {@link tensorBoard} makes. */
export interface TensorBoard extends Callbacks {
  /** The files that count, and how much of each. */
  state: { train: EventFile[]; validation: EventFile[] };
}

const folders = ['train', 'validation'] as const;

/**
 * Tags and steps are Keras': epoch_loss, epoch_accuracy and so on with epochs from 0, in train with epoch_learning_rate; batch_loss and so on
 * with the optimizer's steps; in validation evaluation_loss_vs_iterations, too. Each record is on the disk before fit continues, and a fit that
 * resumes shows no epoch twice.
 *
 * @example
 * ```ts
 * import { tensorBoard } from 'wasm-cnn/node';
 *
 * const callbacks = [tensorBoard({ logDir: 'logs' })];
 * ```
 */
export function tensorBoard(options: TensorBoardOptions = {}): TensorBoard {
  const who = 'tensorBoard';
  checkOptions(options, ['logDir', 'updateFreq'], who);
  const { logDir = 'logs', updateFreq = 'epoch' } = options;
  check(
    typeof logDir === 'string' && logDir !== '',
    () => `${who}'s logDir must be the path of a folder, got ${describe(logDir)}`,
  );
  const steps = stepsBetween(updateFreq, who);
  let model: TrainedModel;
  let begun = false;
  let validates = false;

  return {
    name: who,
    state: { train: [], validation: [] },
    checkState(state) {
      const isFile = (file: unknown): boolean => isRecord(file) && isEventFileName(file.name) && isCount(file.bytes);
      checkOwnState(
        folders.every((folder) => Array.isArray(state[folder]) && state[folder].every(isFile)),
        who,
      );
    },
    async onTrainBegin(trained, _, logs = []) {
      [model, begun] = [trained, false];
      validates = logs.some((name) => name.startsWith('val_'));
      const [train, validation] = await Promise.all(folders.map((folder) => listEventFiles(join(logDir, folder))));
      this.state = { train: train!, validation: validation! };
    },
    // Not before, as a resumed fit's state comes after onTrainBegin.
    async onEpochBegin() {
      if (begun) return;
      const { train, validation } = this.state;
      this.state = {
        train: await beginEventFile(join(logDir, 'train'), train),
        validation: validates ? await beginEventFile(join(logDir, 'validation'), validation) : validation,
      };
      begun = true;
    },
    async onBatchEnd(_, logs) {
      if (model.step % steps === 0)
        await append(this, 'train', [{ step: model.step, scalars: tagged('batch_', logs) }]);
    },
    async onEpochEnd(epoch, logs) {
      const names = Object.keys(logs);
      const of = (isWanted: (name: string) => boolean, prefix = ''): Record<string, number> =>
        Object.fromEntries(names.filter(isWanted).map((name) => [name.slice(prefix.length), logs[name]!]));
      const train = { ...of((name) => !name.startsWith('val_')), learningRate: model.learningRate };
      await append(this, 'train', [{ step: epoch, scalars: tagged('epoch_', train) }]);
      const validation = of((name) => name.startsWith('val_'), 'val_');
      if (Object.keys(validation).length > 0)
        await append(this, 'validation', [
          { step: model.step, scalars: tagged('evaluation_', validation, '_vs_iterations') },
          { step: epoch, scalars: tagged('epoch_', validation) },
        ]);
    },
  };

  async function append(callback: TensorBoard, folder: (typeof folders)[number], events: Event[]): Promise<void> {
    const files = callback.state[folder];
    const written = await appendEvents(join(logDir, folder), files.at(-1)!, events);
    callback.state = { ...callback.state, [folder]: [...files.slice(0, -1), written] };
  }
}

/** Logs under Keras' names: topKCategoricalAccuracy is top_k_categorical_accuracy. */
function tagged(before: string, logs: Record<string, number>, behind = ''): Record<string, number> {
  const spelled = (name: string): string =>
    name
      .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase();
  return Object.fromEntries(Object.entries(logs).map(([name, value]) => [before + spelled(name) + behind, value]));
}
