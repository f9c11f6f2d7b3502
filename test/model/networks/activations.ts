import { layers } from '../../../src/index.js';
import type { Activation } from '../../../src/layers/activation.js';
import type { NetworkLayer } from '../../reference/network.js';
import { conv, dense, dropout, flatten, network, of, pool } from '../network.js';

const activation = (name: Activation): NetworkLayer => of(() => layers.activation({ activation: name }));
const prelu = (sharedAxes: number[] | null, alpha: 'glorotUniform' | 'zeros' = 'glorotUniform'): NetworkLayer =>
  of(() => layers.prelu({ sharedAxes, alphaInitializer: alpha }));
const through = (...names: Activation[]): NetworkLayer[] =>
  names.flatMap((name, i) => [dense(5 + i), activation(name)]);

export const activationNetworks = [
  network(
    'gelu, its approximation, silu and mish',
    [7],
    ...through('gelu', 'geluApproximate', 'silu', 'mish'),
    dense(4),
  ),
  network('elu, selu, softplus, softsign', [9], ...through('elu', 'selu', 'softplus', 'softsign'), dense(3)),
  network('exponential, logSoftmax, swish', [5], ...through('exponential', 'logSoftmax', 'swish'), dense(3)),
  network(
    'relu6, hardSigmoid, hardSwish and leakyRelu on images',
    [6, 5, 3],
    conv(8, [3, 3]),
    activation('relu6'),
    conv(5, [2, 2]),
    activation('hardSwish'),
    activation('hardSigmoid'),
    conv(4, [1, 1]),
    activation('leakyRelu'),
    flatten,
    dropout(0.3),
    dense(4),
  ),
  network(
    'layers relu, leakyReLU, elu and softmax',
    [8, 6, 2],
    conv(6, [3, 3]),
    of(() => layers.relu()),
    pool(2),
    conv(5, [2, 2]),
    of(() => layers.relu({ maxValue: 0.5, negativeSlope: 0.1, threshold: 0.1 })),
    of(() => layers.leakyReLU()),
    flatten,
    dense(6),
    of(() => layers.elu({ alpha: 0.5 })),
    dense(5),
    of(() => layers.softmax()),
    dense(3),
  ),
  network(
    'prelu, a slope for each value, channel, row, column',
    [5, 6, 3],
    prelu(null),
    conv(4, [2, 2]),
    prelu([1, 2]),
    prelu([2]),
    prelu([1, 3]),
    flatten,
    dense(6),
    prelu(null, 'zeros'),
    dense(4),
  ),
];
