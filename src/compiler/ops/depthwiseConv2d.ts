// Depthwise convolution.  Kernels: assembly/depthwiseConv2d.ts
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

/** Variables: kernel [kernelHeight, kernelWidth, …], as many floats a tap as there are output channels, and bias [outC] where it has one. */
export interface DepthwiseConv2dNode extends Node {
  readonly kind: 'depthwiseConv2d';
  readonly strides: readonly [number, number];
  readonly dilationRate: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
}

export function isDepthwiseConv2d(node: Node | null): node is DepthwiseConv2dNode {
  return node?.kind === 'depthwiseConv2d';
}

export const lowerDepthwiseConv2d: Lowering = (node): Op | null => {
  if (!isDepthwiseConv2d(node)) return null;
  const { strides, dilationRate, padTop, padLeft } = node;
  const [inH, inW, inC] = node.inputs[0]!.shape as [number, number, number];
  const [outH, outW, outC] = node.output.shape as [number, number, number];
  const [kH, kW] = node.variables[0]!.shape as [number, number];
  const sizes = [inH, inW, outH, outW, outC, kH, kW, ...strides, ...dilationRate, padTop, padLeft] as const;
  const [positions, inSize, outSize] = [outH * outW, inH * inW * inC, outH * outW * outC];
  const own = {
    ...chain(node),
    name: 'depthwiseConv2d',
    backwardReads: { inputs: true, outputs: false },
    gradients: 'shards' as const,
  };
  const times = outC / inC;
  if (times === 1)
    return {
      ...own,
      memory: {},
      forward(kernels, { x, y, variables }, n) {
        kernels.depthwiseConv2dForward(y, x, variables[0]!, variables[1] ?? 0, n, ...sizes);
      },
      backward(kernels, { x, dx, dy, variables, gradients }, n) {
        kernels.depthwiseConv2dBackwardWeights(gradients[0]!, dy, x, n, ...sizes);
        if (gradients[1]) kernels.addRows(gradients[1], dy, n * positions, outC);
        if (dx) kernels.depthwiseConv2dBackwardInput(dx, dy, variables[0]!, n, ...sizes);
      },
    };
  // Several outputs a channel: one a channel of an image in which each channel stands so many times, example by example.
  return {
    ...own,
    memory: { scratch: { repeated: inH * inW * outC } },
    forward(kernels, { x, y, variables, memory }, n) {
      for (let i = 0; i < n; i++) {
        kernels.repeatRows(memory.repeated!, x + 4 * i * inSize, inSize, times, 1);
        kernels.depthwiseConv2dForward(
          y + 4 * i * outSize,
          memory.repeated!,
          variables[0]!,
          variables[1] ?? 0,
          1,
          ...sizes,
        );
      }
    },
    backward(kernels, { x, dx, dy, variables, gradients, memory }, n) {
      const repeated = memory.repeated!;
      for (let i = 0; i < n; i++) {
        const dyAt = dy + 4 * i * outSize;
        kernels.repeatRows(repeated, x + 4 * i * inSize, inSize, times, 1);
        kernels.depthwiseConv2dBackwardWeights(gradients[0]!, dyAt, repeated, 1, ...sizes);
        if (!dx) continue;
        kernels.depthwiseConv2dBackwardInput(repeated, dyAt, variables[0]!, 1, ...sizes);
        kernels.sumRepeatedChannels(dx + 4 * i * inSize, repeated, inSize, times);
      }
      if (gradients[1]) kernels.addRows(gradients[1], dy, n * positions, outC);
    },
  };
};
