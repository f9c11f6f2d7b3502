// Logits, which most networks of PyTorch end in, as the probabilities that commands tell.
import { classifyLater } from '../../model/classifyLater.js';
import type { Model } from '../../model/model.js';
import { pack } from '../../model/pack.js';
import { buildModel } from '../../model/unpack.js';
import { copyWeights, graphOf, lastLayersOf, withSoftmax, type Graph } from './fineTune.js';
import type { OpenedModel } from './runs.js';

const WEIGHS = ['Dense', 'Conv2D'];

/** The model with a softmax behind it where it gives a logit for each class; all others as they are. */
export function withProbabilities(opened: OpenedModel): OpenedModel {
  const { model, path, facts } = opened;
  const { inputs, outputs } = model.topology;
  const [classes = 0] = model.outputShape;
  if (inputs.length !== 1 || outputs.length !== 1 || model.outputShape.length !== 1 || classes < 2) return opened;
  const graph = graphOf(pack(model, { includeOptimizer: false }).model);
  if (!givesLogits(model, graph)) return opened;
  const made = buildModel(withSoftmax(graph));
  copyWeights(model, made);
  made.predictsWith = model.predictsWith;
  made.inputScale.restore(model.inputScale.trained ?? undefined);
  console.log(`Note: ${path} gives logits, and a softmax behind it makes probabilities of them`);
  return { ...opened, model: made, classify: classifyLater(made, facts, path) };
}

/** Whether it returns logits, judged by its loss, or else by its last layer with weights and what follows that. */
function givesLogits({ compiled }: Model, graph: Graph): boolean {
  const loss = compiled?.outputs[0]?.loss;
  if (loss) return loss.fromLogits === true && /CategoricalCrossentropy$/.test(loss.className);
  const { layers, activation } = lastLayersOf(graph);
  return WEIGHS.includes(layers[0]?.className ?? '') && activation === 'linear';
}
