// Checkpoints while fit is under way.  https://keras.io/api/callbacks/model_checkpoint/ and backup_and_restore/
import { check } from '../base/errors.js';
import type { OwnBytes } from '../base/hostTypes.js';
import type { TrainedModel } from '../training/executor.js';
import { checkOptions, describe } from '../base/options.js';
import type { Callbacks } from './callback.js';

export interface ModelCheckpointOptions {
  /** Keeps the bytes, which loadModel() reads and fit's `resume` continues from. May be async; `step` is the model's. */
  readonly save: (bytes: OwnBytes, step: number, model: TrainedModel) => unknown;
  /** After every epoch (default), or after so many steps; before the first step, and when fit's signal is aborted, in any case. */
  readonly saveFreq?: 'epoch' | number;
  /** See {@link SaveOptions}. */
  readonly facts?: unknown;
}

export function modelCheckpoint(options: ModelCheckpointOptions): Callbacks {
  checkOptions(options, ['save', 'saveFreq', 'facts'], 'modelCheckpoint');
  const { save, saveFreq = 'epoch', facts } = options;
  check(
    typeof save === 'function',
    () => `modelCheckpoint needs save, a function that keeps the bytes, got ${describe(save)}`,
  );
  check(
    saveFreq === 'epoch' || (Number.isSafeInteger(saveFreq) && saveFreq > 0),
    () => `modelCheckpoint's saveFreq must be 'epoch' or a whole number of steps, got ${describe(saveFreq)}`,
  );
  let model: TrainedModel;
  let signal: AbortSignal | undefined;
  let due = false;
  return {
    onTrainBegin(...given) {
      [model, signal] = given;
      due = true;
    },
    onBatchEnd() {
      due ||= saveFreq !== 'epoch' && model.step % saveFreq === 0;
    },
    onEpochEnd() {
      due ||= saveFreq === 'epoch';
    },
    async onSavePoint() {
      if (due || signal?.aborted) await save(model.save({ facts }), model.step, model);
      due = false;
    },
  };
}
