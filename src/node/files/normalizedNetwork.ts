// A pretrained network for pictures as they come: bytes, which it takes as its authors' pictures were scaled.
import type { Model } from '../../model/model.js';
import { modelConfigOf } from '../../model/pack.js';
import { buildModel } from '../../model/unpack.js';
import type { Scale } from '../../networks/preprocessing.js';

/** The network, which has one input, with its weights, behind a normalization of pixels of 0 to 255. */
export function normalizedNetwork(network: Model, { mean, std }: Scale): Model {
  const { name, seed, layers } = modelConfigOf(network);
  const { inputs, calls, outputs } = network.topology;
  const config = { mean: mean.map((value) => value * 255), variance: std.map((value) => (value * 255) ** 2) };
  // What took the input, number 0, takes the layer's output, number 1; all others are counted on.
  const next = (tensor: number): number => tensor + 1;
  const made = buildModel({
    name,
    seed,
    inputs,
    calls: [
      { layer: layers.length, inputs: [0] },
      ...calls.map((call) => ({ ...call, inputs: call.inputs.map(next) })),
    ],
    outputs: outputs.map((output) => ({ ...output, tensor: next(output.tensor) })),
    layers: [...layers, { className: 'Normalization', name: 'normalization', config }],
  });
  const known = new Map(network.getWeights().map((tensor, i) => [network.parameters[i]!.name, tensor]));
  made.setWeights(made.getWeights().map((tensor, i) => known.get(made.parameters[i]!.name) ?? tensor));
  return made;
}
