// A trial as a job of the queue: begun or resumed, given up where it kills its workers, and handed back where this worker is to stop.
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import type { Plan, Task, TrialResult } from '../../sweep/plan.js';
import { outcomeOf, refusal } from '../../sweep/runLocally.js';
import { withoutScore, type TrialProgress } from '../../sweep/runTrial.js';
import type { AddedSweep, TrialReport } from './watched.js';

export interface TrialJob {
  readonly task: Task;
  /** How often it was started since its checkpoint was last a newer one. */
  readonly starts: number;
  readonly step: number;
}

/** Trains a trial, and tells of it. */
export type RunTask = (
  plan: Plan,
  task: Task,
  how: { readonly signal: AbortSignal; readonly report: (progress: TrialProgress) => void },
) => Promise<TrialResult>;

export interface TrialJobOptions {
  readonly plan: Plan;
  readonly run: RunTask;
  readonly log: (line: string) => void;
  /** The sweep on the server; null where it is there no longer. */
  readonly find: () => Promise<AddedSweep | null>;
}

/** Milliseconds after which others take over the trial of a worker that is silent; within twice as many. */
export const LOCK_MS = 10_000;
/** A trial that kills each worker that takes it is given up. */
const MOST_STARTS = 5;
/** Milliseconds for the last checkpoint of a trial that is to stop. */
const SAVE_MS = 5000;
/** Milliseconds for a server's last answers to a worker that ends. */
const CLOSE_MS = 2000;

/** Null where the signal has ended it: it is another worker's then. */
export async function runTrialJob(
  job: Job,
  token: string,
  signal: AbortSignal,
  { plan, run, log, find }: TrialJobOptions,
): Promise<TrialResult | null> {
  const { task, ...known } = job.data as TrialJob;
  const before = (job.progress || null) as TrialReport | null;
  const step = before?.step ?? -1;
  const starts = step > known.step ? 1 : known.starts + 1;
  const name = `${task.id} to epoch ${task.until}`;
  if (starts > MOST_STARTS) return failed(`it was started ${MOST_STARTS} times without a newer checkpoint`);
  await job.updateData({ task, starts, step } satisfies TrialJob);
  const moved = before === null ? 0 : before.moved + 1;
  let last: TrialReport = { step, epoch: before?.epoch ?? 0, logs: before?.logs ?? {}, host: hostname(), moved };
  const tell = async (report: TrialReport): Promise<void> => {
    try {
      if (await isHeld(job, token)) await job.updateProgress(report as object);
    } catch {
      // The next one may reach the server.
    }
  };
  await tell(last);
  log(`${name}: ${before ? `continues after step ${Math.max(0, step)}` : 'begins'}`);
  const report = (progress: TrialProgress): void => {
    last = { ...last, ...progress };
    void tell(last);
  };
  // The last checkpoint may wait for a server that does not answer.
  const trained = Promise.race([run(plan, task, { signal, report }), longAborted(signal)]);
  const result = await trained.catch((error: unknown) => (signal.aborted ? null : refusal(error)));
  if (result) {
    log(`${name}: ${outcomeOf(result, plan.metric, task)}`);
    return result;
  }
  const isOwn = signal.reason !== 'lost' && (await soon(handBack(job, token, { task, starts: starts - 1, step })));
  log(`${name}: ${isOwn ? 'handed back' : await whereNow(find)} after step ${Math.max(0, last.step)}`);
  return null;
}

/** Throws so many milliseconds after the signal. */
function longAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), SAVE_MS).unref());
  });
}

/** Whether this worker still has the trial: BullMQ lets anyone write its data and its progress, also who has slept and woken up. */
async function isHeld(job: Job, token: string): Promise<boolean> {
  const asked = Date.now();
  const isOwn = (await job.extendLock(token, LOCK_MS)) === 1;
  // It may have slept over the answer.
  return isOwn && Date.now() - asked < LOCK_MS;
}

/** False where it is no longer this worker's. */
async function handBack(job: Job, token: string, data: TrialJob): Promise<boolean> {
  try {
    if (!(await isHeld(job, token))) return false;
    await job.updateData(data);
    await job.moveToWait(token);
    return true;
  } catch {
    return false;
  }
}

/** What has become of a trial that this worker has lost. */
async function whereNow(find: TrialJobOptions['find']): Promise<string> {
  const added = await soon(find().catch(() => undefined));
  if (added === null) return 'dropped, as the sweep is no longer on the server,';
  return added ? "no longer this worker's" : 'left for other workers, as the server does not answer,';
}

/** Waits for it, but not for ever: after a server's restart BullMQ may wait for an answer that was lost. */
export async function soon<T>(answer: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const late = sleep(CLOSE_MS, undefined, { signal: timer.signal }).catch(() => undefined);
  return Promise.race([answer, late]).finally(() => timer.abort());
}

export const failed = (reason: string): TrialResult => withoutScore('failed', reason);
