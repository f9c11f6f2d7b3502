// A sweep in one process, without a server: the same trials in the same order, one after another or several at a time.
import { WasmCnnError } from '../base/errors.js';
import { isError } from '../base/options.js';
import { nextTasks, taskId, type Plan, type Results, type Task, type TrialResult } from './plan.js';
import { withoutScore } from './runTrial.js';

/**
 * Runs what is to be done until nothing is, `concurrency` trials at a time. What `run` throws ends it, once the others that were begun have
 * ended, too.
 */
export async function runLocally(
  plan: Plan,
  run: (task: Task) => Promise<TrialResult>,
  ended: (task: Task, result: TrialResult) => void = () => {},
  concurrency = 1,
): Promise<Results> {
  const results = new Map<string, TrialResult>();
  for (;;) {
    const { tasks } = nextTasks(plan, results);
    if (tasks.length === 0) return results;
    const left = [...tasks];
    const train = async (): Promise<void> => {
      for (let task = left.shift(); task; task = left.shift())
        try {
          const result = await run(task);
          results.set(taskId(task), result);
          ended(task, result);
        } catch (error) {
          left.length = 0;
          throw error;
        }
    };
    const all = await Promise.allSettled(Array.from({ length: concurrency }, train));
    for (const outcome of all) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

/** What no other machine could do better: a sentence on the setting. What comes from the system, or a signal, is thrown on. */
export function refusal(error: unknown, signal?: AbortSignal): TrialResult {
  if (signal?.aborted || !(error instanceof WasmCnnError) || isOfSystem(error)) throw error;
  return withoutScore('failed', error.message);
}

/** Whether a failed system call (ENOSPC …) or memory that was refused is behind it: another time or another machine may have it. */
function isOfSystem({ cause }: Error): boolean {
  if (!isError(cause)) return false;
  const isMemory = cause instanceof RangeError && /allocat|out of memory/i.test(cause.message);
  return 'syscall' in cause || isMemory || isOfSystem(cause);
}

/** 'finished, val_accuracy 0.98 (learningRate 0.001, seed 1)' or 'failed: why', for those who look on. */
export function outcomeOf({ status, score, reason }: TrialResult, metric: string, { config }: Task): string {
  if (score !== null) {
    const settings = Object.entries(config).map(([name, value]) => `${name} ${String(value)}`);
    return `${status}, ${metric} ${Number(score.toFixed(6))} (${settings.join(', ')})`;
  }
  return reason === undefined ? status : `${status}: ${reason}`;
}
