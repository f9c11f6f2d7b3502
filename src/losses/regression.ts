// Losses of numbers: how far the outputs are from them.  https://keras.io/api/losses/regression_losses/
import { checkNumber, checkOptions } from '../base/options.js';
import { addLoss, type Loss } from './loss.js';

export interface HuberOptions {
  /** Errors up to this count squared, larger ones by their size. Default 1. */
  delta?: number;
}

/** Mean over the outputs of (x - t)². */
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

/** Mean over the outputs of |x - t|. */
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

/** Mean over the outputs of e² / 2 for |e| up to delta, and delta · |e| - delta² / 2 beyond, where e = x - t. */
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
