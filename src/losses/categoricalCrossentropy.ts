// Categorical cross-entropy on a softmax, computed from the logits.  Kernels: assembly/softmaxCrossEntropy.ts
import { check } from '../base/errors.js';
import { isActivation } from '../compiler/ops/activation.js';
import { sizeOf } from '../base/shape.js';
import type { Loss } from './loss.js';

/** Mean over the batch of -Σ t · ln p; the model must end in softmax. Labels: class indices, or rows of probabilities (one-hot). */
export const categoricalCrossentropy: Loss = {
  name: 'categoricalCrossentropy',
  lower(primitives) {
    const last = primitives.at(-1);
    check(
      isActivation(last) && last.function === 'softmax' && last.output.length === 1,
      () =>
        `categoricalCrossentropy needs a model that ends in softmax over [classes], got ${last?.layer ?? 'no layers'}; end it with dense({ units: 10, activation: 'softmax' })`,
    );
    const classes = sizeOf(last.output);
    check(
      classes > 1,
      () =>
        `categoricalCrossentropy needs at least 2 classes, got ${last.layer} with 1, whose softmax is always 1; give yes or no two units`,
    );
    return {
      name: 'softmax+categoricalCrossentropy',
      covers: [last],
      parameters: [],
      memory: {},
      forward: (kernels, { x, y }, n) => kernels.softmaxForward(y, x, n, classes),
      loss: (kernels, { x, targets, losses }, n) => kernels.softmaxCrossEntropyForward(losses, x, targets, n, classes),
      backward: (kernels, { y, dx, targets, batch }, n) =>
        kernels.softmaxCrossEntropyBackward(dx, y, targets, n, classes, batch),
    };
  },
};
