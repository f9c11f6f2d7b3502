// A program whose tasks count themselves and look whether the phase before is complete; as a thread's script: joins late, and runs it.
import { isMainThread, workerData } from 'node:worker_threads';
import { ProgramRunner, type LinkedProgram } from '../../src/engine/programRunner.js';

/** Tasks of each phase. */
export const TASKS = [5, 1, 9] as const;
/** Words of the counts: tasks done in each phase, over all runs; the run at hand; tasks that began too early or in an old run. */
export const RUN = 3;
export const WRONG = 4;

export interface CountingThread {
  readonly control: Int32Array;
  readonly counts: Int32Array;
  readonly thread: number;
  readonly milliseconds: number;
  /** Default 30. */
  readonly patience?: number;
}

export function countingProgram(counts: Int32Array, patience = 30): LinkedProgram {
  return TASKS.map((tasks, phase) => {
    const kernel = (): void => {
      const run = Atomics.load(counts, RUN);
      if (phase > 0 && Atomics.load(counts, phase - 1) !== run * TASKS[phase - 1]!) Atomics.add(counts, WRONG, 1);
      if (Atomics.add(counts, phase, 1) >= run * tasks) Atomics.add(counts, WRONG, 1);
    };
    return { tasks: Array.from({ length: tasks }, () => [{ kernel, args: [] }]), patience };
  });
}

if (!isMainThread) {
  const { control, counts, thread, milliseconds, patience } = workerData as CountingThread;
  Atomics.wait(counts, WRONG, 0, milliseconds);
  const runner = new ProgramRunner(control, thread);
  runner.join();
  runner.workerLoop(new Map([[0, countingProgram(counts, patience)]]));
}
