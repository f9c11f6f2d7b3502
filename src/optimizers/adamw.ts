// AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, https://arxiv.org/abs/1711.05101), with Keras' defaults.
import { check } from '../base/errors.js';
import { makeAdam, type AdamOptions } from './adam.js';
import type { Optimizer } from './optimizer.js';

/** Options of {@link adamw}. */
export interface AdamWOptions extends AdamOptions {
  /** Default 0.004. */
  weightDecay?: number;
}

/**
 * Adam with weight decay apart from the gradients (https://arxiv.org/abs/1711.05101).
 * https://keras.io/api/optimizers/adamw/
 *
 * @example
 * ```js
 * import { layers, optimizers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: optimizers.adamw({ learningRate: 0.1, weightDecay: 0.01 }), loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.1]
 * ```
 */
export function adamw(options: AdamWOptions = {}): Optimizer {
  check(
    (options as AdamOptions | null)?.weightDecay !== null,
    "adamw's weightDecay must be a number; use adam() for none",
  );
  return makeAdam(options, 'adamw', { className: 'AdamW', weightDecay: 0.004 });
}
