// What layers do at random while training; nothing at all outside it.
import { moreModule } from '../../engine/modules/more.generated.js';
import { mix } from '../../base/random.js';
import type { GraphView, Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';
import { sameValues } from './reshape.js';

/** A node that draws random numbers. */
export interface RandomNode extends Node {
  /** Place of the layer's call in the model: no two calls draw the same. */
  readonly index: number;
}

/** `describe`: what such a node's op is, by the salt of its random numbers. */
export function whileTraining<Own extends RandomNode>(
  kind: Own['kind'],
  describe: (
    node: Own,
    salt: number,
    graph: GraphView,
  ) => Pick<Op, 'memory' | 'backwardReads' | 'inPlace' | 'forward' | 'backward'>,
): Lowering {
  return (node, graph): Op | null => {
    if (node.kind !== kind) return null;
    if (!graph.training) return sameValues(node);
    const own = node as Own;
    return { name: kind, ...chain(node), moreKernels: moreModule, ...describe(own, mix(own.index), graph) };
  };
}
