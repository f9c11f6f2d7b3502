// Cross-entropy of yes or no.  https://keras.io/api/losses/probabilistic_losses/#binarycrossentropy-class
import { checkOptions } from '../base/options.js';
import {
  addLoss,
  checkProbabilityOptions,
  probabilities,
  smoothLabels,
  type Loss,
  type ProbabilityOptions,
} from './loss.js';

/** Options of {@link binaryCrossentropy}. */
export type BinaryCrossentropyOptions = ProbabilityOptions;

/**
 * Mean over the outputs of -(t · ln p + (1 - t) · ln(1 - p)). Behind sigmoid it is taken from the logits: no p is too close to 0 or 1.
 *
 * @example
 * ```js
 * import { layers, losses, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.activation({ activation: 'sigmoid' })] });
 * model.compile({ optimizer: 'sgd', loss: losses.binaryCrossentropy() });
 * const x = { data: Float32Array.of(2, -1), shape: [1, 2] };
 * await model.evaluate(x, { data: Float32Array.of(1, 0), shape: [1, 2] }); // { loss: 0.2201 }
 * ```
 */
export function binaryCrossentropy(options: BinaryCrossentropyOptions = {}): Loss {
  const name = 'binaryCrossentropy';
  checkOptions(options, ['fromLogits', 'labelSmoothing'], name);
  const { fromLogits, labelSmoothing } = checkProbabilityOptions(options, name);
  return {
    className: 'BinaryCrossentropy',
    name,
    targets: 'binary',
    fromLogits,
    build(graph, prediction, target, layer) {
      const p = probabilities(graph, prediction, layer, { name, fromLogits }, 'sigmoid');
      return addLoss(graph, [p, smoothLabels(graph, target, layer, labelSmoothing, 2)], layer, 'binaryCrossentropy');
    },
    make: binaryCrossentropy,
    getConfig: () => ({ fromLogits, labelSmoothing }),
  };
}
