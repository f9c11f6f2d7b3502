import { checkOptions } from '../base/options.js';
import { checkModel } from '../training/checkModel.js';
import type { Model } from './model.js';
import { modelConfigOf } from './pack.js';
import { buildModel } from './unpack.js';

/** Options of {@link cloneModel}. */
export interface CloneOptions {
  /** Seed for initialization and dropout. Default: the model's. */
  readonly seed?: number;
}

/**
 * A model of the same layers with the first weights of its seed, not compiled: to train again from the beginning, or with another seed.
 * Nothing is shared with the model. Layers of nested models that have a seed of their own get weights of the clone's seed. What `normalization().adapt()` saw is not taken over, as in Keras' clone_model.
 *
 * @example
 * ```js
 * import { cloneModel, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 1 })] });
 * cloneModel(model, { seed: 2 }).seed; // 2
 * ```
 */
export function cloneModel(model: Model, options: CloneOptions = {}): Model {
  checkModel(model, 'cloneModel');
  checkOptions(options, ['seed'], 'cloneModel');
  const { seed = model.seed } = options;
  return buildModel({ ...modelConfigOf(model), seed });
}
