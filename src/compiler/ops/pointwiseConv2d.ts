// conv2d of 1 × 1 with strides of 1 (and ReLU where it follows): a product of all pixels at once.  Kernels: assembly/pointwiseConv2d.ts
import { reluAfter } from './activation.js';
import { conv2dSizes, isConv2d } from './conv2d.js';
import { chain, panelFloats, type Lowering, type Op } from './op.js';

export const lowerPointwiseConv2d: Lowering = (node, graph): Op | null => {
  if (!isConv2d(node)) return null;
  const [inH, inW, inC, outH, outW, outC, kH, kW, strideH, strideW] = conv2dSizes(node);
  // No padding either: the output is as large as the input.
  if (kH * kW !== 1 || strideH * strideW !== 1 || inH !== outH || inW !== outW) return null;
  const relu = reluAfter(node, graph);
  const positions = outH * outW;
  return {
    name: relu ? 'conv2d+relu (pointwise)' : 'conv2d (pointwise)',
    ...chain(node, relu),
    memory: {
      packed: {
        panels: panelFloats(outC, inC),
        ...(graph.training && { transposed: panelFloats(inC, outC) }),
      },
    },
    backwardReads: { inputs: true, outputs: relu ? 'sign' : false },
    gradients: 'shards',
    repack(kernels, { variables, memory }) {
      kernels.packPanels(memory.panels!, variables[0]!, inC, outC, outC, 1, inC);
      if (memory.transposed) kernels.packPanels(memory.transposed, variables[0]!, outC, inC, 1, outC, outC);
    },
    forward(kernels, { x, y, variables, memory }, n) {
      kernels.pointwiseConv2d(y, x, memory.panels!, variables[1] ?? 0, n * positions, inC, outC, relu ? 1 : 0);
    },
    backward(kernels, { x, y, dx, dy, gradients, memory }, n) {
      if (relu) kernels.reluBackward(dy, dy, y, n * positions * outC);
      kernels.pointwiseConv2dBackwardWeights(gradients[0]!, dy, x, n * positions, inC, outC);
      if (gradients[1]) kernels.addRows(gradients[1], dy, n * positions, outC);
      if (dx) kernels.pointwiseConv2d(dx, dy, memory.transposed!, 0, n * positions, outC, inC, 0);
    },
  };
};
