// Threads in a browser: Web Workers.
import type { WorkerFactory } from '../engine/workers.js';
import { check } from '../errors.js';
import { checkWhole } from '../shape.js';
import { startThread } from './startThread.js';

const startWorker = (): Worker => new Worker(new URL('./workerThread.js', import.meta.url), { type: 'module' });

/**
 * For compile({ workers: workers(4) }): trains on this many threads. Default: as many as there are cores. Where the page is not
 * cross-origin isolated (headers COOP and COEP) no memory can be shared, and one thread trains: the bits are the same.
 */
export function workers(threads = navigator.hardwareConcurrency): WorkerFactory {
  return {
    threads: checkWhole(threads, 'threads'),
    cores: navigator.hardwareConcurrency,
    start(data, ended) {
      check(crossOriginIsolated, 'the page is not cross-origin isolated, which takes the headers COOP and COEP');
      check(typeof SharedArrayBuffer !== 'undefined', 'this browser has no SharedArrayBuffer');
      const worker = startThread('workerThread', startWorker, () => {}, ended);
      worker.postMessage(data);
      return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
    },
  };
}
