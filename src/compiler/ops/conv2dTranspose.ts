// Transposed convolution: the convolution that makes its input of its output, with forward and backward exchanged.
// Kernels: assembly/conv2d.ts
import type { Node } from '../../graph/graph.js';
import { chain, panelFloats, type Lowering, type Op } from './op.js';

/** Variables: kernel [kernelHeight, kernelWidth, outC, inC], and bias [outC] where it has one. Padding and strides are the convolution's. */
export interface Conv2dTransposeNode extends Node {
  readonly kind: 'conv2dTranspose';
  readonly strides: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
}

export function isConv2dTranspose(node: Node | null): node is Conv2dTransposeNode {
  return node?.kind === 'conv2dTranspose';
}

export const lowerConv2dTranspose: Lowering = (node, graph): Op | null => {
  if (!isConv2dTranspose(node)) return null;
  const { strides, padTop, padLeft } = node;
  const [inH, inW, inC] = node.inputs[0]!.shape as [number, number, number];
  const [outH, outW, outC] = node.output.shape as [number, number, number];
  const [kH, kW] = node.variables[0]!.shape as [number, number];
  const [strideH, strideW] = strides;
  // Sizes of the convolution: the output is its image.
  const sizes = [outH, outW, outC, inH, inW, inC, kH, kW, strideH, strideW, padTop, padLeft] as const;
  const paddedY =
    Math.max(outH + padTop, (inH - 1) * strideH + kH) * Math.max(outW + padLeft, (inW - 1) * strideW + kW) * outC;
  const paddedX = (inH + 2 * Math.ceil(kH / strideH)) * (inW + 2 * Math.ceil(kW / strideW)) * inC;
  return {
    name: 'conv2dTranspose',
    ...chain(node),
    memory: {
      packed: {
        ...(graph.training && { panels: panelFloats(inC, kH * kW * outC) }),
        flipped: panelFloats(outC, kH * kW * inC),
      },
      scratch: { padded: graph.training ? Math.max(paddedY, paddedX) : paddedX },
    },
    backwardReads: { inputs: true, outputs: false },
    gradients: 'shards',
    repack(kernels, { variables, memory }) {
      if (memory.panels) kernels.packPanels(memory.panels, variables[0]!, kH * kW * outC, inC, inC, 1, kH * kW * outC);
      kernels.conv2dFlippedPanels(memory.flipped!, variables[0]!, outC, inC, kH, kW, strideH, strideW);
    },
    forward(kernels, { x, y, variables, memory }, n) {
      kernels.conv2dBackwardInput(y, x, memory.flipped!, memory.padded!, n, ...sizes);
      if (variables[1]) kernels.addBias(y, variables[1], n * outH * outW, outC);
    },
    backward(kernels, { x, dx, dy, gradients, memory }, n) {
      kernels.conv2dBackwardWeights(gradients[0]!, x, dy, memory.padded!, n, ...sizes);
      if (gradients[1]) kernels.addRows(gradients[1], dy, n * outH * outW, outC);
      if (dx) kernels.conv2dForward(dx, dy, memory.panels!, 0, memory.padded!, n, ...sizes, 0);
    },
  };
};
