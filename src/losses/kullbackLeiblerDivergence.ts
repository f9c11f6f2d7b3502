// Kullback–Leibler divergence.  https://keras.io/api/losses/probabilistic_losses/#kldivergence-class
import { checkOptions } from '../base/options.js';
import { addLoss, checkClasses, probabilities, type Loss } from './loss.js';

/** Σ t · ln(t / p) over the classes, which are the last axis. */
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
