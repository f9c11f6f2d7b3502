// A sweep in one process, without a server: the same trials in the same order, one after another.
import { WasmCnnError } from '../base/errors.js';
import { nextTasks, taskId, type Plan, type Results, type Task, type TrialResult } from './plan.js';
import { withoutScore } from './runTrial.js';

/** Runs what is to be done until nothing is. `run` throws where the signal has ended a trial; what it refuses in a sentence is a result. */
export async function runLocally(
  plan: Plan,
  run: (task: Task) => Promise<TrialResult>,
  ended: (task: Task, result: TrialResult) => void = () => {},
): Promise<Results> {
  const results = new Map<string, TrialResult>();
  for (;;) {
    const { tasks } = nextTasks(plan, results);
    if (tasks.length === 0) return results;
    for (const task of tasks) {
      const result = await run(task).catch(refusal);
      results.set(taskId(task), result);
      ended(task, result);
    }
  }
}

/** What no other machine could do better: a sentence on the setting. What comes from the system, or a signal, is thrown on. */
export function refusal(error: unknown): TrialResult {
  if (!(error instanceof WasmCnnError) || error.cause !== undefined) throw error;
  return withoutScore('failed', error.message);
}

/** 'finished, val_accuracy 0.98' or 'failed: why', for those who look on. */
export function outcomeOf({ status, score, reason }: TrialResult, metric: string): string {
  if (score !== null) return `${status}, ${metric} ${score}`;
  return reason === undefined ? status : `${status}: ${reason}`;
}
