// When the parts of a step run, and which ops a gradient comes back to. What follows decides what may share memory. Pure.
import { trainedValues, type Value } from '../graph/graph.js';
import { stagesOf, type Op } from './ops/op.js';

/** Moments, both included. */
export type Span = readonly [from: number, to: number];

/** Moments are numbered in the order in which one thread would run a step; those of a phase may run side by side for different shards. */
export interface Timeline {
  readonly forward: readonly Span[];
  /** Null for an op that no gradient comes back to. */
  readonly backward: readonly (Span | null)[];
  /** The weights' gradients, from the whole batch; the optimizer. */
  readonly gradient: number;
  readonly update: number;
  /** The weights' other orders, of each op. */
  readonly repack: readonly number[];
  /** Phase of each moment: between two phases, all threads wait for each other. */
  readonly phases: readonly number[];
}

export function makeTimeline(ops: readonly Op[], training: boolean): Timeline {
  const phases: number[] = [];
  let phase = 0;
  const run = (stages: number): Span => {
    const from = phases.length;
    for (let stage = 0; stage < stages; stage++) phases.push(stage > 0 ? ++phase : phase);
    return [from, phases.length - 1];
  };
  const alone = (): number => phases.push(++phase) - 1;
  const forward = ops.map((op) => run(training ? stagesOf(op.forward).length : 1));
  const flows = training ? backwardOps(ops) : ops.map(() => false);
  const backward = ops.map((): Span | null => null);
  for (let i = ops.length - 1; i >= 0; i--) if (flows[i]) backward[i] = run(stagesOf(ops[i]!.backward).length);
  const [gradient, update] = [alone(), alone()];
  phase++;
  const repack = ops.map(() => phases.push(phase) - 1);
  return { forward, backward, gradient, update, repack, phases };
}

/** An op has a backward pass if a loss depends on it, and it on something that is trained. */
function backwardOps(ops: readonly Op[]): boolean[] {
  const trained = trainedValues(ops);
  const reached = new Set<Value>();
  const flows = ops.map(() => false);
  for (let i = ops.length - 1; i >= 0; i--) {
    const { loss, inputs, outputs } = ops[i]!;
    if (!loss && !outputs.some((output) => reached.has(output))) continue;
    if (!outputs.some((output) => trained.has(output))) continue;
    flows[i] = true;
    for (const input of inputs) if (trained.has(input)) reached.add(input);
  }
  return flows;
}
