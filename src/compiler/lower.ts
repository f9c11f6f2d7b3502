// Graph → ops: for each node that no op computes yet, takes the first lowering that applies. Pure.
import { WasmCnnError } from '../base/errors.js';
import { GraphView, type Graph, type Node } from '../graph/graph.js';
import { lowerings as allLowerings } from './ops/index.js';
import { lowerBy, type Lowering, type Op } from './ops/op.js';

/** The ops of a model, each after those that make its inputs. */
export function lower(graph: Graph, training: boolean, lowerings: readonly Lowering[] = allLowerings): Op[] {
  const view = new GraphView(graph, training);
  const covered = new Set<Node>();
  const ops: Op[] = [];
  for (const node of graph.nodes) {
    if (covered.has(node)) continue;
    const op = lowerBy(lowerings, node, view);
    if (!op) throw new WasmCnnError(`no lowering computes ${node.kind} of layer ${node.layer}`);
    for (const each of op.nodes) covered.add(each);
    ops.push(op);
  }
  // An op stands where its last node does: the others' readers are its own nodes, and all that it reads is there.
  const place = new Map(graph.nodes.map((node, i) => [node, i]));
  const placeOf = (op: Op): number => Math.max(...op.nodes.map((node) => place.get(node)!));
  return ops.sort((a, b) => placeOf(a) - placeOf(b));
}
