// What becomes of a model, step by step, as tests look at it: its graph, the ops, and plans for any batch size.
import { lower, lowerModel, type Choose } from '../../src/compiler/lower.js';
import type { Op } from '../../src/compiler/ops/op.js';
import type { PlaceIntervals } from '../../src/compiler/memoryPlanner.js';
import { makePlan, type Plan, type PlanOptions } from '../../src/compiler/plan.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Model } from '../../src/index.js';
import { categoricalCrossentropy } from '../../src/losses/index.js';
import { buildGraph } from '../../src/model/topology.js';

export function graphOf(model: Model, training = true): Graph {
  return buildGraph(model.topology, training ? [{ loss: categoricalCrossentropy(), weight: 1 }] : []);
}

export function opsOf(model: Model, training = true, choose?: Choose): Op[] {
  return lower(graphOf(model, training), training, choose);
}

/** Default: for training with Adam, on one thread. */
export function planOf(
  model: Model,
  options: Partial<PlanOptions> & Pick<PlanOptions, 'batchSize'>,
  choose?: Choose,
): Plan {
  const { slots = ['m', 'v'], threads = 1, ...rest } = options;
  const graph = graphOf(model, slots !== null);
  return makePlan(graph, lowerModel(graph, slots !== null, choose), { slots, threads, ...rest });
}

/** A place for each buffer, one after another: what shares memory in a plan has an address of its own. */
export const placeApart: PlaceIntervals = (intervals) => {
  let bytes = 0;
  const offsets = intervals.map((interval) => {
    const at = bytes;
    bytes += Math.ceil(interval.bytes / 64) * 64;
    return at;
  });
  return { offsets, bytes };
};
