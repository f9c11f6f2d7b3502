// Activations that no other op has taken in.  Kernels: assembly/activations.ts
import { sizeOf } from '../../base/shape.js';
import type { Lowering, Op, Primitive } from './op.js';

export type ActivationFunction = 'relu' | 'sigmoid' | 'tanh' | 'softmax';

export interface ActivationPrimitive extends Primitive {
  readonly kind: 'activation';
  readonly function: ActivationFunction;
}

export function isActivation(primitive: Primitive | undefined): primitive is ActivationPrimitive {
  return primitive?.kind === 'activation';
}

export function isRelu(primitive: Primitive | undefined): boolean {
  return isActivation(primitive) && primitive.function === 'relu';
}

export const lowerActivation: Lowering = (primitives, from): Op | null => {
  const activation = primitives[from];
  if (!isActivation(activation)) return null;
  const size = sizeOf(activation.output);
  const columns = activation.output.at(-1)!;
  const rows = size / columns;
  const own = {
    name: activation.function,
    covers: [activation],
    parameters: [],
    memory: {},
    needsOutput: activation.function !== 'relu',
  };
  switch (activation.function) {
    case 'relu':
      return {
        ...own,
        forward: (kernels, { x, y }, n) => kernels.reluForward(y, x, n * size),
        backward: (kernels, { y, dx, dy }, n) => dx && kernels.reluBackward(dx, dy, y, n * size),
      };
    case 'sigmoid':
      return {
        ...own,
        forward: (kernels, { x, y }, n) => kernels.sigmoidForward(y, x, n * size),
        backward: (kernels, { y, dx, dy }, n) => dx && kernels.sigmoidBackward(dx, dy, y, n * size),
      };
    case 'tanh':
      return {
        ...own,
        forward: (kernels, { x, y }, n) => kernels.tanhForward(y, x, n * size),
        backward: (kernels, { y, dx, dy }, n) => dx && kernels.tanhBackward(dx, dy, y, n * size),
      };
    case 'softmax':
      return {
        ...own,
        forward: (kernels, { x, y }, n) => kernels.softmaxForward(y, x, n * rows, columns),
        backward: (kernels, { y, dx, dy }, n) => dx && kernels.softmaxBackward(dx, dy, y, n * rows, columns),
      };
  }
};
