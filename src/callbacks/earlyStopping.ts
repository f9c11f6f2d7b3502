// Ends fit when a figure no longer improves.  https://keras.io/api/callbacks/early_stopping/
import { check } from '../base/errors.js';
import type { TrainedModel } from '../training/executor.js';
import { checkNumber, checkOptions, describe, kindOf } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { joinWeights, splitWeights } from '../graph/weights.js';
import type { Callbacks } from './callback.js';

export interface EarlyStoppingOptions {
  /** A name in the logs of an epoch; default 'val_loss', which needs validationData. */
  readonly monitor?: string;
  /** So many epochs in a row may bring nothing better; default 0. */
  readonly patience?: number;
  /** What a figure must differ by to be better; default 0. */
  readonly minDelta?: number;
  /** Whether smaller or larger is better; 'auto' (default): larger for an accuracy, smaller for anything else. */
  readonly mode?: 'auto' | 'min' | 'max';
  /** At the end the model gets the weights of the best epoch; default false. The optimizer's state stays that of the last. */
  readonly restoreBestWeights?: boolean;
}

export interface EarlyStopping extends Callbacks {
  state: {
    /** The best epoch so far, counted from 0; null before there is one. */
    best: number | null;
    bestEpoch: number | null;
    /** Epochs since. */
    wait: number;
    /** Weights of the best epoch, concatenated; empty unless they are to be restored. */
    weights: Float32Array;
  };
}

export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  checkOptions(options, ['monitor', 'patience', 'minDelta', 'mode', 'restoreBestWeights'], 'earlyStopping');
  const { monitor = 'val_loss', patience = 0, minDelta = 0, mode = 'auto', restoreBestWeights = false } = options;
  checkWhole(patience, "earlyStopping's patience", 0);
  checkNumber(
    minDelta,
    (value) => value >= 0 && value < Infinity,
    "earlyStopping's minDelta must be a number of at least 0",
  );
  check(
    ['auto', 'min', 'max'].includes(mode),
    () => `earlyStopping's mode must be 'auto', 'min' or 'max', got ${describe(mode)}`,
  );
  const larger = mode === 'max' || (mode === 'auto' && /acc(uracy)?$/i.test(monitor));
  let model: TrainedModel;
  return {
    name: 'earlyStopping',
    state: nothing(),
    checkState({ best, bestEpoch, wait, weights }, trained) {
      const isBest = best === null ? bestEpoch === null : Number.isFinite(best) && isCount(bestEpoch);
      const size = restoreBestWeights && best !== null ? trained.countParams() : 0;
      check(
        isBest && isCount(wait) && kindOf(weights) === 'Float32Array' && (weights as Float32Array).length === size,
        "the checkpoint's state of earlyStopping is not of this model and these options; give fit the same callbacks, or start anew without resume",
      );
    },
    onTrainBegin(trained, _signal, logs) {
      check(
        logs === undefined || logs.includes(monitor),
        () =>
          `earlyStopping monitors '${monitor}', and an epoch has ${logs!.join(', ')}; monitor one of them, or give fit validationData`,
      );
      model = trained;
      this.state = nothing();
    },
    onEpochEnd(epoch, logs) {
      const value = logs[monitor]!;
      const { best, weights } = this.state;
      const better =
        Number.isFinite(value) && (best === null || (larger ? value > best + minDelta : value < best - minDelta));
      if (better) {
        this.state = { best: value, bestEpoch: epoch, wait: 0, weights: restoreBestWeights ? flatten(model) : weights };
      } else if (++this.state.wait >= patience) model.stopTraining = true;
    },
    async onTrainEnd() {
      const { weights } = this.state;
      if (weights.length > 0) await model.setWeightsInTurn(splitWeights(weights, model.parameters));
    },
  };
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function nothing(): EarlyStopping['state'] {
  return { best: null, bestEpoch: null, wait: 0, weights: new Float32Array(0) };
}

function flatten(model: TrainedModel): Float32Array {
  const flat = new Float32Array(model.countParams());
  joinWeights(model.getWeights(), model.parameters, flat);
  return flat;
}
