// Losses of numbers: how far the outputs are from them.  https://keras.io/api/losses/regression_losses/
import { checkNumber, checkOptions } from '../base/options.js';
import { addLoss, type Loss } from './loss.js';

/** Options of {@link huber}. */
export interface HuberOptions {
  /** Errors up to this count squared, larger ones by their size. Default 1. */
  delta?: number;
}

/**
 * Mean over the outputs of (x - t)².
 *
 * @example
 * ```js
 * import { layers, losses, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.relu()] });
 * model.compile({ optimizer: 'sgd', loss: losses.meanSquaredError() });
 * const x = { data: Float32Array.of(1, 4), shape: [1, 2] };
 * await model.evaluate(x, { data: Float32Array.of(2, 2), shape: [1, 2] }); // { loss: 2.5 }
 * ```
 */
export function meanSquaredError(options: object = {}): Loss {
  checkOptions(options, [], 'meanSquaredError');
  return {
    className: 'MeanSquaredError',
    name: 'meanSquaredError',
    targets: 'values',
    build: (graph, prediction, target, layer) => addLoss(graph, [prediction, target], layer, 'meanSquaredError'),
    make: meanSquaredError,
    getConfig: () => ({}),
  };
}

/**
 * Mean over the outputs of |x - t|.
 *
 * @example
 * ```js
 * import { layers, losses, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.relu()] });
 * model.compile({ optimizer: 'sgd', loss: losses.meanAbsoluteError() });
 * const x = { data: Float32Array.of(1, 4), shape: [1, 2] };
 * await model.evaluate(x, { data: Float32Array.of(2, 2), shape: [1, 2] }); // { loss: 1.5 }
 * ```
 */
export function meanAbsoluteError(options: object = {}): Loss {
  checkOptions(options, [], 'meanAbsoluteError');
  return {
    className: 'MeanAbsoluteError',
    name: 'meanAbsoluteError',
    targets: 'values',
    build: (graph, prediction, target, layer) => addLoss(graph, [prediction, target], layer, 'meanAbsoluteError'),
    make: meanAbsoluteError,
    getConfig: () => ({}),
  };
}

/**
 * Mean over the outputs of e² / 2 for |e| up to delta, and delta · |e| - delta² / 2 beyond, where e = x - t.
 *
 * @example
 * ```js
 * import { layers, losses, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.relu()] });
 * model.compile({ optimizer: 'sgd', loss: losses.huber({ delta: 1 }) });
 * const x = { data: Float32Array.of(1, 4), shape: [1, 2] };
 * await model.evaluate(x, { data: Float32Array.of(2, 2), shape: [1, 2] }); // { loss: 1 }
 * ```
 */
export function huber(options: HuberOptions = {}): Loss {
  checkOptions(options, ['delta'], 'huber');
  const { delta = 1 } = options;
  checkNumber(
    delta,
    (value) => Math.fround(value) > 0 && Math.fround(value) < Infinity,
    "huber's delta must be a number above 0",
  );
  return {
    className: 'Huber',
    name: 'huber',
    targets: 'values',
    build: (graph, prediction, target, layer) => addLoss(graph, [prediction, target], layer, 'huber', [delta]),
    make: huber,
    getConfig: () => ({ delta }),
  };
}
