// Images distorted as if drawn on rubber while training; nothing at all outside it.  Kernels: assembly/elastic.ts, warp.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { mix } from '../../base/random.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';
import { fillModes, type Range, type Sampling } from './randomAffine.js';
import { sameValues } from './reshape.js';

export interface ElasticTransformNode extends Node {
  readonly kind: 'elasticTransform';
  readonly probability: number;
  /** What alpha and sigma are multiplied by. */
  readonly scale: Range;
  /** In pixels: what the smoothed noise is multiplied by, and the deviation of the noise and of the Gaussian that smooths it. */
  readonly alpha: number;
  readonly sigma: number;
  readonly sampling: Sampling;
  /** Place of the layer's call in the model: no two calls draw the same. */
  readonly index: number;
}

function isElasticTransform(node: Node): node is ElasticTransformNode {
  return node.kind === 'elasticTransform';
}

export const lowerElasticTransform: Lowering = (node, graph): Op | null => {
  if (!isElasticTransform(node)) return null;
  if (!graph.training) return sameValues(node);
  const [height, width, channels] = node.output.shape as [number, number, number];
  const { probability, scale, alpha, sigma } = node;
  const salt = mix(node.index);
  const radius = Math.floor((6 * sigma * scale[1]) / 2);
  const rows = (floats: number): number => Math.ceil(floats / 4) * 4;
  const drawn = [height, width, probability, ...scale, alpha, sigma, radius] as const;
  const sizes = [height, width, channels] as const;
  const { interpolation, fillMode, fillValue } = node.sampling;
  const sampled = [interpolation === 'bilinear' ? 1 : 0, fillModes.indexOf(fillMode)] as const;
  return {
    name: 'elasticTransform',
    ...chain(node),
    moreKernels: moreModule,
    memory: {
      saved: { field: 2 * height * rows(width) },
      scratch: {
        taps: 36 * Math.ceil(width / 4),
        smoothed: rows(2 * radius + 1) + (height + 2 * radius) * rows(width + 2 * radius + 4),
      },
    },
    backwardReads: { inputs: false, outputs: false },
    forward(kernels, { x, y, memory, stepKey, stepFirst }, n) {
      const { field, smoothed, taps } = memory;
      kernels.drawElastic(field!, smoothed!, stepKey, salt, stepFirst, n, ...drawn);
      kernels.warpByFieldForward(y, x, field!, taps!, n, ...sizes, ...sampled, fillValue);
    },
    backward: (kernels, { dx, dy, memory }, n) =>
      dx && kernels.warpByFieldBackward(dx, dy, memory.field!, memory.taps!, n, ...sizes, ...sampled),
  };
};
