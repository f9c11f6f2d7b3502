// Checkpoints while fit is under way.  https://keras.io/api/callbacks/model_checkpoint/ and backup_and_restore/
import { check } from '../errors.js';
import type { Sequential } from '../model.js';
import { checkOptions, describe } from '../options.js';
import type { Callbacks } from './callback.js';

export interface ModelCheckpointOptions {
  /** Keeps the bytes, which loadModel() reads and fit's `resume` goes on from. May be async; `step` is the model's. */
  readonly save: (bytes: Uint8Array<ArrayBuffer>, step: number) => unknown;
  /** After every epoch (default), or after so many steps; and before the first step, so that there always is one. */
  readonly saveFreq?: 'epoch' | number;
  /** When it is aborted, fit ends after the step at hand: what was reached is saved, and the signal's reason is fit's error. */
  readonly signal?: AbortSignal;
  /** See {@link SaveOptions}. */
  readonly facts?: unknown;
}

export function modelCheckpoint(options: ModelCheckpointOptions): Callbacks {
  checkOptions(options, ['save', 'saveFreq', 'signal', 'facts'], 'modelCheckpoint');
  const { save, saveFreq = 'epoch', signal, facts } = options;
  check(typeof save === 'function', () => `modelCheckpoint needs save, a function that keeps the bytes, got ${describe(save)}`);
  check(saveFreq === 'epoch' || (Number.isSafeInteger(saveFreq) && saveFreq > 0), () => `modelCheckpoint's saveFreq must be 'epoch' or a whole number of steps, got ${describe(saveFreq)}`);
  let model: Sequential;
  let due = false;
  return {
    onTrainBegin(trained) {
      model = trained;
      due = true;
    },
    onBatchEnd() {
      due ||= saveFreq !== 'epoch' && model.step % saveFreq === 0;
    },
    onEpochEnd() {
      due ||= saveFreq === 'epoch';
    },
    async onSavePoint() {
      if (due || signal?.aborted) await save(model.save({ facts }), model.step);
      due = false;
      if (signal?.aborted) throw signal.reason;
    },
  };
}
