// Messages between the thread that called fit and the one that executes its steps; all of them can be sent to a thread.
import type { Engine, Threads } from '../../engine/engine.js';
import type { RegisteredBuild } from '../../engine/registeredBuilds.js';
import type { Numerics } from '../../engine/build.js';
import type { OwnFloats } from '../../base/hostTypes.js';
import type { ModelArchive } from '../../formats/archive.js';
import type { TrainingExecutor, ExecutorData, ExecutorSettings } from '../executor.js';
import type { Session, Totals } from '../session.js';

/** What a step changes. `values` travel both ways in one buffer. */
export interface State {
  /** Weights and statistics, then each slot of the optimizer. */
  readonly values: OwnFloats;
  readonly step: number;
}

/** The first request: makes the model on the thread. */
export interface InitRequest {
  readonly archive: ModelArchive;
  readonly data: ExecutorData;
  readonly settings: ExecutorSettings;
  readonly threads: number;
  readonly numerics: Numerics;
  readonly wasm: WebAssembly.Module | undefined;
  /** The thread registers them, too. */
  readonly builds: readonly RegisteredBuild[];
}

/** What the thread's executor is to do, with which arguments. */
export type Task =
  | { readonly train: Parameters<TrainingExecutor['train']> }
  | { readonly evaluate: Parameters<TrainingExecutor['evaluate']> };

/** Every further one: a step, or the validation. */
export interface StepRequest {
  readonly task: Task;
  readonly state: State;
  /** Whether `state` is new to the thread. */
  readonly edited: boolean;
  /** Rate in place of the optimizer's schedule, if any. */
  readonly learningRate: number | null;
}

export type TrainingRequest = { readonly init: InitRequest } | StepRequest;

/** `totals`: none for the first request. */
export type TrainingReply =
  { readonly totals: Totals; readonly state: State; readonly threads: Threads } | { readonly error: string };

/** `values` has room for them, or there are none yet. */
export function readState(
  { engine, step }: Session,
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

export function writeState(session: Session, { values, step }: State): void {
  let at = 0;
  for (const run of runsOf(session.engine)) {
    run.set(values.subarray(at, at + run.length));
    at += run.length;
  }
  session.step = step;
  session.engine.repackLater();
}
