// Softmax or sigmoid and the cross-entropy of what it gives as one op: the loss from the logits, and p − t as its gradient.
// Kernels: assembly/softmaxCrossEntropy.ts, losses.ts
import { sizeOf } from '../../base/shape.js';
import type { GraphView, Node } from '../../graph/graph.js';
import { isActivation, isSoftmax } from './activation.js';
import { isLoss, lossDivisor, type LossNode } from './loss.js';
import type { Lowering, Op } from './op.js';

/** The loss that alone reads the probabilities. */
function lossAfter({ output }: Node, graph: GraphView, name: LossNode['function']): LossNode | null {
  const [loss, ...others] = graph.readers(output);
  return isLoss(loss) && loss.function === name && loss.inputs[0] === output && others.length === 0 ? loss : null;
}

/** What both have in common. Smoothed labels are no input of the graph: they are there for the backward pass only if it says that it reads them. */
function common(activation: Node, loss: LossNode, graph: GraphView) {
  return {
    nodes: [activation, loss],
    inputs: [activation.inputs[0]!, loss.inputs[1]!],
    outputs: [activation.output, loss.output],
    variables: [],
    backwardReads: {
      inputs: !graph.graph.losses.some(({ target }) => target === loss.inputs[1]),
      outputs: true,
    },
  };
}

export const lowerSoftmaxCrossEntropy: Lowering = (softmax, graph): Op | null => {
  const loss = isSoftmax(softmax) && lossAfter(softmax, graph, 'categoricalCrossentropy');
  if (!loss) return null;
  const classes = softmax.output.shape.at(-1)!;
  const rows = sizeOf(softmax.output.shape) / classes;
  const divisor = lossDivisor(loss, graph, rows);
  return {
    name: 'softmax+categoricalCrossentropy',
    ...common(softmax, loss, graph),
    memory: rows === 1 ? {} : { saved: { rowLosses: rows } },
    forward: (kernels, { x, y }, n) => kernels.softmaxForward(y, x, n * rows, classes),
    loss(kernels, { inputs: [logits, targets], outputs: [, losses], memory: { rowLosses = losses! } }, n) {
      kernels.softmaxCrossEntropyForward(rowLosses, logits!, targets!, n * rows, classes);
      if (rows > 1) kernels.meanOfEach(losses!, rowLosses, n, rows);
    },
    backward: (kernels, { y, dx, inputs: [, targets], stepExamples }, n) =>
      kernels.softmaxCrossEntropyBackward(dx, y, targets!, n * rows, classes, divisor(stepExamples)),
  };
};

export const lowerSigmoidCrossEntropy: Lowering = (sigmoid, graph): Op | null => {
  if (!isActivation(sigmoid) || sigmoid.function !== 'sigmoid') return null;
  const loss = lossAfter(sigmoid, graph, 'binaryCrossentropy');
  if (!loss) return null;
  const size = sizeOf(sigmoid.output.shape);
  const divisor = lossDivisor(loss, graph, size);
  return {
    name: 'sigmoid+binaryCrossentropy',
    ...common(sigmoid, loss, graph),
    memory: {},
    forward: (kernels, { x, y }, n) => kernels.sigmoidForward(y, x, n * size),
    loss: (kernels, { inputs: [logits, targets], outputs: [, losses] }, n) =>
      kernels.sigmoidCrossEntropyForward(losses!, logits!, targets!, n, size),
    backward: (kernels, { y, dx, inputs: [, targets], stepExamples }, n) =>
      kernels.softmaxCrossEntropyBackward(dx, y, targets!, n, size, divisor(stepExamples)),
  };
};
