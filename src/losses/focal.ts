// Focal losses: cross-entropies in which examples that are right already count little (Lin et al. 2018,
// https://arxiv.org/abs/1708.02002).  https://keras.io/api/losses/probabilistic_losses/
import { checkBoolean, checkNumber, checkOptions } from '../base/options.js';
import {
  addLoss,
  checkClasses,
  checkProbabilityOptions,
  probabilities,
  register,
  smoothLabels,
  type Loss,
  type ProbabilityOptions,
} from './loss.js';

/** Options of {@link categoricalFocalCrossentropy}. */
export interface CategoricalFocalCrossentropyOptions extends ProbabilityOptions {
  /** Factor of all classes. Default 0.25. */
  alpha?: number;
  /** How little easy examples count: 0 is the plain cross-entropy. Default 2. */
  gamma?: number;
}

/** Options of {@link binaryFocalCrossentropy}. */
export interface BinaryFocalCrossentropyOptions extends CategoricalFocalCrossentropyOptions {
  /** Whether yes counts alpha times and no 1 - alpha times. Default false: alpha is not used. */
  applyClassBalancing?: boolean;
}

function checkFocus(alpha: unknown, gamma: unknown, name: string): void {
  checkNumber(
    alpha,
    (value) => value >= 0 && Math.fround(value) < Infinity,
    `${name}'s alpha must be a number of at least 0`,
  );
  checkNumber(
    gamma,
    (value) => value >= 0 && Math.fround(value) < Infinity,
    `${name}'s gamma must be a number of at least 0`,
  );
}

/**
 * -alpha · Σ t · (1 - p)^gamma · ln p over the classes, which are the last axis.
 *
 * @example
 * ```js
 * import { layers, losses, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: losses.categoricalFocalCrossentropy({ gamma: 2 }) });
 * const x = { data: Float32Array.of(0, 2), shape: [1, 2] };
 * await model.evaluate(x, { data: Float32Array.of(0, 1), shape: [1, 2] }); // { loss: 0.0005 }
 * ```
 */
export function categoricalFocalCrossentropy(options: CategoricalFocalCrossentropyOptions = {}): Loss {
  const name = 'categoricalFocalCrossentropy';
  checkOptions(options, ['alpha', 'gamma', 'fromLogits', 'labelSmoothing'], name);
  const { alpha = 0.25, gamma = 2 } = options;
  checkFocus(alpha, gamma, name);
  const { fromLogits, labelSmoothing } = checkProbabilityOptions(options, name);
  return {
    className: 'CategoricalFocalCrossentropy',
    name,
    targets: 'classes',
    fromLogits,
    build(graph, prediction, target, layer) {
      checkClasses(prediction, layer, name);
      const p = probabilities(graph, prediction, layer, { name, fromLogits }, 'softmax');
      const t = smoothLabels(graph, target, layer, labelSmoothing, prediction.shape.at(-1)!);
      return addLoss(graph, [p, t], layer, name, [alpha, gamma]);
    },
    make: categoricalFocalCrossentropy,
    getConfig: () => ({ alpha, gamma, fromLogits, labelSmoothing }),
  };
}

/**
 * Mean over the outputs of (1 - q)^gamma · the cross-entropy of yes or no, where q is the probability of what is right.
 *
 * @example
 * ```js
 * import { layers, losses, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.activation({ activation: 'sigmoid' })] });
 * model.compile({ optimizer: 'sgd', loss: losses.binaryFocalCrossentropy({ gamma: 2 }) });
 * const x = { data: Float32Array.of(2, -1), shape: [1, 2] };
 * await model.evaluate(x, { data: Float32Array.of(1, 0), shape: [1, 2] }); // { loss: 0.0122 }
 * ```
 */
export function binaryFocalCrossentropy(options: BinaryFocalCrossentropyOptions = {}): Loss {
  const name = 'binaryFocalCrossentropy';
  checkOptions(options, ['applyClassBalancing', 'alpha', 'gamma', 'fromLogits', 'labelSmoothing'], name);
  const { applyClassBalancing = false, alpha = 0.25, gamma = 2 } = options;
  checkBoolean(applyClassBalancing, `${name}'s applyClassBalancing`);
  checkFocus(alpha, gamma, name);
  const { fromLogits, labelSmoothing } = checkProbabilityOptions(options, name);
  const balance = applyClassBalancing ? [alpha, 1 - alpha] : [1, 1];
  return {
    className: 'BinaryFocalCrossentropy',
    name,
    targets: 'binary',
    fromLogits,
    build(graph, prediction, target, layer) {
      const p = probabilities(graph, prediction, layer, { name, fromLogits }, 'sigmoid');
      const t = smoothLabels(graph, target, layer, labelSmoothing, 2);
      return addLoss(graph, [p, t], layer, name, [gamma, ...balance]);
    },
    make: binaryFocalCrossentropy,
    getConfig: () => ({ applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing }),
  };
}

register({ categoricalFocalCrossentropy, binaryFocalCrossentropy });
