// How the layers of a model are connected, and the graph that this makes.
import { check } from '../base/errors.js';
import type { Shape } from '../base/shape.js';
import { GraphBuilder, type Graph, type LossTerm, type Value } from '../graph/graph.js';
import type { SymbolicTensor } from '../layers/layer.js';
import type { Loss } from '../losses/index.js';
import type { Signature } from '../training/prediction.js';
import { variablesOf, type PlacedLayer } from './placedLayer.js';

/** One use of a layer. */
export interface LayerCall {
  /** Number of the layer. */
  readonly layer: number;
  /** Numbers of tensors: the model's inputs are the first ones, then comes the output of each call. */
  readonly inputs: readonly number[];
}

export interface Topology {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly layers: readonly PlacedLayer[];
  /** Each after those whose outputs it takes. */
  readonly calls: readonly LayerCall[];
  readonly outputs: readonly { readonly name: string; readonly tensor: number }[];
}

/** Whether each layer is called once, on the output of the one before. */
export function isChain({ inputs, layers, calls, outputs }: Topology): boolean {
  return (
    inputs.length === 1 &&
    outputs.length === 1 &&
    outputs[0]!.tensor === calls.length &&
    calls.length === layers.length &&
    calls.every((call, i) => call.layer === i && call.inputs.length === 1 && call.inputs[0] === i)
  );
}

/** Shapes of one example of all inputs and outputs. */
export function signatureOf({ inputs, layers, calls, outputs }: Topology): Signature {
  const shapes = inputs.map(({ shape }) => shape);
  for (const call of calls) {
    const { layer, name } = layers[call.layer]!;
    shapes.push(
      layer.outputShape(
        call.inputs.map((input) => shapes[input]!),
        name,
      ),
    );
  }
  return { inputs, outputs: outputs.map(({ name, tensor }) => ({ name, shape: shapes[tensor]! })) };
}

/** The outputs of the layers, called as they are connected, for these inputs; each layer is called 'scope.name' there. */
export function applyTopology(
  { layers, calls, outputs }: Topology,
  inputs: readonly SymbolicTensor[],
  scope: string,
): readonly SymbolicTensor[] {
  const tensors = [...inputs];
  for (const call of calls) {
    const { layer, name } = layers[call.layer]!;
    const made = layer.apply(call.inputs.map((number) => tensors[number]!));
    tensors.push({ ...made, source: { ...made.source!, name: `${scope}.${name}`, nested: true } });
  }
  return outputs.map(({ tensor }) => tensors[tensor]!);
}

/** What an output is compared by; null for one that is not trained. */
export type OutputLoss = { readonly loss: Loss; readonly weight: number } | null;

/** Throws one sentence where a loss does not fit its output. `losses`: one for each output, or none to predict. */
export function buildGraph({ inputs, layers, calls, outputs }: Topology, losses: readonly OutputLoss[]): Graph {
  const builder = new GraphBuilder();
  const variables = variablesOf(layers);
  const values: Value[] = inputs.map(({ shape }) => builder.value(shape));
  const graphInputs = [...values];
  const penalties: Value[] = [];
  for (const [index, call] of calls.entries()) {
    const { layer, name } = layers[call.layer]!;
    const given = call.inputs.map((input) => values[input]!);
    const y = layer.build(builder, given, { name, index, variables: variables[call.layer]! });
    values.push(y);
    if (losses.length > 0 && layer.activity) penalties.push(layer.activity(builder, y, name));
  }
  check(builder.nodes.length > 0, 'the model has no layer that computes anything');
  const terms = losses.flatMap((term, i): LossTerm[] => {
    if (!term) return [];
    const prediction = values[outputs[i]!.tensor]!;
    const target = builder.value(prediction.shape);
    const maker = builder.maker(prediction)?.layer ?? 'an input';
    const loss = term.loss.build(builder, prediction, target, maker);
    return [{ prediction, target, loss, weight: term.weight, output: i }];
  });
  return {
    inputs: graphInputs,
    outputs: outputs.map(({ tensor }) => values[tensor]!),
    losses: terms,
    penalties,
    variables: variables.flat(),
    nodes: builder.nodes,
  };
}
