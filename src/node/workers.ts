// Worker threads in Node.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { WorkerFactory } from '../engine/workers.js';
import { checkWhole } from '../shape.js';

/** For compile({ workers: workers(4) }): trains on this many threads, the calling one among them. Default: as many as there are cores. */
export function workers(threads = availableParallelism()): WorkerFactory {
  return {
    threads: checkWhole(threads, 'threads'),
    start(data, ended) {
      const worker = new Worker(new URL('./workerThread.js', import.meta.url), { workerData: data });
      let reason = 'the thread ended';
      worker.on('error', (error: unknown) => {
        reason = error instanceof Error ? error.message : String(error);
      });
      worker.on('exit', () => ended(reason));
      // The process need not wait for idle threads.
      worker.unref();
      return { post: (message) => worker.postMessage(message), terminate: () => void worker.terminate() };
    },
  };
}
