import { layers } from '../../../src/index.js';
import type { AveragePooling2dOptions } from '../../../src/layers/index.js';
import type { NetworkLayer } from '../../reference/network.js';
import { conv, dense, flatten, network, of, relu, tanh } from '../network.js';

const average = (options: AveragePooling2dOptions): NetworkLayer => of(() => layers.averagePooling2d(options));

export const averagePooling2dNetworks = [
  network(
    'average pools of 2',
    [8, 9, 3],
    conv(4, [3, 3]),
    relu,
    average({}),
    conv(5, [2, 2]),
    average({}),
    flatten,
    dense(4),
  ),
  network(
    'average pools, same padding and strides',
    [7, 5, 2],
    conv(5, [2, 2]),
    tanh,
    average({ poolSize: [3, 2], strides: [2, 1], padding: 'same' }),
    flatten,
    dense(3),
  ),
  network(
    'average pools that overlap by much, first and behind',
    [6, 7, 1],
    average({ poolSize: [5, 4], strides: 1 }),
    conv(4, [1, 1]),
    average({ poolSize: 4, strides: 1, padding: 'same' }),
    flatten,
    dense(3),
  ),
];
