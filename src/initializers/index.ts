// Keras' initializers by their names.  https://keras.io/api/layers/initializers/
import {
  make,
  type GainOptions,
  type InitializerConfig,
  type NormalOptions,
  type RandomUniformOptions,
  type SeedOptions,
  type VarianceScalingOptions,
} from './initializer.js';

export {
  checkInitializer,
  fans,
  initialize,
  type GainOptions,
  type Initializer,
  type InitializerConfig,
  type InitializerName,
  type NormalOptions,
  type RandomUniformOptions,
  type SeedOptions,
  type VarianceScalingOptions,
} from './initializer.js';

/**
 * Even between ±√(6 / (fanIn + fanOut)): the default of most kernels.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.glorotUniform();
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [0.44, -0.293, 0.143, -0.844]
 * ```
 */
export const glorotUniform = (options: SeedOptions = {}): InitializerConfig => make('glorotUniform', options);
/**
 * Truncated normal of variance 2 / (fanIn + fanOut).
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.glorotNormal();
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [1.226, 0.161, -0.125, -0.76]
 * ```
 */
export const glorotNormal = (options: SeedOptions = {}): InitializerConfig => make('glorotNormal', options);
/**
 * Even between ±√(6 / fanIn).
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.heUniform();
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [0.622, -0.415, 0.203, -1.193]
 * ```
 */
export const heUniform = (options: SeedOptions = {}): InitializerConfig => make('heUniform', options);
/**
 * Truncated normal of variance 2 / fanIn, for layers with relu.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.heNormal();
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [1.734, 0.228, -0.177, -1.075]
 * ```
 */
export const heNormal = (options: SeedOptions = {}): InitializerConfig => make('heNormal', options);
/**
 * Even between ±√(3 / fanIn).
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.lecunUniform();
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [0.44, -0.293, 0.143, -0.844]
 * ```
 */
export const lecunUniform = (options: SeedOptions = {}): InitializerConfig => make('lecunUniform', options);
/**
 * Truncated normal of variance 1 / fanIn.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.lecunNormal();
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [1.226, 0.161, -0.125, -0.76]
 * ```
 */
export const lecunNormal = (options: SeedOptions = {}): InitializerConfig => make('lecunNormal', options);
/**
 * Variance scale / n, where n is a fan of the kernel or the mean of both.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.varianceScaling({ scale: 2, mode: 'fanOut' });
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [1.734, 0.228, -0.177, -1.075]
 * ```
 */
export const varianceScaling = (options: VarianceScalingOptions = {}): InitializerConfig =>
  make('varianceScaling', options);
/**
 * Orthonormal columns (or rows, if they are fewer) of the kernel as a matrix [all before, out].
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.orthogonal();
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [0.533, 0.846, 0.846, -0.533]
 * ```
 */
export const orthogonal = (options: GainOptions & SeedOptions = {}): InitializerConfig => make('orthogonal', options);
/**
 * Normal.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.randomNormal({ stddev: 0.1 });
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [0.153, 0.02, 0.242, -0.278]
 * ```
 */
export const randomNormal = (options: NormalOptions = {}): InitializerConfig => make('randomNormal', options);
/**
 * Normal, but values beyond two standard deviations are drawn again.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.truncatedNormal({ stddev: 0.1 });
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [0.153, 0.02, -0.016, -0.095]
 * ```
 */
export const truncatedNormal = (options: NormalOptions = {}): InitializerConfig => make('truncatedNormal', options);
/**
 * Even between minval and maxval.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.randomUniform({ minval: 0, maxval: 1 });
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [0.68, 0.38, 0.558, 0.156]
 * ```
 */
export const randomUniform = (options: RandomUniformOptions = {}): InitializerConfig => make('randomUniform', options);
/**
 * One number everywhere; `value`: default 0.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.constant({ value: 3 });
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [3, 3, 3, 3]
 * ```
 */
export const constant = (options: { value?: number } = {}): InitializerConfig => make('constant', options);
/**
 * 1 (times the gain) on the diagonal of a matrix.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.identity();
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [1, 0, 0, 1]
 * ```
 */
export const identity = (options: GainOptions = {}): InitializerConfig => make('identity', options);
/**
 * 0 everywhere.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.zeros();
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [0, 0, 0, 0]
 * ```
 */
export const zeros = (): InitializerConfig => make('zeros', {});
/**
 * 1 everywhere.
 *
 * @example
 * ```js
 * import { initializers, layers, sequential } from 'wasm-cnn';
 *
 * const kernelInitializer = initializers.ones();
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, kernelInitializer })] });
 * model.getWeights()[0].data; // [1, 1, 1, 1]
 * ```
 */
export const ones = (): InitializerConfig => make('ones', {});
