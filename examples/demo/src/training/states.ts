// The callbacks with a state that a run of npm run train has. A checkpoint names them, and fit goes on only with the same:
// so the page has them, too, keeps what they know, and a run that comes home to Node finds its records whole.
import { earlyStopping, type Callbacks } from 'wasm-cnn';

/** A record an epoch, as Node's epochProgress makes it. */
function epochProgress(examples: number): Callbacks {
  let began = 0;
  return {
    name: 'epochProgress',
    state: { records: [], seconds: 0 },
    onEpochBegin() {
      began = performance.now() - 1000 * (this.state!['seconds'] as number);
    },
    onBatchEnd() {
      this.state!['seconds'] = (performance.now() - began) / 1000;
    },
    onEpochEnd(epoch, logs) {
      const { records, seconds } = this.state as { records: unknown[]; seconds: number };
      const record = {
        epoch: epoch + 1,
        loss: logs['loss'],
        accuracy: logs['accuracy'],
        valLoss: logs['val_loss'],
        valAccuracy: logs['val_accuracy'],
        seconds,
        samplesPerSecond: examples / seconds,
      };
      this.state = { records: [...records, record], seconds: 0 };
    },
  };
}

/** Where the run was interrupted and resumed, and the seconds of all hosts that had a part in it. */
function runRecord(resumedAt: number | null): Callbacks {
  let last = performance.now() / 1000;
  return {
    name: 'runRecord',
    state: { checkpoints: [], resumedAt: [], seconds: 0 },
    onTrainBegin() {
      last = performance.now() / 1000;
    },
    onSavePoint() {
      const state = this.state as { seconds: number; resumedAt: number[] };
      const now = performance.now() / 1000;
      state.seconds += now - last;
      last = now;
      if (resumedAt !== null) state.resumedAt.push(resumedAt);
      resumedAt = null;
    },
  };
}

export interface StatesAsked {
  /** Training examples. */
  readonly examples: number;
  /** The step of the checkpoint that the run goes on from, or null. */
  readonly resumedAt: number | null;
  /** Epochs of patience; null for none. */
  readonly patience: number | null;
  /** The names of the states in the checkpoint; without one, those of a run of npm run train. */
  readonly names?: readonly string[] | undefined;
}

/** The callbacks, and the names of those that are only kept because nobody here knows what they do. */
export function callbacksWithStates({ examples, resumedAt, patience, names }: StatesAsked): {
  callbacks: Callbacks[];
  unknown: string[];
} {
  const known = [epochProgress(examples), runRecord(resumedAt)];
  if (patience !== null) known.push(earlyStopping({ patience, restoreBestWeights: true }));
  if (!names) return { callbacks: known, unknown: [] };
  const callbacks = names.map((name) => known.find((callback) => callback.name === name) ?? { name, state: {} });
  return { callbacks, unknown: names.filter((name) => !known.some((callback) => callback.name === name)) };
}
