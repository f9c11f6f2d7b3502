// The epoch loop: batches in a seeded order, callbacks, validation, history.  https://keras.io/api/models/model_training_apis/#fit-method
import { checkCallbacks, engage, type Callbacks } from '../callbacks/callback.js';
import { dataSha256 } from '../data/dataSha256.js';
import { check } from '../base/errors.js';
import type { FitState, History } from './fitState.js';
import type { Inputs, Targets } from './inputs.js';
import { plainLabels } from './labels.js';
import { checkBoolean, checkOptions, describe } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { plainTensor } from '../base/tensor.js';
import type { PlainExamples, TrainingExecutor, TrainedModel } from './executor.js';
import { logNames, type PreparedExamples, type Session } from './session.js';

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
  readonly validationData?: readonly [x: Inputs, y: Targets];
  readonly callbacks?: Callbacks | readonly Callbacks[];
  /** When it is aborted, fit ends after the current step, and the signal's reason is its error. The model keeps what it has learned. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Resumes exactly where the checkpoint was made that loadModel() read this model from: with the same data and callbacks, and
   * without the options that the checkpoint keeps (`epochs` may be another number). The whole history comes back.
   */
  readonly resume?: boolean;
}

const known: readonly (keyof FitOptions)[] = [
  'epochs',
  'initialEpoch',
  'batchSize',
  'shuffle',
  'seed',
  'validationData',
  'callbacks',
  'signal',
  'resume',
];

export async function fit(model: TrainedModel, x: Inputs, y: Targets, options: FitOptions): Promise<History> {
  checkOptions(options, known, 'fit');
  const listeners = [options.callbacks ?? []].flat();
  checkCallbacks(listeners);
  const release = engage(listeners);
  try {
    return await trainWith(listeners, model, x, y, options);
  } finally {
    release();
  }
}

async function trainWith(
  listeners: readonly Callbacks[],
  model: TrainedModel,
  givenX: Inputs,
  givenY: Targets,
  options: FitOptions,
): Promise<History> {
  const { signal, resume = false } = options;
  check(
    signal === undefined || typeof (signal as unknown as AbortSignal | null)?.aborted === 'boolean',
    () => `fit's signal must be an AbortSignal, got ${describe(signal)}`,
  );
  checkBoolean(resume, "fit's resume");
  const planned = model.training();
  const saved = resume ? savedState(model, options, listeners) : null;
  const examples = planned.prepare(givenX, givenY, 'fit');
  const { count } = examples;
  const data: PlainExamples[] = [plainExamples(examples)];
  model.inputScale.observe(examples.xs, "fit's x");
  if (options.validationData) {
    check(
      Array.isArray(options.validationData as unknown) && options.validationData.length === 2,
      "fit's validationData must be [x, y]",
    );
    const validation = planned.prepare(...options.validationData, "fit's validationData");
    data.push(plainExamples(validation));
    model.inputScale.compare(validation.xs, "fit's validationData");
  }
  const hashed = saved && (await dataSha256(data));
  if (saved) checkData(saved, count, hashed);
  const settings = saved ?? settingsOf(options, planned, model.seed);

  // Planned anew where the batch size is another one: after everything was checked.
  const session = model.training(settings.batchSize);
  // While the threads start, new data are hashed.
  const [executor, sha256] = await Promise.all([
    model.openExecutor({ examples: data[0]!, validation: data[1] }, { seed: settings.seed, shuffle: settings.shuffle }),
    saved ? hashed : dataSha256(data),
  ]);
  const run: Run = saved ?? {
    ...settings,
    dataSha256: sha256,
    count,
    seen: 0,
    totals: {},
    history: { epoch: [], history: {} },
  };
  model.stopTraining = saved?.stopTraining ?? false;
  model.fitState = () => ({
    ...run,
    totals: { ...run.totals },
    history: copyOf(run.history),
    stopTraining: model.stopTraining,
    callbacks: Object.fromEntries(stateful(listeners).map(({ name, state }) => [name, state!])),
  });
  const savePoint = async (): Promise<void> => {
    for (const listener of listeners) if (listener.onSavePoint) await listener.onSavePoint();
    if (signal?.aborted) throw signal.reason;
  };
  try {
    const names = logNames(planned.compiled!);
    if (data[1]) names.push(...names.map((name) => `val_${name}`));
    names.push(...listeners.flatMap((listener) => listener.logNames ?? []));
    for (const listener of listeners) await listener.onTrainBegin?.(model, signal, names);
    if (saved) for (const listener of stateful(listeners)) listener.state = saved.callbacks[listener.name!]!;
    await savePoint();
    while (run.epoch < run.epochs && (run.seen > 0 || !model.stopTraining)) {
      const { epoch } = run;
      for (const listener of listeners) await listener.onEpochBegin?.(epoch);
      await trainEpoch(model, session, executor, run, listeners, savePoint);
      if (run.seen === 0) break;
      const logs = session.means(run.totals, run.seen);
      if (data[1]) {
        for (const [name, value] of Object.entries(await executor.evaluate())) logs[`val_${name}`] = value;
        checkLoss('val_loss', logs.val_loss!, `after epoch ${epoch + 1} (learning rate ${session.learningRate})`);
      }
      run.history.epoch.push(epoch);
      for (const [name, value] of Object.entries(logs)) (run.history.history[name] ??= []).push(value);
      Object.assign(run, { epoch: epoch + 1, seen: 0, totals: {} });
      for (const listener of listeners) await listener.onEpochEnd?.(epoch, logs);
      await savePoint();
    }
    check(
      (await dataSha256(data)) === sha256,
      "fit's data changed while it trained, so it is unknown what these weights were trained on; give fit arrays that nothing else writes to",
    );
    for (const listener of listeners) await listener.onTrainEnd?.();
  } catch (error) {
    if (signal?.aborted && error === signal.reason) for (const listener of listeners) await listener.onTrainEnd?.();
    throw error;
  } finally {
    executor.end();
    model.fitState = null;
  }
  return run.history;
}

function copyOf({ epoch, history }: History): History {
  return {
    epoch: [...epoch],
    history: Object.fromEntries(Object.entries(history).map(([name, values]) => [name, [...values]])),
  };
}

/** As plain objects, which can be sent to a thread. */
function plainExamples({ xs, labels }: PreparedExamples): PlainExamples {
  return [xs.map(plainTensor), labels.map(plainLabels)];
}

/** State of a running fit, without what the model and the callbacks hold. */
type Run = Omit<FitState, 'stopTraining' | 'callbacks'>;

/** The steps from where the run is to the end of its epoch. */
async function trainEpoch(
  model: TrainedModel,
  session: Session,
  executor: TrainingExecutor,
  run: Run,
  listeners: readonly Callbacks[],
  savePoint: () => Promise<void>,
): Promise<void> {
  const { epoch, batchSize, count } = run;
  while (run.seen < count && !model.stopTraining) {
    const batch = run.seen / batchSize;
    const size = Math.min(batchSize, count - run.seen);
    const rate = session.learningRate;
    run.totals = await executor.train(epoch, run.seen, size, run.totals);
    checkLoss('loss', run.totals.loss!, `in epoch ${epoch + 1}, step ${batch + 1} (learning rate ${rate})`);
    run.seen += size;
    for (const listener of listeners)
      if (listener.onBatchEnd) await listener.onBatchEnd(batch, session.means(run.totals, run.seen));
    await savePoint();
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

/** The state to resume from, which neither the options nor the callbacks contradict. */
function savedState(model: TrainedModel, options: FitOptions, listeners: readonly Callbacks[]): FitState {
  check(
    model.fitState !== null,
    'fit has nothing to resume: the model must come from loadModel() of a checkpoint, a file that was saved while fit was under way, and not be compiled again',
  );
  const state = model.fitState();
  check(
    options.initialEpoch === undefined,
    "fit's initialEpoch comes from the checkpoint; leave it out, or start anew without resume",
  );
  for (const name of ['batchSize', 'shuffle', 'seed'] as const) {
    check(
      options[name] === undefined || options[name] === state[name],
      () =>
        `fit's ${name} is ${options[name]}, the checkpoint's is ${state[name]}; leave it out, or start anew without resume`,
    );
  }
  const { numerics } = model.compiled!;
  check(
    numerics === state.numerics,
    () =>
      `the checkpoint was trained with numerics '${state.numerics}', the model was loaded with '${numerics}'; give loadModel() the same`,
  );
  const [mine, its] = [stateful(listeners).map(({ name }) => name!), Object.keys(state.callbacks)];
  check(
    its.length === mine.length && mine.every((name) => its.includes(name)),
    () => `fit has the callbacks with a state ${list(mine)}, the checkpoint has ${list(its)}; give fit the same`,
  );
  for (const listener of stateful(listeners)) listener.checkState?.(state.callbacks[listener.name!]!, model);
  return { ...state, epochs: checkWhole(options.epochs ?? state.epochs, 'epochs') };
}

function list(names: readonly string[]): string {
  return `[${names.join(', ')}]`;
}

function checkLoss(name: string, loss: number, where: string): void {
  check(Number.isFinite(loss), () => `${name} is ${loss} ${where}; lower it or check the data`);
}

function checkData(saved: FitState, count: number, sha256: string | null): void {
  check(
    count === saved.count,
    () => `fit has ${count} examples, the checkpoint was trained on ${saved.count}; resume with the same data`,
  );
  check(
    sha256 === saved.dataSha256 || sha256 === null || saved.dataSha256 === null,
    () =>
      `fit's data are not the checkpoint's: SHA-256 ${sha256}, not ${saved.dataSha256}; resume with the same x, y and validationData`,
  );
}
