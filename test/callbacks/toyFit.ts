// A fit of the toy task, whose logs have a score of one's choice.
import type { Callbacks, FitOptions, History, LoadOptions, Model } from '../../src/index.js';
import { loadModel } from '../../src/index.js';
import { compiledToy, toyExamples, weightsHash } from '../model/toy.js';

export const { x, y } = toyExamples(40);

/** Adds `score` to the logs, one an epoch. */
export function scores(values: readonly number[]): Callbacks {
  return {
    logNames: ['score'],
    onEpochEnd(epoch, logs) {
      logs['score'] = values[epoch]!;
    },
  };
}

export interface Ended {
  readonly history: History;
  readonly weights: string;
  readonly learningRate: number;
  /** Files of all save points. */
  readonly files: readonly Uint8Array[];
}

/** 3 steps an epoch. `callbacks` makes new ones. */
export async function whole(
  epochs: number,
  callbacks: () => readonly Callbacks[],
  model: Model = compiledToy(16),
  more: FitOptions = {},
): Promise<Ended> {
  const files: Uint8Array[] = [];
  const save: Callbacks = { onSavePoint: () => void files.push(model.save()) };
  const history = await model.fit(x, y, { epochs, seed: 3, ...more, callbacks: [...callbacks(), save] });
  return { history, weights: weightsHash(model), learningRate: model.learningRate, files };
}

/** From a file of a save point to the end, without its files. */
export async function resumed(
  bytes: Uint8Array,
  callbacks: () => readonly Callbacks[],
  how: LoadOptions = {},
): Promise<Omit<Ended, 'files'>> {
  const { model } = loadModel(bytes, how);
  const history = await model.fit(x, y, { resume: true, callbacks: callbacks() });
  return { history, weights: weightsHash(model), learningRate: model.learningRate };
}
