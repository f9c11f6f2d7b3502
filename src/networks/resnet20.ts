// ResNet-20 for small images (He et al. 2015, section 4.2, https://arxiv.org/abs/1512.03385): 272,474 weights for 10 classes.
import * as layers from '../layers/index.js';
import type { SymbolicTensor } from '../layers/layer.js';
import { input, model, type Functional } from '../model/functional.js';
import { withDefaults, type NetworkOptions } from './options.js';

interface Convolution {
  readonly filters: number;
  readonly kernelSize?: number;
  readonly strides?: number;
}

/** A convolution without bias and its normalization, as PyTorch has them by default. */
function convolve(x: SymbolicTensor, { filters, kernelSize = 3, strides = 1 }: Convolution): SymbolicTensor {
  const padding = (kernelSize - 1) / 2;
  const convolution = layers.conv2d({
    filters,
    kernelSize,
    strides,
    padding,
    useBias: false,
    kernelInitializer: 'heNormal',
  });
  return layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }).apply(convolution.apply(x));
}

const relu = (x: SymbolicTensor): SymbolicTensor => layers.activation({ activation: 'relu' }).apply(x);

/** Two convolutions beside a skip; where the shape changes, the skip is a 1 × 1 convolution. */
function block(x: SymbolicTensor, filters: number, strides: number): SymbolicTensor {
  const y = convolve(relu(convolve(x, { filters, strides })), { filters });
  const same = strides === 1 && x.shape.at(-1) === filters;
  const skip = same ? x : convolve(x, { filters, kernelSize: 1, strides });
  return relu(layers.add().apply([y, skip]));
}

/** conv 16, then three stages of three blocks with 16, 32 and 64 filters, the mean over the image, softmax; images of [32, 32, 3] by default. Not compiled. */
export function resnet20(options: NetworkOptions = {}): Functional {
  const { inputShape, classes, seed } = withDefaults(options, 'resnet20', [32, 32, 3]);
  const x = input({ shape: inputShape });
  let y = relu(convolve(x, { filters: 16 }));
  for (const filters of [16, 32, 64]) {
    for (let i = 0; i < 3; i++) y = block(y, filters, i === 0 && filters > 16 ? 2 : 1);
  }
  const features = layers.globalAveragePooling2d().apply(y);
  const outputs = layers.dense({ units: classes, activation: 'softmax' }).apply(features);
  return model({ name: 'resnet20', inputs: x, outputs, seed });
}
