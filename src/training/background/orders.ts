// What passes between the thread that called fit and the one that makes its steps; all of it can be sent to a thread.
import type { Engine, Threads } from '../../engine/engine.js';
import type { Numerics } from '../../engine/kernels.js';
import type { OwnFloats } from '../../base/hostTypes.js';
import type { ModelArchive } from '../../formats/archive.js';
import type { Steps, StepsData, StepsSettings } from '../steps.js';
import type { Logs, Trainer } from '../trainer.js';

/** What a step changes. `values` go to and fro in one buffer. */
export interface State {
  /** Weights and statistics, then each slot of the optimizer. */
  readonly values: OwnFloats;
  readonly step: number;
}

/** The first order. */
export interface Opening {
  readonly archive: ModelArchive;
  readonly data: StepsData;
  readonly settings: StepsSettings;
  readonly threads: number;
  readonly numerics: Numerics;
  readonly wasm: WebAssembly.Module | undefined;
}

/** Any other. */
export interface Work {
  /** The arguments of Steps.train; null: evaluate. */
  readonly train: Parameters<Steps['train']> | null;
  readonly state: State;
  /** Whether `state` is news to the thread. */
  readonly edited: boolean;
}

export type Order = { readonly open: Opening } | Work;

/** `logs`: of the first order none. */
export type Answer =
  { readonly logs: Logs; readonly state: State; readonly threads: Threads } | { readonly error: string };

/** `values` has room for them, or there are none yet. */
export function readState(
  { engine, step }: Trainer,
  values: OwnFloats = new Float32Array(runsOf(engine).reduce((sum, { length }) => sum + length, 0)),
): State {
  let at = 0;
  for (const run of runsOf(engine)) {
    values.set(run, at);
    at += run.length;
  }
  return { values, step };
}

function runsOf({ weights, slots }: Engine): readonly Float32Array[] {
  return [weights, ...slots];
}

export function writeState(trainer: Trainer, { values, step }: State): void {
  let at = 0;
  for (const run of runsOf(trainer.engine)) {
    run.set(values.subarray(at, at + run.length));
    at += run.length;
  }
  trainer.step = step;
  trainer.engine.repackLater();
}
