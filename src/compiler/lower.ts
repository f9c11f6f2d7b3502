// Graph → ops: for each node that no op computes yet, takes the first lowering that applies. Pure.
import { WasmCnnError } from '../base/errors.js';
import { GraphView, type Graph, type Node, type NodeLowering } from '../graph/graph.js';
import { lowerBy, type Op } from './ops/op.js';

/** Leaves lowerings out of those that nodes bring. */
export type Choose = (lowerings: readonly NodeLowering[]) => readonly NodeLowering[];

/** A model's ops of a training step (null where it only predicts), and those that predict. */
export interface Lowered {
  readonly training: readonly Op[] | null;
  readonly predicting: readonly Op[];
}

export function lowerModel(graph: Graph, training: boolean, choose?: Choose): Lowered {
  return { training: training ? lower(graph, true, choose) : null, predicting: lower(graph, false, choose) };
}

/** The ops of a model, each after those that make its inputs. */
export function lower(graph: Graph, training: boolean, choose: Choose = (lowerings) => lowerings): Op[] {
  const view = new GraphView(graph, training);
  const covered = new Set<Node>();
  const ops: Op[] = [];
  const fusions = [...new Set(graph.nodes.flatMap((node) => node.fusions ?? []))];
  for (const node of graph.nodes) {
    if (covered.has(node)) continue;
    const op = lowerBy(choose([...fusions, ...node.lowerings]), node, view);
    if (!op) throw new WasmCnnError(`no lowering computes ${node.kind} of layer ${node.layer}`);
    for (const each of op.nodes) covered.add(each);
    ops.push(op);
  }
  // An op stands where its last node does: the others' readers are its own nodes, and all that it reads is there.
  const place = new Map(graph.nodes.map((node, i) => [node, i]));
  const placeOf = (op: Op): number => Math.max(...op.nodes.map((node) => place.get(node)!));
  return ops.sort((a, b) => placeOf(a) - placeOf(b));
}
