// Images distorted as if drawn on rubber while training; nothing at all outside it.  Kernels: assembly/elastic.ts, warp.ts
import { fillModes, type Range, type Sampling } from './randomAffine.js';
import { whileTraining, type RandomNode } from './whileTraining.js';

export interface ElasticTransformNode extends RandomNode {
  readonly kind: 'elasticTransform';
  readonly probability: number;
  /** What alpha and sigma are multiplied by. */
  readonly scale: Range;
  /** Factor of the smoothed noise, and the deviation both of the noise and of the Gaussian that smooths it, in pixels. */
  readonly alpha: number;
  readonly sigma: number;
  readonly sampling: Sampling;
}

export const lowerElasticTransform = whileTraining<ElasticTransformNode>('elasticTransform', (node, salt) => {
  const [height, width, channels] = node.output.shape as [number, number, number];
  const { probability, scale, alpha, sigma } = node;
  const radius = Math.floor((6 * sigma * scale[1]) / 2);
  const rows = (floats: number): number => Math.ceil(floats / 4) * 4;
  const drawn = [height, width, probability, ...scale, alpha, sigma, radius] as const;
  const sizes = [height, width, channels] as const;
  const { interpolation, fillMode, fillValue } = node.sampling;
  const sampled = [interpolation === 'bilinear' ? 1 : 0, fillModes.indexOf(fillMode)] as const;
  return {
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
});
