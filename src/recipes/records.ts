// fit() callbacks that every checkpoint of a run keeps: a record an epoch, and what its history tells beside them.
import { check } from '../base/errors.js';
import { isRecord } from '../base/options.js';
import { now } from '../base/eventLoop.js';
import type { Callbacks } from '../callbacks/callback.js';

/** Figures of one epoch. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Absent where nothing is held out, as valAccuracy is. */
  readonly valLoss?: number;
  readonly valAccuracy?: number;
  /** Training alone, validation not counted. */
  readonly seconds: number;
  readonly samplesPerSecond: number;
}

/** A callback that keeps the figures of each epoch. */
export interface EpochRecords extends Callbacks {
  state: {
    records: EpochRecord[];
    /** The current epoch, training alone. */
    seconds: number;
  };
}

const figures = ['epoch', 'loss', 'accuracy', 'seconds', 'samplesPerSecond'] as const;
const validationFigures = ['valLoss', 'valAccuracy'] as const;

/** What any file may hold as the record of an epoch. */
export function isEpochRecord(value: unknown): value is EpochRecord {
  return (
    isRecord(value) &&
    figures.every((name) => typeof value[name] === 'number') &&
    validationFigures.every((name) => ['number', 'undefined'].includes(typeof value[name]))
  );
}

/**
 * `examples`: those of an epoch.
 *
 * @example
 * ```js
 * import { epochRecords } from 'wasm-cnn/recipes';
 *
 * const records = epochRecords(55000);
 * records.state.records; // []
 * ```
 */
export function epochRecords(examples: number): EpochRecords {
  let began = 0;
  return {
    name: 'epochProgress',
    state: { records: [], seconds: 0 },
    checkState({ records, seconds }) {
      check(
        Array.isArray(records) && records.every(isEpochRecord) && Number.isFinite(seconds),
        "the checkpoint's records of its epochs are none; resume from another checkpoint",
      );
    },
    onEpochBegin() {
      began = now() - 1000 * this.state.seconds;
    },
    onBatchEnd() {
      this.state.seconds = (now() - began) / 1000;
    },
    onEpochEnd(epoch, logs) {
      const { records, seconds } = this.state;
      const record = {
        epoch: epoch + 1,
        loss: logs.loss!,
        accuracy: logs.accuracy!,
        ...(logs.val_loss !== undefined && { valLoss: logs.val_loss, valAccuracy: logs.val_accuracy! }),
        seconds,
        samplesPerSecond: examples / seconds,
      };
      this.state = { records: [...records, record], seconds: 0 };
    },
  };
}

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
