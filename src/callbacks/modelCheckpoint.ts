// Checkpoints while fit is under way.  https://keras.io/api/callbacks/model_checkpoint/ and backup_and_restore/
import { check } from '../base/errors.js';
import type { OwnBytes } from '../base/hostTypes.js';
import { checkBoolean, checkNumber, checkOptions, describe } from '../base/options.js';
import type { TrainedModel } from '../training/executor.js';
import type { Callbacks } from './callback.js';
import { areKept, checkOwnState, checkVerbose, isKept, makeMonitor, type MonitorOptions } from './monitor.js';

/** Options of {@link modelCheckpoint}. */
export interface ModelCheckpointOptions extends Omit<MonitorOptions, 'minDelta'> {
  /** Keeps the bytes, which loadModel() reads and fit's `resume` continues from. May be async; `step` is the model's. */
  readonly save: (bytes: OwnBytes, step: number, model: TrainedModel) => unknown;
  /** After every epoch (default), or after so many steps; before the first step, and when fit's signal is aborted, in any case. */
  readonly saveFreq?: 'epoch' | number;
  /** Saves after an epoch whose `monitor` is the best so far, and at no other moment; default false. */
  readonly saveBestOnly?: boolean;
  /** Value that even the first epoch must improve on with saveBestOnly; default null: none. */
  readonly initialValueThreshold?: number | null;
  /** Name of its state in checkpoints, with saveBestOnly; default 'modelCheckpoint'. Two such callbacks need two names. */
  readonly name?: string;
  /** 1: says on the console when it has saved. Default 0. */
  readonly verbose?: 0 | 1;
  /** See {@link SaveOptions}. */
  readonly facts?: unknown;
}

const OPTIONS = [
  'save',
  'saveFreq',
  'monitor',
  'mode',
  'saveBestOnly',
  'initialValueThreshold',
  'name',
  'verbose',
  'facts',
];

/**
 * Saves the model while `fit` trains: checkpoints, with which it resumes exactly, or the best model so far.
 * https://keras.io/api/callbacks/model_checkpoint/
 *
 * @example
 * ```js
 * import { loadModel, modelCheckpoint, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * let newest = new Uint8Array();
 * const callbacks = [modelCheckpoint({ save: (bytes) => (newest = bytes) })];
 * await model.fit(x, y, { epochs: 2, verbose: 0, callbacks });
 * const { model: again } = loadModel(newest);
 * await again.fit(x, y, { epochs: 4, verbose: 0, callbacks, resume: true });
 * again.step; // 4
 * ```
 */
export function modelCheckpoint(options: ModelCheckpointOptions): Callbacks {
  const who = 'modelCheckpoint';
  checkOptions(options, OPTIONS, who);
  const { save, saveFreq = 'epoch', saveBestOnly = false, verbose = 0, facts } = options;
  check(typeof save === 'function', () => `${who} needs save, a function that keeps the bytes, got ${describe(save)}`);
  check(
    saveFreq === 'epoch' || (Number.isSafeInteger(saveFreq) && saveFreq > 0),
    () => `${who}'s saveFreq must be 'epoch' or a whole number of steps, got ${describe(saveFreq)}`,
  );
  checkBoolean(saveBestOnly, `${who}'s saveBestOnly`);
  checkVerbose(verbose, who);
  const keep = async (model: TrainedModel): Promise<void> => {
    await save(model.save({ facts }), model.step, model);
    if (verbose) console.log(`Step ${model.step}: saved a checkpoint`);
  };
  if (saveBestOnly) return bestOnly(options, who, keep);
  for (const name of ['monitor', 'mode', 'initialValueThreshold', 'name'] as const)
    check(options[name] === undefined, `${who}'s ${name} is for saveBestOnly: true; give it, or leave ${name} out`);
  let model: TrainedModel;
  let signal: AbortSignal | undefined;
  let due = false;
  return {
    onTrainBegin(...given) {
      [model, signal] = given;
      due = true;
    },
    onBatchEnd() {
      due ||= saveFreq !== 'epoch' && model.step % saveFreq === 0;
    },
    onEpochEnd() {
      due ||= saveFreq === 'epoch';
    },
    async onSavePoint() {
      if (due || signal?.aborted) await keep(model);
      due = false;
    },
  };
}

function bestOnly(
  { saveFreq = 'epoch', initialValueThreshold = null, name = 'modelCheckpoint', monitor, mode }: ModelCheckpointOptions,
  who: string,
  keep: (model: TrainedModel) => Promise<void>,
): Callbacks {
  check(
    saveFreq === 'epoch',
    () => `${who}'s saveBestOnly needs saveFreq 'epoch', as epochs have the figures, got ${describe(saveFreq)}`,
  );
  if (initialValueThreshold !== null)
    checkNumber(
      initialValueThreshold,
      Number.isFinite,
      `${who}'s initialValueThreshold must be a finite number or null`,
    );
  const watched = makeMonitor({ ...(monitor !== undefined && { monitor }), ...(mode !== undefined && { mode }) }, who);
  const settings = JSON.stringify([...watched.settings, initialValueThreshold]);
  let model: TrainedModel;
  let due = false;
  return {
    name,
    state: { best: initialValueThreshold, settings },
    checkState({ best, settings: kept }) {
      checkOwnState(isKept(best) && areKept(kept, settings), who);
    },
    onTrainBegin(trained, _signal, logs) {
      watched.begin(trained, logs);
      model = trained;
      due = false;
      this.state = { best: initialValueThreshold, settings };
    },
    onEpochEnd(_epoch, logs) {
      const value = logs[watched.name]!;
      due = watched.isBetter(value, this.state!['best'] as number | null);
      if (due) this.state = { best: value, settings };
    },
    async onSavePoint() {
      if (due) await keep(model);
      due = false;
    },
  };
}
