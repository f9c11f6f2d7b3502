// What decides the numbers of a run: the same as npm run train has, so that a run may begin there and end here, or the other way round.
import { adam, linearDecay, type Model } from 'wasm-cnn';
import { workers } from 'wasm-cnn/browser';
import type { Source } from '../data/source.js';

export interface RunSettings {
  readonly epochs: number;
  readonly batchSize: number;
  /** Adam's highest. */
  readonly learningRate: number;
  readonly seed: number;
  readonly numerics: 'exact' | 'fused';
  /** Epochs of patience; null for none. */
  readonly earlyStopping: number | null;
}

/** What a run's files keep of its beginning. */
export interface RunFacts {
  readonly settings: RunSettings;
  readonly dataset: {
    readonly name: string;
    readonly trainCount: number;
    readonly testCount: number;
    readonly sha256: string | null;
    readonly split: 'stratified';
  };
}

export const BATCH_SIZE = 128;
/** Share of the training images that stratifiedSplit() holds out, and share of the steps in which the learning rate rises: as in Node. */
const HELD_OUT = 1 / 12,
  WARM_UP = 0.1;

/** How many training images there were before some were held out. */
export function countBeforeSplit(trainCount: number): number {
  return Math.round(trainCount / (1 - HELD_OUT));
}

export function factsOf(settings: RunSettings, { name, train, test, sha256 }: Source): RunFacts {
  const trainCount = train.y.length - Math.round(train.y.length * HELD_OUT);
  return { settings, dataset: { name, trainCount, testCount: test.y.length, sha256, split: 'stratified' } };
}

/** Plans the memory and chooses the optimizer; the weights stay. */
export function compileFor(
  model: Model,
  { epochs, batchSize, learningRate, numerics }: RunSettings,
  trainCount: number,
): void {
  const totalSteps = Math.ceil(trainCount / batchSize) * epochs;
  const schedule = linearDecay({ peak: learningRate, totalSteps, warmupSteps: Math.floor(totalSteps * WARM_UP) });
  model.compile({
    optimizer: adam({ learningRate: schedule }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize,
    numerics,
    workers: threads(),
  });
}

/** One core is left to the page; where it is not cross-origin isolated, one thread trains. The bits are the same. */
export function threads(): ReturnType<typeof workers> {
  return workers(globalThis.crossOriginIsolated ? Math.max(1, navigator.hardwareConcurrency - 1) : 1);
}
