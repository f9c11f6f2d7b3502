import { layers } from '../../../src/index.js';
import { graphNetwork } from '../network.js';

const { add, conv2d, gaussianNoise, normalization, rescaling, spatialDropout2d } = layers;

export const noiseNetworks = [
  graphNetwork('noise first, on a ReLU, and dropped channels', [5, 4, 2], 3, (x) => {
    const noisy = gaussianNoise({ stddev: 0.3 }).apply(x);
    const features = conv2d({ filters: 6, kernelSize: 2, activation: 'relu' }).apply(noisy);
    const dropped = spatialDropout2d({ rate: 0.4 }).apply(features);
    const deep = conv2d({ filters: 5, kernelSize: 1, activation: 'tanh' }).apply(
      gaussianNoise({ stddev: 0.1 }).apply(dropped),
    );
    return spatialDropout2d({ rate: 0.25 }).apply(deep);
  }),
  graphNetwork('inputs and features on another scale', [4, 4, 3], 3, (x) => {
    const scaled = rescaling({ scale: 2, offset: -0.5 }).apply(x);
    const features = conv2d({ filters: 5, kernelSize: 3 }).apply(normalization().apply(scaled));
    const own = normalization({ mean: [0.1, 0, -0.2, 0.3, 1], variance: [1, 0.5, 2, 0.1, 0.4] }).apply(features);
    return add().apply([rescaling({ scale: -0.7 }).apply(own), features]);
  }),
];
