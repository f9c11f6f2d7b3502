// A training run in Node, by the recipe that the demo page has, too: train makes it, verify makes it again.
import { createHash } from 'node:crypto';
import { WasmCnnError } from '../../base/errors.js';
import { swa, type Callbacks } from '../../callbacks/index.js';
import type { Model } from '../../model/model.js';
import {
  averagingOf,
  compileRun,
  recipeOf,
  runDataSha256,
  weightsBytes,
  type RunFacts as SharedFacts,
  type RunSettings,
} from '../../recipes/index.js';
import type { FitOptions } from '../../training/fit.js';
import type { History } from '../../training/fitState.js';
import type { DataForm } from '../dataset/openDataset.js';
import { workers } from '../threads/workers.js';
import { freezeNormalization, type HeadRecord } from './fineTune.js';
import type { MakeNetwork } from './networkFile.js';
import type { DataFacts, RunData } from './runData.js';

/** What a run keeps of its beginning, beside its model. */
export interface RunFacts extends SharedFacts {
  readonly dataset: DataFacts;
  /** The whole path of the file that described the network, where one did. */
  readonly networkFile?: string;
  /** How a new last layer did before the first step. */
  readonly head?: HeadRecord;
}

/** The network before its first step, and before its new last layer is trained alone; compiled. `makeNetwork`: null for the recipe's own; `shape`: of the images to train on; `file`: that describes the network, for errors. */
export async function makeModel(
  makeNetwork: MakeNetwork | null,
  settings: RunSettings,
  { shape: [count = 0, ...inputShape], classes, hasMargin }: DataForm,
  threads: number,
  file: string | null = null,
): Promise<Model> {
  const isLastNew = settings.headEpochs !== undefined;
  const form = { inputShape, classes, seed: settings.seed };
  const model = makeNetwork
    ? await makeNetwork({ ...form, ...(isLastNew && { isLastNew }) })
    : recipeOf(settings).network!({ ...form, hasMargin });
  if (isLastNew) freezeNormalization(model);
  try {
    compileRun(model, settings, count, workers(threads));
  } catch (error) {
    throw file !== null && error instanceof WasmCnnError
      ? new WasmCnnError(`${file}: ${error.message}`, { cause: error })
      : error;
  }
  return model;
}

/** `resume`: from where the model was loaded from. */
export async function fitRun(
  model: Model,
  { train, validation, facts }: RunData,
  settings: RunSettings,
  callbacks: readonly (Callbacks | null)[],
  resume: boolean,
  signal?: AbortSignal,
): Promise<History> {
  // The data set was hashed when it was opened. An earlier version hashed what it trained on, which fit then does as well.
  const { seed, validationSplit } = settings;
  const dataSha256 = (await runDataSha256(facts.sha256, seed, facts.drawnCount, validationSplit))!;
  const isKnown = !resume || model.fitState!().dataSha256 === dataSha256;
  const averaging = averagingOf(model, settings, facts.trainCount);
  const options: FitOptions = {
    ...(isKnown && { dataSha256 }),
    ...(validation && { validationData: [validation.x, validation.y] as const }),
    callbacks: [averaging && swa(averaging), ...callbacks].filter((callback) => callback !== null),
    signal,
    verbose: 0,
  };
  return model.fit(train.x, train.y, resume ? { ...options, resume } : { ...options, epochs: settings.epochs });
}

export function weightsSha256(model: Pick<Model, 'getWeights'>): string {
  const hash = createHash('sha256');
  for (const part of weightsBytes(model)) hash.update(part);
  return hash.digest('hex');
}
