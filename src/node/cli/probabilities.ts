// Logits, which most networks of PyTorch end in, as the probabilities that commands tell.
import { classifyLater } from '../../model/classifyLater.js';
import type { Model } from '../../model/model.js';
import { pack } from '../../model/pack.js';
import { buildModel } from '../../model/unpack.js';
import { copyWeights, graphOf, type Graph } from './fineTune.js';
import type { OpenedModel } from './runs.js';

/** What it says of classes is behind it what it was before it. */
const MOVES = ['Flatten', 'Reshape', 'Dropout', 'GlobalAveragePooling2D', 'AveragePooling2D'];
const WEIGHS = ['Dense', 'Conv2D'];

/** The model with a softmax behind it where it gives a logit for each class; all others as they are. */
export function withProbabilities(opened: OpenedModel): OpenedModel {
  const { model, path, facts } = opened;
  const { inputs, outputs } = model.topology;
  const [classes = 0] = model.outputShape;
  if (inputs.length !== 1 || outputs.length !== 1 || model.outputShape.length !== 1 || classes < 2) return opened;
  const graph = graphOf(pack(model, { includeOptimizer: false }).model);
  if (!givesLogits(model, graph)) return opened;
  const made = buildModel({
    ...graph,
    layers: [...graph.layers, { className: 'Softmax', name: freeName(graph), config: {} }],
    calls: [...graph.calls, { layer: graph.layers.length, inputs: [graph.outputs[0]!.tensor] }],
    outputs: [{ ...graph.outputs[0]!, tensor: graph.inputs.length + graph.calls.length }],
  });
  copyWeights(model, made);
  made.inputScale.restore(model.inputScale.trained ?? undefined);
  console.log(`Note: ${path} gives logits, and a softmax behind it makes probabilities of them`);
  return { ...opened, model: made, classify: classifyLater(made, facts, path) };
}

/** By its loss, or, where it has none, by its last layer with weights. */
function givesLogits({ compiled }: Model, { layers, inputs, calls, outputs }: Graph): boolean {
  const loss = compiled?.outputs[0]?.loss;
  if (loss) return loss.fromLogits === true && /CategoricalCrossentropy$/.test(loss.className);
  for (let tensor = outputs[0]!.tensor; tensor >= inputs.length;) {
    const call = calls[tensor - inputs.length]!;
    const { className, config } = layers[call.layer]!;
    if (!MOVES.includes(className)) {
      const { activation = 'linear' } = config as { activation?: unknown };
      return WEIGHS.includes(className) && activation === 'linear';
    }
    tensor = call.inputs[0]!;
  }
  return false;
}

function freeName({ layers }: Graph): string {
  for (let name = 'softmax', number = 1; ; name = `softmax_${number++}`)
    if (layers.every((layer) => layer.name !== name)) return name;
}
