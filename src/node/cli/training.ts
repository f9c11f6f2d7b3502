// What a training run is made of: train makes it, verify makes it again.
import { createHash } from 'node:crypto';
import { earlyStopping, type Callbacks, type EarlyStopping } from '../../callbacks/index.js';
import type { Split } from '../../data/split.js';
import type { Numerics } from '../../engine/kernels.js';
import type { FitOptions } from '../../training/fit.js';
import type { FitState, History } from '../../training/fitState.js';
import type { Model } from '../../model/model.js';
import { referenceNetwork } from '../../networks/reference.js';
import { isRecord } from '../../base/options.js';
import { adam } from '../../optimizers/index.js';
import { linearDecay } from '../../schedules/index.js';
import type { Shape } from '../../base/shape.js';
import { workers } from '../threads/workers.js';
import type { DataFacts } from './runData.js';

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
  readonly dataset: DataFacts;
}

/** Whether these are settings at all, and those of this fit: they come from the same file, which anybody may have written. */
export function areSettingsOf(settings: unknown, fit: FitState): settings is RunSettings {
  if (!isRecord(settings)) return false;
  const { learningRate, earlyStopping: patience } = settings;
  const isSame = (['epochs', 'batchSize', 'seed', 'numerics'] as const).every((name) => settings[name] === fit[name]);
  return (
    isSame &&
    Number.isFinite(learningRate) &&
    (learningRate as number) > 0 &&
    (patience === null || (Number.isSafeInteger(patience) && (patience as number) >= 0))
  );
}

/** Share of the steps in which the learning rate rises. */
const WARM_UP = 0.1;

export function stepsOf({ epochs, batchSize }: RunSettings, trainCount: number): number {
  return Math.ceil(trainCount / batchSize) * epochs;
}

/** The model before its first step, compiled. `shape`: of the images to train on, [n, height, width, channels]. */
export function makeModel(settings: RunSettings, [count = 0, ...inputShape]: Shape, threads: number): Model {
  const { batchSize, seed, learningRate, numerics } = settings;
  const model = referenceNetwork({ inputShape, seed });
  const totalSteps = stepsOf(settings, count);
  const schedule = linearDecay({ peak: learningRate, totalSteps, warmupSteps: Math.floor(totalSteps * WARM_UP) });
  model.compile({
    optimizer: adam({ learningRate: schedule }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize,
    workers: workers(threads),
    numerics,
  });
  return model;
}

/** Null where the run has none. */
export function makeEarlyStopping({ earlyStopping: patience }: RunSettings): EarlyStopping | null {
  return patience === null ? null : earlyStopping({ patience, restoreBestWeights: true });
}

/** `resume`: from where the model was loaded from. */
export function fitRun(
  model: Model,
  { train, validation }: Split,
  settings: RunSettings,
  callbacks: readonly (Callbacks | null)[],
  resume: boolean,
  signal?: AbortSignal,
): Promise<History> {
  const options: FitOptions = {
    validationData: [validation.x, validation.y],
    callbacks: callbacks.filter((callback) => callback !== null),
    signal,
  };
  return model.fit(train.x, train.y, resume ? { ...options, resume } : { ...options, epochs: settings.epochs });
}

/** Over the little-endian f32 bytes of all parameters in layer order, kernel then bias. */
export function weightsSha256(model: Pick<Model, 'getWeights'>): string {
  const hash = createHash('sha256');
  for (const { data } of model.getWeights()) hash.update(new Uint8Array(data.buffer));
  return hash.digest('hex');
}
