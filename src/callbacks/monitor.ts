// What callbacks that watch a figure have in common: which one, and when it is better.  https://keras.io/api/callbacks/
import { check } from '../base/errors.js';
import { nearestName } from '../base/nearest.js';
import { checkNumber, describe } from '../base/options.js';
import type { TrainedModel } from '../training/executor.js';

/** Which figure a callback watches, and what makes it better. */
export interface MonitorOptions {
  /** A name in the logs of an epoch; default 'val_loss', which needs validationData. */
  readonly monitor?: string;
  /** Whether smaller or larger is better; 'auto' (default): what the metric says of itself, and smaller for a loss. */
  readonly mode?: 'auto' | 'min' | 'max';
  /** What a figure must differ by to be better. */
  readonly minDelta?: number;
}

export interface Monitor {
  /** The figure's name in the logs. */
  readonly name: string;
  /** What a checkpoint keeps of the options. */
  readonly settings: readonly unknown[];
  /** Called when fit begins. Throws where the logs have no such name, or it is not known what is better. */
  begin(model: TrainedModel, logs: readonly string[] | undefined): void;
  /** Whether a figure is better than another one, or than none; NaN and infinity are no better than anything. */
  isBetter(value: number, than: number | null): boolean;
}

export function makeMonitor(options: MonitorOptions, who: string): Monitor {
  const { monitor: name = 'val_loss', mode = 'auto', minDelta = 0 } = options;
  check(typeof name === 'string', () => `${who}'s monitor must be a name in the logs, got ${describe(name)}`);
  checkNumber(minDelta, (value) => value >= 0 && value < Infinity, `${who}'s minDelta must be a number of at least 0`);
  check(
    ['auto', 'min', 'max'].includes(mode),
    () => `${who}'s mode must be 'auto', 'min' or 'max', got ${describe(mode)}`,
  );
  let larger = mode === 'max';
  return {
    name,
    settings: [name, mode, minDelta],
    begin(model, logs) {
      check(
        logs === undefined || logs.includes(name),
        () =>
          `${who} monitors '${name}', and an epoch has ${logs!.join(', ')}; ${
            name.startsWith('val_') && !logs!.some((log) => log.startsWith('val_'))
              ? 'give fit validationData, and a validationFreq up to its epochs'
              : /acc/i.test(name) && !logs!.some((log) => /acc/i.test(log))
                ? 'compile() the model with that metric'
                : `did you mean '${nearestName(name, logs!)}'?`
          }`,
      );
      const direction = mode === 'auto' ? directionOf(name, model) : mode;
      check(
        direction !== undefined,
        () => `${who} does not know whether a larger '${name}' is better; give it mode: 'max' or 'min'`,
      );
      larger = direction === 'max';
    },
    isBetter: (value, than) =>
      Number.isFinite(value) && (than === null || (larger ? value - minDelta > than : value + minDelta < than)),
  };
}

/** What is better for a log of this name, which may begin with 'val_' and an output's name and end with a class's number. */
function directionOf(name: string, { compiled }: TrainedModel): 'min' | 'max' | undefined {
  const bare = name.replace(/^val_/, '');
  if (/(^|_)loss$/.test(bare)) return 'min';
  if (/acc(uracy)?$/i.test(bare)) return 'max';
  const metrics = compiled?.outputs.flatMap((output) => output?.metrics ?? []) ?? [];
  const isOf = (metric: string, log: string): boolean => log === metric || log.endsWith(`_${metric}`);
  return metrics.find((metric) => isOf(metric.name, bare) || isOf(metric.name, bare.replace(/_\d+$/, '')))?.direction;
}

/** Whether it is a figure that isBetter() could have kept: finite, or null before there was one. */
export function isKept(best: unknown): boolean {
  return best === null || Number.isFinite(best);
}

export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Steps after which a callback does what its `updateFreq` says: 'epoch' (never between two), 'batch' (each), or so many. */
export function stepsBetween(updateFreq: unknown, who: string): number {
  if (updateFreq === 'epoch') return Infinity;
  if (updateFreq === 'batch') return 1;
  check(
    isCount(updateFreq) && updateFreq !== 0,
    () => `${who}'s updateFreq must be 'epoch', 'batch' or a number of batches, got ${describe(updateFreq)}`,
  );
  return updateFreq as number;
}

/** 0: says nothing (default); 1: says on the console what it does. */
export function checkVerbose(verbose: unknown, who: string): void {
  check(verbose === 0 || verbose === 1, () => `${who}'s verbose must be 0 or 1, got ${describe(verbose)}`);
}

/** Whether options are those that a state was left with, as text; a checkpoint of before has none. */
export function areKept(kept: unknown, settings: string): boolean {
  return kept === undefined || kept === settings;
}

/** The sentence for a state that a callback could not have left. */
export function checkOwnState(isOwn: boolean, who: string): void {
  check(
    isOwn,
    `the checkpoint's state of ${who} is not of this model and these options; give fit the same callbacks, or start anew without resume`,
  );
}
