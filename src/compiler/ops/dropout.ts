// Dropout; nothing at all outside training.  Kernel: assembly/dropout.ts
import { mix } from '../../base/random.js';
import { sizeOf } from '../../base/shape.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';
import { sameValues } from './reshape.js';

export interface DropoutNode extends Node {
  readonly kind: 'dropout';
  readonly rate: number;
  /** Place of the layer's call in the model: no two calls drop the same values. */
  readonly index: number;
}

function isDropout(node: Node): node is DropoutNode {
  return node.kind === 'dropout';
}

export const lowerDropout: Lowering = (node, graph): Op | null => {
  if (!isDropout(node)) return null;
  if (!graph.training) return sameValues(node);
  const size = sizeOf(node.output.shape);
  const salt = mix(node.index);
  const threshold = Math.floor(node.rate * 4294967296);
  const scale = 1 / (1 - node.rate);
  return {
    name: 'dropout',
    ...chain(node),
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    inPlace: 'overwrites',
    forward: (kernels, { x, y, stepKey, stepFirst }, n) =>
      kernels.dropout(y, x, stepKey, salt, stepFirst * size, n * size, threshold, scale),
    backward(kernels, { dx, dy, stepKey, stepFirst }, n) {
      if (dx) kernels.dropout(dx, dy, stepKey, salt, stepFirst * size, n * size, threshold, scale);
    },
  };
};
