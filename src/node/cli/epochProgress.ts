// Progress of training: a bar an epoch on a terminal, and one line for each finished epoch anywhere.
import { SingleBar } from 'cli-progress';
import type { Callbacks } from '../../callbacks/callback.js';
import { formatCount, formatPercent } from '../../table.js';
import type { Logs } from '../../trainer.js';

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

/** fit() callbacks that show the progress and collect a record an epoch. */
export function epochProgress(epochs: number, examples: number, batchSize: number, stream: NodeJS.WriteStream = process.stdout): Callbacks & { records: EpochRecord[] } {
  const records: EpochRecord[] = [];
  let bar: SingleBar | undefined;
  let began = 0;
  let seconds = 0;
  const speed = (seen: number): number => seen / seconds;
  return {
    records,
    onEpochBegin(epoch) {
      began = performance.now();
      if (!stream.isTTY) return;
      bar = new SingleBar({
        format: `Epoch ${epoch + 1}/${epochs} {bar} {percentage} % | {figures}`,
        barCompleteChar: '█', barIncompleteChar: '░', barsize: 24, clearOnComplete: true, stream, fps: 8,
      });
      bar.start(examples, 0, { figures: '' });
    },
    onBatchEnd(batch, logs) {
      const seen = Math.min(examples, (batch + 1) * batchSize);
      seconds = (performance.now() - began) / 1000;
      const left = (examples - seen) / speed(seen);
      bar?.update(seen, { figures: `${figures(logs)} | ${formatCount(Math.round(speed(seen)))} samples/s | ${Math.ceil(left)} s left` });
    },
    onEpochEnd(epoch, logs) {
      bar?.stop();
      bar = undefined;
      const record = {
        epoch: epoch + 1, loss: logs.loss!, accuracy: logs.accuracy!, valLoss: logs.val_loss!, valAccuracy: logs.val_accuracy!,
        seconds, samplesPerSecond: speed(examples),
      };
      records.push(record);
      const validation = `val_loss ${record.valLoss.toFixed(4)} | val_accuracy ${formatPercent(record.valAccuracy)}`;
      stream.write(`Epoch ${epoch + 1}/${epochs} | ${figures(logs)} | ${validation} | ${seconds.toFixed(1)} s | ${formatCount(Math.round(record.samplesPerSecond))} samples/s\n`);
    },
  };
}

function figures({ loss, accuracy }: Logs): string {
  return `loss ${loss!.toFixed(4)} | accuracy ${formatPercent(accuracy!)}`;
}
