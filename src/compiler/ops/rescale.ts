// Values on another scale: one for all, or one a channel.  Kernels: assembly/rescale.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { sizeOf } from '../../base/shape.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

export interface RescaleNode extends Node {
  readonly kind: 'rescale';
  readonly scale: number;
  readonly offset: number;
}

function isRescale(node: Node): node is RescaleNode {
  return node.kind === 'rescale';
}

export const lowerRescale: Lowering = (node): Op | null => {
  if (!isRescale(node)) return null;
  const size = sizeOf(node.output.shape);
  return {
    name: 'rescale',
    ...chain(node),
    moreKernels: moreModule,
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    inPlace: 'replaces',
    forward: (kernels, { x, y }, n) => kernels.scaleAndShift(y, x, n * size, node.scale, node.offset),
    backward: (kernels, { dx, dy }, n) => dx && kernels.scaleAndShift(dx, dy, n * size, node.scale, 0),
  };
};

/** Keras' smallest deviation: a channel that never changes is not blown up. */
const SMALLEST_DEVIATION = 1e-7;

/** Variables: mean and variance [channels]. */
export const lowerNormalize: Lowering = (node): Op | null => {
  if (node.kind !== 'normalize') return null;
  const channels = node.output.shape.at(-1)!;
  const rows = sizeOf(node.output.shape) / channels;
  return {
    name: 'normalize',
    ...chain(node),
    moreKernels: moreModule,
    memory: { packed: { scale: channels } },
    backwardReads: { inputs: false, outputs: false },
    inPlace: 'replaces',
    repack: (kernels, { variables, memory }) =>
      kernels.inverseDeviation(memory.scale!, variables[1]!, channels, SMALLEST_DEVIATION),
    forward: (kernels, { x, y, variables, memory }, n) =>
      kernels.normalizeColumns(y, x, variables[0]!, memory.scale!, n * rows, channels),
    backward: (kernels, { dx, dy, memory }, n) =>
      dx && kernels.normalizeColumns(dx, dy, 0, memory.scale!, n * rows, channels),
  };
};
