// The epoch loop: batches in a seeded order, callbacks, validation, history.  https://keras.io/api/models/model_training_apis/#fit-method
import { epochOrder } from './data/batches.js';
import { check } from './errors.js';
import type { Labels } from './labels.js';
import { checkOptions, describe, isRecord } from './options.js';
import { checkWhole } from './shape.js';
import type { Tensor } from './tensor.js';
import type { Logs, Trainer } from './trainer.js';

/** Each may be async; fit waits for it. Epochs and batches count from 0, as in Keras. */
export interface Callbacks {
  onTrainBegin?(): unknown;
  /** logs: means over the epoch so far. */
  onBatchEnd?(batch: number, logs: Logs): unknown;
  onEpochBegin?(epoch: number): unknown;
  /** logs: loss and metrics, and with validationData val_loss and so on. */
  onEpochEnd?(epoch: number, logs: Logs): unknown;
  onTrainEnd?(): unknown;
}

export interface FitOptions {
  /** Default 1. The number of the last epoch: with initialEpoch 2, epochs 5 trains three. */
  readonly epochs?: number;
  readonly initialEpoch?: number;
  /** Default: what compile() planned for. */
  readonly batchSize?: number;
  /** Default true. */
  readonly shuffle?: boolean;
  /** Of shuffling and dropout; default: the model's. */
  readonly seed?: number;
  readonly validationData?: readonly [x: Tensor, y: Labels];
  readonly callbacks?: Callbacks | readonly Callbacks[];
}

export interface History {
  /** Numbers of the epochs that were trained. */
  readonly epoch: number[];
  /** By name (loss, accuracy, val_loss, val_accuracy), a value an epoch. */
  readonly history: Record<string, number[]>;
}

const events: readonly (keyof Callbacks)[] = ['onTrainBegin', 'onEpochBegin', 'onBatchEnd', 'onEpochEnd', 'onTrainEnd'];
const known: readonly (keyof FitOptions)[] = ['epochs', 'initialEpoch', 'batchSize', 'shuffle', 'seed', 'validationData', 'callbacks'];

/** Whoever holds it may end fit() after the batch at hand. */
export interface Stop {
  stopTraining: boolean;
}

/** `open` gives what trains, planned anew where the batch size is another one: after everything was checked. */
export async function fit(open: (batchSize?: number) => Trainer, x: Tensor, y: Labels, options: FitOptions, stop: Stop): Promise<History> {
  checkOptions(options, known, 'fit');
  const { epochs = 1, initialEpoch = 0, batchSize, shuffle = true, validationData, callbacks = [] } = options;
  checkWhole(epochs, 'epochs');
  checkWhole(initialEpoch, 'initialEpoch', 0);
  const planned = open();
  const seed = checkWhole(options.seed ?? planned.seed, 'seed', 0);
  const examples = planned.examples(x, y, 'fit');
  if (validationData) {
    check(Array.isArray(validationData as unknown) && validationData.length === 2, "fit's validationData must be [x, y]");
    planned.examples(...validationData, "fit's validationData");
  }
  const listeners = [callbacks].flat();
  for (const listener of listeners) checkCallbacks(listener);
  const trainer = open(batchSize);
  trainer.seed = seed;
  const history: History = { epoch: [], history: {} };
  const pause = makePause();

  stop.stopTraining = false;
  for (const listener of listeners) await listener.onTrainBegin?.();
  for (let epoch = initialEpoch; epoch < epochs && !stop.stopTraining; epoch++) {
    for (const listener of listeners) await listener.onEpochBegin?.(epoch);
    const order = epochOrder(examples.count, seed, epoch, shuffle);
    const totals: Logs = {};
    let seen = 0;
    for (let batch = 0; seen < examples.count && !stop.stopTraining; batch++) {
      const count = Math.min(trainer.batchSize, examples.count - seen);
      const rate = trainer.learningRate;
      trainer.train(examples, order, seen, count, totals);
      check(Number.isFinite(totals.loss), () => `loss is ${totals.loss} in epoch ${epoch + 1}, step ${batch + 1} (learning rate ${rate}); lower it or check the data`);
      seen += count;
      for (const listener of listeners) if (listener.onBatchEnd) await listener.onBatchEnd(batch, trainer.means(totals, seen));
      await pause();
    }
    if (seen === 0) break;
    const logs = trainer.means(totals, seen);
    if (validationData) {
      for (const [name, value] of Object.entries(trainer.evaluate(...validationData))) logs[`val_${name}`] = value;
    }
    history.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (history.history[name] ??= []).push(value);
    for (const listener of listeners) await listener.onEpochEnd?.(epoch, logs);
  }
  for (const listener of listeners) await listener.onTrainEnd?.();
  return history;
}

/** Throws at a name that fit would never call. */
function checkCallbacks(callbacks: unknown): void {
  check(isRecord(callbacks), () => `fit's callbacks must be objects with ${events.join(', ')}, got ${describe(callbacks)}`);
  for (const key of Object.keys(callbacks)) check(!/^on[A-Z]/.test(key) || events.includes(key as never), () => `fit has no callback '${key}'; it has ${events.join(', ')}`);
}

/** Lets the host's event loop run now and then: timers, signals and progress bars must not wait for the end of an epoch. */
function makePause(): () => Promise<void> | undefined {
  const INTERVAL_MS = 20;
  let last = performance.now();
  return () => {
    if (performance.now() - last < INTERVAL_MS) return undefined;
    return new Promise((resolve) => {
      const resume = (): void => {
        last = performance.now();
        resolve();
      };
      // setTimeout waits at least a millisecond in Node and four in browsers; setImmediate, where there is one, does not.
      const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
      if (setImmediate) setImmediate(resume);
      else setTimeout(resume, 0);
    });
  };
}
