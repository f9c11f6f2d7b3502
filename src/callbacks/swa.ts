// Stochastic weight averaging: the mean of the weights of the last epochs (Izmailov et al., https://arxiv.org/abs/1803.05407).
import { checkOptions, kindOf } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { warn } from '../base/warnings.js';
import { joinWeights, splitWeights } from '../graph/weights.js';
import type { TrainedModel } from '../training/executor.js';
import type { Callbacks } from './callback.js';
import { checkOwnState, isCount } from './monitor.js';

/** Options of {@link swa}. */
export interface SWAOptions {
  /** The first epoch, from 0, whose weights are averaged. The paper takes the last quarter of training. */
  readonly startFromEpoch: number;
}

/** What {@link swa} makes. */
export interface SWA extends Callbacks {
  /** How many epochs are averaged, and the mean of their weights, concatenated; empty before the first. */
  state: { epochs: number; weights: Float32Array };
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
  checkOptions(options, ['startFromEpoch'], 'swa');
  const { startFromEpoch } = options;
  checkWhole(startFromEpoch, "swa's startFromEpoch", 0);
  let model: TrainedModel;
  return {
    name: 'swa',
    state: nothing(),
    checkState({ epochs, weights }, trained) {
      checkOwnState(
        isCount(epochs) &&
          kindOf(weights) === 'Float32Array' &&
          (weights as Float32Array).length === (epochs === 0 ? 0 : trained.countParams()),
        'swa',
      );
    },
    onTrainBegin(trained) {
      model = trained;
      this.state = nothing();
    },
    onEpochEnd(epoch) {
      if (epoch < startFromEpoch) return;
      const epochs = this.state.epochs + 1;
      const latest = new Float32Array(model.countParams());
      joinWeights(model.getWeights(), model.parameters, latest);
      const { weights } = this.state;
      // In f64, rounded to f32 once an epoch.
      if (epochs > 1) for (const [i, mean] of weights.entries()) latest[i] = mean + (latest[i]! - mean) / epochs;
      this.state = { epochs, weights: latest };
    },
    async onTrainEnd() {
      const { epochs, weights } = this.state;
      if (epochs === 0) warn(`swa averaged nothing: training ended before its startFromEpoch, ${startFromEpoch}`);
      else await model.setWeightsInTurn(splitWeights(weights, model.parameters));
    },
  };
}

function nothing(): SWA['state'] {
  return { epochs: 0, weights: new Float32Array(0) };
}
