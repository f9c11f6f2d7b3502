// Ends fit when a figure no longer improves.  https://keras.io/api/callbacks/early_stopping/
import { checkBoolean, checkNumber, checkOptions, kindOf } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { warn } from '../base/warnings.js';
import { joinWeights, splitWeights } from '../graph/weights.js';
import type { TrainedModel } from '../training/executor.js';
import type { Callbacks } from './callback.js';
import { areKept, checkOwnState, checkVerbose, isCount, isKept, makeMonitor, type MonitorOptions } from './monitor.js';

/** `minDelta`: default 0. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** So many epochs in a row may bring nothing better; default 0. */
  readonly patience?: number;
  /** What a figure must be better than, too, for the waiting to begin anew; default null: nothing. */
  readonly baseline?: number | null;
  /** Whether the model gets the weights of the best epoch at the end; default false. The optimizer's state stays that of the last. */
  readonly restoreBestWeights?: boolean;
  /** Epochs before this one, from 0, are not looked at; default 0. */
  readonly startFromEpoch?: number;
  /** 1: says on the console when it stops, and what it restores. Default 0. */
  readonly verbose?: 0 | 1;
}

/** What {@link earlyStopping} makes; `state` says where it is. */
export interface EarlyStopping extends Callbacks {
  state: {
    /** The best figure so far, and its epoch, counted from 0; null before there is one. */
    best: number | null;
    bestEpoch: number | null;
    /** Epochs since. */
    wait: number;
    /** Weights of the best epoch, concatenated; empty unless they are to be restored. */
    weights: Float32Array;
    /** The options, as text: a fit that resumes must have the same. */
    settings?: string;
  };
}

const OPTIONS = [
  'monitor',
  'patience',
  'minDelta',
  'mode',
  'baseline',
  'restoreBestWeights',
  'startFromEpoch',
  'verbose',
];

/**
 * Ends `fit` when a figure no longer improves.
 * https://keras.io/api/callbacks/early_stopping/
 *
 * @example
 * ```js
 * import { earlyStopping, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * const callbacks = [earlyStopping({ monitor: 'loss', minDelta: 0.2, patience: 2 })];
 * const { epoch } = await model.fit(x, y, { epochs: 100, verbose: 0, callbacks });
 * epoch.length; // 3
 * ```
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  checkOptions(options, OPTIONS, 'earlyStopping');
  const { patience = 0, baseline = null, restoreBestWeights = false, startFromEpoch = 0, verbose = 0 } = options;
  const monitor = makeMonitor(options, 'earlyStopping');
  checkWhole(patience, "earlyStopping's patience", 0);
  if (baseline !== null)
    checkNumber(baseline, Number.isFinite, "earlyStopping's baseline must be a finite number or null");
  checkBoolean(restoreBestWeights, "earlyStopping's restoreBestWeights");
  checkWhole(startFromEpoch, "earlyStopping's startFromEpoch", 0);
  checkVerbose(verbose, 'earlyStopping');
  const settings = JSON.stringify([...monitor.settings, patience, baseline, restoreBestWeights, startFromEpoch]);
  const nothing = (): EarlyStopping['state'] => ({
    ...{ best: null, bestEpoch: null, wait: 0, weights: new Float32Array(0) },
    settings,
  });
  let model: TrainedModel;
  let signal: AbortSignal | undefined;
  return {
    name: 'earlyStopping',
    state: nothing(),
    checkState({ best, bestEpoch, wait, weights, settings: kept }, trained) {
      const size = restoreBestWeights && best !== null ? trained.countParams() : 0;
      checkOwnState(
        isKept(best) &&
          (best === null ? bestEpoch === null : isCount(bestEpoch)) &&
          isCount(wait) &&
          kindOf(weights) === 'Float32Array' &&
          (weights as Float32Array).length === size &&
          areKept(kept, settings),
        'earlyStopping',
      );
    },
    onTrainBegin(trained, given, logs) {
      monitor.begin(trained, logs);
      [model, signal] = [trained, given];
      this.state = nothing();
    },
    onEpochEnd(epoch, logs) {
      if (epoch < startFromEpoch) return;
      const { best, weights, wait } = this.state;
      const value = logs[monitor.name];
      if (value === undefined) return;
      if (monitor.isBetter(value, best)) {
        const enough = baseline === null || monitor.isBetter(value, baseline);
        this.state = {
          ...this.state,
          best: value,
          bestEpoch: epoch,
          wait: enough ? 0 : wait + 1,
          weights: restoreBestWeights ? flatten(model) : weights,
        };
        return;
      }
      this.state.wait = wait + 1;
      if (this.state.wait < patience) return;
      model.stopTraining = true;
      if (verbose) console.log(`Epoch ${epoch + 1}: early stopping`);
    },
    async onTrainEnd() {
      const { weights, best, bestEpoch } = this.state;
      if (best === null && startFromEpoch > 0 && !signal?.aborted)
        warn(`earlyStopping watched no epoch: training ended before its startFromEpoch, ${startFromEpoch}`);
      if (weights.length === 0) return;
      if (verbose) console.log(`Restoring the weights of the best epoch, ${bestEpoch! + 1}`);
      await model.setWeightsInTurn(splitWeights(weights, model.parameters));
    },
  };
}

function flatten(model: TrainedModel): Float32Array {
  const flat = new Float32Array(model.countParams());
  joinWeights(model.getWeights(), model.parameters, flat);
  return flat;
}
