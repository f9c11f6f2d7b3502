// One trial: from its checkpoint, or from its seed, up to an epoch. Run twice, moved, or taken over from a machine that died, it ends in the
// same bytes.
import type { Callbacks } from '../callbacks/callback.js';
import { check, WasmCnnError } from '../base/errors.js';
import { now } from '../base/eventLoop.js';
import { describe, isError } from '../base/options.js';
import { sha256Of } from '../base/sha256.js';
import type { Shape } from '../base/shape.js';
import { encodeUtf8 } from '../base/utf8.js';
import type { Examples } from '../data/dataset.js';
import type { ClassifierFacts } from '../images/classifierFacts.js';
import { loadModel, type LoadedModel, type LoadOptions } from '../model/load.js';
import type { Model } from '../model/model.js';
import { weightsBytes } from '../recipes/identity.js';
import type { FitOptions } from '../training/fit.js';
import type { History } from '../training/fitState.js';
import { checkMetric, type Plan, type Task, type TrialResult } from './plan.js';
import type { Config } from './space.js';

/** What a trial trains on, and what it is judged by. */
export interface TrialData {
  readonly train: Examples;
  readonly validation: Examples;
  readonly classNames: readonly string[];
  /** Name of the data set. */
  readonly name: string;
  /** What the saved model says of its classes and pictures. */
  readonly classifier: ClassifierFacts;
}

/** What the model of a trial is to fit. */
export interface TrialForm {
  /** Shape of one image: [height, width, channels]. */
  readonly inputShape: Shape;
  readonly classes: number;
  /** The setting's seed, or 1. */
  readonly seed: number;
  /** Images trained on. */
  readonly trainCount: number;
  /** Epochs of the whole trial, over which a learning-rate schedule extends. */
  readonly epochs: number;
  readonly numerics: Plan['numerics'];
}

/** Options of fit() that a trial may choose: what to train on and how long is the sweep's. */
export type TrialFitOptions = Omit<
  FitOptions,
  | 'epochs'
  | 'initialEpoch'
  | 'validationData'
  | 'validationSplit'
  | 'validationSplitMode'
  | 'signal'
  | 'resume'
  | 'dataSha256'
  | 'seed'
  | 'verbose'
>;

/** The code of a sweep's trials. */
export interface TrialCode {
  /** Makes the compiled model of a setting. The same setting must give the same model. */
  readonly model: (config: Config, form: TrialForm) => Model | Promise<Model>;
  /** `model`: what the function above made, or the trial's checkpoint. */
  readonly fit?: (config: Config, form: TrialForm, model: Model) => TrialFitOptions;
}

/** Place of a trial's checkpoint. */
export interface CheckpointStore {
  /** The newest of this trial; null where there is none. */
  get(trial: string): Promise<Uint8Array | null>;
  /** Keeps it in place of the one before, unless that one is of a later step: what a worker that was given up writes comes too late. */
  put(trial: string, bytes: Uint8Array, step: number): Promise<void>;
  /** Gives up what is kept of it, as it cannot be read. */
  remove(trial: string): Promise<void>;
}

/** Progress of a trial that is under way. */
export interface TrialProgress {
  readonly step: number;
  readonly epoch: number;
  /** The figures of the last epoch; {} before the first one ends. */
  readonly logs: Readonly<Record<string, number>>;
}

export interface TrialHost extends Pick<LoadOptions, 'workers' | 'background'> {
  readonly data: TrialData;
  readonly store: CheckpointStore;
  readonly signal?: AbortSignal | undefined;
  /** Seconds between checkpoints. Default 10. */
  readonly saveEvery?: number;
  /** Is told of each epoch and each checkpoint. */
  readonly report?: (progress: TrialProgress) => void;
  /** Is told where a checkpoint could not be kept: training continues. */
  readonly warn?: (sentence: string) => void;
}

/** Options that a checkpoint keeps, and fit() does not take when it resumes. */
const KEPT = [
  'batchSize',
  'shuffle',
  'mixUp',
  'cutMix',
  'gradientAccumulationSteps',
  'stepsPerEpoch',
  'validationFreq',
];
const SAVE_EVERY = 10;

/** Place of what a trial ended with where that is not in its last checkpoint: averaged weights, or the best ones of earlyStopping. */
export const endOf = (trial: string): string => `${trial}-end`;

/** A trial's model whose weights have this SHA-256, with what its file says of it; null where none is kept, or it was trained further. */
export async function modelOfTrial(
  store: CheckpointStore,
  trial: string,
  weightsSha256: string | null,
): Promise<LoadedModel | null> {
  for (const place of [endOf(trial), trial]) {
    const bytes = await store.get(place);
    const loaded = bytes && loadSaved(bytes, place);
    if (loaded && (await sha256Of(weightsBytes(loaded.model))) === weightsSha256) return loaded;
  }
  return null;
}

/** Null where the bytes are no model. What comes from the system is thrown. */
function loadSaved(
  bytes: Uint8Array,
  name: string,
  options: LoadOptions = {},
  warn?: TrialHost['warn'],
): LoadedModel | null {
  try {
    return loadModel(bytes, { name: `the checkpoint of ${name}`, ...options });
  } catch (error) {
    if (!(error instanceof WasmCnnError) || error.cause !== undefined) throw error;
    warn?.(`${error.message}; it is put aside, and the trial starts again`);
    return null;
  }
}

export async function runTrial(plan: Plan, task: Task, code: TrialCode, host: TrialHost): Promise<TrialResult> {
  const { config, fold, until } = task;
  const { data, store, signal, workers, background } = host;
  const { train, validation, classifier } = data;
  const bytes = await store.get(task.id);
  const run = { ...(workers && { workers }), ...(background !== undefined && { background }) };
  const saved = bytes && loadSaved(bytes, task.id, { numerics: plan.numerics, ...run }, host.warn)?.model;
  if (bytes && !saved) await store.remove(task.id);
  const seed = seedOf(config);
  const form = formOf(plan, config, data);
  const model = saved ?? (await modelOf(code, config, form));
  const { callbacks = [], ...options } = code.fit?.(config, form, model) ?? {};
  const state = model.fitState?.();
  // It was promoted since, or has this result already but for the telling of it.
  const isPast = state !== undefined && (state.epoch > until || (state.epoch === until && state.seen > 0));
  if (isPast) return resultOf(plan, state.history, until, null);
  const facts = {
    classifier,
    dataset: { name: data.name, sha256: plan.basis.dataSha256 },
    trial: { id: task.id, config, fold },
  };
  /** SHA-256 of the weights in the last checkpoint. */
  let kept = saved ? await sha256Of(weightsBytes(model)) : null;
  const keep = async (place: string): Promise<void> => {
    try {
      await store.put(place, model.save({ facts }), model.step);
      kept = await sha256Of(weightsBytes(model));
    } catch (error) {
      // What has been trained since the last one would be lost without a word.
      if (signal?.aborted) throw error;
      host.warn?.(
        `the checkpoint of ${task.id} after step ${model.step} could not be kept: ${(error as Error).message}; training continues`,
      );
    }
  };
  const keeper = checkpoints(host, () => keep(task.id));
  let history: History;
  try {
    history = await model.fit(train.x, train.y, {
      ...(saved ? without(options, KEPT) : options),
      ...(saved ? { resume: true } : { seed }),
      epochs: until,
      validationData: [validation.x, validation.y],
      callbacks: [...[callbacks].flat(), keeper],
      signal,
      verbose: 0,
      dataSha256: await trialDataSha256(plan, fold),
    });
  } catch (error) {
    if (signal?.aborted || !isDivergence(error)) throw error;
    return withoutScore('diverged');
  }
  const weightsSha256 = await sha256Of(weightsBytes(model));
  if (weightsSha256 !== kept) await keep(endOf(task.id));
  return resultOf(plan, history, until, weightsSha256);
}

/** What the code throws for a setting, or returns in a model's place, becomes a sentence on the setting. */
async function modelOf(code: TrialCode, config: Config, form: TrialForm): Promise<Model> {
  let model: Partial<Model> | null;
  try {
    model = await code.model(config, form);
  } catch (error) {
    if (error instanceof WasmCnnError) throw error;
    const message = isError(error) ? error.message : describe(error);
    throw new WasmCnnError(`the sweep's model(config, form) fails: ${message}`, { cause: error });
  }
  check(
    typeof model?.fit === 'function',
    () => `the sweep's model(config, form) must return a compiled model, got ${describe(model)}`,
  );
  return model as Model;
}

const seedOf = ({ seed = 1 }: Config): number => Number(seed);

/** What the model of a setting is to fit. */
export function formOf({ epochs, numerics }: Plan, config: Config, { train, classNames }: TrialData): TrialForm {
  return {
    inputShape: train.x.shape.slice(1),
    classes: classNames.length,
    seed: seedOf(config),
    trainCount: train.y.length,
    epochs,
    numerics,
  };
}

/** What fit() says where the loss is not finite: a result of the setting, and no fault of the machine. */
function isDivergence(error: unknown): boolean {
  return error instanceof WasmCnnError && /^(val_)?loss is (NaN|-?Infinity) /.test(error.message);
}

function resultOf(plan: Plan, { history }: History, until: number, weightsSha256: string | null): TrialResult {
  checkMetric(plan.metric, Object.keys(history));
  const scores = history[plan.metric]!.slice(0, until);
  const score = scores.at(-1);
  check(score !== undefined, `the trial has no value of ${plan.metric}, by which trials are compared`);
  return { status: 'finished', scores, score, epochs: scores.length, weightsSha256 };
}

/** Result of a trial that did not finish: `reason` says why it was given up. */
export function withoutScore(status: 'diverged' | 'failed', reason?: string): TrialResult {
  return { status, scores: [], score: null, epochs: 0, weightsSha256: null, ...(reason !== undefined && { reason }) };
}

/** Stands for what a trial trains on and is judged by. */
async function trialDataSha256({ basis, folds, splitSeed }: Plan, fold: number | null): Promise<string> {
  return (await sha256Of([encodeUtf8(`${basis.dataSha256} sweep ${splitSeed} ${fold ?? '-'}/${folds ?? '-'}`)]))!;
}

/** Keeps a checkpoint every few seconds, after the last epoch, and when the signal ends the fit. When it does so changes no bit. */
function checkpoints({ signal, saveEvery = SAVE_EVERY, report }: TrialHost, keep: () => Promise<void>): Callbacks {
  let model: Parameters<NonNullable<Callbacks['onTrainBegin']>>[0];
  let last = now();
  let epoch = 0;
  let logs: Record<string, number> = {};
  let due = false;
  return {
    onTrainBegin(...given) {
      [model] = given;
    },
    onBatchEnd() {
      due = now() - last >= 1000 * saveEvery;
    },
    onEpochEnd(ended, figures) {
      epoch = ended + 1;
      logs = { ...figures } as Record<string, number>;
      due ||= epoch === model.fitState?.()?.epochs;
      report?.({ step: model.step, epoch, logs });
    },
    async onSavePoint() {
      if (!due && !signal?.aborted && !model.stopTraining) return;
      due = false;
      await keep();
      last = now();
      report?.({ step: model.step, epoch, logs });
    },
  };
}

function without<T extends object>(object: T, names: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) as Partial<T>;
}
