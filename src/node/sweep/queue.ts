// A sweep on a server, by BullMQ: one queue a sweep, whose parent job 'sweep' waits for its trials. When those of a rung have ended, whichever
// worker takes the parent adds those of the next: no machine is special.  https://docs.bullmq.io
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Queue, Worker } from 'bullmq';
import { check } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import { canonicalJson } from '../../sweep/canonical.js';
import {
  differences,
  makePlan,
  nextTasks,
  taskId,
  type Plan,
  type Results,
  type SweepDefinition,
  type TrialResult,
} from '../../sweep/plan.js';
import { endOf } from '../../sweep/runTrial.js';
import type { Connection } from './connect.js';
import { failed, LOCK_MS, runTrialJob, soon, type RunTask, type TrialJob } from './trialJob.js';
import type { AddedSweep, TrialReport, WatchedSweep, WatchedTrial } from './watched.js';

export interface WorkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Throws where this worker cannot do the sweep's trials; called once, before the first. */
  readonly admit: (added: AddedSweep) => void | Promise<void>;
  readonly run: RunTask;
  /** Is told of what this worker begins, ends and hands back. */
  readonly log?: (line: string) => void;
  /** Trials at a time; default 1, which trains on all threads. */
  readonly concurrency?: number;
}

interface Failed {
  readonly failed: string;
}

const PARENT = 'sweep';
const POLL_MS = 1000;
/** Trials that are added to the queue at a time: between two of them the parent's lock is renewed. */
const ADDED = 500;
/** For errors that may be gone at another try: a full disk, missing data. */
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
      this.#checkSame(there, added);
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

  /** The same, or one sentence; also where it is not the one that is expected. */
  async get(expected?: SweepDefinition): Promise<AddedSweep> {
    const added = await this.find();
    check(
      added !== null,
      () => `${this.#connection.name} has no sweep named ${this.name}; add it first, or correct the name`,
    );
    if (expected) this.#checkSame(added, { ...added, definition: expected });
    return added;
  }

  #checkSame(there: AddedSweep, own: AddedSweep): void {
    const differs = differences(there, own);
    check(
      differs.length === 0,
      () =>
        `${this.#connection.name} already has a sweep named ${this.name}, which differs in ${differs.join(' and ')}; give this one another name, or remove that one`,
    );
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
      async (job, token, canceled) => {
        if (job.name === PARENT) return this.#advance(job, token!, plan);
        const trial = runTrialJob(job, token!, canceled!, { plan, run, log, find: () => this.find() });
        running.add(trial);
        const result = await trial.finally(() => running.delete(trial));
        if (result === null) throw new bullmq.WaitingError();
        return result;
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
        const state = await this.#stateOfParent(signal);
        if (state === 'missing' && !isMissing)
          log(`${this.#connection.name} no longer has the sweep ${this.name}; add it again, or stop this worker`);
        isMissing = state === 'missing';
        if (state === 'completed') break;
        check(!isRecord(state), () => `the sweep ${this.name} has failed: ${(state as { failed: string }).failed}`);
        await sleep(POLL_MS);
      }
    } catch (error) {
      failure = error;
    }
    signal?.removeEventListener('abort', stop);
    stop();
    // Trials are handed back first.
    await Promise.allSettled(running);
    await soon(worker.close(true));
    if (failure) throw failure;
  }

  /** null where the server does not answer, or not before the signal. */
  async #stateOfParent(signal: AbortSignal | undefined): Promise<'missing' | 'open' | 'completed' | Failed | null> {
    const look = async () => {
      const parent = await this.#queue.getJob(PARENT);
      if (!parent) return 'missing';
      if (await parent.isCompleted()) return 'completed';
      return (await parent.isFailed()) ? { failed: parent.failedReason } : 'open';
    };
    const ended = new AbortController();
    const aborted = new Promise<null>((resolve) =>
      signal?.addEventListener('abort', () => resolve(null), { signal: ended.signal }),
    );
    return Promise.race([look().catch(() => null), aborted]).finally(() => ended.abort());
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

  /** Removes the sweep, its trials and their checkpoints from the server. */
  async remove(): Promise<void> {
    const plan = await this.#planOf(await this.get());
    for (const { id } of plan.trials) for (const each of [id, endOf(id)]) await this.#connection.store.remove(each);
    await this.#queue.obliterate({ force: true });
  }

  async close(): Promise<void> {
    await soon(this.#queue.close());
  }
}

function resultOf(job: Job, state: string): TrialResult | null {
  if (state === 'completed') return job.returnvalue as TrialResult;
  return state === 'failed' ? failed(job.failedReason) : null;
}
