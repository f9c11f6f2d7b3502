// Cross-entropy of yes or no.  https://keras.io/api/losses/probabilistic_losses/#binarycrossentropy-class
import { checkOptions } from '../base/options.js';
import { addLoss, checkFromLogits, checkLabelSmoothing, probabilities, smoothLabels, type Loss } from './loss.js';

export interface BinaryCrossentropyOptions {
  /** The model ends without sigmoid, and the loss has it. Default false. */
  fromLogits?: boolean;
  /** Share of each label that becomes ½, in [0, 1). Default 0. */
  labelSmoothing?: number;
}

/** Mean over the outputs of -(t · ln p + (1 - t) · ln(1 - p)). Behind sigmoid it is taken from the logits: no p is too close to 0 or 1. */
export function binaryCrossentropy(options: BinaryCrossentropyOptions = {}): Loss {
  const name = 'binaryCrossentropy';
  checkOptions(options, ['fromLogits', 'labelSmoothing'], name);
  const { fromLogits = false, labelSmoothing = 0 } = options;
  checkFromLogits(fromLogits, name);
  checkLabelSmoothing(labelSmoothing, name);
  return {
    className: 'BinaryCrossentropy',
    name,
    targets: 'binary',
    fromLogits,
    build(graph, prediction, target, layer) {
      const p = probabilities(graph, prediction, layer, { name, fromLogits }, 'sigmoid');
      return addLoss(graph, [p, smoothLabels(graph, target, layer, labelSmoothing, 2)], layer, 'binaryCrossentropy');
    },
    getConfig: () => ({ fromLogits, labelSmoothing }),
  };
}
