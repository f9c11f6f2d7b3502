// Penalties on a layer's weights or outputs, which are added to the loss.  https://keras.io/api/layers/regularizers/
// Kernels: assembly/regularization.ts
import { checkNumber } from '../base/options.js';
import { moreModule } from '../engine/modules/more.generated.js';
import type { Regularizer } from '../graph/weightRules.js';
import { use, withDefaults } from './extend.js';

export type { Regularizer };

function checkFactor(factor: unknown, what: string): asserts factor is number {
  checkNumber(
    factor,
    (value) => value >= 0 && Number.isFinite(Math.fround(value)),
    `${what} must be a number of at least 0 that an f32 holds`,
  );
}

function make(className: string, config: object, l1: number, l2: number): Regularizer {
  return {
    className,
    config,
    moreKernels: moreModule,
    l1,
    l2,
    penalty(values, from, size) {
      let [sizes, squares] = [0, 0];
      for (let i = from; i < from + size; i++) {
        const value = values[i]!;
        sizes += Math.abs(value);
        squares += value * value;
      }
      return l1 * sizes + l2 * squares;
    },
    addSlopes: (kernels, gradients, weights, count) => kernels.addPenaltySlopes(gradients, weights, count, l1, 2 * l2),
  };
}

/**
 * l1 · Σ |x|; l1: default 0.01.
 *
 * @example
 * ```js
 * import { layers, regularizers, sequential } from 'wasm-cnn';
 *
 * const layer = layers.dense({ units: 1, kernelInitializer: 'ones', kernelRegularizer: regularizers.l1({ l1: 0.1 }) });
 * const model = sequential({ inputShape: [3], layers: [layer] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Float32Array(3), shape: [1, 3] }, { data: new Float32Array(1), shape: [1, 1] }];
 * await model.evaluate(x, y); // { loss: 0.3 }
 * ```
 */
export function l1(options: { l1?: number } = {}): Regularizer {
  const config = withDefaults(options, { l1: 0.01 }, 'l1');
  checkFactor(config.l1, "l1's l1");
  return make('L1', config, config.l1, 0);
}

/**
 * l2 · Σ x²; l2: default 0.01.
 *
 * @example
 * ```js
 * import { layers, regularizers, sequential } from 'wasm-cnn';
 *
 * const layer = layers.dense({ units: 1, kernelInitializer: 'ones', kernelRegularizer: regularizers.l2({ l2: 0.1 }) });
 * const model = sequential({ inputShape: [3], layers: [layer] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Float32Array(3), shape: [1, 3] }, { data: new Float32Array(1), shape: [1, 1] }];
 * await model.evaluate(x, y); // { loss: 0.3 }
 * ```
 */
export function l2(options: { l2?: number } = {}): Regularizer {
  const config = withDefaults(options, { l2: 0.01 }, 'l2');
  checkFactor(config.l2, "l2's l2");
  return make('L2', config, 0, config.l2);
}

/**
 * l1 · Σ |x| + l2 · Σ x²; default 0 each, as in Keras. The name 'l1l2' alone stands for 0.01 each.
 *
 * @example
 * ```js
 * import { layers, regularizers, sequential } from 'wasm-cnn';
 *
 * const layer = layers.dense({ units: 1, kernelInitializer: 'ones', kernelRegularizer: regularizers.l1l2({ l1: 0.1, l2: 0.2 }) });
 * const model = sequential({ inputShape: [3], layers: [layer] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Float32Array(3), shape: [1, 3] }, { data: new Float32Array(1), shape: [1, 1] }];
 * await model.evaluate(x, y); // { loss: 0.9 }
 * ```
 */
export function l1l2(options: { l1?: number; l2?: number } = {}): Regularizer {
  const config = withDefaults(options, { l1: 0, l2: 0 }, 'l1l2');
  checkFactor(config.l1, "l1l2's l1");
  checkFactor(config.l2, "l1l2's l2");
  return make('L1L2', config, config.l1, config.l2);
}

use({ Regularizer: { l1, l2, l1l2 } });
