// The same bytes under another shape.  Kernel: assembly/sums.ts
import { sizeOf } from '../../base/shape.js';
import { chain, type Lowering, type Op } from './op.js';

export const lowerReshape: Lowering = (node): Op | null => {
  if (node.kind !== 'flatten' && node.kind !== 'reshape') return null;
  const size = sizeOf(node.output.shape);
  return {
    name: node.kind,
    ...chain(node),
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    inPlace: 'view',
    forward() {},
    // One gradient for both ends, unless others read x, too: then dy is one of several that add up to its gradient.
    backward: (kernels, { dx, dy }, n) => dx && dx !== dy && kernels.copy(dx, dy, n * size),
  };
};
