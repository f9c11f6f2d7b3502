// What a server keeps of a sweep, and what those who watch it see.
import type { Defined, Plan, Task, TrialResult } from '../../sweep/plan.js';
import type { TrialProgress } from '../../sweep/runTrial.js';

/** What the parent job keeps: the sweep as it was added. */
export interface AddedSweep extends Defined {
  /** What the command or the program needs to open the data. */
  readonly source: unknown;
}

/** What a worker says of a trial, for those who watch. */
export interface TrialReport extends TrialProgress {
  readonly host: string;
  /** How many machines have had it before. */
  readonly moved: number;
}

/** State of a trial. */
export type TrialState = 'waiting' | 'running' | TrialResult['status'];

/** A trial on a server, as it stands. */
export interface WatchedTrial {
  readonly task: Task;
  readonly state: TrialState;
  readonly report: TrialReport | null;
  readonly result: TrialResult | null;
}

/** A sweep on a server, as it stands. */
export interface WatchedSweep {
  readonly plan: Plan;
  readonly trials: readonly WatchedTrial[];
  readonly isFinished: boolean;
}
