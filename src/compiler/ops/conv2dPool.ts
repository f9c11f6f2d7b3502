// conv2d → relu → maxPooling2d 2 × 2 as one op, with stride 1: what the pool drops is never stored, and the backward pass touches only
// the positions that won.  Kernels: assembly/winogradPool.ts, conv2dPool.ts, sparseGradient.ts
import type { Kernels } from '../../engine/kernels.generated.js';
import { sizeOf } from '../../base/shape.js';
import type { GraphView, Node } from '../../graph/graph.js';
import { reluAfter } from './activation.js';
import { conv2dSizes, isConv2d, type Conv2dNode } from './conv2d.js';
import { isMaxPooling2d, type MaxPooling2dNode } from './maxPooling2d.js';
import { chain, panelFloats, type Addresses, type Emit, type Lowering, type Op } from './op.js';

interface Match {
  readonly conv: Conv2dNode;
  readonly nodes: readonly Node[];
  /** Sizes of the input, including the padding around it. */
  readonly inH: number;
  readonly inW: number;
  readonly inC: number;
  readonly poolH: number;
  readonly poolW: number;
  readonly outC: number;
  readonly kH: number;
  readonly kW: number;
}

function match(conv: Node, graph: GraphView): Match | null {
  if (!isConv2d(conv)) return null;
  const relu = reluAfter(conv, graph);
  const pool = relu && graph.only(relu.output, 'maxPooling2d');
  if (!relu || !isMaxPooling2d(pool)) return null;
  const [, , inC, convH, convW, outC, kH, kW, strideH, strideW] = conv2dSizes(conv);
  const [poolH, poolW] = pool.output.shape as [number, number, number];
  if (strideH !== 1 || strideW !== 1 || !isHalving(pool) || poolH !== convH >> 1 || poolW !== convW >> 1) return null;
  const [inH, inW] = [convH + kH - 1, convW + kW - 1];
  return { conv, nodes: [conv, relu, pool], inH, inW, inC, poolH, poolW, outC, kH, kW };
}

function isHalving({ poolSize, strides, padTop, padLeft }: MaxPooling2dNode): boolean {
  return [...poolSize, ...strides].every((size) => size === 2) && padTop === 0 && padLeft === 0;
}

/** An op on padded images: where there is no padding on all n at once, else one by one through a padded copy. */
function onPaddedImages(match: Match, forward: Emit, backward: Emit): { forward: Emit; backward: Emit } {
  const { conv, inH, inW, inC, poolH, poolW, outC } = match;
  const input = conv.inputs[0]!.shape;
  const [height, width] = input as [number, number, number];
  if (inH === height && inW === width) return { forward, backward };
  const { padTop, padLeft } = conv;
  const padBottom = inH - height - padTop;
  const padRight = inW - width - padLeft;
  const inBytes = 4 * sizeOf(input);
  const outSize = poolH * poolW * outC;
  const pad = (kernels: Kernels, at: Addresses, i: number): Addresses => {
    const { padded, paddedDx, argmax } = at.memory;
    kernels.padImage(padded!, at.x + i * inBytes, height, width, inC, padTop, padLeft, padBottom, padRight);
    const out = 4 * i * outSize;
    return {
      ...at,
      x: padded!,
      y: at.y + out,
      dy: at.dy + out,
      dx: at.dx && paddedDx!,
      memory: { ...at.memory, ...(argmax && { argmax: argmax + i * outSize }) },
    };
  };
  return {
    forward(kernels, at, n) {
      for (let i = 0; i < n; i++) forward(kernels, pad(kernels, at, i), 1);
    },
    backward(kernels, at, n) {
      for (let i = 0; i < n; i++) {
        backward(kernels, pad(kernels, at, i), 1);
        if (at.dx)
          kernels.cropImage(at.dx + i * inBytes, at.memory.paddedDx!, height, width, inC, padTop, padLeft, padRight);
      }
    },
  };
}

/** What both lowerings have in common. */
function common({ conv, nodes, inH, inW, inC, poolH, poolW, outC }: Match, graph: GraphView) {
  const padded = inH * inW * inC;
  const scratch: Record<string, number> =
    padded > sizeOf(conv.inputs[0]!.shape) ? { padded, ...(graph.training && { paddedDx: padded }) } : {};
  return {
    ...chain(...nodes),
    backwardReads: { inputs: true, outputs: 'sign' as const },
    gradients: 'shards' as const,
    saved: (graph.training ? { argmax: (poolH * poolW * outC) / 4 } : {}) as Record<string, number>,
    padded: scratch,
  };
}

/** 3 × 3 over groups of four channels: Winograd forward, lists of winners backward. */
export const lowerConv2dPoolWinograd: Lowering = (node, graph): Op | null => {
  const matched = match(node, graph);
  if (!matched) return null;
  const { inH, inW, inC, poolH, poolW, outC, kH, kW } = matched;
  if (kH !== 3 || kW !== 3 || inC % 4 !== 0 || outC % 4 !== 0) return null;
  const { saved, padded, ...own } = common(matched, graph);
  const sizes = [inH, inW, inC, poolH, poolW, outC] as const;
  const k = 9 * inC;
  const cells = poolH * poolW;
  const images = onPaddedImages(
    matched,
    (kernels, { x, y, variables, memory }, n) => {
      kernels.winogradPoolForward(
        y,
        memory.argmax ?? 0,
        x,
        memory.u!,
        variables[1] ?? 0,
        memory.v!,
        memory.m!,
        n,
        ...sizes,
      );
    },
    (kernels, { x, y, dx, dy, gradients, memory }, n) => {
      const { dwT, wT } = memory;
      const lists = [memory.byChannel!, memory.byPosition!, memory.ends!] as const;
      kernels.conv2dPoolBackward(
        dx,
        dwT!,
        gradients[1] ?? 0,
        dy,
        y,
        memory.argmax!,
        x,
        wT!,
        ...lists,
        n,
        ...sizes,
        kH,
        kW,
      );
    },
  );
  return {
    ...own,
    name: 'conv2d+relu+maxPooling2d (Winograd)',
    memory: {
      packed: { u: 16 * panelFloats(outC, inC), ...(graph.training && { wT: outC * k }) },
      saved,
      scratch: {
        v: 16 * cells * inC,
        m: 16 * cells * outC,
        ...(graph.training && {
          dwT: outC * k,
          byChannel: 2 * cells * outC,
          byPosition: 8 * cells * outC,
          ends: outC + 4 * cells,
        }),
        ...padded,
      },
    },
    repack(kernels, { variables, memory }) {
      kernels.winogradPoolFilters(memory.u!, variables[0]!, inC, outC);
      if (memory.wT) kernels.transpose(memory.wT, variables[0]!, k, outC);
    },
    forward: images.forward,
    backward(kernels, at, n) {
      kernels.clear(at.memory.dwT!, outC * k);
      images.backward(kernels, at, n);
      kernels.transpose(at.gradients[0]!, at.memory.dwT!, outC, k);
    },
  };
};

/** Single-channel input whose gradient is not needed: direct both ways. */
export const lowerConv2dPoolOneChannel: Lowering = (node, graph): Op | null => {
  const matched = match(node, graph);
  if (!matched) return null;
  const { inH, inW, inC, poolH, poolW, outC, kH, kW } = matched;
  if (inC !== 1 || kW > 4 || outC % 8 !== 0 || graph.needsGradient(node.inputs[0]!)) return null;
  const out = [poolH, poolW, outC] as const;
  const { saved, padded, ...own } = common(matched, graph);
  return {
    ...own,
    name: 'conv2d+relu+maxPooling2d (one channel)',
    memory: { saved, scratch: { ...padded, ...(graph.training && { list: 2 * (poolH * poolW + 1) }) } },
    ...onPaddedImages(
      matched,
      (kernels, { x, y, variables, memory }, n) => {
        kernels.conv2dPoolForward(
          y,
          memory.argmax ?? 0,
          x,
          variables[0]!,
          variables[1] ?? 0,
          n,
          inH,
          inW,
          inC,
          ...out,
          kH,
          kW,
        );
      },
      (kernels, { x, y, dy, gradients, memory }, n) => {
        const [dw, db = 0] = gradients;
        kernels.conv2dPoolBackwardOneChannel(
          dw!,
          db,
          dy,
          y,
          memory.argmax!,
          x,
          memory.list!,
          n,
          inH,
          inW,
          ...out,
          kH,
          kW,
        );
      },
    ),
  };
};

export const convolutionPools: readonly Lowering[] = [lowerConv2dPoolOneChannel, lowerConv2dPoolWinograd];
