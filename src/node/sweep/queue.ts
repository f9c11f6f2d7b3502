// A sweep on a server, by BullMQ: one queue a sweep, whose parent job 'sweep' waits for its trials. When those of a rung have ended, whichever
// worker takes the parent adds those of the next: no machine is special.  https://docs.bullmq.io
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Queue, Worker } from 'bullmq';
import { check } from '../../base/errors.js';
import { canonicalJson } from '../../sweep/canonical.js';
import { makePlan, nextTasks, taskId, type Plan, type Results, type Task, type TrialResult } from '../../sweep/plan.js';
import { outcomeOf, refusal } from '../../sweep/runLocally.js';
import { withoutScore, type TrialProgress } from '../../sweep/runTrial.js';
import type { Connection } from './connect.js';
import type { AddedSweep, TrialReport, WatchedSweep, WatchedTrial } from './watched.js';

interface TrialJob {
  readonly task: Task;
  /** How often it was started since its checkpoint was last a newer one. */
  readonly starts: number;
  readonly step: number;
}

export interface WorkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Throws where this worker cannot do the sweep's trials; called once, before the first. */
  readonly admit: (added: AddedSweep) => void | Promise<void>;
  readonly run: (
    plan: Plan,
    task: Task,
    how: { readonly signal: AbortSignal; readonly report: (progress: TrialProgress) => void },
  ) => Promise<TrialResult>;
  /** Is told of what this worker begins, ends and hands back. */
  readonly log?: (line: string) => void;
  /** Trials at a time; default 1, which trains on all threads. */
  readonly concurrency?: number;
}

const PARENT = 'sweep';
/** Milliseconds after which others take over the trial of a worker that is silent; within twice as many. */
const LOCK_MS = 10_000;
/** A trial that kills each worker that takes it is given up. */
const MOST_STARTS = 5;
const POLL_MS = 1000;
/** Milliseconds for a worker's connections to close. */
const CLOSE_MS = 2000;
/** Trials that are added to the queue at a time: between two of them the parent's lock is renewed. */
const ADDED = 500;
/** Of errors that another try may not have: a disk that is full, data that are gone. */
const ATTEMPTS = { attempts: 3, backoff: { type: 'exponential', delay: 1000 } };
/** Spot machines come and go: our own count decides. */
const OFTEN = 1_000_000;

/** The sweep's queue on a server. */
export class SweepQueue {
  readonly #connection: Connection;
  readonly #queue: Queue;
  readonly name: string;
  #plan: { readonly key: string; readonly plan: Promise<Plan> } | undefined;

  constructor(connection: Connection, name: string) {
    const { bullmq, options, backend } = connection;
    this.#connection = connection;
    this.name = name;
    this.#queue = new bullmq.Queue(this.#queueName, options, ...((backend ? [backend] : []) as []));
    this.#queue.on('error', () => {});
  }

  get #queueName(): string {
    return `wasm-cnn-sweep-${this.name}`;
  }

  /** Adds the sweep; false where it is there already. Throws where another one of its name is. */
  async add(added: AddedSweep): Promise<boolean> {
    const there = await this.find();
    if (there) {
      const differs = (['definition', 'basis'] as const).flatMap((part) =>
        Object.keys({ ...there[part], ...added[part] }).filter(
          (key) => canonicalJson(valueOf(there[part], key)) !== canonicalJson(valueOf(added[part], key)),
        ),
      );
      check(
        differs.length === 0,
        () =>
          `${this.#connection.name} has another sweep of the name ${this.name}, with another ${differs.join(' and ')}; give this one a name of its own, or remove that one`,
      );
      return false;
    }
    await this.#queue.add(PARENT, added, { jobId: PARENT, ...ATTEMPTS });
    return true;
  }

  /** The sweep as it was added; null where there is none of this name. */
  async find(): Promise<AddedSweep | null> {
    const job = await this.#queue.getJob(PARENT);
    return job ? (job.data as AddedSweep) : null;
  }

  /** The same, or one sentence. */
  async get(): Promise<AddedSweep> {
    const added = await this.find();
    check(
      added !== null,
      () => `${this.#connection.name} has no sweep of the name ${this.name}; add it first, or correct the name`,
    );
    return added;
  }

  #planOf({ definition, basis }: AddedSweep): Promise<Plan> {
    const key = canonicalJson({ definition, basis });
    if (this.#plan?.key !== key) this.#plan = { key, plan: makePlan(definition, basis) };
    return this.#plan.plan;
  }

  async watch(): Promise<WatchedSweep> {
    const plan = await this.#planOf(await this.get());
    const jobs = await this.#trialJobs();
    const parent = await this.#queue.getJob(PARENT);
    const trials = jobs.map(({ job, state }): WatchedTrial => {
      const result = resultOf(job, state);
      const report = (job.progress || null) as TrialReport | null;
      return {
        task: (job.data as TrialJob).task,
        state: result?.status ?? (state === 'active' ? 'running' : 'waiting'),
        report,
        result,
      };
    });
    return { plan, trials, isFinished: (await parent?.isCompleted()) ?? false };
  }

  async #trialJobs(): Promise<{ readonly job: Job; readonly state: string }[]> {
    const states = ['completed', 'failed', 'active', 'waiting', 'delayed', 'prioritized'] as const;
    const found = await Promise.all(
      states.map(async (state) => (await this.#queue.getJobs([state])).map((job) => ({ job, state }))),
    );
    return found.flat().filter(({ job }) => job && job.name !== PARENT);
  }

  /**
   * Runs trials until the sweep is finished or the signal ends it: then the trial goes back to the queue with its checkpoint.
   */
  async work({ signal, admit, run, log = () => {}, concurrency = 1 }: WorkOptions): Promise<void> {
    const { bullmq, options, backend } = this.#connection;
    const added = await this.get();
    await admit(added);
    const plan = await this.#planOf(added);
    let failure: unknown;
    let isMissing = false;
    const running = new Set<Promise<unknown>>();
    const worker: Worker = new bullmq.Worker(
      this.#queueName,
      async (job, token, cancelled) => {
        if (job.name === PARENT) return this.#advance(job, token!, plan);
        const trial = this.#runTrial(plan, job, token!, cancelled!, run, log);
        running.add(trial);
        return trial.finally(() => running.delete(trial));
      },
      {
        ...options,
        name: hostname(),
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: LOCK_MS / 2,
        maxStalledCount: OFTEN,
        drainDelay: 1,
      },
      ...((backend ? [backend] : []) as []),
    );
    worker.on('error', () => {});
    // Another worker has taken it over: to continue here would only waste time.
    worker.on('lockRenewalFailed', (ids: readonly string[]) => {
      for (const id of ids) worker.cancelJob(id, 'lost');
    });
    const stop = (): void => {
      // Or it would take the trial that it hands back.
      void worker.pause(true).catch(() => {});
      worker.cancelAllJobs('stopped');
    };
    try {
      await worker.waitUntilReady();
      signal?.addEventListener('abort', stop);
      while (!signal?.aborted) {
        // null: the server does not answer.
        const parent = await this.#queue.getJob(PARENT).catch(() => null);
        if (parent === undefined && !isMissing)
          log(`${this.#connection.name} no longer has the sweep ${this.name}; add it again, or stop this worker`);
        isMissing = parent === undefined;
        if (parent && (await parent.isCompleted().catch(() => false))) break;
        check(
          !parent || !(await parent.isFailed().catch(() => false)),
          () => `the sweep ${this.name} has failed: ${parent!.failedReason}`,
        );
        await sleep(POLL_MS);
      }
    } catch (error) {
      failure = error;
    }
    signal?.removeEventListener('abort', stop);
    stop();
    // Trials are handed back first.
    await Promise.allSettled(running);
    await closed(worker.close(true));
    if (failure) throw failure;
  }

  /** Adds the trials that come next and waits for them; at the end gives how many there were. */
  async #advance(job: Job, token: string, plan: Plan): Promise<unknown> {
    for (;;) {
      const { rung, tasks } = nextTasks(plan, await this.results(job));
      if (tasks.length === 0) return { trials: plan.trials.length, rungs: rung };
      const parent = { id: job.id!, queue: job.queueQualifiedName };
      for (let from = 0; from < tasks.length; from += ADDED)
        await this.#queue.addBulk(
          tasks.slice(from, from + ADDED).map((task) => ({
            name: 'trial',
            data: { task, starts: 0, step: -1 } satisfies TrialJob,
            opts: { jobId: taskId(task), parent, ignoreDependencyOnFailure: true, ...ATTEMPTS },
          })),
        );
      if (await job.moveToWaitingChildren(token)) throw new this.#connection.bullmq.WaitingChildrenError();
    }
  }

  /** Results of the trials that have ended. */
  async results(parent?: Job): Promise<Results> {
    const job = parent ?? (await this.#queue.getJob(PARENT));
    if (!job) return new Map();
    const values = (await job.getChildrenValues<TrialResult>()) ?? {};
    const failures = (await job.getIgnoredChildrenFailures()) ?? {};
    const idOf = (key: string): string => key.slice(key.lastIndexOf(':') + 1);
    return new Map([
      ...Object.entries(values).map(([key, result]) => [idOf(key), result] as const),
      ...Object.entries(failures).map(([key, reason]) => [idOf(key), failed(reason)] as const),
    ]);
  }

  async #runTrial(
    plan: Plan,
    job: Job,
    token: string,
    signal: AbortSignal,
    run: WorkOptions['run'],
    log: (line: string) => void,
  ): Promise<TrialResult> {
    const { task, ...known } = job.data as TrialJob;
    const before = (job.progress || null) as TrialReport | null;
    const step = before?.step ?? -1;
    const starts = step > known.step ? 1 : known.starts + 1;
    const name = `${task.id} to epoch ${task.until}`;
    if (starts > MOST_STARTS) return failed(`it was started ${MOST_STARTS} times without a newer checkpoint`);
    await job.updateData({ task, starts, step } satisfies TrialJob);
    const moved = before === null ? 0 : before.moved + 1;
    let last: TrialReport = { step, epoch: before?.epoch ?? 0, logs: before?.logs ?? {}, host: hostname(), moved };
    const tell = (report: TrialReport): Promise<unknown> => job.updateProgress(report as object).catch(() => {});
    await tell(last);
    log(`${name}: ${before ? `continues after step ${Math.max(0, step)}` : 'begins'}`);
    try {
      const result = await run(plan, task, {
        signal,
        report: (progress) => {
          last = { ...last, ...progress };
          void tell(last);
        },
      });
      log(`${name}: ${outcomeOf(result, plan.metric)}`);
      return result;
    } catch (error) {
      if (!signal.aborted) {
        const result = refusal(error);
        log(`${name}: ${outcomeOf(result, plan.metric)}`);
        return result;
      }
      log(`${name}: ${signal.reason === 'lost' ? 'another worker has it' : 'handed back'} after step ${last.step}`);
      if (signal.reason !== 'lost') {
        await job.updateData({ task, starts: starts - 1, step } satisfies TrialJob);
        await job.moveToWait(token);
      }
      throw new this.#connection.bullmq.WaitingError();
    }
  }

  /** Removes the sweep, its trials and their checkpoints from the server. */
  async remove(): Promise<void> {
    const plan = await this.#planOf(await this.get());
    for (const { id } of plan.trials) await this.#connection.store.remove(id);
    await this.#queue.obliterate({ force: true });
  }

  async close(): Promise<void> {
    await closed(this.#queue.close());
  }
}

/** Waits for it, but not for ever: after a server's restart BullMQ may wait for an answer that was lost. */
async function closed(closing: Promise<void>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([closing, sleep(CLOSE_MS, undefined, { signal: timer.signal })]);
  timer.abort();
}

const failed = (reason: string): TrialResult => withoutScore('failed', reason);

function resultOf(job: Job, state: string): TrialResult | null {
  if (state === 'completed') return job.returnvalue as TrialResult;
  return state === 'failed' ? failed(job.failedReason) : null;
}

function valueOf(of: object, key: string): unknown {
  return (of as Record<string, unknown>)[key];
}
