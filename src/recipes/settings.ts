// What decides the numbers of a run: the same for npm run train and the demo page, so that a run may begin in one and end in the other.
import { isRecord } from '../base/options.js';
import { earlyStopping, type EarlyStopping } from '../callbacks/index.js';
import type { Numerics } from '../engine/build.js';
import type { CompileOptions } from '../model/compile.js';
import type { ClassifierFacts } from '../images/classifierFacts.js';
import type { Model } from '../model/model.js';
import { adam } from '../optimizers/index.js';
import { linearDecay } from '../schedules/index.js';
import type { FitState } from '../training/fitState.js';
import type { DataFacts } from './data.js';

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

/** Digits of MNIST's kind, which two epochs teach. */
const QUICK = ['mnist', 'builtin-digits'];
const [QUICK_EPOCHS, USUAL_EPOCHS, MOST_EPOCHS] = [2, 5, 50];
const [USUAL_BATCH, SMALL_BATCH] = [128, 32];
/** Smaller sets make too few steps of the usual batch. */
const LARGE_SET = 6000;
/** A network needs about so many to learn anything. */
const LEAST_STEPS = 400;

/** What a run on `count` images takes unless told; those that will be held out count, too. */
export function usualSettings(dataset: string, count: number): Pick<RunSettings, 'epochs' | 'batchSize'> {
  if (QUICK.includes(dataset)) return { epochs: QUICK_EPOCHS, batchSize: USUAL_BATCH };
  const batchSize = count < LARGE_SET ? SMALL_BATCH : USUAL_BATCH;
  const enough = Math.ceil(LEAST_STEPS / Math.ceil(count / batchSize));
  return { epochs: Math.max(USUAL_EPOCHS, Math.min(MOST_EPOCHS, enough)), batchSize };
}

/** What a run keeps of its beginning, beside its model. */
export interface RunFacts {
  readonly settings: RunSettings;
  readonly dataset: DataFacts;
  /** For classify(); runs of before have none. */
  readonly classifier?: ClassifierFacts;
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

/** Plans the memory and chooses the optimizer; the weights stay. `trainCount`: images trained on, without those held out. */
export function compileRun(
  model: Model,
  settings: RunSettings,
  trainCount: number,
  workers: CompileOptions['workers'],
): void {
  const { batchSize, learningRate, numerics } = settings;
  const totalSteps = stepsOf(settings, trainCount);
  const schedule = linearDecay({ peak: learningRate, totalSteps, warmupSteps: Math.floor(totalSteps * WARM_UP) });
  model.compile({
    optimizer: adam({ learningRate: schedule }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize,
    numerics,
    workers,
  });
}

/** Null where the run has none. */
export function makeEarlyStopping({ earlyStopping: patience }: RunSettings): EarlyStopping | null {
  return patience === null ? null : earlyStopping({ patience, restoreBestWeights: true });
}
