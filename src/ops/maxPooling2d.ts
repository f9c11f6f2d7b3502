// Max pooling of any window and stride.  Kernels: assembly/pooling.ts
import { sizeOf } from '../shape.js';
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

export const lowerMaxPooling2d: Lowering = (primitives, from): Op | null => {
  const pool = primitives[from];
  if (!isMaxPooling2d(pool)) return null;
  const [inH, inW, channels] = pool.input as [number, number, number];
  const [outH, outW] = pool.output as [number, number, number];
  const inSize = sizeOf(pool.input);
  const outSize = sizeOf(pool.output);
  return {
    name: 'maxPooling2d',
    covers: [pool],
    parameters: [],
    memory: { kept: { where: outSize } },
    forward(kernels, { x, y, memory }, n) {
      kernels.maxPooling2dForward(y, memory.where!, x, n, inH, inW, channels, outH, outW, ...pool.poolSize, ...pool.strides, pool.padTop, pool.padLeft);
    },
    backward(kernels, { dx, dy, memory }, n) {
      if (dx) kernels.maxPooling2dBackward(dx, dy, memory.where!, n, inSize, outSize);
    },
  };
};
