// The phases of a command, by names: npm run profile -- --command shows what each of them takes.
import type { Callbacks } from '../../callbacks/callback.js';

let current = '';
let watch: (name: string) => void = () => {};

/** Begins phase `name` of the command. Returns the one before. */
export function phase(name: string): string {
  const before = current;
  current = name;
  watch(name);
  return before;
}

/** Calls `begins` at each phase to come. */
export function watchPhases(begins: (name: string) => void): void {
  watch = begins;
}

/** Does `work` as a phase within another one. */
export async function phaseWithin<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const before = phase(name);
  try {
    return await work();
  } finally {
    phase(before);
  }
}

export const CHECKPOINTS = 'write checkpoints';

/** The phases of a fit that stops after `steps` steps an epoch to validate; in the list it comes behind all others. */
export function fitPhases(steps: number): Callbacks {
  return {
    onTrainBegin: () => void phase(CHECKPOINTS),
    onEpochBegin: () => void phase('train'),
    onBatchEnd: (batch) => void (batch + 1 === steps && phase('validate')),
    onEpochEnd: () => void phase(CHECKPOINTS),
  };
}
