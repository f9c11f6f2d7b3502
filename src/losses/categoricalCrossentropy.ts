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

export type CategoricalCrossentropyOptions = ProbabilityOptions;

/** -Σ t · ln p over the classes, which are the last axis. Behind softmax it is taken from the logits: no p is too small for it. */
export function categoricalCrossentropy(options: CategoricalCrossentropyOptions = {}): Loss {
  return crossentropy('CategoricalCrossentropy', 'categoricalCrossentropy', categoricalCrossentropy, options);
}

/** Keras' name of the same for class indices; here either takes either form of labels. */
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
