// The trainings as a script, for hosts that run files and have Node's worker_threads. Its argument and what it prints are JSON.
import type * as data from '../../src/data/index.js';
import type * as images from '../../src/images/index.js';
import type * as wasmCnn from '../../src/index.js';
import type * as threads from '../../src/node/threads/decodingThreads.js';
import type * as node from '../../src/node/index.js';
import { trainOnce, type Trained, type Training } from './training.js';

const engine = {
  ...((await import('wasm-cnn' as string)) as typeof wasmCnn),
  ...((await import('wasm-cnn/data' as string)) as typeof data),
  ...((await import('wasm-cnn/images' as string)) as typeof images),
  // No door of the package's: it is tested here.
  ...((await import(
    new URL('./threads/decodingThreads.js', import.meta.resolve('wasm-cnn/node')).href
  )) as typeof threads),
};
const { enableWideVectors, workers } = (await import('wasm-cnn/node' as string)) as typeof node;
// Started with V8's flag: on the kernels that are built for it.
if (process.execArgv.includes('--experimental-wasm-revectorize') && enableWideVectors() !== 256)
  throw new Error('vectors of 256 bits stay off');
const trained: Trained[] = [];
for (const training of JSON.parse(process.argv[2]!) as Training[])
  trained.push(await trainOnce(engine, training, { workers: workers(training.threads) }));
console.log(JSON.stringify(trained));
