// Stochastic weight averaging: the mean of the weights late in training (Izmailov et al., https://arxiv.org/abs/1803.05407).
import { checkOptions, kindOf } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { warnOnce } from '../base/warnings.js';
import { joinWeights, splitWeights } from '../graph/weights.js';
import type { TrainedModel } from '../training/executor.js';
import type { Callbacks } from './callback.js';
import { areKept, checkOwnState, isCount, stepsBetween } from './monitor.js';

/** Options of {@link swa}. */
export interface SWAOptions {
  /** The first epoch, from 0, whose weights are averaged. The paper takes the last quarter of training. */
  readonly startFromEpoch: number;
  /**
   * 'epoch' (default): the weights after each epoch; n: those after every n steps, 'batch' each. More of them lie closer to where they all
   * tend, at a pass over the weights each.
   */
  readonly updateFreq?: 'epoch' | 'batch' | number;
}

/** What {@link swa} makes. */
export interface SWA extends Callbacks {
  /** How many weights are averaged, and their mean, concatenated, empty before the first; the options as text: a fit that resumes must have the same. */
  state: { count: number; weights: Float32Array; settings?: string };
}

/**
 * At the end of fit, also where its signal ends it, the model gets the mean. batchNormalization's statistics are averaged like weights,
 * which is close to those of the mean where the learning rate is small. The optimizer's state stays that of the last epoch.
 *
 * @example
 * ```js
 * import { swa, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * await model.fit(x, y, { epochs: 4, verbose: 0, callbacks: [swa({ startFromEpoch: 2 })] });
 * model.getWeights()[0].data; // [0.066]
 * ```
 */
export function swa(options: SWAOptions): SWA {
  checkOptions(options, ['startFromEpoch', 'updateFreq'], 'swa');
  const { startFromEpoch, updateFreq = 'epoch' } = options;
  checkWhole(startFromEpoch, "swa's startFromEpoch", 0);
  const steps = stepsBetween(updateFreq, 'swa');
  const settings = JSON.stringify([startFromEpoch, updateFreq === 'epoch' ? updateFreq : steps]);
  const nothing = (): SWA['state'] => ({ count: 0, weights: new Float32Array(0), settings });
  let model: TrainedModel;
  let signal: AbortSignal | undefined;
  let isDue = false;
  return {
    name: 'swa',
    state: nothing(),
    checkState({ count, weights, settings: kept }, trained) {
      checkOwnState(
        isCount(count) &&
          kindOf(weights) === 'Float32Array' &&
          (weights as Float32Array).length === (count === 0 ? 0 : trained.countParams()) &&
          areKept(kept, settings),
        'swa',
      );
    },
    onTrainBegin(...given) {
      [model, signal] = given;
      isDue = false;
      this.state = nothing();
    },
    onEpochBegin(epoch) {
      isDue = epoch >= startFromEpoch;
    },
    onBatchEnd() {
      if (isDue && model.step % steps === 0) this.state = withLatest(this.state, model);
    },
    onEpochEnd() {
      if (isDue && updateFreq === 'epoch') this.state = withLatest(this.state, model);
    },
    async onTrainEnd() {
      const { count, weights } = this.state;
      if (count > 0) return model.setWeightsInTurn(splitWeights(weights, model.parameters));
      if (signal?.aborted) return;
      const missed =
        isDue && updateFreq !== 'epoch'
          ? `a step that is a multiple of its updateFreq, ${updateFreq}`
          : `its startFromEpoch, ${startFromEpoch}`;
      warnOnce(`swa averaged nothing: training ended before ${missed}`);
    },
  };
}

function withLatest({ count, weights, settings }: SWA['state'], model: TrainedModel): SWA['state'] {
  const latest = new Float32Array(model.countParams());
  joinWeights(model.getWeights(), model.parameters, latest);
  // In f64, rounded to f32 each time.
  if (count > 0)
    for (let i = 0; i < latest.length; i++) latest[i] = weights[i]! + (latest[i]! - weights[i]!) / (count + 1);
  return { count: count + 1, weights: latest, settings };
}
