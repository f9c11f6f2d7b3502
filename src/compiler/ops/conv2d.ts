// Convolution (with ReLU where it follows) of any size, straight from the image.  Kernels: assembly/conv2d.ts
import type { Node } from '../../graph/graph.js';
import { reluAfter } from './activation.js';
import { chain, panelFloats, type Lowering, type Op } from './op.js';

/** Variables: kernel [kernelHeight, kernelWidth, inC, outC], and bias [outC] where it has one. */
export interface Conv2dNode extends Node {
  readonly kind: 'conv2d';
  readonly strides: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
}

export function isConv2d(node: Node | null): node is Conv2dNode {
  return node?.kind === 'conv2d';
}

/** Sizes in the order in which every convolution kernel takes them. */
export type Conv2dSizes = readonly [
  inH: number,
  inW: number,
  inC: number,
  outH: number,
  outW: number,
  outC: number,
  kH: number,
  kW: number,
  strideH: number,
  strideW: number,
  padTop: number,
  padLeft: number,
];

export function conv2dSizes({
  inputs: [x],
  output,
  variables: [kernel],
  strides,
  padTop,
  padLeft,
}: Conv2dNode): Conv2dSizes {
  const [inH, inW, inC] = x!.shape as [number, number, number];
  const [outH, outW, outC] = output.shape as [number, number, number];
  const [kH, kW] = kernel!.shape as [number, number, number, number];
  return [inH, inW, inC, outH, outW, outC, kH, kW, strides[0], strides[1], padTop, padLeft];
}

export const lowerConv2d: Lowering = (node, graph): Op | null => {
  if (!isConv2d(node)) return null;
  const relu = reluAfter(node, graph);
  const sizes = conv2dSizes(node);
  const [inH, inW, inC, outH, outW, outC, kH, kW, strideH, strideW, padTop, padLeft] = sizes;
  const positions = outH * outW;
  const paddedX =
    Math.max(inH + padTop, (outH - 1) * strideH + kH) * Math.max(inW + padLeft, (outW - 1) * strideW + kW) * inC;
  const paddedDy = (outH + 2 * Math.ceil(kH / strideH)) * (outW + 2 * Math.ceil(kW / strideW)) * outC;
  return {
    name: relu ? 'conv2d+relu' : 'conv2d',
    ...chain(node, relu),
    memory: {
      packed: {
        panels: panelFloats(outC, kH * kW * inC),
        ...(graph.training && { flipped: panelFloats(inC, kH * kW * outC) }),
      },
      scratch: { padded: graph.training ? Math.max(paddedX, paddedDy) : paddedX },
    },
    backwardReads: { inputs: true, outputs: relu ? 'sign' : false },
    gradients: 'shards',
    repack(kernels, { variables, memory }) {
      kernels.packPanels(memory.panels!, variables[0]!, kH * kW * inC, outC, outC, 1, kH * kW * inC);
      if (memory.flipped)
        kernels.conv2dFlippedPanels(memory.flipped, variables[0]!, inC, outC, kH, kW, strideH, strideW);
    },
    forward(kernels, { x, y, variables, memory }, n) {
      kernels.conv2dForward(y, x, memory.panels!, variables[1] ?? 0, memory.padded!, n, ...sizes, relu ? 1 : 0);
    },
    backward(kernels, { x, y, dx, dy, gradients, memory }, n) {
      if (relu) kernels.reluBackward(dy, dy, y, n * positions * outC);
      kernels.conv2dBackwardWeights(gradients[0]!, dy, x, memory.padded!, n, ...sizes);
      if (gradients[1]) kernels.addRows(gradients[1], dy, n * positions, outC);
      if (dx) kernels.conv2dBackwardInput(dx, dy, memory.flipped!, memory.padded!, n, ...sizes);
    },
  };
};
