// The reference network: the classic Keras MNIST CNN, 225,034 parameters for 28 × 28 gray images and 10 classes.
import * as layers from '../layers/index.js';
import { sequential, type Sequential } from '../model/sequential.js';
import { withDefaults, type NetworkOptions } from './options.js';

/** Images of [28, 28, 1] by default. */
export type ReferenceNetworkOptions = NetworkOptions;

/**
 * conv 32 3 × 3, pool 2, conv 64 3 × 3, pool 2, dense 128, softmax; ReLU between. Not compiled.
 *
 * @example
 * ```js
 * import { referenceNetwork } from 'wasm-cnn';
 *
 * referenceNetwork({ seed: 1 }).outputShape; // [10]
 * ```
 */
export function referenceNetwork(options: NetworkOptions = {}): Sequential {
  const { classes, ...form } = withDefaults(options, 'referenceNetwork', [28, 28, 1]);
  return sequential({
    name: 'reference',
    ...form,
    layers: [
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });
}
