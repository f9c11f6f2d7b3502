// Max pooling of any window and stride.  Kernels: assembly/pooling.ts
import { sizeOf } from '../../base/shape.js';
import type { Lowering, Op, Primitive } from './op.js';

export interface MaxPooling2dPrimitive extends Primitive {
  readonly kind: 'maxPooling2d';
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
}

export function isMaxPooling2d(primitive: Primitive | undefined): primitive is MaxPooling2dPrimitive {
  return primitive?.kind === 'maxPooling2d';
}

/** So many times the comparisons are worth the way through lines. */
const OVERLAP = 1.5;

export const lowerMaxPooling2d: Lowering = (primitives, from): Op | null => {
  const pool = primitives[from];
  if (!isMaxPooling2d(pool)) return null;
  const [inH, inW, channels] = pool.input as [number, number, number];
  const [outH, outW] = pool.output as [number, number, number];
  const inSize = sizeOf(pool.input);
  const outSize = sizeOf(pool.output);
  const sizes = [inH, inW, channels, outH, outW, ...pool.poolSize, ...pool.strides, pool.padTop, pool.padLeft] as const;
  // Comparisons of a channel: windows that overlap by much are cheaper line by line first.
  const [windowH, windowW] = [Math.min(pool.poolSize[0], inH), Math.min(pool.poolSize[1], inW)];
  const byAxis = OVERLAP * (inH * outW * windowW + outH * outW * windowH) <= outH * outW * windowH * windowW;
  const lineSize = inH * outW * channels;
  return {
    name: byAxis ? 'maxPooling2d (by axis)' : 'maxPooling2d',
    covers: [pool],
    parameters: [],
    memory: { kept: { where: outSize }, scratch: byAxis ? { lines: lineSize, lineWhere: lineSize } : {} },
    forward(kernels, { x, y, memory: { where, lines, lineWhere } }, n) {
      if (byAxis) kernels.maxPooling2dForwardByAxis(y, where!, x, lines!, lineWhere!, n, ...sizes);
      else kernels.maxPooling2dForward(y, where!, x, n, ...sizes);
    },
    backward(kernels, { dx, dy, memory }, n) {
      if (dx) kernels.maxPooling2dBackward(dx, dy, memory.where!, n, inSize, outSize);
    },
  };
};
