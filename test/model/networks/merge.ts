import { layers } from '../../../src/index.js';
import type { SymbolicTensor } from '../../../src/index.js';
import { graphNetwork } from '../network.js';

const conv = (x: SymbolicTensor, filters: number, options: object = {}): SymbolicTensor =>
  layers.conv2d({ filters, kernelSize: 3, padding: 'same', ...options }).apply(x);
const relu = (x: SymbolicTensor): SymbolicTensor => layers.activation({ activation: 'relu' }).apply(x);
const tanh = (x: SymbolicTensor): SymbolicTensor => layers.activation({ activation: 'tanh' }).apply(x);

export const mergeNetworks = [
  graphNetwork('residual blocks: add, and add + relu', [6, 5, 2], 4, (x) => {
    const first = conv(x, 8, { activation: 'relu' });
    const block = relu(layers.add().apply([conv(conv(first, 8, { activation: 'relu' }), 8), first]));
    const shortcut = layers.conv2d({ filters: 12, kernelSize: 1, strides: 2 }).apply(block);
    return relu(layers.add().apply([conv(conv(block, 12, { strides: 2 }), 12), shortcut]));
  }),
  graphNetwork('sums in place of sums whose signs are read', [4, 4, 2], 3, (x) => {
    const a = relu(layers.add().apply([conv(x, 5, { kernelSize: 1 }), conv(x, 5)]));
    const b = layers.add().apply([a, conv(x, 5)]);
    return layers.add().apply([layers.dropout({ rate: 0.3 }).apply(relu(b)), conv(x, 5, { kernelSize: 2 })]);
  }),
  graphNetwork('a skip over dropout, a value with three readers, a layer used twice', [9], 4, (x) => {
    const shared = layers.dense({ units: 7 });
    const hidden = layers.dense({ units: 7, activation: 'relu' }).apply(x);
    const dropped = layers.dropout({ rate: 0.4 }).apply(hidden);
    return layers.add().apply([hidden, shared.apply(dropped), tanh(shared.apply(hidden)), hidden]);
  }),
  graphNetwork('squeeze and excite', [5, 4, 3], 3, (x) => {
    const features = conv(x, 6, { activation: 'tanh' });
    const pooled = layers.globalAveragePooling2d({ keepDims: true }).apply(features);
    const squeezed = layers.conv2d({ filters: 2, kernelSize: 1, activation: 'relu' }).apply(pooled);
    const gate = layers.conv2d({ filters: 6, kernelSize: 1, activation: 'sigmoid' }).apply(squeezed);
    return layers.multiply().apply([features, gate]);
  }),
  graphNetwork('each merge of three, or two', [3, 4, 2], 4, (x) => {
    const [a, b, c] = [conv(x, 3), conv(x, 3), conv(x, 3)] as const;
    return layers
      .concatenate()
      .apply([
        layers.average().apply([a, b, c]),
        layers.maximum().apply([a, b, c]),
        layers.minimum().apply([a, b, c]),
        layers.multiply().apply([a, b, c]),
        layers.subtract().apply([a, b]),
      ]);
  }),
  graphNetwork('merges that stretch axes', [4, 3, 2], 3, (x) => {
    const image = conv(x, 5);
    const column = layers.averagePooling2d({ poolSize: [1, 3] }).apply(image);
    const row = layers.maxPooling2d({ poolSize: [4, 1] }).apply(image);
    const pixel = layers.globalMaxPooling2d().apply(image);
    const one = layers.conv2d({ filters: 1, kernelSize: [4, 1] }).apply(image);
    return layers
      .concatenate({ axis: 1 })
      .apply([
        layers.add().apply([pixel, image, column]),
        layers.multiply().apply([column, row]),
        relu(layers.add().apply([one, column])),
        layers.subtract().apply([one, image]),
        layers.maximum().apply([row, image, pixel]),
        layers.average().apply([image, one, row]),
      ]);
  }),
  graphNetwork('concatenations along each axis', [3, 4, 5], 3, (x) => {
    const a = conv(x, 4, { activation: 'relu' });
    const wide = layers.concatenate().apply([a, conv(a, 3), x]);
    const flat = layers.concatenate({ axis: 2 }).apply([wide, wide]);
    const pooled = [layers.globalAveragePooling2d().apply(flat), layers.globalMaxPooling2d().apply(flat)];
    return layers.concatenate().apply(pooled);
  }),
];
