// Softmax and the cross-entropy of what it gives as one op: the loss from the logits, and p − t as its gradient.
// Kernels: assembly/softmaxCrossEntropy.ts
import { sizeOf } from '../../base/shape.js';
import { isSoftmax } from './activation.js';
import type { Lowering, Op } from './op.js';

export const lowerSoftmaxCrossEntropy: Lowering = (softmax, graph): Op | null => {
  if (!isSoftmax(softmax)) return null;
  const [loss, ...others] = graph.readers(softmax.output);
  if (loss?.kind !== 'categoricalCrossentropy' || others.length > 0) return null;
  const classes = sizeOf(softmax.output.shape);
  return {
    name: 'softmax+categoricalCrossentropy',
    nodes: [softmax, loss],
    inputs: [softmax.inputs[0]!, loss.inputs[1]!],
    outputs: [softmax.output, loss.output],
    variables: [],
    memory: {},
    backwardReads: { inputs: false, outputs: true },
    forward: (kernels, { x, y }, n) => kernels.softmaxForward(y, x, n, classes),
    loss: (kernels, { inputs: [logits, targets], outputs: [, losses] }, n) =>
      kernels.softmaxCrossEntropyForward(losses!, logits!, targets!, n, classes),
    backward: (kernels, { y, dx, inputs: [, targets], batch }, n) =>
      kernels.softmaxCrossEntropyBackward(dx, y, targets!, n, classes, batch),
  };
};
