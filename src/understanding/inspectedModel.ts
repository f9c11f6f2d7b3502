// A model as those see it who look into it: its graph is planned anew on an engine of its own, with its weights and its numerics.
import { isBytes, type Tensor } from '../base/tensor.js';
import type { Plan } from '../compiler/plan.js';
import { Engine, type EngineOptions } from '../engine/engine.js';
import { wantsRawBytes } from '../graph/graph.js';
import type { Variable } from '../graph/variable.js';
import { joinWeights } from '../graph/weights.js';
import { inputsOf, type Inputs } from '../training/inputs.js';
import { rangeOf } from '../training/inputScale.js';
import type { Compiled } from '../training/session.js';
import { buildGraph, type Topology } from '../model/topology.js';

/** A model that functions look into. */
export interface InspectedModel {
  readonly name: string;
  /** @internal */
  readonly topology: Topology;
  /** @internal */
  readonly wasm: WebAssembly.Module | undefined;
  /** @internal */
  readonly predictsWith: Pick<EngineOptions, 'numerics'>;
  readonly compiled: Compiled | null;
  getWeights(): Tensor<Float32Array>[];
}

/** One thread on a plan of the model's; `variables`: where the plan has the model's own, in the order of getWeights(). */
export function engineFor(model: InspectedModel, plan: Plan, variables: readonly Variable[]): Engine {
  const { wasm, compiled, predictsWith } = model;
  const engine = new Engine(plan, { wasm, numerics: compiled?.numerics ?? predictsWith.numerics });
  joinWeights(model.getWeights(), variables, engine.weights);
  engine.repack();
  return engine;
}

/** Checked, NaN and all, and as the floats that the whole model's first layers get: a part of its graph may read bytes in another way. */
export function floatInputs(model: InspectedModel, x: Inputs, who: string): readonly Tensor<Float32Array>[] {
  const { topology } = model;
  const xs = inputsOf(x, topology.inputs, who);
  for (const each of xs) rangeOf(each, `${who}'s x`);
  const graph = buildGraph(topology, []);
  return xs.map(({ data, shape }, i) => {
    const floats = Float32Array.from(data);
    // As the kernel pixelsToFloats has it: the f32 quotient.
    if (isBytes(data) && !wantsRawBytes(graph, graph.inputs[i]!))
      for (const [j, byte] of data.entries()) floats[j] = byte / 255;
    return { data: floats, shape };
  });
}
