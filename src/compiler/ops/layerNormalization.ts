// Layer normalization over the last axis.  Kernels: assembly/layerNormalization.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { sizeOf } from '../../base/shape.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

/** Variables: gamma where `scale`, beta where `center`, each [features]. */
export interface LayerNormalizationNode extends Node {
  readonly kind: 'layerNormalization';
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

function isLayerNormalization(node: Node): node is LayerNormalizationNode {
  return node.kind === 'layerNormalization';
}

export const lowerLayerNormalization: Lowering = (node, graph): Op | null => {
  if (!isLayerNormalization(node)) return null;
  const { epsilon, center, scale, output } = node;
  const columns = output.shape.at(-1)!;
  const rows = sizeOf(output.shape) / columns;
  /** Addresses of gamma and beta, or of their gradients; 0 where there is none. */
  const pair = (all: readonly number[]) => [scale ? all[0]! : 0, center ? all[scale ? 1 : 0]! : 0] as const;
  return {
    name: 'layerNormalization',
    ...chain(node),
    moreKernels: moreModule,
    memory: graph.training ? { saved: { moments: 3 * rows } } : {},
    ...(graph.training ? {} : { inPlace: 'replaces' as const }),
    backwardReads: { inputs: true, outputs: false },
    gradients: 'shards',
    forward(kernels, { x, y, variables, memory }, n) {
      const [gamma, beta] = pair(variables);
      kernels.layerNormForward(y, memory.moments ?? 0, x, gamma, beta, n * rows, columns, epsilon);
    },
    backward(kernels, { x, dx, dy, variables, gradients, memory }, n) {
      const [dgamma, dbeta] = pair(gradients);
      kernels.layerNormBackward(dx, dgamma, dbeta, dy, x, memory.moments!, pair(variables)[0], n * rows, columns);
    },
  };
};
