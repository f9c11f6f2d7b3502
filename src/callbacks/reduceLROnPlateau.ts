// Lowers the learning rate when a figure no longer improves.  https://keras.io/api/callbacks/reduce_lr_on_plateau/
import { checkNumber, checkOptions } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import type { TrainedModel } from '../training/executor.js';
import type { Callbacks } from './callback.js';
import { areKept, checkOwnState, checkVerbose, isCount, isKept, makeMonitor, type MonitorOptions } from './monitor.js';

/** `minDelta`: default 0.0001. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the rate is multiplied by, in (0, 1); default 0.1. */
  readonly factor?: number;
  /** So many epochs in a row bring nothing better before the rate is lowered; default 10. */
  readonly patience?: number;
  /** So many epochs after a lowering are not counted; default 0. */
  readonly cooldown?: number;
  /** The rate is not lowered below it; default 0. */
  readonly minLr?: number;
  /** 1: says on the console when it lowers the rate. Default 0. */
  readonly verbose?: 0 | 1;
}

/** What {@link reduceLROnPlateau} makes. */
export interface ReduceLROnPlateau extends Callbacks {
  /** The best figure so far, epochs since, epochs of the cooldown that are left, and the options as text: a fit that resumes must have the same. The rate itself is the model's. */
  state: { best: number | null; wait: number; cooldownCounter: number; settings?: string };
}

const OPTIONS = ['monitor', 'factor', 'patience', 'verbose', 'mode', 'minDelta', 'cooldown', 'minLr'];

/**
 * The logs of an epoch get learningRate, the rate that it was trained with.
 *
 * @example
 * ```js
 * import { reduceLROnPlateau, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * const callbacks = [reduceLROnPlateau({ monitor: 'loss', minDelta: 0.5, patience: 1, factor: 0.1 })];
 * const { history } = await model.fit(x, y, { epochs: 3, verbose: 0, callbacks });
 * history.learningRate; // [0.01, 0.01, 0.001]
 * ```
 */
export function reduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): ReduceLROnPlateau {
  const who = 'reduceLROnPlateau';
  checkOptions(options, OPTIONS, who);
  const { factor = 0.1, patience = 10, cooldown = 0, minLr = 0, verbose = 0 } = options;
  const monitor = makeMonitor({ ...options, minDelta: options.minDelta ?? 1e-4 }, who);
  checkNumber(factor, (value) => value > 0 && value < 1, `${who}'s factor must lie between 0 and 1`);
  checkWhole(patience, `${who}'s patience`, 0);
  checkWhole(cooldown, `${who}'s cooldown`, 0);
  checkNumber(minLr, (value) => value >= 0 && value < Infinity, `${who}'s minLr must be a number of at least 0`);
  checkVerbose(verbose, who);
  const settings = JSON.stringify([...monitor.settings, factor, patience, cooldown, minLr]);
  const nothing = (): ReduceLROnPlateau['state'] => ({ best: null, wait: 0, cooldownCounter: 0, settings });
  let model: TrainedModel;
  return {
    name: who,
    logNames: ['learningRate'],
    state: nothing(),
    checkState({ best, wait, cooldownCounter, settings: kept }) {
      checkOwnState(isKept(best) && isCount(wait) && isCount(cooldownCounter) && areKept(kept, settings), who);
    },
    onTrainBegin(trained, _signal, logs) {
      monitor.begin(trained, logs);
      model = trained;
      // Refused where it comes from a schedule.
      model.learningRate = trained.learningRate;
      this.state = nothing();
    },
    onEpochEnd(epoch, logs) {
      const { state } = this;
      const rate = model.learningRate;
      logs.learningRate = rate;
      if (state.cooldownCounter > 0) {
        state.cooldownCounter--;
        state.wait = 0;
      }
      const value = logs[monitor.name];
      if (value === undefined) return;
      if (monitor.isBetter(value, state.best)) {
        state.best = value;
        state.wait = 0;
        return;
      }
      if (state.cooldownCounter > 0 || ++state.wait < patience) return;
      const lower = Math.max(rate * factor, minLr);
      if (rate <= minLr || lower === 0) return;
      model.learningRate = lower;
      state.cooldownCounter = cooldown;
      state.wait = 0;
      if (verbose) console.log(`Epoch ${epoch + 1}: ${who} reduces the learning rate to ${lower}`);
    },
  };
}
