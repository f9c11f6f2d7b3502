// sweep(): many trainings of one model, with other hyperparameters, seeds and folds, here or on many machines.
import { check } from '../../base/errors.js';
import { checkNumber, checkOptions, describe, isRecord } from '../../base/options.js';
import { checkWhole } from '../../base/shape.js';
import { encodeUtf8 } from '../../base/utf8.js';
import { sha256Of } from '../../base/sha256.js';
import { VERSION } from '../../base/version.js';
import { warn } from '../../base/warnings.js';
import type { Dataset } from '../../data/dataset.js';
import { Model } from '../../model/model.js';
import {
  BASIS,
  checkDefinition,
  checkName,
  DEFINITION,
  epochsOf,
  lastResultOf,
  makePlan,
  type Plan,
  type Results,
  type SweepDefinition,
  type Task,
  type TrialBasis,
  type TrialResult,
} from '../../sweep/plan.js';
import { outcomeOf, refusal, runLocally } from '../../sweep/runLocally.js';
import {
  formOf,
  modelOfTrial,
  runTrial,
  type CheckpointStore,
  type TrialCode,
  type TrialHost,
} from '../../sweep/runTrial.js';
import { memoryStore } from '../../sweep/store.js';
import type { Config } from '../../sweep/space.js';
import { tableOf, type SweepTable } from '../../sweep/table.js';
import { noteOnFolds, trialDataOf } from '../../sweep/trialData.js';
import { datasetSha256 } from '../dataset/datasetSha256.js';
import { background } from '../threads/background.js';
import { connect } from './connect.js';
import { kindOfNumerics } from './kindOfNumerics.js';
import { SweepQueue } from './queue.js';
import type { AddedSweep, WatchedSweep } from './watched.js';

/** Options of {@link sweep}. */
export interface SweepOptions extends SweepDefinition, TrialCode {
  /** What openDataset() gives. The test images are not looked at. */
  readonly data: Dataset & { readonly sha256?: string };
  /**
   * Change it when the model's code changes in what its function calls: trials of another version are other trials. The text of the
   * functions themselves is looked at in any case. Default ''.
   */
  readonly version?: string;
}

/** How trials run here. */
export interface RunSweepOptions extends Pick<TrialHost, 'workers' | 'signal' | 'saveEvery'> {
  /** Trials at a time, each in a thread of its own beside those that `workers` says. Default 1. The results are the same. */
  readonly concurrency?: number;
  /** Store of the checkpoints. Default: in memory, or on the server. */
  readonly store?: CheckpointStore;
  /** Is told of each trial's begin and end. Default: nothing. */
  readonly log?: (line: string) => void;
}

/** Which server a sweep is on. */
export interface OnServer {
  /** 'redis://host:6379' or 'postgres://user@host/database'. */
  readonly on: string;
}

/** The table of the trials, and the best model. */
export interface SweepResult extends SweepTable {
  /** Model of the first trial of the best setting, and what is stored with it; null where none is finished, or no checkpoint has its weights. */
  readonly best: { readonly config: Config; readonly model: Model; readonly facts: unknown } | null;
}

/** What {@link sweep} makes: it runs here, or is shared by workers of a server. */
export interface Sweep {
  readonly name: string;
  /** What should be known of its folds before it is run; null where there is nothing to say. */
  readonly note: string | null;
  /** Settings, trials and rungs; nothing is trained. */
  plan(): Promise<Plan>;
  /** Seconds that all of it would take here, one trial after another, estimated from a few steps of the first one. */
  estimate(): Promise<number>;
  /** Trains here. */
  run(options?: RunSweepOptions): Promise<SweepResult>;
  /** The same, as the results themselves, by trial and epochs. */
  results(options?: RunSweepOptions): Promise<Results>;
  /** One of its trials, here. */
  trial(task: Task, options?: RunSweepOptions): Promise<TrialResult>;
  /** Adds it to a server, for workers; false where it is there already. */
  add(options: OnServer): Promise<boolean>;
  /** Trains what a server has of it, until all is done or the signal ends it; the trial goes back then, with its checkpoint. */
  work(options: OnServer & RunSweepOptions): Promise<void>;
  /** What a server has of it so far. */
  watch(options: OnServer): Promise<WatchedSweep>;
  /** The table of what a server has of it so far. */
  result(options: OnServer & Pick<RunSweepOptions, 'store'>): Promise<SweepResult>;
}

const OWN = ['data', 'version', 'model', 'fit'] as const;
/** Steps that estimate() makes. */
const TIMED = 5;
const RUN = ['workers', 'signal', 'saveEvery', 'concurrency', 'store', 'log'];
const TRIAL = ['workers', 'signal', 'saveEvery', 'store', 'log'];

/**
 * Checks everything at once; data are hashed where they bring no SHA-256.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { builtinDigits } from 'wasm-cnn/data';
 * import { sweep } from 'wasm-cnn/sweep';
 *
 * const study = sweep({
 *   name: 'digits',
 *   data: builtinDigits({ trainCount: 120, testCount: 20, seed: 1 }),
 *   epochs: 1,
 *   space: { units: [4, 8] },
 *   model({ units }, { inputShape, classes, seed }) {
 *     const network = [layers.flatten(), layers.dense({ units: Number(units) }), layers.dense({ units: classes, activation: 'softmax' })];
 *     const model = sequential({ inputShape, seed, layers: network });
 *     model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
 *     return model;
 *   },
 * });
 * const { settings } = await study.run();
 * settings.length; // 2
 * ```
 */
export function sweep(options: SweepOptions): Sweep {
  checkOptions(options, [...DEFINITION, ...OWN], 'sweep');
  const { data, version = '', model, fit, ...definition } = options;
  checkDefinition(definition, 'sweep');
  check(
    typeof model === 'function',
    () => `sweep needs model, a function (config, form) that makes a compiled model, got ${describe(model)}`,
  );
  check(
    fit === undefined || typeof fit === 'function',
    () => `sweep's fit must be a function of a setting, got ${describe(fit)}`,
  );
  check(typeof version === 'string', () => `sweep's version must be a text, got ${describe(version)}`);
  check(
    isRecord(data) && isRecord(data['train']),
    () => `sweep needs data, as openDataset() gives them, got ${describe(data)}`,
  );
  return sweepOf(definition, { model, ...(fit && { fit }) }, data, [version, String(model), String(fit)].join('\n'));
}

/** `code`: stands for what makes the models. `source`: kept on the server for workers that do not know the data. */
export function sweepOf(
  definition: SweepDefinition,
  trials: TrialCode,
  data: SweepOptions['data'],
  code: string,
  source: unknown = null,
): Sweep {
  const { name, numerics, folds = null, splitSeed = 0 } = definition;
  const dataOf = trialDataOf(data, { folds, splitSeed });
  const note = noteOnFolds(data, { folds, splitSeed });
  let basis: Promise<TrialBasis> | undefined;
  const basisOf = (): Promise<TrialBasis> =>
    (basis ??= (async () => ({
      version: VERSION,
      dataSha256: data.sha256 ?? datasetSha256(data),
      code: (await sha256Of([encodeUtf8(code)]))!.slice(0, 32),
      numerics: await kindOfNumerics(numerics),
    }))());
  const plan = async (): Promise<Plan> => makePlan(definition, await basisOf());
  const run = (how: RunSweepOptions, store: CheckpointStore) => {
    const { workers, signal, saveEvery, log: warn } = how;
    return (plan: Plan, task: Task, more: Partial<TrialHost> = {}) =>
      runTrial(plan, task, trials, {
        data: dataOf(task.fold),
        store,
        ...(workers && { workers }),
        ...(saveEvery !== undefined && { saveEvery }),
        ...(warn && { warn }),
        signal,
        ...more,
      });
  };
  return {
    name,
    note,
    plan,
    async estimate() {
      const made = await plan();
      const { config, fold } = made.trials[0]!;
      const held = dataOf(fold);
      const { train } = held;
      const model = await trials.model(config, formOf(made, config, held));
      const count = Math.min(train.y.length, model.plan!.batchSize);
      const x = { ...train.x, data: train.x.data.subarray(0, (train.x.data.length / train.y.length) * count) };
      const times: number[] = [];
      for (let step = 0; step < TIMED; step++) {
        const began = performance.now();
        await model.trainOnBatch({ ...x, shape: [count, ...train.x.shape.slice(1)] }, train.y.subarray(0, count));
        times.push(performance.now() - began);
      }
      // The first steps wait for the compiler.
      const perExample = Math.min(...times) / 1000 / count;
      return perExample * train.y.length * epochsOf(made);
    },
    async run(how = {}) {
      const { store = memoryStore() } = how;
      const result = await resultOf(await plan(), await this.results({ ...how, store }), store);
      const failed = result.rows.find(({ reason }) => reason !== undefined);
      if (isBestLost(result)) warn(`${name} has no best model: ${BEST_LOST}; make room and run the sweep again`);
      else if (failed && result.best === null)
        warn(`no trial of ${name} has a score; the first that failed: ${failed.reason}`);
      return result;
    },
    async results(how = {}) {
      checkRun(how, RUN, 'run');
      const { store = memoryStore(), log = () => {}, signal, concurrency = 1 } = how;
      const made = await plan();
      if (note !== null) log(note);
      const train = run(how, store);
      const all = (more?: Partial<TrialHost>): Promise<Results> =>
        runLocally(
          made,
          (task) => train(made, task, more).catch((error: unknown) => refusal(error, signal)),
          (task, result) => log(`${task.id} to epoch ${task.until}: ${outcomeOf(result, made.metric, task)}`),
          concurrency,
        );
      return concurrency === 1 ? all() : inBackground(all);
    },
    async trial(task, how = {}) {
      checkRun(how, TRIAL, 'trial');
      return run(how, how.store ?? memoryStore())(await plan(), task).catch((error: unknown) =>
        refusal(error, how.signal),
      );
    },
    async add(how) {
      checkRun(how, ['on'], 'add');
      const added = { definition, basis: await basisOf(), source };
      return withQueue(how.on, name, (queue) => queue.add(added));
    },
    async work(how) {
      checkRun(how, ['on', ...RUN], 'work');
      const own = await basisOf();
      // The calling thread keeps the trials' locks alive.
      await inBackground((host) =>
        withQueue(how.on, name, (queue, store) => {
          const train = run(how, how.store ?? store);
          return queue.work({
            signal: how.signal,
            log: how.log,
            ...(how.concurrency !== undefined && { concurrency: how.concurrency }),
            admit: (added) => checkBasis(added, own, name),
            run: (made, task, more) => train(made, task, { ...host, ...more }),
          });
        }),
      );
    },
    watch: (how) => {
      checkRun(how, ['on'], 'watch');
      return withQueue(how.on, name, (queue) => queue.watch());
    },
    result: (how) => {
      checkRun(how, ['on', 'store'], 'result');
      return withQueue(how.on, name, async (queue, store) =>
        resultOf((await queue.watch()).plan, await queue.results(), how.store ?? store),
      );
    },
  };
}

/** Trains in threads of their own meanwhile: the calling one is free. */
async function inBackground<T>(use: (host: Pick<TrialHost, 'background'>) => Promise<T>): Promise<T> {
  const before = Model.usualBackground;
  Model.usualBackground = background();
  try {
    return await use({ background: Model.usualBackground });
  } finally {
    Model.usualBackground = before;
  }
}

/** What a worker trains must be what was added, or its results would be of other trials. */
function checkBasis({ basis }: AddedSweep, own: TrialBasis, name: string): void {
  for (const [key, title] of Object.entries(BASIS) as [keyof TrialBasis, string][])
    check(
      basis[key] === own[key],
      `this worker differs from the sweep ${name} in its ${title} (${own[key].slice(0, 12)} here, ${basis[key].slice(0, 12)} there); give the worker the same, or add the sweep under another name`,
    );
}

function checkRun(how: unknown, names: readonly string[], who: string): asserts how is OnServer & RunSweepOptions {
  checkOptions(how, names, `a sweep's ${who}`);
  const { on: url, saveEvery, concurrency } = how as Partial<OnServer & RunSweepOptions>;
  check(
    !names.includes('on') || typeof url === 'string',
    () =>
      `a sweep's ${who} needs on, the server's address as 'redis://host:6379' or 'postgres://user@host/database', got ${describe(url)}`,
  );
  if (concurrency !== undefined) checkWhole(concurrency, `a sweep's concurrency`);
  if (saveEvery !== undefined)
    checkNumber(saveEvery, (seconds) => seconds >= 0, `a sweep's saveEvery must be seconds, at least 0`);
}

/** Opens the queue of the sweep of this name, for as long as `use` takes. */
export async function withQueue<T>(
  url: string,
  name: string,
  use: (queue: SweepQueue, store: CheckpointStore) => Promise<T>,
): Promise<T> {
  checkName(name);
  const connection = await connect(url);
  const queue = new SweepQueue(connection, name);
  try {
    return await use(queue, connection.store);
  } finally {
    await queue.close().catch(() => {});
    await connection.close();
  }
}

export const BEST_LOST =
  'no checkpoint has the weights of the best trial, as there was no room for them or it was trained further';

/** There is a best setting, but not its model. */
export function isBestLost({ settings: [first], best }: SweepResult): boolean {
  return best === null && first !== undefined && first.mean !== null;
}

export async function resultOf(plan: Plan, results: Results, store: CheckpointStore): Promise<SweepResult> {
  const table = await tableOf(plan, results);
  const [first] = table.settings;
  const trial = plan.trials.find(({ setting }) => setting === first?.setting);
  const last = trial && first!.mean !== null ? lastResultOf(plan, results, trial.id) : null;
  const found = last ? await modelOfTrial(store, trial!.id, last.result.weightsSha256) : null;
  return { ...table, best: found && { config: trial!.config, model: found.model, facts: found.facts } };
}
