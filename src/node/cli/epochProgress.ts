// Progress of training: a bar an epoch on a terminal, and one line for each finished epoch anywhere.
import { SingleBar } from 'cli-progress';
import type { Callbacks } from '../../callbacks/callback.js';
import { check } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import { formatCount, formatPercent } from '../../base/table.js';
import type { Logs } from '../../training/trainer.js';

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly valLoss: number;
  readonly valAccuracy: number;
  /** Of training alone, validation not counted. */
  readonly seconds: number;
  readonly samplesPerSecond: number;
}

export interface EpochProgress extends Callbacks {
  state: {
    records: EpochRecord[];
    /** Of the epoch under way, in training alone. */
    seconds: number;
  };
  /** Takes the bar away, however fit ended. */
  stop(): void;
}

/** fit() callbacks that show the progress and collect a record an epoch. */
export function epochProgress(
  epochs: number,
  examples: number,
  batchSize: number,
  stream: NodeJS.WriteStream = process.stdout,
): EpochProgress {
  let bar: SingleBar | undefined;
  let began = 0;
  const speed = (seen: number, seconds: number): number => seen / seconds;
  return {
    name: 'epochProgress',
    state: { records: [], seconds: 0 },
    checkState({ records, seconds }) {
      const figures: readonly (keyof EpochRecord)[] = [
        'epoch',
        'loss',
        'accuracy',
        'valLoss',
        'valAccuracy',
        'seconds',
        'samplesPerSecond',
      ];
      check(
        Array.isArray(records) &&
          records.every((record) => isRecord(record) && figures.every((name) => typeof record[name] === 'number')) &&
          Number.isFinite(seconds),
        "the checkpoint's records of its epochs are none; resume from another checkpoint",
      );
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
    onEpochBegin(epoch) {
      began = performance.now() - 1000 * this.state.seconds;
      if (!stream.isTTY) return;
      bar = new SingleBar({
        format: `Epoch ${epoch + 1}/${epochs} {bar} {percentage} % | {figures}`,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 24,
        clearOnComplete: true,
        stream,
        fps: 8,
      });
      bar.start(examples, 0, { figures: '' });
    },
    onBatchEnd(batch, logs) {
      const seen = Math.min(examples, (batch + 1) * batchSize);
      const seconds = (performance.now() - began) / 1000;
      this.state.seconds = seconds;
      const left = (examples - seen) / speed(seen, seconds);
      bar?.update(seen, {
        figures: `${figures(logs)} | ${formatCount(Math.round(speed(seen, seconds)))} samples/s | ${Math.ceil(left)} s left`,
      });
    },
    onEpochEnd(epoch, logs) {
      this.stop();
      const { records, seconds } = this.state;
      const record = {
        epoch: epoch + 1,
        loss: logs.loss!,
        accuracy: logs.accuracy!,
        valLoss: logs.val_loss!,
        valAccuracy: logs.val_accuracy!,
        seconds,
        samplesPerSecond: speed(examples, seconds),
      };
      this.state = { records: [...records, record], seconds: 0 };
      const validation = `val_loss ${record.valLoss.toFixed(4)} | val_accuracy ${formatPercent(record.valAccuracy)}`;
      stream.write(
        `Epoch ${epoch + 1}/${epochs} | ${figures(logs)} | ${validation} | ${seconds.toFixed(1)} s | ${formatCount(Math.round(record.samplesPerSecond))} samples/s\n`,
      );
    },
  };
}

function figures({ loss, accuracy }: Logs): string {
  return `loss ${loss!.toFixed(4)} | accuracy ${formatPercent(accuracy!)}`;
}
