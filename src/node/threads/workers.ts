// Threads in Node.
import { Worker } from 'node:worker_threads';
import { makeWorkerFactory } from '../../engine/workerPool.js';
import { checkThreads, type WorkerFactory } from '../../engine/workers.js';
import { checkArguments, isError } from '../../base/options.js';
import { availableCores } from './cores.js';
import { workerThread } from './workerThread.generated.js';

/** Runs a thread's script, of which buildThreads.js has made one text. Calls `ended` when the thread is no more, with the reason in a few words. */
export function startThread(script: string, workerData: unknown, ended: (reason: string) => void): Worker {
  const thread = new Worker(script, { eval: true, workerData });
  let reason = 'the thread ended';
  thread.on('error', (error: unknown) => {
    reason = isError(error) ? error.message : String(error);
  });
  thread.on('exit', () => ended(reason));
  return thread;
}

/**
 * For compile({ workers: workers(4) }): trains on this many threads, the calling one among them. Default: as many as there are cores, or as a container's CPU quota allows.
 *
 * @example
 * ```ts
 * import { layers, sequential } from 'wasm-cnn';
 * import { workers } from 'wasm-cnn/node';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 3 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError', workers: workers() });
 * ```
 */
export function workers(threads = availableCores()): WorkerFactory {
  checkArguments(arguments, 1, 'workers', 'it is the number of threads');
  return makeWorkerFactory({
    threads: checkThreads(threads, availableCores()),
    cores: availableCores(),
    start(data, ended) {
      const worker = startThread(workerThread, data, ended);
      // The process need not wait for idle threads.
      worker.unref();
      return { post: (message) => worker.postMessage(message), terminate: () => void worker.terminate() };
    },
  });
}
