// Depthwise, separable and transposed convolutions, groups, dilation, explicit paddings.
import { layers } from '../../../src/index.js';
import type {
  Conv2dOptions,
  Conv2dTransposeOptions,
  DepthwiseConv2dOptions,
  SeparableConv2dOptions,
} from '../../../src/layers/index.js';
import type { NetworkLayer } from '../../reference/network.js';
import { dense, flatten, network, of, pool, relu, same, tanh } from '../network.js';

const conv2d = (options: Conv2dOptions): NetworkLayer => of(() => layers.conv2d(options));
const depthwise = (options: DepthwiseConv2dOptions): NetworkLayer => of(() => layers.depthwiseConv2d(options));
const separable = (options: SeparableConv2dOptions): NetworkLayer => of(() => layers.separableConv2d(options));
const transposed = (options: Conv2dTransposeOptions): NetworkLayer => of(() => layers.conv2dTranspose(options));
const normalization = of(() => layers.batchNormalization());

export const convolutionNetworks = [
  network(
    'a MobileNet block without normalization',
    [9, 8, 3],
    conv2d({ filters: 12, kernelSize: 1, useBias: false }),
    relu,
    depthwise({ kernelSize: 3, strides: 2, padding: 1, useBias: false }),
    relu,
    conv2d({ filters: 20, kernelSize: 1, useBias: false }),
    depthwise({ kernelSize: 3, ...same }),
    tanh,
    flatten,
    dense(4),
  ),
  network(
    'a MobileNet block with batch normalization',
    [5, 6, 4],
    conv2d({ filters: 12, kernelSize: 1, useBias: false }),
    normalization,
    relu,
    depthwise({ kernelSize: 3, strides: 2, padding: 1, useBias: false }),
    normalization,
    relu,
    conv2d({ filters: 6, kernelSize: 1 }),
    normalization,
    flatten,
    dense(4),
  ),
  network(
    'depthwise 5 × 5, strides of 1 and 2, then dilated',
    [11, 10, 5],
    depthwise({ kernelSize: 5, strides: 2, ...same }),
    tanh,
    depthwise({ kernelSize: 5, ...same }),
    tanh,
    depthwise({ kernelSize: 3, dilationRate: [2, 1], ...same }),
    flatten,
    dense(3),
  ),
  network(
    'depthwise with three outputs a channel, first and later',
    [3, 3, 2],
    depthwise({ kernelSize: 2, depthMultiplier: 3 }),
    tanh,
    depthwise({ kernelSize: [2, 1], depthMultiplier: 2, strides: [1, 2], useBias: false }),
    flatten,
    dense(4),
  ),
  network(
    'separable convolutions, with an activation of their own and without',
    [4, 5, 3],
    separable({ filters: 9, kernelSize: 3, strides: 2, activation: 'tanh', ...same }),
    separable({ filters: 4, kernelSize: 2, depthMultiplier: 2, useBias: false }),
    relu,
    flatten,
    dense(4),
  ),
  network(
    'groups',
    [4, 4, 4],
    conv2d({ filters: 12, kernelSize: 3, groups: 2, ...same }),
    relu,
    conv2d({ filters: 6, kernelSize: [3, 2], groups: 3, strides: [1, 2], useBias: false }),
    tanh,
    conv2d({ filters: 12, kernelSize: 2, groups: 6, padding: [1, 0] }),
    tanh,
    flatten,
    dense(4),
  ),
  network(
    'dilated kernels',
    [7, 8, 1],
    conv2d({ filters: 6, kernelSize: 3, dilationRate: [1, 2], ...same }),
    relu,
    conv2d({ filters: 5, kernelSize: [3, 2], dilationRate: 3, strides: [1, 2], padding: [[0, 2], [1, 0]] }), // prettier-ignore
    tanh,
    flatten,
    dense(4),
  ),
  network(
    'explicit paddings of convolutions with kernels of their own',
    [7, 6, 1],
    conv2d({ filters: 8, kernelSize: 3, padding: [[1, 2], [3, 0]] }), // prettier-ignore
    relu,
    conv2d({ filters: 8, kernelSize: 3, padding: [[0, 3], [2, 1]] }), // prettier-ignore
    relu,
    pool(2),
    conv2d({ filters: 12, kernelSize: 3, strides: 2, padding: 1 }),
    relu,
    conv2d({ filters: 8, kernelSize: 1, padding: [[1, 0], [0, 2]] }), // prettier-ignore
    tanh,
    flatten,
    dense(4),
  ),
  network(
    'a convolution of one channel, padded by more than it reaches, then a pool',
    [6, 5, 1],
    conv2d({ filters: 8, kernelSize: 3, padding: [[2, 1], [4, 3]] }), // prettier-ignore
    relu,
    pool(2),
    flatten,
    dense(3),
  ),
  network(
    'transposed convolutions',
    [3, 4, 2],
    transposed({ filters: 5, kernelSize: 3, strides: 2, activation: 'tanh', ...same }),
    transposed({ filters: 3, kernelSize: [2, 4], strides: [3, 1], useBias: false }),
    relu,
    transposed({ filters: 4, kernelSize: [4, 3], strides: [3, 2], outputPadding: [2, 0] }),
    tanh,
    pool(4),
    flatten,
    dense(4),
  ),
  network(
    'transposed convolutions whose kernel is less than the strides, and with same padding and outputPadding',
    [2, 3, 3],
    transposed({ filters: 4, kernelSize: [1, 2], strides: [2, 3] }),
    tanh,
    transposed({ filters: 2, kernelSize: [3, 4], strides: 2, outputPadding: [0, 1], ...same }),
    flatten,
    dense(3),
  ),
];
