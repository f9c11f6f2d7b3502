// The epoch loop: batches in a seeded order, callbacks, validation, history.  https://keras.io/api/models/model_training_apis/#fit-method
import { checkCallbacks, engage, type Callbacks } from '../callbacks/callback.js';
import { dataSha256 } from '../data/dataSha256.js';
import { check } from '../base/errors.js';
import type { FitState, History } from './fitState.js';
import { checkBoolean, checkOptions, describe } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { localExecutor, type TrainingExecutor, type TrainedModel } from './executor.js';
import { meansOfFeed, type Feed } from './feed.js';
import { openFeed, type FeedData } from './openFeed.js';
import type { Session } from './session.js';
import { logNames, meansOf } from './steps.js';

export interface FitOptions {
  /** Default 1. The number of the last epoch: with initialEpoch 2, epochs 5 trains three. */
  readonly epochs?: number;
  readonly initialEpoch?: number;
  /** Default: what compile() planned for. */
  readonly batchSize?: number;
  /** Default true. */
  readonly shuffle?: boolean;
  /** Seed for shuffling and dropout. Default: the model's. */
  readonly seed?: number;
  /** [x, y], a source, or a function that returns a generator of batches. */
  readonly validationData?: FeedData;
  /** Batches an epoch, where a generator gives them. Default: all that it gives. */
  readonly stepsPerEpoch?: number | undefined;
  readonly callbacks?: Callbacks | readonly Callbacks[];
  /** When it is aborted, fit ends after the current step, and the signal's reason is its error. The model keeps what it has learned. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Resumes exactly where the checkpoint was made that loadModel() read this model from: with the same data and callbacks, and
   * without the options that the checkpoint keeps (`epochs` may be another number). The whole history comes back.
   */
  readonly resume?: boolean;
  /**
   * SHA-256 that stands for x, y and validationData, from one who knows it and writes to none of them: fit then hashes nothing. Default:
   * it hashes them itself, before the first step, for checkpoints, and after the last one, to see that nothing has changed.
   */
  readonly dataSha256?: string | undefined;
}

const known: readonly (keyof FitOptions)[] = [
  'epochs',
  'initialEpoch',
  'batchSize',
  'shuffle',
  'seed',
  'validationData',
  'stepsPerEpoch',
  'callbacks',
  'signal',
  'resume',
  'dataSha256',
];

export interface Resumption {
  readonly state: FitState;
  /** Throws unless these are the checkpoint's data. `sha256`: null where the host has none, undefined where the data have none. */
  checkData(count: number | null, sha256: string | null | undefined): void;
}

/** What loadModel() of a checkpoint brings. `listeners`: the callbacks with a state. */
export type Resume = (model: TrainedModel, options: FitOptions, listeners: readonly Callbacks[]) => Resumption;

export async function fit(
  model: TrainedModel,
  data: FeedData,
  options: FitOptions,
  resume: Resume | null,
): Promise<History> {
  checkOptions(options, known, 'fit');
  const listeners = [options.callbacks ?? []].flat();
  checkCallbacks(listeners);
  const release = engage(listeners);
  try {
    return await trainWith(listeners, model, data, options, resume);
  } finally {
    release();
  }
}

async function trainWith(
  listeners: readonly Callbacks[],
  model: TrainedModel,
  data: FeedData,
  options: FitOptions,
  resumption: Resume | null,
): Promise<History> {
  const { signal, resume = false, validationData, stepsPerEpoch: steps } = options;
  check(
    signal === undefined || typeof (signal as unknown as AbortSignal | null)?.aborted === 'boolean',
    () => `fit's signal must be an AbortSignal, got ${describe(signal)}`,
  );
  checkBoolean(resume, "fit's resume");
  check(
    options.dataSha256 === undefined || /^[0-9a-f]{64}$/.test(options.dataSha256),
    "fit's dataSha256 is no SHA-256",
  );
  const planned = model.training();
  check(
    !resume || (model.fitState !== null && resumption !== null),
    'fit has nothing to resume: give it the model that loadModel() makes of a checkpoint, not compiled again',
  );
  const resumed = resume ? resumption!(model, options, stateful(listeners)) : null;
  const saved = resumed?.state ?? null;
  const settings = saved ?? settingsOf(options, planned, model.seed);
  const { batchSize } = settings;
  const examples = await openFeed(data, {
    ...settings,
    who: 'fit',
    session: planned,
    steps,
    observe: (xs) => model.inputScale.observe(xs, "fit's x"),
  });
  const who = "fit's validationData";
  const validation =
    validationData &&
    (await openFeed(validationData, {
      who,
      session: planned,
      batchSize,
      observe: (xs) => model.inputScale.compare(xs, who),
    }));
  const feeds = validation ? [examples, validation] : [examples];
  const digest = feeds.every(({ held, identity }) => held ?? identity)
    ? async () =>
        options.dataSha256 ?? dataSha256(await Promise.all(feeds.map(({ held, identity }) => held ?? identity!())))
    : null;
  const hashed = resumed ? await digest?.() : null;
  resumed?.checkData(examples.count, hashed);

  // Planned anew where the batch size is another one: after everything was checked.
  const session = model.training(batchSize);
  // While the threads start, new data are hashed.
  const toHold = { examples: examples.held, validation: validation?.held ?? null };
  const order = { seed: settings.seed, shuffle: settings.shuffle };
  const [executor, sha256] = await Promise.all([
    model.openExecutor(toHold, order).then((background) => background ?? localExecutor(session, toHold, order)),
    hashed ?? digest?.() ?? null,
  ]);
  const run: Run = saved ?? {
    ...settings,
    dataSha256: sha256,
    count: examples.count ?? 0,
    seen: 0,
    totals: {},
    history: { epoch: [], history: {} },
  };
  model.stopTraining = saved?.stopTraining ?? false;
  model.fitState =
    digest &&
    (() => ({
      ...run,
      totals: copyOf(run.totals),
      history: copyOf(run.history),
      stopTraining: model.stopTraining,
      callbacks: Object.fromEntries(stateful(listeners).map(({ name, state }) => [name, state!])),
    }));
  const savePoint = async (): Promise<void> => {
    for (const listener of listeners) if (listener.onSavePoint) await listener.onSavePoint();
    if (signal?.aborted) throw signal.reason;
  };
  const endTraining = async (): Promise<void> => {
    const { average } = session.compiled!.optimizer;
    if (average && model.step > 0) await setToAverage(model, average);
    for (const listener of listeners) await listener.onTrainEnd?.();
  };
  try {
    const names = logNames(session);
    if (validation) names.push(...names.map((name) => `val_${name}`));
    names.push(...listeners.flatMap((listener) => listener.logNames ?? []));
    for (const listener of listeners) await listener.onTrainBegin?.(model, signal, names);
    if (saved) for (const listener of stateful(listeners)) listener.state = saved.callbacks[listener.name!]!;
    await savePoint();
    while (run.epoch < run.epochs && (run.seen > 0 || !model.stopTraining)) {
      const { epoch } = run;
      for (const listener of listeners) await listener.onEpochBegin?.(epoch);
      await trainEpoch(model, session, executor, examples, run, listeners, savePoint);
      if (run.seen === 0) break;
      const logs = meansOf(session, run.totals, run.seen);
      if (validation) {
        const means = await meansOfFeed(validation, session, (batch, totals) => executor.evaluate(batch, totals));
        for (const [name, value] of Object.entries(means)) logs[`val_${name}`] = value;
        checkLoss(
          'val_loss',
          logs.val_loss!,
          `after epoch ${epoch + 1} (learning rate ${session.rateOf(session.step + 1)})`,
        );
      }
      run.history.epoch.push(epoch);
      for (const [name, value] of Object.entries(logs)) (run.history.history[name] ??= []).push(value);
      Object.assign(run, { epoch: epoch + 1, seen: 0, totals: {} });
      for (const listener of listeners) await listener.onEpochEnd?.(epoch, logs);
      await savePoint();
    }
    check(
      !digest || (await digest()) === sha256,
      "fit's data changed while it trained, so it is unknown what these weights were trained on; give fit arrays that nothing else writes to",
    );
    await endTraining();
  } catch (error) {
    if (signal?.aborted && error === signal.reason) await endTraining();
    throw error;
  } finally {
    executor.end();
    model.fitState = null;
  }
  return run.history;
}

/** Trained weights become what this slot of the optimizer has. */
export async function setToAverage(model: TrainedModel, slot: string): Promise<void> {
  const average = model.optimizerSlots.get(slot)!;
  const weights = model.getWeights().map((tensor, i) => {
    const { role, trainable, offset, size } = model.parameters[i]!;
    return role === 'weight' && trainable ? { ...tensor, data: average.slice(offset, offset + size) } : tensor;
  });
  await model.setWeightsInTurn(weights);
}

/** What a save point is to keep, while training goes on. */
const copyOf = <T>(numbers: T): T => JSON.parse(JSON.stringify(numbers)) as T;

/** State of a running fit, without what the model and the callbacks hold. */
type Run = Omit<FitState, 'stopTraining' | 'callbacks'>;

/** The steps from where the run is to the end of its epoch. */
async function trainEpoch(
  model: TrainedModel,
  session: Session,
  executor: TrainingExecutor,
  examples: Feed,
  run: Run,
  listeners: readonly Callbacks[],
  savePoint: () => Promise<void>,
): Promise<void> {
  const { epoch } = run;
  if (model.stopTraining) return;
  let number = run.seen / run.batchSize;
  for await (const batch of examples.batches(epoch, run.seen)) {
    const rate = session.rateOf(session.step + 1);
    run.totals = await executor.train(epoch, batch, run.totals);
    checkLoss('loss', run.totals.loss as number, `in epoch ${epoch + 1}, step ${number + 1} (learning rate ${rate})`);
    run.seen += batch.count;
    for (const listener of listeners)
      if (listener.onBatchEnd) await listener.onBatchEnd(number, meansOf(session, run.totals, run.seen));
    await savePoint();
    number++;
    if (model.stopTraining) break;
  }
}

function settingsOf(
  { epochs = 1, initialEpoch = 0, shuffle = true, seed, batchSize }: FitOptions,
  planned: Session,
  modelSeed: number,
): Pick<FitState, 'epochs' | 'epoch' | 'shuffle' | 'seed' | 'batchSize' | 'numerics'> {
  checkBoolean(shuffle, "fit's shuffle");
  return {
    epochs: checkWhole(epochs, 'epochs'),
    epoch: checkWhole(initialEpoch, 'initialEpoch', 0),
    shuffle,
    seed: checkWhole(seed ?? modelSeed, 'seed', 0),
    batchSize: checkWhole(batchSize ?? planned.batchSize, 'batchSize'),
    numerics: planned.compiled!.numerics,
  };
}

function stateful(listeners: readonly Callbacks[]): readonly Callbacks[] {
  return listeners.filter(({ state }) => state !== undefined);
}

function checkLoss(name: string, loss: number, where: string): void {
  check(Number.isFinite(loss), () => `${name} is ${loss} ${where}; lower it or check the data`);
}
