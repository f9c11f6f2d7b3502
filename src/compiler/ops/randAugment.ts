// Images through operations drawn at random, or through one, while training; nothing at all outside it.  Kernels: assembly/randAugment.ts
import { fillModes, type Range, type Sampling } from './randomAffine.js';
import { valuesBehind } from './randomContrast.js';
import { whileTraining, type RandomNode } from './whileTraining.js';

/** Names in the order of their numbers in the kernels. */
const operations = [
  ...['shear', 'translation', 'rotation', 'brightness', 'colorDegeneration', 'contrast', 'sharpness'],
  ...['posterization', 'solarization', 'autoContrast', 'equalization'],
] as const;

/** What an operation's numbers are drawn from. */
export interface AugmentRanges {
  /** Pixels a pixel of the shear, shares of height and width, turns, and the share of the range of values that brightness adds. */
  readonly moved: Range;
  /** What distances from a channel's mean are multiplied by. */
  readonly contrast: Range;
  /** Shares of gray, of sharpness (½: as it was), and of the range of values that solarization adds. */
  readonly blend: Range;
  /** Share of the range of values from which solarization inverts them. */
  readonly threshold: Range;
  /** Bits that posterization leaves, 1 to 8. */
  readonly bits: Range;
}

export interface RandAugmentNode extends RandomNode {
  readonly kind: 'randAugment';
  /** The same for all images; null: each draws its own. */
  readonly operation: (typeof operations)[number] | null;
  /** How likely the one operation is. */
  readonly probability: number;
  readonly numOps: number;
  readonly ranges: AugmentRanges;
  readonly sampling: Sampling;
  /** Null: 0 to what bytes are here at most. */
  readonly valueRange: Range | null;
}

export const lowerRandAugment = whileTraining<RandAugmentNode>('randAugment', (node, salt, graph) => {
  const [height, width, channels] = node.output.shape as [number, number, number];
  const { operation, probability, numOps } = node;
  const { moved, contrast, blend, threshold, bits } = node.ranges;
  const [low, high] = valuesBehind(node, graph);
  const only = operation === null ? -1 : operations.indexOf(operation);
  const ranges = [...moved, ...contrast, ...blend, ...threshold, ...bits, low, high] as const;
  const drawn = [numOps, only, probability, height, width, ...ranges] as const;
  const { interpolation, fillMode, fillValue } = node.sampling;
  const sampled = [interpolation === 'bilinear' ? 1 : 0, fillModes.indexOf(fillMode), fillValue] as const;
  const sizes = [numOps, height, width, channels, ...sampled, low, high] as const;
  return {
    memory: {
      saved: { operations: 8 * numOps },
      scratch: { images: Math.max(36 * Math.ceil(width / 4), 256) + numOps * height * width * channels },
    },
    // What is between the operations is made again from the image.
    backwardReads: { inputs: graph.needsGradient(node.inputs[0]!), outputs: false },
    forward(kernels, { x, y, memory, stepKey, stepFirst }, n) {
      kernels.drawRandAugment(memory.operations!, stepKey, salt, stepFirst, n, ...drawn);
      kernels.randAugmentForward(y, x, memory.operations!, memory.images!, n, ...sizes);
    },
    backward: (kernels, { dx, dy, x, memory }, n) =>
      dx && kernels.randAugmentBackward(dx, dy, x, memory.operations!, memory.images!, n, ...sizes),
  };
});
