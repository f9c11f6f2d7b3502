// Values one behind another along an axis.  Kernel: assembly/merge.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { sizeOf } from '../../base/shape.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

export interface ConcatenateNode extends Node {
  readonly kind: 'concatenate';
  /** Axis of one example: 0 is its first. */
  readonly axis: number;
}

function isConcatenate(node: Node): node is ConcatenateNode {
  return node.kind === 'concatenate';
}

export const lowerConcatenate: Lowering = (node): Op | null => {
  if (!isConcatenate(node)) return null;
  // Each input is rows of its width, which lie side by side in the rows of the output.
  const rows = sizeOf(node.output.shape.slice(0, node.axis));
  const widths = node.inputs.map(({ shape }) => sizeOf(shape) / rows);
  const width = sizeOf(node.output.shape) / rows;
  const before = widths.map((_, i) => 4 * widths.slice(0, i).reduce((sum, each) => sum + each, 0));
  return {
    name: 'concatenate',
    ...chain(node),
    moreKernels: moreModule,
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    forward(kernels, { inputs, y }, n) {
      for (const [i, x] of inputs.entries())
        kernels.copyRows(y + before[i]!, x, n * rows, widths[i]!, width, widths[i]!);
    },
    backward(kernels, { dInputs, dy }, n) {
      for (const [i, dx] of dInputs.entries())
        if (dx) kernels.copyRows(dx, dy + before[i]!, n * rows, widths[i]!, widths[i]!, width);
    },
  };
};
