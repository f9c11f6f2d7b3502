// A penalty on a layer's output: of each example, so that its mean over the batch is in the loss.  Kernels: assembly/regularization.ts
import { sizeOf } from '../../base/shape.js';
import { moreModule } from '../../engine/modules/more.generated.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

export interface ActivityPenaltyNode extends Node {
  readonly kind: 'activityPenalty';
  readonly l1: number;
  readonly l2: number;
}

export const lowerActivityPenalty: Lowering = (node): Op | null => {
  if (node.kind !== 'activityPenalty') return null;
  const { l1, l2, inputs } = node as ActivityPenaltyNode;
  const size = sizeOf(inputs[0]!.shape);
  return {
    name: 'activityPenalty',
    ...chain(node),
    memory: {},
    moreKernels: moreModule,
    backwardReads: { inputs: true, outputs: false },
    forward() {},
    loss: (kernels, { x, y }, n) => kernels.penaltyOfEach(y, x, n, size, l1, l2),
    backward(kernels, { x, dx, stepExamples }, n) {
      if (!dx) return;
      kernels.clear(dx, n * size);
      kernels.addPenaltySlopes(dx, x, n * size, l1 / stepExamples, (2 * l2) / stepExamples);
    },
  };
};
