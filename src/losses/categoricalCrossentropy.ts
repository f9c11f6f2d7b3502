// Categorical cross-entropy of probabilities.  https://keras.io/api/losses/probabilistic_losses/
import { check } from '../base/errors.js';
import { sizeOf } from '../base/shape.js';
import { isSoftmax } from '../compiler/ops/activation.js';
import type { Loss } from './loss.js';

/** Mean over the batch of -Σ t · ln p; the model must end in softmax. Labels: class indices, or rows of probabilities (one-hot). */
export const categoricalCrossentropy: Loss = {
  name: 'categoricalCrossentropy',
  targets: 'classes',
  build(graph, prediction, target, layer) {
    check(
      isSoftmax(graph.maker(prediction)) && prediction.shape.length === 1,
      () =>
        `categoricalCrossentropy needs a model that ends in softmax over [classes], got ${layer}; end it with dense({ units: 10, activation: 'softmax' })`,
    );
    check(
      sizeOf(prediction.shape) > 1,
      () =>
        `categoricalCrossentropy needs at least 2 classes, got ${layer} with 1, whose softmax is always 1; give yes or no two units`,
    );
    return graph.add({
      kind: 'categoricalCrossentropy',
      layer,
      inputs: [prediction, target],
      output: [],
      variables: [],
    });
  },
};
