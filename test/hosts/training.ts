// What every host trains: built-in digits, one seed, two epochs. Nothing here knows the host, nor where it has the package from.
import type * as data from '../../src/data/index.js';
import type * as wasmCnn from '../../src/index.js';
import { makeFits, type FitParts } from './fits.js';
import { classifyAll, decodeAll, type Images } from './pictures.js';

type Engine = Pick<typeof wasmCnn, 'loadModel' | 'networks'> &
  FitParts &
  Pick<typeof data, 'builtinDigits'> &
  /** Where pictures are decoded. */
  Partial<Images>;

export interface Training {
  /** 'fits' are small ones, with all that fit has; 'pictures' are decoded and scaled instead. */
  readonly network: keyof typeof examples | 'fits' | 'pictures';
  readonly threads: number;
}

export interface Trained extends Training {
  /** Threads that really ran. */
  readonly running: number;
  /** SHA-256 of all weights in layer order, or of all pixels. */
  readonly hash: string;
  /** SHA-256 of what the model, saved and loaded, says of some images, or of the inputs that pictures became and what classify() says of them. */
  readonly predictions: string;
  readonly seconds: number;
}

/** The last batch of each is a smaller one. */
const examples = {
  reference: { count: 320, batchSize: 128 },
  classic: { count: 80, batchSize: 48 },
  strided: { count: 80, batchSize: 48 },
  resnet20: { count: 40, batchSize: 24 },
} as const;

export const trainings: readonly Training[] = [
  ...[1, 2, 3, 4, 7].map((threads) => ({ network: 'reference' as const, threads })),
  ...[1, 3].map((threads) => ({ network: 'classic' as const, threads })),
  ...[1, 3].map((threads) => ({ network: 'strided' as const, threads })),
  ...[1, 3].map((threads) => ({ network: 'resnet20' as const, threads })),
  ...[1, 3].map((threads) => ({ network: 'fits' as const, threads })),
  { network: 'pictures', threads: 1 },
];

/** `run`: how to train, where the host's usual way is not meant. */
export async function trainOnce(
  engine: Engine,
  { network, threads }: Training,
  run: Pick<wasmCnn.CompileOptions, 'workers' | 'background' | 'wasm'>,
): Promise<Trained> {
  if (network === 'pictures') return decodeOnce(engine);
  if (network === 'fits') return fitOnce(engine, threads, run);
  const { count, batchSize } = examples[network];
  const { train, test } = engine.builtinDigits({ trainCount: count, testCount: 20 });
  const { networks } = engine;
  const model = network === 'resnet20' ? networks.resnet20({ inputShape: [28, 28, 1] }) : networks[network]();
  const began = performance.now();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize, ...run });
  await model.fit(train.x, train.y, { epochs: 2, verbose: 0, seed: 1 });
  const seconds = (performance.now() - began) / 1000;
  const hash = await sha256(model.getWeights().map(({ data }) => data.slice()));
  const { model: loaded } = engine.loadModel(model.save(), run);
  const { data } = await loaded.predict(test.x);
  return { network, threads, running: model.threads.running, hash, predictions: await sha256([data.slice()]), seconds };
}

async function fitOnce(
  engine: Engine,
  threads: number,
  run: Pick<wasmCnn.CompileOptions, 'workers' | 'background' | 'wasm'>,
): Promise<Trained> {
  const { train } = engine.builtinDigits({ trainCount: 40, testCount: 1 });
  const began = performance.now();
  const [weights, figures, running]: [Float32Array[], string[], number[]] = [[], [], []];
  for (const { model, compile, fit } of makeFits(engine)) {
    model.compile({ ...compile, batchSize: 8, ...run });
    figures.push(JSON.stringify(await model.fit(train.x, train.y, { ...fit, verbose: 0 })));
    weights.push(...model.getWeights().map(({ data }) => data.slice()));
    running.push(model.threads.running);
  }
  const seconds = (performance.now() - began) / 1000;
  const [hash, predictions] = [await sha256(weights), await sha256([new TextEncoder().encode(figures.join())])];
  return { network: 'fits', threads, running: Math.min(...running), hash, predictions, seconds };
}

async function decodeOnce(engine: Engine): Promise<Trained> {
  const began = performance.now();
  const { pixels, inputs } = await decodeAll(engine as Images);
  const said = await classifyAll(engine, engine as Images);
  const seconds = (performance.now() - began) / 1000;
  const [hash, predictions] = [await sha256(pixels), await sha256([...inputs, new TextEncoder().encode(said.join())])];
  return { network: 'pictures', threads: 1, running: 1, hash, predictions, seconds };
}

async function sha256(parts: (Float32Array | Uint8Array)[]): Promise<string> {
  const digest = new Uint8Array(
    await crypto.subtle.digest('SHA-256', await new Blob(parts as BlobPart[]).arrayBuffer()),
  );
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
