// Categorical cross-entropy.  https://keras.io/api/losses/probabilistic_losses/
import { checkOptions } from '../base/options.js';
import {
  addLoss,
  checkClasses,
  checkProbabilityOptions,
  probabilities,
  smoothLabels,
  type Loss,
  type ProbabilityOptions,
} from './loss.js';

/** Options of {@link categoricalCrossentropy}. */
export type CategoricalCrossentropyOptions = ProbabilityOptions;

/**
 * -Σ t · ln p over the classes, which are the last axis. Behind softmax it is taken from the logits: no p is too small for it.
 *
 * @example
 * ```js
 * import { layers, losses, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: losses.categoricalCrossentropy() });
 * const x = { data: Float32Array.of(0, 2), shape: [1, 2] };
 * await model.evaluate(x, { data: Float32Array.of(0, 1), shape: [1, 2] }); // { loss: 0.1269 }
 * ```
 */
export function categoricalCrossentropy(options: CategoricalCrossentropyOptions = {}): Loss {
  return crossentropy('CategoricalCrossentropy', 'categoricalCrossentropy', categoricalCrossentropy, options);
}

/**
 * Keras' name of the same for class indices; here either takes either form of labels.
 *
 * @example
 * ```js
 * import { layers, losses, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: losses.sparseCategoricalCrossentropy() });
 * await model.evaluate({ data: Float32Array.of(0, 2), shape: [1, 2] }, [1]); // { loss: 0.1269 }
 * ```
 */
export function sparseCategoricalCrossentropy(options: CategoricalCrossentropyOptions = {}): Loss {
  return crossentropy(
    'SparseCategoricalCrossentropy',
    'sparseCategoricalCrossentropy',
    sparseCategoricalCrossentropy,
    options,
  );
}

function crossentropy(
  className: string,
  name: string,
  make: (options: CategoricalCrossentropyOptions) => Loss,
  options: CategoricalCrossentropyOptions,
): Loss {
  checkOptions(options, ['fromLogits', 'labelSmoothing'], name);
  const { fromLogits, labelSmoothing } = checkProbabilityOptions(options, name);
  return {
    className,
    name,
    targets: 'classes',
    fromLogits,
    build(graph, prediction, target, layer) {
      checkClasses(prediction, layer, name);
      const p = probabilities(graph, prediction, layer, { name, fromLogits }, 'softmax');
      const t = smoothLabels(graph, target, layer, labelSmoothing, prediction.shape.at(-1)!);
      return addLoss(graph, [p, t], layer, 'categoricalCrossentropy');
    },
    make,
    getConfig: () => ({ fromLogits, labelSmoothing }),
  };
}
