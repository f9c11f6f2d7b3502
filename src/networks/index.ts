// The networks that benches and profiles speak of, by name.
import * as layers from '../layers/index.js';
import { sequential, type Sequential } from '../model/sequential.js';
import { efficientNetLite0 } from './efficientNetLite0.js';
import { mobileNetV2 } from './mobileNetV2.js';
import { withDefaults, type NetworkOptions } from './options.js';
import { referenceNetwork } from './reference.js';
import { resNet18, resNet50 } from './resNet.js';
import { resnet20 } from './resnet20.js';

const relu = { activation: 'relu' } as const;
const same = { padding: 'same', ...relu } as const;

/**
 * Networks by name, not trained: each takes `inputShape`, `classes` and `seed`.
 *
 * @example
 * ```js
 * import { networks } from 'wasm-cnn';
 *
 * const model = networks.resnet20({ inputShape: [32, 32, 3], classes: 10, seed: 1 });
 * model.outputShape; // [10]
 * ```
 */
export const networks = {
  reference: referenceNetwork,
  /** Keras' first mnist_cnn: two convolutions, one pool, dropout; 1,199,882 parameters. */
  classic: (options: NetworkOptions = {}): Sequential => {
    const { classes, ...form } = withDefaults(options, 'classic', [28, 28, 1]);
    return sequential({
      name: 'classic',
      ...form,
      layers: [
        layers.conv2d({ filters: 32, kernelSize: 3, ...relu }),
        layers.conv2d({ filters: 64, kernelSize: 3, ...relu }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.dropout({ rate: 0.25 }),
        layers.flatten(),
        layers.dense({ units: 128, ...relu }),
        layers.dropout({ rate: 0.5 }),
        layers.dense({ units: classes, activation: 'softmax' }),
      ],
    });
  },
  /** No pooling: every second convolution has stride 2. */
  strided: (options: NetworkOptions = {}): Sequential => {
    const { classes, ...form } = withDefaults(options, 'strided', [28, 28, 1]);
    return sequential({
      name: 'strided',
      ...form,
      layers: [
        layers.conv2d({ filters: 32, kernelSize: 3, ...same }),
        layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, ...same }),
        layers.conv2d({ filters: 64, kernelSize: 3, ...same }),
        layers.conv2d({ filters: 64, kernelSize: 3, strides: 2, ...same }),
        layers.flatten(),
        layers.dense({ units: classes, activation: 'softmax' }),
      ],
    });
  },
  resnet20,
  mobileNetV2,
  efficientNetLite0,
  resNet18,
  resNet50,
} as const;
