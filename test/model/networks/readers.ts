// Values with several readers, behind each op that takes a ReLU in, and layers with several calls: where a gradient is a sum, and what reads
// a value's sign must read it where nothing has dropped it.
import { layers, type Shape, type SymbolicTensor } from '../../../src/index.js';
import type { Layer } from '../../../src/layers/index.js';
import { graphNetwork, type Network } from '../network.js';

const { add, batchNormalization, conv2d, depthwiseConv2d, dropout, globalAveragePooling2d, maxPooling2d, prelu } =
  layers;

const relu = (x: SymbolicTensor): SymbolicTensor => layers.activation({ activation: 'relu' }).apply(x);
const tanh = (x: SymbolicTensor): SymbolicTensor => layers.activation({ activation: 'tanh' }).apply(x);
const norm = (x: SymbolicTensor): SymbolicTensor => batchNormalization({ momentum: 0.6 }).apply(x);
const sum = (...xs: SymbolicTensor[]): SymbolicTensor => add().apply(xs);
const conv = (x: SymbolicTensor, filters: number, kernelSize = 3): SymbolicTensor =>
  conv2d({ filters, kernelSize, padding: 'same' }).apply(x);

/** The sum of a value and of what dropout leaves of it: where that is 0, the other's gradient is not. */
function skipOverDropout(x: SymbolicTensor): SymbolicTensor {
  return sum(x, dropout({ rate: 0.4 }).apply(x));
}

const behind = (name: string, inputShape: Shape, make: (x: SymbolicTensor) => SymbolicTensor): Network =>
  graphNetwork(`a skip over dropout behind ${name}`, inputShape, 3, (x) => tanh(conv(skipOverDropout(make(x)), 3, 2)));

export const readerNetworks = [
  behind('a one-channel convolution and relu', [5, 6, 1], (x) => relu(conv(x, 8))),
  behind('a Winograd convolution and relu', [5, 6, 4], (x) => relu(conv(tanh(conv(x, 8, 1)), 8))),
  behind('a convolution and relu', [5, 4, 3], (x) => relu(conv(x, 5, 2))),
  behind('a convolution of 1 × 1 and relu', [4, 5, 4], (x) => relu(conv(x, 8, 1))),
  behind('conv → relu → pool', [6, 6, 1], (x) => maxPooling2d().apply(relu(conv(x, 8)))),
  behind('conv → batch normalization → relu', [4, 5, 3], (x) =>
    relu(norm(conv2d({ filters: 8, kernelSize: 3, useBias: false }).apply(x))),
  ),
  behind('batch normalization and relu', [4, 5, 3], (x) => relu(norm(x))),
  behind('a depthwise convolution and relu', [5, 4, 4], (x) => relu(depthwiseConv2d({ kernelSize: 3 }).apply(x))),
  behind('add and relu', [4, 4, 2], (x) => relu(sum(conv(x, 4), conv(x, 4, 2)))),
  behind('relu alone', [4, 4, 4], (x) => relu(tanh(conv(x, 4)))),
  graphNetwork('what is trained in front of convolutions of one channel', [6, 5, 1], 4, (x) => {
    const fronts = [prelu({ alphaInitializer: 'glorotUniform' }), depthwiseConv2d({ kernelSize: 2, padding: 'same' })];
    const branches = [norm(x), tanh(norm(x)), ...fronts.map((front) => front.apply(x))];
    return sum(
      x,
      ...branches.map((branch) => relu(conv(branch, 8))),
      maxPooling2d({ strides: 1, padding: 'same' }).apply(relu(conv(norm(x), 8))),
    );
  }),
  graphNetwork('convolutions of each kind, and prelu, used twice', [5, 6, 4], 3, (x) => {
    const shared: Layer[] = [
      conv2d({ filters: 4, kernelSize: 3, padding: 'same' }),
      conv2d({ filters: 4, kernelSize: 1, activation: 'relu' }),
      depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
      prelu({ alphaInitializer: 'glorotUniform' }),
    ];
    const twice = (from: SymbolicTensor): SymbolicTensor =>
      shared.reduce((value, layer) => sum(value, tanh(layer.apply(value))), from);
    return twice(twice(x));
  }),
  graphNetwork('a convolution used on the input, of one channel, and on what is learned', [6, 5, 1], 3, (x) => {
    const shared = conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' });
    return shared.apply(conv(shared.apply(x), 1, 2));
  }),
  graphNetwork('values with three readers, in the middle and at first', [5, 6, 8], 4, (x) => {
    const features = relu(conv(x, 8));
    const pooled = maxPooling2d({ strides: 1, padding: 'same' }).apply(features);
    const all = sum(x, norm(features), relu(conv(features, 8)), dropout({ rate: 0.3 }).apply(pooled));
    const [a, b, c] = [relu(all), tanh(all), norm(all)];
    return globalAveragePooling2d().apply(tanh(sum(a, b, c, conv(x, 8, 1))));
  }),
];
