// The same bytes under another shape.  Kernel: assembly/sums.ts
import { sizeOf } from '../../base/shape.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

export const lowerReshape: Lowering = (node): Op | null => {
  return node.kind === 'flatten' || node.kind === 'reshape' ? sameValues(node) : null;
};

/** Also for what changes its input in training alone. */
export function sameValues(node: Node): Op {
  const size = sizeOf(node.output.shape);
  return {
    name: node.kind,
    ...chain(node),
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    inPlace: 'view',
    forward: (kernels, { x, y }, n) => x !== y && kernels.copy(y, x, n * size),
    // One gradient for both ends, unless others read x, too: then dy is one of several that add up to its gradient.
    backward: (kernels, { dx, dy }, n) => dx && dx !== dy && kernels.copy(dx, dy, n * size),
  };
}
