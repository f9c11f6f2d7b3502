// The epoch loop: batches in a seeded order, callbacks, validation, history.  https://keras.io/api/models/model_training_apis/#fit-method
import { checkCallbacks, engage, type Callbacks } from '../callbacks/callback.js';
import { dataSha256 } from '../data/dataSha256.js';
import { check } from '../base/errors.js';
import type { FitSettings, FitState, History } from './fitState.js';
import type { Inputs, Targets } from './inputs.js';
import { checkBoolean, checkNumber, checkOptions, describe } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { localExecutor, type TrainingExecutor, type TrainedModel } from './executor.js';
import { meansOfFeed, type Feed } from './feed.js';
import type { ClassWeight, SampleWeight } from './exampleWeights.js';
import { openFeed, type FeedData } from './openFeed.js';
import type { Session } from './session.js';
import { checkTrainable, logNames, meansOf } from './steps.js';
import { checkVerbose, progress } from './progress.js';
import { splitForValidation } from './validationSplit.js';

/** Options of {@link fit}. */
export interface FitOptions {
  /** Default 1. The number of the last epoch: with initialEpoch 2, epochs 5 trains three. */
  readonly epochs?: number;
  readonly initialEpoch?: number;
  /** Default: that of compile(). */
  readonly batchSize?: number;
  /**
   * Default 1. A step is made of so many batches, with the gradients of one as large as all of them: it takes the memory of one. Batch
   * normalization sees each batch by itself.
   */
  readonly gradientAccumulationSteps?: number;
  /** Default true. */
  readonly shuffle?: boolean;
  /**
   * Mixes each example and its targets with another one of its step, in training: alpha of the beta distribution of the shares, above 0 and
   * at most 1; Keras' default of MixUp is 0.2. Which one and how much follow from seed and step.
   */
  readonly mixUp?: number | null;
  /** Puts a rectangle of another image of the step into each, and mixes the targets by its area: alpha is drawn from 0 to this number, Keras' default is 1. */
  readonly cutMix?: number | null;
  /** Seed for shuffling and dropout. Default: the model's. */
  readonly seed?: number;
  /** A factor of the loss for each example of a class, by its number or its name; 1 for those that it does not have. */
  readonly classWeight?: ClassWeight;
  /** A factor of the loss for each example; for several outputs one each, or one for all. */
  readonly sampleWeight?: SampleWeight;
  /** [x, y], [x, y, sampleWeight], a source, or a function that returns a generator of batches. */
  readonly validationData?: FeedData;
  /** Share of x and y that is held out in place of validationData, above 0 and below 1. */
  readonly validationSplit?: number;
  /**
   * 'stratified' (default): chosen by the seed, of each class its share where the labels are classes. 'tail': the last examples, as in
   * Keras, of however many classes they are.
   */
  readonly validationSplitMode?: 'stratified' | 'tail';
  /** Validates after each epoch of this number, or multiple of it; default 1. */
  readonly validationFreq?: number;
  /** Steps an epoch; default: all that there are. */
  readonly stepsPerEpoch?: number | undefined;
  /** 0: prints nothing; 1 (default, also as 'auto'): one line per epoch, which is updated during training in a terminal; 2: one line per epoch. */
  readonly verbose?: 'auto' | 0 | 1 | 2;
  readonly callbacks?: Callbacks | readonly Callbacks[];
  /** When it is aborted, fit ends after the current step, and the signal's reason is its error. The model keeps what it has learned. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Resumes exactly where the checkpoint was made that loadModel() read this model from: with the same data and callbacks, and
   * without the options that the checkpoint keeps (`epochs` may be another number). The whole history comes back.
   */
  readonly resume?: boolean;
  /**
   * SHA-256 that stands for x, y, their weights and validationData, from one who knows it and writes to none of them: fit then hashes nothing. Default:
   * it hashes them itself, before the first step, for checkpoints, and after the last one, to see that nothing has changed.
   */
  readonly dataSha256?: string | undefined;
}

const known: readonly (keyof FitOptions)[] = [
  'epochs',
  'initialEpoch',
  'batchSize',
  'shuffle',
  'mixUp',
  'cutMix',
  'seed',
  'classWeight',
  'sampleWeight',
  'validationData',
  'validationSplit',
  'validationSplitMode',
  'validationFreq',
  'stepsPerEpoch',
  'gradientAccumulationSteps',
  'verbose',
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
  given: readonly Callbacks[],
  model: TrainedModel,
  data: FeedData,
  options: FitOptions,
  resumption: Resume | null,
): Promise<History> {
  const { signal, resume = false, verbose = 'auto' } = options;
  checkVerbose(verbose, 'fit');
  check(
    signal === undefined || typeof (signal as unknown as AbortSignal | null)?.aborted === 'boolean',
    () => `fit's signal must be an AbortSignal, got ${describe(signal)}`,
  );
  checkBoolean(resume, "fit's resume");
  check(
    options.dataSha256 === undefined ||
      (typeof options.dataSha256 === 'string' && /^[0-9a-f]{64}$/.test(options.dataSha256)),
    "fit's dataSha256 is no SHA-256 of 64 digits",
  );
  const planned = model.training();
  checkTrainable(planned, 'fit');
  check(
    !resume || (model.fitState !== null && resumption !== null),
    'fit has nothing to resume: give it the model that loadModel() makes of a checkpoint, not compiled again; a fit on a generator leaves none',
  );
  const resumed = resume ? resumption!(model, options, stateful(given)) : null;
  const saved = resumed?.state ?? null;
  const settings = saved ?? settingsOf(options, planned, model);
  if (options.mixUp !== undefined || options.cutMix !== undefined)
    (await import('./mix.js')).checkMix(options, planned);
  const listeners = verbose === 0 ? given : [...given, progress(model, settings.epochs, verbose !== 2)];
  const { batchSize, gradientAccumulationSteps, stepsPerEpoch, validationSplit, seed, shuffle } = settings;
  const [trained, validationData] =
    validationSplit > 0 ? await split(planned, data, options, settings) : [data, options.validationData ?? null];
  const examples = await openFeed(trained, {
    ...{ seed, shuffle },
    batchSize: batchSize * gradientAccumulationSteps,
    gradientAccumulationSteps,
    who: 'fit',
    session: planned,
    steps: stepsPerEpoch ?? undefined,
    classWeight: options.classWeight,
    sampleWeight: validationSplit > 0 ? undefined : options.sampleWeight,
    observe: (xs) => model.inputScale.observe(xs, "fit's x"),
  });
  const who = "fit's validationData";
  const validation =
    validationData !== null &&
    (await openFeed(validationData, {
      who,
      session: planned,
      batchSize,
      observe: (xs) => model.inputScale.compare(xs, who),
    }));
  check(validation !== false || (options.validationFreq ?? 1) === 1, "fit's validationFreq needs validationData");
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
  const toHold = { examples: examples.held, validation: validation ? validation.held : null };
  const order = { seed, shuffle, mixUp: settings.mixUp, cutMix: settings.cutMix };
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
    // A resumed fit may have validated before.
    if (validation && (saved || run.epochs % run.validationFreq < run.epochs - run.epoch))
      names.push(...names.map((name) => `val_${name}`));
    const added = new Set(
      listeners.flatMap((listener) => listener.logNames ?? []).filter((name) => !names.includes(name)),
    );
    names.push(...added);
    for (const listener of listeners) await listener.onTrainBegin?.(model, signal, names);
    if (saved) for (const listener of stateful(listeners)) listener.state = saved.callbacks[listener.name!]!;
    await savePoint();
    while (run.epoch < run.epochs && (run.seen > 0 || !model.stopTraining)) {
      const { epoch } = run;
      for (const listener of listeners) await listener.onEpochBegin?.(epoch);
      if (!saved && epoch === settings.epoch) checkRate(session);
      await trainEpoch(model, session, executor, examples, run, listeners, savePoint);
      if (run.seen === 0) break;
      const logs = meansOf(session, run.totals, run.seen);
      if (validation && (epoch + 1) % run.validationFreq === 0) {
        const means = await meansOfFeed(validation, session, (batch, totals) => executor.evaluate(batch, totals));
        for (const [name, value] of Object.entries(means)) logs[`val_${name}`] = value;
        checkLoss(
          'val_loss',
          logs.val_loss!,
          `after epoch ${epoch + 1} (learning rate ${session.rateOf(session.step)})`,
        );
      }
      run.history.epoch.push(epoch);
      for (const [name, value] of Object.entries(logs)) (run.history.history[name] ??= []).push(value);
      Object.assign(run, { epoch: epoch + 1, seen: 0, totals: {} });
      for (const listener of listeners) await listener.onEpochEnd?.(epoch, logs);
      // What they add, as learningRate, is in the history, too.
      for (const name of added) if (Number.isFinite(logs[name])) (run.history.history[name] ??= []).push(logs[name]!);
      await savePoint();
    }
    check(
      !digest || (await digest()) === sha256,
      "fit's data changed while it trained; give arrays that nothing else writes to",
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

/** What a save point keeps, while training continues. */
const copyOf = <T>(numbers: T): T => JSON.parse(JSON.stringify(numbers)) as T;

/** State of a running fit, without what the model and the callbacks hold. */
type Run = Omit<FitState, 'stopTraining' | 'callbacks'>;

/** Throws where a model that was trained before, as a saved one, would learn nothing: its schedule is over. */
function checkRate(session: Session): void {
  const { step } = session;
  check(
    step === 0 || session.rateOf(step + 1) > 0 || session.rateOf(step + 2) > 0,
    () =>
      `fit would change nothing: the learning rate is 0 from step ${step + 1} on, as its schedule has ended; call compile() with a new optimizer`,
  );
}

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
  const order = run.epochsBefore + epoch;
  model.epochsBegun = order + 1;
  let number = Math.ceil(run.seen / (run.batchSize * run.gradientAccumulationSteps));
  for await (const batch of examples.batches(order, run.seen)) {
    const rate = session.rateOf(session.step + 1);
    run.totals = await executor.train(order, batch, run.totals);
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
  options: FitOptions,
  planned: Session,
  model: TrainedModel,
): FitSettings & Pick<FitState, 'epochs' | 'epoch'> {
  const { epochs = 1, initialEpoch = 0, shuffle = true, stepsPerEpoch, validationSplitMode = 'stratified' } = options;
  const { validationSplit = 0, validationFreq = 1, gradientAccumulationSteps = 1 } = options;
  checkBoolean(shuffle, "fit's shuffle");
  checkNumber(
    validationSplit,
    (share) => share >= 0 && share < 1,
    "fit's validationSplit must be at least 0 and below 1",
  );
  check(
    validationSplitMode === 'stratified' || validationSplitMode === 'tail',
    () => `fit's validationSplitMode must be 'stratified' or 'tail', got ${describe(validationSplitMode)}`,
  );
  check(
    checkWhole(initialEpoch, 'initialEpoch', 0) <= checkWhole(epochs, 'epochs'),
    () => `fit needs initialEpoch up to epochs, got ${initialEpoch} and ${epochs}`,
  );
  return {
    epochs,
    epoch: initialEpoch,
    shuffle,
    seed: checkWhole(options.seed ?? model.seed, 'seed', 0),
    batchSize: checkWhole(options.batchSize ?? planned.compiled!.batchSize, 'batchSize'),
    gradientAccumulationSteps: checkWhole(gradientAccumulationSteps, 'gradientAccumulationSteps'),
    stepsPerEpoch: stepsPerEpoch === undefined ? null : checkWhole(stepsPerEpoch, 'stepsPerEpoch'),
    validationSplit,
    validationSplitMode,
    validationFreq: checkWhole(validationFreq, 'validationFreq'),
    mixUp: options.mixUp ?? null,
    cutMix: options.cutMix ?? null,
    epochsBefore: Math.max(0, model.epochsBegun - initialEpoch),
    numerics: planned.compiled!.numerics,
  };
}

/** What is trained on, and what is held out. */
function split(
  planned: Session,
  data: FeedData,
  { validationData, sampleWeight }: FitOptions,
  settings: FitSettings,
): Promise<readonly [FeedData, FeedData]> {
  check((validationData ?? null) === null, 'fit has validationData and validationSplit; leave one out');
  check(
    Array.isArray(data as unknown),
    "fit's validationSplit is for x and y in memory; give a source's or a generator's validationData",
  );
  return splitForValidation(planned, data as readonly [Inputs, Targets, SampleWeight?], sampleWeight, settings);
}

function stateful(listeners: readonly Callbacks[]): readonly Callbacks[] {
  return listeners.filter(({ state }) => state !== undefined);
}

function checkLoss(name: string, loss: number, where: string): void {
  check(Number.isFinite(loss), () => `${name} is ${loss} ${where}; lower it or check the data`);
}
