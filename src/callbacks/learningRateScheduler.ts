// Sets the learning rate of each epoch.  https://keras.io/api/callbacks/learning_rate_scheduler/
import { check } from '../base/errors.js';
import { checkNumber, checkOptions, describe } from '../base/options.js';
import type { TrainedModel } from '../training/executor.js';
import type { Callbacks } from './callback.js';
import { checkOwnState, checkVerbose, isCount } from './monitor.js';

/** Options of {@link learningRateScheduler}. */
export interface LearningRateSchedulerOptions {
  /** 1: says on the console what it sets. Default 0. */
  readonly verbose?: 0 | 1;
}

/** What {@link learningRateScheduler} makes. */
export interface LearningRateScheduler extends Callbacks {
  /** The epoch that has its rate; null before the first. The rate itself is the model's. */
  state: { epoch: number | null };
}

/**
 * `schedule` returns the rate of an epoch, from 0, and is given the rate before it, too. It is called once an epoch, whatever
 * interrupts it. The logs of an epoch get learningRate.
 *
 * @example
 * ```js
 * import { learningRateScheduler, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * const callbacks = [learningRateScheduler((epoch, rate) => (epoch < 2 ? rate : rate / 2))];
 * const { history } = await model.fit(x, y, { epochs: 3, verbose: 0, callbacks });
 * history.learningRate; // [0.01, 0.01, 0.005]
 * ```
 */
export function learningRateScheduler(
  schedule: (epoch: number, learningRate: number) => number,
  options: LearningRateSchedulerOptions = {},
): LearningRateScheduler {
  const who = 'learningRateScheduler';
  check(
    typeof schedule === 'function',
    () => `${who} needs a function of the epoch and the learning rate, got ${describe(schedule)}`,
  );
  checkOptions(options, ['verbose'], who);
  const { verbose = 0 } = options;
  checkVerbose(verbose, who);
  let model: TrainedModel;
  return {
    name: who,
    logNames: ['learningRate'],
    state: { epoch: null },
    checkState({ epoch }) {
      checkOwnState(epoch === null || isCount(epoch), who);
    },
    onTrainBegin(trained) {
      model = trained;
      // Refused where it comes from a schedule.
      model.learningRate = trained.learningRate;
      this.state = { epoch: null };
    },
    onEpochBegin(epoch) {
      // The rest of an epoch that a checkpoint had started.
      if (this.state.epoch === epoch) return;
      const rate: unknown = schedule(epoch, model.learningRate);
      checkNumber(
        rate,
        (value) => value > 0 && value < Infinity,
        `${who}'s schedule must give epoch ${epoch + 1} a number above 0`,
      );
      model.learningRate = rate;
      this.state = { epoch };
      if (verbose) console.log(`Epoch ${epoch + 1}: ${who} sets the learning rate to ${rate}`);
    },
    onEpochEnd(_epoch, logs) {
      logs.learningRate = model.learningRate;
    },
  };
}
