// Convolution in groups of channels, or with a dilated kernel.  Kernels: assembly/groupedConv2d.ts
import type { Node } from '../../graph/graph.js';
import { chain, panelFloats, type Lowering, type Op } from './op.js';

/** Variables: kernel [kernelHeight, kernelWidth, inC / groups, outC], and bias [outC] where it has one. */
export interface GroupedConv2dNode extends Node {
  readonly kind: 'groupedConv2d';
  readonly groups: number;
  readonly strides: readonly [number, number];
  readonly dilationRate: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
}

export function isGroupedConv2d(node: Node | null): node is GroupedConv2dNode {
  return node?.kind === 'groupedConv2d';
}

export const lowerGroupedConv2d: Lowering = (node, graph): Op | null => {
  if (!isGroupedConv2d(node)) return null;
  const { groups, strides, dilationRate, padTop, padLeft } = node;
  const [inH, inW, inC] = node.inputs[0]!.shape as [number, number, number];
  const [outH, outW, outC] = node.output.shape as [number, number, number];
  const [kH, kW] = node.variables[0]!.shape as [number, number];
  const sizes = [
    inH,
    inW,
    inC,
    outH,
    outW,
    outC,
    kH,
    kW,
    ...strides,
    ...dilationRate,
    groups,
    padTop,
    padLeft,
  ] as const;
  const paddedH = Math.max(inH + padTop, (outH - 1) * strides[0] + (kH - 1) * dilationRate[0] + 1);
  const paddedW = Math.max(inW + padLeft, (outW - 1) * strides[1] + (kW - 1) * dilationRate[1] + 1);
  const [fromC, toC] = [inC / groups, outC / groups];
  return {
    name: 'groupedConv2d',
    ...chain(node),
    memory: {
      packed: {
        panels: groups * panelFloats(toC, kH * kW * fromC),
        ...(graph.training && { transposed: groups * panelFloats(fromC, kH * kW * toC) }),
      },
      scratch: { padded: paddedH * paddedW * inC },
    },
    backwardReads: { inputs: true, outputs: false },
    gradients: 'shards',
    repack(kernels, { variables, memory }) {
      kernels.groupedConv2dPanels(memory.panels!, memory.transposed ?? 0, variables[0]!, inC, outC, kH * kW, groups);
    },
    forward(kernels, { x, y, variables, memory }, n) {
      kernels.groupedConv2dForward(y, x, memory.panels!, variables[1] ?? 0, memory.padded!, n, ...sizes);
    },
    backward(kernels, { x, dx, dy, gradients, memory }, n) {
      kernels.groupedConv2dBackwardWeights(gradients[0]!, dy, x, memory.padded!, n, ...sizes);
      if (gradients[1]) kernels.addRows(gradients[1], dy, n * outH * outW, outC);
      if (dx) kernels.groupedConv2dBackwardInput(dx, dy, memory.transposed!, memory.padded!, n, ...sizes);
    },
  };
};
