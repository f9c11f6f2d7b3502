// What training adds or takes at random, beside dropout itself; nothing at all outside training.  Kernels: assembly/noise.ts, dropout.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { mix } from '../../base/random.js';
import { sizeOf } from '../../base/shape.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';
import { sameValues } from './reshape.js';

export interface GaussianNoiseNode extends Node {
  readonly kind: 'gaussianNoise';
  readonly stddev: number;
  /** Place of the layer's call in the model: no two calls add the same noise. */
  readonly index: number;
}

function isGaussianNoise(node: Node): node is GaussianNoiseNode {
  return node.kind === 'gaussianNoise';
}

export const lowerGaussianNoise: Lowering = (node, graph): Op | null => {
  if (!isGaussianNoise(node)) return null;
  if (!graph.training) return sameValues(node);
  const size = sizeOf(node.output.shape);
  const salt = mix(node.index);
  return {
    name: 'gaussianNoise',
    ...chain(node),
    moreKernels: moreModule,
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    inPlace: 'replaces',
    forward: (kernels, { x, y, stepKey, stepFirst }, n) =>
      kernels.addNoise(y, x, stepKey, salt, stepFirst * size, n * size, node.stddev),
    backward: (kernels, { dx, dy }, n) => dx && dx !== dy && kernels.copy(dx, dy, n * size),
  };
};

export interface SpatialDropoutNode extends Node {
  readonly kind: 'spatialDropout2d';
  readonly rate: number;
  readonly index: number;
}

function isSpatialDropout(node: Node): node is SpatialDropoutNode {
  return node.kind === 'spatialDropout2d';
}

export const lowerSpatialDropout: Lowering = (node, graph): Op | null => {
  if (!isSpatialDropout(node)) return null;
  if (!graph.training) return sameValues(node);
  const [height, width, channels] = node.output.shape as [number, number, number];
  const positions = height * width;
  const salt = mix(node.index);
  const threshold = Math.floor(node.rate * 4294967296);
  const scale = 1 / (1 - node.rate);
  return {
    name: 'spatialDropout2d',
    ...chain(node),
    moreKernels: moreModule,
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    inPlace: 'overwrites',
    forward: (kernels, { x, y, stepKey, stepFirst }, n) =>
      kernels.spatialDropout(y, x, stepKey, salt, stepFirst, n, positions, channels, threshold, scale),
    backward(kernels, { dx, dy, stepKey, stepFirst }, n) {
      if (dx) kernels.spatialDropout(dx, dy, stepKey, salt, stepFirst, n, positions, channels, threshold, scale);
    },
  };
};
