// Ends fit after some time, counted over all interruptions.
import { check } from '../base/errors.js';
import { now } from '../base/eventLoop.js';
import { checkNumber, checkOptions } from '../base/options.js';
import type { TrainedModel } from '../training/executor.js';
import type { Callbacks } from './callback.js';
import { checkOwnState } from './monitor.js';

/** Options of {@link maxTime}. */
export interface MaxTimeOptions {
  /** How long fit may train; at least one step is made. */
  readonly seconds: number;
}

/** What {@link maxTime} makes. */
export interface MaxTime extends Callbacks {
  /** Seconds that fit has trained, without the time between a checkpoint and its resumption. */
  state: { seconds: number };
}

/**
 * Where fit ends depends on the machine, and the checkpoints hold the time: runs with it are not bit-identical to each other.
 *
 * @example
 * ```js
 * import { maxTime, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * const { epoch } = await model.fit(x, y, { epochs: 2, verbose: 0, callbacks: [maxTime({ seconds: 3600 })] });
 * epoch; // [0, 1]
 * ```
 */
export function maxTime(options: MaxTimeOptions): MaxTime {
  checkOptions(options, ['seconds'], 'maxTime');
  const { seconds } = options;
  checkNumber(seconds, (value) => value > 0 && value < Infinity, "maxTime's seconds must be a number above 0");
  let model: TrainedModel;
  let since = 0;
  return {
    name: 'maxTime',
    state: { seconds: 0 },
    checkState({ seconds: spent }) {
      checkOwnState(Number.isFinite(spent) && (spent as number) >= 0, 'maxTime');
    },
    onTrainBegin(trained) {
      model = trained;
      since = now();
      check(Number.isFinite(since), 'maxTime needs performance.now(), which this host does not have; leave it out');
      this.state = { seconds: 0 };
    },
    onBatchEnd() {
      const at = now();
      this.state = { seconds: this.state.seconds + Math.max(at - since, 0) / 1000 };
      since = at;
      if (this.state.seconds >= seconds) model.stopTraining = true;
    },
  };
}
