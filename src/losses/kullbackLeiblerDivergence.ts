// Kullback–Leibler divergence.  https://keras.io/api/losses/probabilistic_losses/#kldivergence-class
import { checkOptions } from '../base/options.js';
import { addLoss, checkClasses, probabilities, type Loss } from './loss.js';

/**
 * Σ t · ln(t / p) over the classes, which are the last axis.
 *
 * @example
 * ```js
 * import { layers, losses, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: losses.kullbackLeiblerDivergence() });
 * const x = { data: Float32Array.of(0, 2), shape: [1, 2] };
 * await model.evaluate(x, { data: Float32Array.of(0, 1), shape: [1, 2] }); // { loss: 0.1269 }
 * ```
 */
export function kullbackLeiblerDivergence(options: object = {}): Loss {
  const name = 'kullbackLeiblerDivergence';
  checkOptions(options, [], name);
  return {
    className: 'KLDivergence',
    name,
    targets: 'classes',
    build(graph, prediction, target, layer) {
      checkClasses(prediction, layer, name);
      return addLoss(graph, [probabilities(graph, prediction, layer, { name }, 'softmax'), target], layer, name);
    },
    make: kullbackLeiblerDivergence,
    getConfig: () => ({}),
  };
}
