// A whole model in plain f64, of any layers and any number of branches: forward, the losses, and every gradient by reverse mode.
import type { Topology } from '../../src/model/topology.js';
import { type Activations, type Applied, type ReferenceLayer } from './layer.js';
import * as layerReferences from './layers.js';
import { activityPenalty, weightPenalties } from './penalties.js';

const references: Readonly<Record<string, ReferenceLayer>> = layerReferences;

/** Sum over the batch's examples of what one output costs, divided by their number; and its gradient by the output. */
export type ReferenceLoss = (
  output: Activations,
  n: number,
) => { readonly loss: number; readonly gradient: Float64Array };

export interface GraphRun {
  /** The sum of all outputs' losses and of all penalties. */
  readonly loss: number;
  readonly outputs: readonly Activations[];
  /** For each layer one an array of its weights; zeros where no loss depends on them. */
  readonly gradients: readonly (readonly Float64Array[])[];
  /** For each layer its statistics after a step, where it has some; its calls move them one after another. */
  readonly statistics: readonly (readonly Float64Array[])[];
  /** By the inputs. */
  readonly dxs: readonly Float64Array[];
  /** The inputs and the output of each call; and the gradients by them, null where no loss depends on them. */
  readonly tensors: readonly Activations[];
  readonly dTensors: readonly (Float64Array | null)[];
  /** The smallest of what the calls' references say. */
  readonly margin: number;
}

/**
 * `weights`: for each layer, in the order of its variables; `xs`: one an input, [n, …shape]; `losses`: one an output, null where it has
 * none. `random`: what random numbers follow from while training, else null.
 */
export function runGraph(
  { inputs, layers, calls, outputs }: Topology,
  weights: readonly (readonly Float64Array[])[],
  xs: readonly Float64Array[],
  losses: readonly (ReferenceLoss | null)[],
  random: { readonly seed: number; readonly step: number } | null,
): GraphRun {
  const n = xs[0]!.length / inputs[0]!.shape.reduce((product, size) => product * size, 1);
  const tensors: Activations[] = inputs.map(({ shape }, i) => ({ values: xs[i]!, shape }));
  const applied: Applied[] = [];
  const statistics: (readonly Float64Array[])[] = layers.map(() => []);
  for (const [index, call] of calls.entries()) {
    const { layer } = layers[call.layer]!;
    const reference = references[layer.className];
    if (!reference) throw new Error(`${layer.className} has no reference`);
    const result = reference({
      config: layer.getConfig(),
      inputs: call.inputs.map((input) => tensors[input]!),
      weights: withStatistics(weights[call.layer]!, statistics[call.layer]!),
      n,
      training: random !== null && layer.trainable,
      random: random && { ...random, index },
    });
    statistics[call.layer] = result.statistics ?? [];
    applied.push(result);
    tensors.push(result);
  }

  const dTensors: (Float64Array | null)[] = tensors.map(() => null);
  const addTo = (sums: (Float64Array | null)[], i: number, gradient: Float64Array): void => {
    sums[i] = sums[i]?.map((sum, j) => sum + gradient[j]!) ?? gradient;
  };
  let loss = 0;
  for (const [i, { tensor }] of outputs.entries()) {
    const term = losses[i]?.(tensors[tensor]!, n);
    if (!term) continue;
    loss += term.loss;
    addTo(dTensors, tensor, term.gradient);
  }
  const dWeights = weights.map((arrays) => arrays.map((): Float64Array | null => null));
  for (const [i, call] of calls.entries()) {
    const { values } = tensors[inputs.length + i]!;
    const own = activityPenalty(layers[call.layer]!.layer.getConfig(), values, n);
    if (!own) continue;
    loss += own.penalty;
    addTo(dTensors, inputs.length + i, own.slopes);
  }
  for (const [i, { layer, specs }] of layers.entries()) {
    if (!layer.trainable) continue;
    const names = specs.map(({ name }) => name);
    const own = weightPenalties(layer.getConfig(), names, weights[i]!);
    loss += own.penalty;
    for (const [j, slopes] of own.slopes.entries()) if (slopes) addTo(dWeights[i]!, j, slopes);
  }
  for (let i = calls.length - 1; i >= 0; i--) {
    const dy = dTensors[inputs.length + i];
    if (!dy) continue;
    const gradients = applied[i]!.backward(dy);
    for (const [j, input] of calls[i]!.inputs.entries()) addTo(dTensors, input, gradients.inputs[j]!);
    for (const [j, gradient] of gradients.weights.entries()) addTo(dWeights[calls[i]!.layer]!, j, gradient);
  }
  return {
    loss,
    outputs: outputs.map(({ tensor }) => tensors[tensor]!),
    gradients: dWeights.map((arrays, i) => arrays.map((sum, j) => sum ?? new Float64Array(weights[i]![j]!.length))),
    statistics,
    tensors,
    dTensors,
    dxs: xs.map((x, i) => dTensors[i] ?? new Float64Array(x.length)),
    margin: Math.min(Infinity, ...applied.map(({ margin = Infinity }) => margin)),
  };
}

/** The weights, of which the last are statistics, as a call before has left these. */
function withStatistics(
  weights: readonly Float64Array[],
  statistics: readonly Float64Array[],
): readonly Float64Array[] {
  return [...weights.slice(0, weights.length - statistics.length), ...statistics];
}

/** Mean over the examples of −Σ target · log probability; targets [n, …shape]. */
export function crossEntropy(targets: Float64Array): ReferenceLoss {
  return ({ values }, n) => ({
    loss: values.reduce((sum, p, i) => sum - (targets[i]! === 0 ? 0 : targets[i]! * Math.log(p)), 0) / n,
    gradient: values.map((p, i) => (targets[i] === 0 ? 0 : -targets[i]! / p / n)),
  });
}
