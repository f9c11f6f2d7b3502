// fit() callbacks that every checkpoint of a run keeps: a record an epoch, and what its history tells beside them.
import { check } from '../base/errors.js';
import { isRecord } from '../base/options.js';
import { now } from '../base/eventLoop.js';
import type { Callbacks } from '../callbacks/callback.js';
import type { Logs } from '../training/session.js';
import type { RunSettings } from './settings.js';

/** How an epoch went: an entry each few steps, the last one at its end. */
export interface EpochCurve {
  /** Steps within this epoch, from 1, after which there is an entry. */
  readonly steps: readonly number[];
  /** Means over the steps since the entry before, to five digits. */
  readonly loss: readonly number[];
  readonly accuracy: readonly number[];
}

/** Figures of one epoch. */
export interface EpochRecord {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Absent where nothing is held out, as valAccuracy is. */
  readonly valLoss?: number;
  readonly valAccuracy?: number;
  /** Training alone, validation not counted. */
  readonly seconds: number;
  readonly samplesPerSecond: number;
  /** Absent in runs of many epochs, whose figures are a curve already. */
  readonly curve?: EpochCurve;
}

function isCurve(value: unknown): value is EpochCurve {
  if (!isRecord(value)) return false;
  const parts = [value['steps'], value['loss'], value['accuracy']];
  const areNumbers = (part: unknown): boolean => Array.isArray(part) && part.every((each) => typeof each === 'number');
  return parts.every(areNumbers) && new Set(parts.map((part) => (part as number[]).length)).size === 1;
}

/** A callback that keeps the figures of each epoch. */
export interface EpochRecords extends Callbacks {
  state: {
    records: EpochRecord[];
    /** The current epoch, training alone. */
    seconds: number;
    /** The current epoch, not rounded; absent in a checkpoint of an earlier version. */
    curve?: EpochCurve;
  };
}

/** Entries of all curves of a run, and of one epoch. */
const [ALL_ENTRIES, MOST_ENTRIES] = [100, 20];
const NO_CURVE: EpochCurve = { steps: [], loss: [], accuracy: [] };

const figures = ['epoch', 'loss', 'accuracy', 'seconds', 'samplesPerSecond'] as const;
const validationFigures = ['valLoss', 'valAccuracy'] as const;

/** What any file may hold as the record of an epoch. */
export function isEpochRecord(value: unknown): value is EpochRecord {
  return (
    isRecord(value) &&
    figures.every((name) => typeof value[name] === 'number') &&
    validationFigures.every((name) => ['number', 'undefined'].includes(typeof value[name])) &&
    (value['curve'] === undefined || isCurve(value['curve']))
  );
}

/**
 * `examples`: those of an epoch. `settings`: of the run; without them there are no curves within epochs.
 *
 * @example
 * ```js
 * import { epochRecords } from 'wasm-cnn/recipes';
 *
 * const records = epochRecords(55000);
 * records.state.records; // []
 * ```
 */
export function epochRecords(examples: number, settings?: Pick<RunSettings, 'epochs' | 'batchSize'>): EpochRecords {
  const { epochs, batchSize } = settings ?? { epochs: Infinity, batchSize: 1 };
  const steps = Math.ceil(examples / batchSize);
  const entries = Math.min(MOST_ENTRIES, steps, Math.floor(ALL_ENTRIES / epochs));
  const entriesUntil = (step: number): number => Math.floor((step * entries) / steps);
  let began = 0;
  return {
    name: 'epochProgress',
    state: { records: [], seconds: 0 },
    checkState({ records, seconds, curve }) {
      check(
        Array.isArray(records) &&
          records.every(isEpochRecord) &&
          Number.isFinite(seconds) &&
          (curve === undefined || isCurve(curve)),
        "the checkpoint's records of its epochs are none; resume from another checkpoint",
      );
    },
    onEpochBegin() {
      began = now() - 1000 * this.state.seconds;
    },
    onBatchEnd(batch, logs) {
      this.state.seconds = (now() - began) / 1000;
      const step = batch + 1;
      if (entries > 1 && entriesUntil(step) > entriesUntil(batch))
        this.state.curve = withEntry(this.state.curve ?? NO_CURVE, step, logs, (s) =>
          Math.min(examples, s * batchSize),
        );
    },
    onEpochEnd(epoch, logs) {
      const { records, seconds, curve } = this.state;
      const record = {
        epoch: epoch + 1,
        loss: logs.loss,
        accuracy: logs.accuracy!,
        ...(logs.val_loss !== undefined && { valLoss: logs.val_loss, valAccuracy: logs.val_accuracy! }),
        seconds,
        samplesPerSecond: examples / seconds,
        ...(curve && { curve: { ...curve, loss: curve.loss.map(rounded), accuracy: curve.accuracy.map(rounded) } }),
      };
      this.state = { records: [...records, record], seconds: 0 };
    },
  };
}

/** `logs`: means over the epoch until this step. `seen`: examples until a step. */
function withEntry(curve: EpochCurve, step: number, logs: Logs, seen: (step: number) => number): EpochCurve {
  const counts = curve.steps.map((each, i) => seen(each) - seen(curve.steps[i - 1] ?? 0));
  const from = seen(curve.steps.at(-1) ?? 0);
  const next = (name: 'loss' | 'accuracy'): readonly number[] => {
    const before = curve[name].reduce((sum, mean, i) => sum + mean * counts[i]!, 0);
    return [...curve[name], (seen(step) * logs[name]! - before) / (seen(step) - from)];
  };
  return { steps: [...curve.steps, step], loss: next('loss'), accuracy: next('accuracy') };
}

const rounded = (value: number): number => Number(value.toPrecision(5));

/** A callback that keeps when a run was saved and resumed, and how long it took. */
export interface RunRecord extends Callbacks {
  state: {
    checkpoints: { step: number; weightsSha256: string }[];
    /** Steps at which the run was interrupted and resumed. */
    resumedAt: number[];
    /** All processes and tabs that had a part in it. */
    seconds: number;
  };
  addCheckpoint(step: number, weightsSha256: string): void;
  /** Brings `seconds` up to now. */
  tick(): void;
}

/**
 * `resumedAt`: where this process or tab continues. `since`: the performance.now() from which its seconds count, the process' start unless told.
 *
 * @example
 * ```js
 * import { runRecord } from 'wasm-cnn/recipes';
 *
 * runRecord().state.resumedAt; // []
 * ```
 */
export function runRecord(resumedAt: number | null = null, since = 0): RunRecord {
  let last = since / 1000;
  return {
    name: 'runRecord',
    state: { checkpoints: [], resumedAt: [], seconds: 0 },
    checkState({ checkpoints, resumedAt, seconds }) {
      const isCheckpoint = (value: unknown): boolean =>
        isRecord(value) && Number.isSafeInteger(value.step) && /^[0-9a-f]{64}$/.test(String(value.weightsSha256));
      check(
        Array.isArray(checkpoints) &&
          checkpoints.every(isCheckpoint) &&
          Array.isArray(resumedAt) &&
          resumedAt.every(Number.isSafeInteger) &&
          Number.isFinite(seconds),
        "the checkpoint's record of its run is none; resume from another checkpoint",
      );
    },
    addCheckpoint(step, weightsSha256) {
      this.state.checkpoints = [
        ...this.state.checkpoints.filter((other) => other.step !== step),
        { step, weightsSha256 },
      ];
    },
    tick() {
      const seconds = now() / 1000;
      this.state.seconds += seconds - last;
      last = seconds;
    },
    onSavePoint() {
      this.tick();
      if (resumedAt !== null) this.state.resumedAt.push(resumedAt);
      resumedAt = null;
    },
  };
}
