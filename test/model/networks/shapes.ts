import { layers } from '../../../src/index.js';
import { conv, dense, flatten, graphNetwork, network, of, relu, tanh } from '../network.js';

const { centerCrop, cropping2d, permute, reshape, resizing, upSampling2d, zeroPadding2d } = layers;

export const shapeNetworks = [
  network(
    'reshape first and between, permute',
    [24],
    of(() => reshape({ targetShape: [4, -1, 2] })),
    conv(5, [2, 2]),
    relu,
    of(() => permute({ dims: [3, 1, 2] })),
    of(() => reshape({ targetShape: [-1, 3] })),
    of(() => permute({ dims: [2, 1] })),
    flatten,
    dense(3),
  ),
  network(
    'permutations of four and five axes, and of axes of 1',
    [2, 3, 4],
    conv(24, [1, 1]),
    of(() => reshape({ targetShape: [2, 3, 4, 2, 3] })),
    of(() => permute({ dims: [5, 2, 4, 1, 3] })),
    of(() => reshape({ targetShape: [3, 6, 2, 4] })),
    of(() => permute({ dims: [4, 2, 3, 1] })),
    of(() => reshape({ targetShape: [4, 1, 12, 3] })),
    of(() => permute({ dims: [2, 1, 3, 4] })),
    flatten,
    dense(3),
  ),
  network(
    'padding and cropping',
    [5, 6, 2],
    of(() =>
      zeroPadding2d({
        padding: [
          [1, 2],
          [0, 3],
        ],
      }),
    ),
    conv(5, [3, 3]),
    relu,
    of(() => zeroPadding2d()),
    of(() =>
      cropping2d({
        cropping: [
          [1, 0],
          [2, 1],
        ],
      }),
    ),
    conv(3, [2, 2]),
    of(() => cropping2d({ cropping: [2, 1] })),
    flatten,
    dense(3),
  ),
  network(
    'up-sampling, nearest and bilinear',
    [3, 2, 2],
    conv(5, [1, 1]),
    of(() => upSampling2d()),
    conv(4, [2, 2]),
    tanh,
    of(() => upSampling2d({ size: [3, 2], interpolation: 'bilinear' })),
    flatten,
    dense(3),
  ),
  network(
    'resizing up and down, and the middle',
    [6, 7, 1],
    of(() => resizing({ height: 9, width: 5 })),
    conv(4, [2, 2]),
    relu,
    of(() => resizing({ height: 5, width: 7, interpolation: 'nearest' })),
    of(() => centerCrop({ height: 4, width: 6 })),
    conv(3, [1, 1]),
    of(() => resizing({ height: 3, width: 3, cropToAspectRatio: true })),
    of(() => centerCrop({ height: 5, width: 2 })),
    flatten,
    dense(3),
  ),
  graphNetwork('views and copies with several readers', [4, 4, 3], 4, (x) => {
    const features = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(x);
    const flat = reshape({ targetShape: [16, 4] }).apply(features);
    const turned = permute({ dims: [2, 1, 3] }).apply(features);
    const small = resizing({ height: 2, width: 2 }).apply(features);
    const large = upSampling2d().apply(small);
    const sum = layers.add().apply([features, turned, large, reshape({ targetShape: [4, 4, 4] }).apply(flat)]);
    return layers.concatenate({ axis: 1 }).apply([flat, reshape({ targetShape: [-1, 4] }).apply(sum)]);
  }),
];
