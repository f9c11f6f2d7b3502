import { layers } from '../../../src/index.js';
import { graphNetwork } from '../network.js';

const { conv2d, maxPooling2d, randomAffine, randomFlip, randomRotation, randomShear, randomTranslation, randomZoom } =
  layers;

export const augmentationNetworks = [
  graphNetwork('augmentation before the first convolution, one channel', [9, 10, 1], 3, (x) => {
    const turned = randomAffine({
      ...{ flip: 'horizontal', rotation: 0.05, translation: 0.1, zoom: 0.2, shear: { x: 0.2 } },
      fillMode: 'constant',
    }).apply(x);
    return maxPooling2d().apply(conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }).apply(turned));
  }),
  graphNetwork('augmentation in a row, and behind what learns', [6, 5, 3], 3, (x) => {
    const first = randomZoom({ heightFactor: [-0.3, 0.5], widthFactor: 0.2, fillMode: 'wrap' }).apply(
      randomFlip().apply(x),
    );
    const features = conv2d({ filters: 5, kernelSize: 2, activation: 'tanh' }).apply(first);
    const moved = randomTranslation({ heightFactor: 0.4, widthFactor: [-0.1, 0.6] }).apply(features);
    const turned = randomRotation({ factor: 0.5, fillMode: 'nearest' }).apply(moved);
    return randomShear({ xFactor: 0.4, yFactor: [0.1, 0.3], fillMode: 'constant', fillValue: -0.5 }).apply(turned);
  }),
];
