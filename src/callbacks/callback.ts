// The contract of a callback: what fit() tells it, and what it remembers across an interruption.  https://keras.io/api/callbacks/
import { check, isPrintable } from '../base/errors.js';
import type { CallbackState } from '../training/fitState.js';
import type { TrainedModel } from '../training/executor.js';
import { unknown } from '../base/nearest.js';
import { describe, isRecord, listed } from '../base/options.js';
import type { Logs } from '../training/session.js';

/** Each function may be async; fit waits for it. Epochs and batches count from 0, as in Keras. */
export interface Callbacks {
  /** Key of this callback's state in checkpoints; required if it has state. */
  readonly name?: string;
  /** Names that its onEpochEnd adds to the logs, for callbacks behind it to monitor. */
  readonly logNames?: readonly string[];
  /** What it remembers: kept in every checkpoint, and set again after a resumed fit's onTrainBegin. */
  state?: CallbackState;
  /** Throws unless a checkpoint's state is one that this callback could have left: a file may hold anything. */
  checkState?(state: CallbackState, model: TrainedModel): void;
  /**
   * `signal`: what fit was given, if anything; once it is aborted, fit ends at the next save point. `logs`: the names that the logs of
   * each epoch will have, with the `logNames` of all callbacks.
   */
  onTrainBegin?(model: TrainedModel, signal?: AbortSignal, logs?: readonly string[]): unknown;
  /** Also for the rest of an epoch that a checkpoint had started. */
  onEpochBegin?(epoch: number): unknown;
  /** logs: means over the epoch so far. */
  onBatchEnd?(batch: number, logs: Logs): unknown;
  /** logs: loss and metrics, and with validationData val_loss and so on. */
  onEpochEnd?(epoch: number, logs: Logs): unknown;
  /** Also where `signal` ended it. */
  onTrainEnd?(): unknown;
  /** After onTrainBegin, onBatchEnd and onEpochEnd of all callbacks: a fit resumes exactly from what model.save() returns here. */
  onSavePoint?(): unknown;
}

export const events = [
  'onTrainBegin',
  'onEpochBegin',
  'onBatchEnd',
  'onEpochEnd',
  'onTrainEnd',
  'onSavePoint',
] as const;

/** Its own, and those of its classes. */
function namesOf(object: object): string[] {
  const above = Object.getPrototypeOf(object) as object | null;
  return [...Object.getOwnPropertyNames(object), ...(above ? namesOf(above) : [])];
}

/** Throws at a name that fit would never call, and at a state that a checkpoint could not name. */
export function checkCallbacks(list: readonly unknown[]): asserts list is readonly Callbacks[] {
  const names: unknown[] = [];
  for (const callbacks of list) {
    check(
      isRecord(callbacks) && !('then' in callbacks),
      () => `fit's callbacks must be objects with ${events.join(', ')}, got ${describe(callbacks)}`,
    );
    for (const key of namesOf(callbacks).filter((key) => /^on[A-Z_]/.test(key))) {
      check(
        events.includes(key as never),
        () => `fit has no callback ${unknown(key, events)}; it has ${events.join(', ')}`,
      );
      const own = callbacks[key] ?? null;
      check(
        own === null || typeof own === 'function',
        () => `a callback's ${key} must be a function, got ${describe(own)}`,
      );
    }
    const { name, logNames = [] } = callbacks;
    check(
      Array.isArray(logNames) && logNames.every((log) => typeof log === 'string' && isPrintable(log) && !(log in {})),
      () => `a callback's logNames must be an array of the names that it adds to the logs, got ${listed(logNames)}`,
    );
    if (callbacks.state === undefined) continue;
    check(
      typeof name === 'string' && /^[\w.-]+$/.test(name),
      () => `a callback with a state needs a name made of letters, digits, _ . and -, got ${describe(name)}`,
    );
    check(!names.includes(name), () => `two callbacks with a state are called '${name}'; set the name of one of them`);
    names.push(name);
  }
}

/** Those that a fit is using, of callbacks that remember what it tells them. */
const engaged = new WeakSet<Callbacks>();

/** Reserves the callbacks for one fit until the returned function is called; throws where another fit has one of them. */
export function engage(list: readonly Callbacks[]): () => void {
  const remembering = list.filter(({ state, onTrainBegin }) => state !== undefined || onTrainBegin !== undefined);
  const taken = remembering.find((callbacks) => engaged.has(callbacks));
  check(
    taken === undefined,
    () => `fit's callback ${taken!.name ?? 'with onTrainBegin'} is in use by another fit; give each fit one of its own`,
  );
  for (const callbacks of remembering) engaged.add(callbacks);
  return () => {
    for (const callbacks of remembering) engaged.delete(callbacks);
  };
}
