// Activations that no other op has taken in.  Kernels: assembly/activations.ts
import { sizeOf } from '../../base/shape.js';
import type { GraphView, Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

export type ActivationFunction = 'relu' | 'sigmoid' | 'tanh' | 'softmax';

export interface ActivationNode extends Node {
  readonly kind: 'activation';
  readonly function: ActivationFunction;
}

export function isActivation(node: Node | null): node is ActivationNode {
  return node?.kind === 'activation';
}

export function isSoftmax(node: Node | null): node is ActivationNode {
  return isActivation(node) && node.function === 'softmax';
}

/** The ReLU that alone reads the node's output. */
export function reluAfter(node: Node, graph: GraphView): Node | null {
  const next = graph.only(node.output, 'activation');
  return isActivation(next) && next.function === 'relu' ? next : null;
}

export const lowerActivation: Lowering = (node): Op | null => {
  if (!isActivation(node)) return null;
  const size = sizeOf(node.output.shape);
  const columns = node.output.shape.at(-1)!;
  const rows = size / columns;
  const own = {
    name: node.function,
    ...chain(node),
    memory: {},
    backwardReads: { inputs: false, outputs: node.function === 'relu' ? ('sign' as const) : true },
  };
  switch (node.function) {
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
