// What training adds or takes at random, beside dropout itself; nothing at all outside training.  Kernels: assembly/noise.ts, dropout.ts
import { sizeOf } from '../../base/shape.js';
import { whileTraining, type RandomNode } from './whileTraining.js';

export interface GaussianNoiseNode extends RandomNode {
  readonly kind: 'gaussianNoise';
  readonly stddev: number;
}

export const lowerGaussianNoise = whileTraining<GaussianNoiseNode>('gaussianNoise', (node, salt) => {
  const size = sizeOf(node.output.shape);
  return {
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    inPlace: 'replaces',
    forward: (kernels, { x, y, stepKey, stepFirst }, n) =>
      kernels.addNoise(y, x, stepKey, salt, stepFirst * size, n * size, node.stddev),
    backward: (kernels, { dx, dy }, n) => dx && dx !== dy && kernels.copy(dx, dy, n * size),
  };
});

export interface SpatialDropoutNode extends RandomNode {
  readonly kind: 'spatialDropout2d';
  readonly rate: number;
}

export const lowerSpatialDropout = whileTraining<SpatialDropoutNode>('spatialDropout2d', (node, salt) => {
  const [height, width, channels] = node.output.shape as [number, number, number];
  const positions = height * width;
  const threshold = Math.floor(node.rate * 4294967296);
  const scale = 1 / (1 - node.rate);
  return {
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    inPlace: 'overwrites',
    forward: (kernels, { x, y, stepKey, stepFirst }, n) =>
      kernels.spatialDropout(y, x, stepKey, salt, stepFirst, n, positions, channels, threshold, scale),
    backward(kernels, { dx, dy, stepKey, stepFirst }, n) {
      if (dx) kernels.spatialDropout(dx, dy, stepKey, salt, stepFirst, n, positions, channels, threshold, scale);
    },
  };
});
