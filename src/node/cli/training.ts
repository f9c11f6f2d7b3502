// What a training run is made of: train makes it, verify makes it again.
import { createHash } from 'node:crypto';
import { earlyStopping, type Callbacks, type EarlyStopping } from '../../callbacks/index.js';
import type { Examples } from '../../data/dataset.js';
import { stratifiedSplit, type Split } from '../../data/split.js';
import type { Numerics } from '../../engine/kernels.js';
import { check } from '../../errors.js';
import type { FitOptions } from '../../fit.js';
import type { History } from '../../fitState.js';
import type { Sequential } from '../../model.js';
import { referenceNetwork } from '../../networks/reference.js';
import { adam } from '../../optimizers/index.js';
import { linearDecay } from '../../schedules/index.js';
import type { HashedDataset } from '../datasetSha256.js';
import { workers } from '../workers.js';

/** What decides the numbers of a run, and nothing else. */
export interface RunSettings {
  readonly epochs: number;
  readonly batchSize: number;
  /** Adam's highest. */
  readonly learningRate: number;
  readonly seed: number;
  readonly numerics: Numerics;
  /** Epochs of patience; null for none. */
  readonly earlyStopping: number | null;
}

/** What a run keeps of its beginning, beside its model. */
export interface RunFacts {
  readonly settings: RunSettings;
  readonly dataset: { readonly name: string; readonly trainCount: number; readonly testCount: number; readonly sha256: string; readonly split: typeof SPLIT };
}

/** Share of the steps in which the learning rate rises. */
const WARM_UP = 0.1;

/** How the images held out for validation were chosen; runs of before have no word for it. */
export const SPLIT = 'stratified';

/** The images that a model of this seed trains on, and those held out for validation. */
export function splitExamples({ train }: HashedDataset, seed: number): Split {
  return stratifiedSplit(train, { seed });
}

/** Throws unless it is the data that the run in `folder` was begun with. */
export function checkDataset({ sha256, source }: HashedDataset, recorded: RunFacts['dataset'], folder: string): void {
  const short = (hash: string): string => `${hash.slice(0, 8)}…`;
  check(sha256 === recorded.sha256, () => `${folder} was begun on ${recorded.name} with SHA-256 ${short(recorded.sha256)}, and this is ${source}, ${short(sha256)}; give the same with --data`);
  check(recorded.split === SPLIT, `${folder} was made by a version that held out the last twelfth of the training images for validation, where this one holds out a twelfth of each class: its numbers cannot come again; start a new run`);
}

export function stepsOf({ epochs, batchSize }: RunSettings, trainCount: number): number {
  return Math.ceil(trainCount / batchSize) * epochs;
}

/** The model before its first step, compiled. */
export function makeModel(settings: RunSettings, { x }: Examples, threads: number): Sequential {
  const { batchSize, seed, learningRate, numerics } = settings;
  const [count = 0, ...inputShape] = x.shape;
  const model = referenceNetwork({ inputShape, seed });
  const totalSteps = stepsOf(settings, count);
  const schedule = linearDecay({ peak: learningRate, totalSteps, warmupSteps: Math.floor(totalSteps * WARM_UP) });
  model.compile({ optimizer: adam({ learningRate: schedule }), loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize, workers: workers(threads), numerics });
  return model;
}

/** Null where the run has none. */
export function makeEarlyStopping({ earlyStopping: patience }: RunSettings): EarlyStopping | null {
  return patience === null ? null : earlyStopping({ patience, restoreBestWeights: true });
}

/** `resume`: from where the model was loaded from. */
export function fitRun(model: Sequential, { train, validation }: Split, settings: RunSettings, callbacks: readonly (Callbacks | null)[], resume: boolean, signal?: AbortSignal): Promise<History> {
  const options: FitOptions = { validationData: [validation.x, validation.y], callbacks: callbacks.filter((callback) => callback !== null), signal };
  return model.fit(train.x, train.y, resume ? { ...options, resume } : { ...options, epochs: settings.epochs });
}

/** Over the little-endian f32 bytes of all parameters in layer order, kernel then bias. */
export function weightsSha256(model: Sequential): string {
  const hash = createHash('sha256');
  for (const { data } of model.getWeights()) hash.update(new Uint8Array(data.buffer));
  return hash.digest('hex');
}
