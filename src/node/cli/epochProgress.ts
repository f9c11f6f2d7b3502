// Progress of training: a bar an epoch on a terminal, and one line for each finished epoch anywhere.
import { SingleBar } from 'cli-progress';
import type { Callbacks } from '../../callbacks/callback.js';
import { formatCount, formatPercent } from '../../base/table.js';
import type { EpochRecord, EpochRecords } from '../../recipes/records.js';
import { colored } from './color.js';
import type { Logs } from '../../training/session.js';

export interface EpochProgress extends Callbacks {
  /** Takes the bar away, however fit ended. */
  stop(): void;
}

/** fit() callbacks that show what `records` keeps; in the list they come behind it. */
export function epochProgress(
  records: EpochRecords,
  { epochs, examples, batchSize }: { epochs: number; examples: number; batchSize: number },
  stream: NodeJS.WriteStream = process.stdout,
): EpochProgress {
  let bar: SingleBar | undefined;
  return {
    stop() {
      bar?.stop();
      bar = undefined;
    },
    onEpochBegin(epoch) {
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
      const speed = seen / records.state.seconds;
      const left = (examples - seen) / speed;
      bar?.update(seen, {
        figures: `${figures(logs)} | ${formatCount(Math.round(speed))} samples/s | ${Math.ceil(left)} s left`,
      });
    },
    onEpochEnd(epoch) {
      this.stop();
      const record = records.state.records.at(-1)!;
      stream.write(
        `Epoch ${epoch + 1}/${epochs} | ${formatEpoch(record)} ${colored('dim', `| ${record.seconds.toFixed(1)} s | ${formatCount(Math.round(record.samplesPerSecond))} samples/s`, stream)}\n`,
      );
    },
  };
}

/** 'loss 0.1 | accuracy 97 %', and the same of validation where there is any. */
export function formatEpoch({
  valLoss,
  valAccuracy,
  ...training
}: Pick<EpochRecord, 'loss' | 'accuracy' | 'valLoss' | 'valAccuracy'>): string {
  if (valLoss === undefined) return figures(training);
  return `${figures(training)} | val_loss ${valLoss.toFixed(4)} | val_accuracy ${formatPercent(valAccuracy!)}`;
}

function figures({ loss, accuracy }: Logs): string {
  return `loss ${loss!.toFixed(4)} | accuracy ${formatPercent(accuracy!)}`;
}
