// What a model's layers make of its inputs.
import { check } from '../base/errors.js';
import { makeYield } from '../base/eventLoop.js';
import { checkArguments, describe } from '../base/options.js';
import type { Tensor } from '../base/tensor.js';
import { lowerModel } from '../compiler/lower.js';
import { makePlan, predictingShard } from '../compiler/plan.js';
import { buildGraph, signatureOf, type Topology } from '../model/topology.js';
import type { Inputs } from '../training/inputs.js';
import { predict } from '../training/prediction.js';
import { engineFor, floatInputs, type InspectedModel } from './inspectedModel.js';
import { checkModel } from '../training/checkModel.js';

/**
 * What a layer makes of x, [n, …outputShape], as predict() has it but for the last bits, as it is fused with nothing: activations(model, x, 'conv2d_1'). For an array of names a tensor each.
 * For a layer that is called several times it is its first call's output.
 *
 * @example
 * ```js
 * import { activations, layers, sequential } from 'wasm-cnn';
 *
 * const convolution = layers.conv2d({ filters: 2, kernelSize: 3, name: 'conv' });
 * const head = [layers.flatten(), layers.dense({ units: 2, activation: 'softmax' })];
 * const model = sequential({ inputShape: [4, 4, 1], seed: 1, layers: [convolution, ...head] });
 * const image = { data: Float32Array.from({ length: 16 }, (_, i) => i / 16), shape: [1, 4, 4, 1] };
 * (await activations(model, image, 'conv')).shape; // [1, 2, 2, 2]
 * ```
 */
export async function activations<Outputs = Tensor<Float32Array>>(
  model: InspectedModel,
  x: Inputs,
  layer: string | readonly string[],
): Promise<Outputs> {
  const who = 'activations';
  checkArguments(arguments, 3, who, 'it has no options');
  checkModel(model, who);
  const names = Array.isArray(layer) ? (layer as readonly string[]) : [layer as string];
  check(names.length > 0, `${who} needs the name of a layer, got an empty array`);
  const topology = upTo(model.topology, names);
  const xs = floatInputs(model, x, who);
  const count = xs[0]!.shape[0]!;
  const graph = buildGraph(topology, []);
  const lowered = lowerModel(graph, false);
  const batchSize = Math.max(1, Math.min(count, predictingShard(lowered.predicting)));
  const plan = makePlan(graph, lowered, { batchSize, slots: null, threads: 1 });
  const engine = engineFor(model, plan, graph.variables);
  const outputs = await predict(engine, signatureOf(topology), xs, count, makeYield());
  return (Array.isArray(layer) ? outputs : outputs[0]!) as Outputs;
}

/** The topology with these layers' first outputs as its outputs, without the calls that they do not depend on. */
function upTo({ inputs, layers, calls }: Topology, names: readonly string[]): Topology {
  const first = inputs.length;
  const outputs = names.map((name) => {
    const number = layers.findIndex((layer) => layer.name === name);
    check(
      number >= 0,
      () =>
        `activations needs the name of a layer, got ${describe(name)}; there is ${layers.map((layer) => layer.name).join(', ')}`,
    );
    return { name, tensor: first + calls.findIndex(({ layer }) => layer === number) };
  });
  const needed = new Set(outputs.map(({ tensor }) => tensor));
  for (let i = calls.length - 1; i >= 0; i--)
    if (needed.has(first + i)) for (const input of calls[i]!.inputs) needed.add(input);
  const kept = calls.filter((_, i) => needed.has(first + i));
  const numberOf = (tensor: number): number => (tensor < first ? tensor : first + kept.indexOf(calls[tensor - first]!));
  return {
    inputs,
    layers,
    calls: kept.map(({ layer, inputs: given }) => ({ layer, inputs: given.map(numberOf) })),
    outputs: outputs.map(({ name, tensor }) => ({ name, tensor: numberOf(tensor) })),
  };
}
