// Dropout; nothing at all outside training.  Kernel: assembly/dropout.ts
import { mix } from '../../base/random.js';
import { sizeOf } from '../../base/shape.js';
import type { Lowering, Op, Primitive } from './op.js';

export interface DropoutPrimitive extends Primitive {
  readonly kind: 'dropout';
  readonly rate: number;
  /** The layer's place in the model: two layers drop different values. */
  readonly index: number;
}

export const lowerDropout: Lowering = (primitives, from): Op | null => {
  const dropout = primitives[from] as DropoutPrimitive | undefined;
  if (dropout?.kind !== 'dropout') return null;
  const size = sizeOf(dropout.output);
  const salt = mix(dropout.index);
  const threshold = Math.floor(dropout.rate * 4294967296);
  const scale = 1 / (1 - dropout.rate);
  return {
    name: 'dropout',
    covers: [dropout],
    parameters: [],
    memory: {},
    inPlace: 'overwrites',
    forward(kernels, { x, y, stepKey, first }, n, training) {
      if (training) kernels.dropout(y, x, stepKey, salt, first * size, n * size, threshold, scale);
      else if (x !== y) kernels.dropout(y, x, stepKey, salt, first * size, n * size, 0, 1);
    },
    backward(kernels, { dx, dy, stepKey, first }, n) {
      if (dx) kernels.dropout(dx, dy, stepKey, salt, first * size, n * size, threshold, scale);
    },
  };
};
