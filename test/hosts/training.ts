// What every host trains: built-in digits, one seed, two epochs. Nothing here knows the host.
import { builtinDigits } from '../../src/data/digits.js';
import type { WorkerFactory } from '../../src/index.js';
import { networks } from '../../src/networks/index.js';

export interface Training {
  readonly network: keyof typeof networks;
  readonly threads: number;
}

export interface Trained extends Training {
  /** Threads that really ran. */
  readonly running: number;
  /** SHA-256 of all weights in layer order. */
  readonly hash: string;
  readonly seconds: number;
}

/** The last batch of each is a smaller one. */
const examples = { reference: { count: 320, batchSize: 128 }, classic: { count: 80, batchSize: 48 }, strided: { count: 80, batchSize: 48 } } as const;

export const trainings: readonly Training[] = [
  ...[1, 2, 3, 4, 7].map((threads) => ({ network: 'reference' as const, threads })),
  ...[1, 3].map((threads) => ({ network: 'classic' as const, threads })),
  ...[1, 3].map((threads) => ({ network: 'strided' as const, threads })),
];

/** `wasm` stands in for the module that is built in; it runs on one thread. */
export async function trainOnce({ network, threads }: Training, workers: (threads: number) => WorkerFactory, wasm?: WebAssembly.Module): Promise<Trained> {
  const { count, batchSize } = examples[network];
  const { train } = builtinDigits({ trainCount: count, testCount: 1 });
  const model = networks[network]();
  if (wasm) model.wasm = wasm;
  const began = performance.now();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize, workers: workers(threads) });
  await model.fit(train.x, train.y, { epochs: 2, seed: 1 });
  const seconds = (performance.now() - began) / 1000;
  const weights = new Uint8Array(await new Blob(model.getWeights().map(({ data }) => data.slice())).arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', weights));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { network, threads, running: model.threads.running, hash, seconds };
}
