// Threads in a browser: Web Workers.
import { makeWorkerFactory } from '../engine/workerPool.js';
import { checkThreads, type WorkerFactory } from '../engine/workers.js';
import { check } from '../base/errors.js';
import { warnOnce } from '../base/warnings.js';
import { startThread } from './startThread.js';

const startWorker = (): Worker => new Worker(new URL('./workerThread.js', import.meta.url), { type: 'module' });

/** Cores; undefined where the page is not told. */
const hardwareConcurrency = (): number | undefined => globalThis.navigator?.hardwareConcurrency;

/** Same as workers(), without its warnings: for the page's training thread. */
export function webWorkers(threads: number): WorkerFactory {
  return makeWorkerFactory({
    threads: checkThreads(threads, hardwareConcurrency() ?? 1),
    cores: hardwareConcurrency() ?? threads,
    start(data, ended) {
      check(
        globalThis.crossOriginIsolated,
        'the page is not cross-origin isolated, which takes the headers COOP and COEP',
      );
      check(typeof SharedArrayBuffer !== 'undefined', 'this browser has no SharedArrayBuffer');
      const worker = startThread('workerThread', startWorker, () => {}, ended);
      worker.postMessage(data);
      return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
    },
  });
}

/**
 * For compile({ workers: workers(4) }): trains on this many threads. Default: as many as there are cores. Where the page is not
 * cross-origin isolated (headers COOP and COEP) no memory can be shared, and one thread trains: the bits are the same.
 *
 * @example
 * ```ts
 * import { layers, sequential } from 'wasm-cnn';
 * import { workers } from 'wasm-cnn/browser';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 3 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError', workers: workers() });
 * ```
 */
export function workers(threads = hardwareConcurrency() ?? 1): WorkerFactory {
  const factory = webWorkers(threads);
  if (threads > 1 && !globalThis.crossOriginIsolated) {
    warnOnce(
      'one thread trains, with bit-identical results, as the page is not cross-origin isolated; for more send it, and its scripts, with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    );
  }
  return factory;
}
