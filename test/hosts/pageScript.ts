// The trainings in a browser: on a page that imports this, and this same file as the script of a worker of the page's own.
import type * as wasmCnn from '../../src/browser/index.js';
import type * as data from '../../src/data/index.js';
import type * as threads from '../../src/browser/decodingThreads.js';
import type * as images from '../../src/images/index.js';
import { trainOnce, type Trained, type Training } from './training.js';

/** The installed package, from where this file is served. */
const build = './node_modules/wasm-cnn/build';
const bundle = `${build}/browser`;

async function trainHere(
  trainings: readonly Training[],
  background: Pick<wasmCnn.CompileOptions, 'background'> = {},
): Promise<Trained[]> {
  const engine = {
    ...((await import(`${bundle}/wasm-cnn.js`)) as typeof wasmCnn),
    ...((await import(`${bundle}/data.js`)) as typeof data),
    ...((await import(`${build}/src/images/index.js`)) as typeof images),
    ...((await import(`${build}/src/browser/decodingThreads.js`)) as typeof threads),
  };
  const trained: Trained[] = [];
  for (const training of trainings)
    trained.push(await trainOnce(engine, training, { workers: engine.workers(training.threads), ...background }));
  return trained;
}

function trainInOwnWorker(trainings: readonly Training[]): Promise<Trained[]> {
  const worker = new Worker(import.meta.url, { type: 'module' });
  worker.postMessage(trainings);
  return new Promise<Trained[]>((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => (Array.isArray(data) ? resolve(data) : reject(new Error(data))));
    worker.addEventListener('error', ({ message }) => reject(new Error(message || 'the worker could not be loaded')));
  }).finally(() => worker.terminate());
}

/** On the page itself, in the background as a page's models do by themselves, and in a worker. */
export const train = {
  page: (trainings: readonly Training[]): Promise<Trained[]> => trainHere(trainings, { background: null }),
  background: (trainings: readonly Training[]): Promise<Trained[]> => trainHere(trainings),
  worker: trainInOwnWorker,
};

if (typeof document === 'undefined')
  addEventListener(
    'message',
    ({ data }) =>
      void trainHere(data)
        .catch(String)
        .then((answer) => postMessage(answer)),
  );
