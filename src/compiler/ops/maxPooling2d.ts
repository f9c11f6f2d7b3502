// Max pooling of any window and stride.  Kernels: assembly/pooling.ts
import { sizeOf } from '../../base/shape.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

export interface MaxPooling2dNode extends Node {
  readonly kind: 'maxPooling2d';
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
}

export function isMaxPooling2d(node: Node | null): node is MaxPooling2dNode {
  return node?.kind === 'maxPooling2d';
}

/** So many times the comparisons are worth the way through lines. */
const OVERLAP = 1.5;

export const lowerMaxPooling2d: Lowering = (pool, graph): Op | null => {
  if (!isMaxPooling2d(pool)) return null;
  const input = pool.inputs[0]!.shape;
  const output = pool.output.shape;
  const [inH, inW, channels] = input as [number, number, number];
  const [outH, outW] = output as [number, number, number];
  const inSize = sizeOf(input);
  const outSize = sizeOf(output);
  const sizes = [inH, inW, channels, outH, outW, ...pool.poolSize, ...pool.strides, pool.padTop, pool.padLeft] as const;
  // Comparisons of a channel: windows that overlap by much are cheaper line by line first.
  const [windowH, windowW] = [Math.min(pool.poolSize[0], inH), Math.min(pool.poolSize[1], inW)];
  const byAxis = OVERLAP * (inH * outW * windowW + outH * outW * windowH) <= outH * outW * windowH * windowW;
  const lineSize = inH * outW * channels;
  return {
    name: byAxis ? 'maxPooling2d (by axis)' : 'maxPooling2d',
    ...chain(pool),
    memory: {
      ...(graph.training && { saved: { argmax: outSize } }),
      scratch: byAxis ? { lines: lineSize, ...(graph.training && { lineArgmax: lineSize }) } : {},
    },
    backwardReads: { inputs: false, outputs: false },
    forward(kernels, { x, y, memory: { argmax = 0, lines, lineArgmax = 0 } }, n) {
      if (byAxis) kernels.maxPooling2dForwardByAxis(y, argmax, x, lines!, lineArgmax, n, ...sizes);
      else kernels.maxPooling2dForward(y, argmax, x, n, ...sizes);
    },
    backward(kernels, { dx, dy, memory }, n) {
      if (dx) kernels.maxPooling2dBackward(dx, dy, memory.argmax!, n, inSize, outSize);
    },
  };
};
