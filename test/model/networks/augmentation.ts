import { layers } from '../../../src/index.js';
import { graphNetwork } from '../network.js';

const { conv2d, maxPooling2d, randomAffine, randomFlip, randomRotation, randomShear, randomTranslation, randomZoom } =
  layers;
const { randomBrightness, randomContrast, randomCrop, randomElasticTransform, randomErasing } = layers;
const { randAugment, randomColorDegeneration, randomPosterization, randomSharpness, solarization } = layers;

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
  graphNetwork('crops, erased rectangles, brightness, contrast and elastic distortion first', [8, 9, 2], 3, (x) => {
    const cropped = randomCrop({ height: 7, width: 9, padding: 2 }).apply(x);
    const adjusted = randomContrast({ factor: 0.5, valueRange: [-0.9, 0.9] }).apply(
      randomBrightness({ factor: 0.3, valueRange: [-1, 1] }).apply(cropped),
    );
    const distorted = randomElasticTransform({ scale: [0.5, 1], alpha: 4, sigma: 1.2 }).apply(adjusted);
    return conv2d({ filters: 5, kernelSize: 3 }).apply(
      randomErasing({ factor: 0.7, scale: [0.1, 0.5], valueRange: [-1, 1] }).apply(distorted),
    );
  }),
  graphNetwork('the same behind what learns', [7, 6, 1], 3, (x) => {
    const features = conv2d({ filters: 6, kernelSize: 2, activation: 'tanh' }).apply(x);
    const distorted = randomElasticTransform({ factor: 0.6, alpha: 5, sigma: 1, fillMode: 'constant' }).apply(features);
    const brighter = randomBrightness({ factor: [-0.2, 0.4], valueRange: [-0.5, 0.75] }).apply(distorted);
    const adjusted = randomContrast({ factor: [0.9, 0.3], valueRange: [-0.4, 0.6] }).apply(brighter);
    const erased = randomErasing({ fillValue: 0.25, scale: 0.4 }).apply(adjusted);
    return randomCrop({ height: 8, width: 4, padding: [0, 1] }).apply(erased);
  }),
  graphNetwork('randAugment before the first convolution, in colors', [8, 7, 3], 3, (x) => {
    const augmented = randAugment({ valueRange: [-1, 1], fillMode: 'nearest' }).apply(x);
    return maxPooling2d().apply(conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }).apply(augmented));
  }),
  graphNetwork('randAugment and its operations behind what learns', [6, 5, 1], 3, (x) => {
    const features = conv2d({ filters: 3, kernelSize: 2, activation: 'tanh' }).apply(x);
    const gray = randomColorDegeneration({ factor: 0.8, valueRange: [-0.9, 0.9] }).apply(features);
    const sharp = randomSharpness({ factor: [0.3, 1], valueRange: [-0.8, 0.9] }).apply(gray);
    const turned = solarization({ additionFactor: 0.2, thresholdFactor: [0.4, 0.9], valueRange: [-1, 1] }).apply(sharp);
    const range = { valueRange: [-1, 1] } as const;
    return randAugment({ numOps: 3, factor: [0.1, 0.4], ...range }).apply(
      randomPosterization({ factor: [5, 8], ...range }).apply(turned),
    );
  }),
];
