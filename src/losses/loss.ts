// The contract of a loss: nodes of the graph that compare a prediction with its target.
import { check } from '../base/errors.js';
import { checkBoolean, checkNumber } from '../base/options.js';
import { sizeOf } from '../base/shape.js';
import { lowerActivation, type ActivationNode } from '../compiler/ops/activation.js';
import {
  lowerLoss,
  lowerSmoothLabels,
  type LossFunction,
  type LossNode,
  type SmoothLabelsNode,
} from '../compiler/ops/loss.js';
import { lowerSigmoidCrossEntropy, lowerSoftmaxCrossEntropy } from '../compiler/ops/softmaxCrossEntropy.js';
import type { GraphBuilder, Value } from '../graph/graph.js';

/**
 * What a loss compares with. 'classes': of each last axis one class is right; targets are class indices, or rows of probabilities that
 * add up to 1. 'binary': each value is yes or no, or the probability of yes, 0 to 1. 'values': any numbers. The last two have the
 * output's shape.
 */
export type TargetKind = 'classes' | 'binary' | 'values';

/** A loss, as the functions of `losses` make it. */
export interface Loss {
  /** Keras' class name: 'Huber'. */
  readonly className: string;
  /** Keras' name as TF.js spells it: 'huber'. */
  readonly name: string;
  readonly targets: TargetKind;
  /** Whether outputs are logits: softmax or sigmoid belongs to the loss, and 0 stands for a probability of ½. */
  readonly fromLogits?: boolean;
  /**
   * Adds the loss of each example, a value of shape []; `target` has the prediction's shape, `layer` is the name of what predicts.
   * Throws one sentence where the output does not fit.
   */
  build(graph: GraphBuilder, prediction: Value, target: Value, layer: string): Value;
  /** The options that make it again; plain JSON. */
  getConfig(): Record<string, unknown>;
  /** Makes it again of what getConfig() gave. Missing on what a file cannot hold. */
  readonly make?: (config: never) => Loss;
}

/** A loss as files hold it; those of the first version have its name alone. */
export type SavedLoss = string | { readonly className: string; readonly config: object };

/** Losses by the names that compile() takes. */
export const named: Record<string, (options?: never) => Loss> = {};

/** Losses of files that not every page loads: a page knows by name those that it imports. */
export type RegisteredLoss = 'binaryFocalCrossentropy' | 'categoricalFocalCrossentropy';

export function register(losses: Partial<Record<RegisteredLoss, (options?: never) => Loss>>): void {
  Object.assign(named, losses);
}

/** Adds a node that computes a loss. */
export function addLoss(
  graph: GraphBuilder,
  inputs: readonly [prediction: Value, target: Value],
  layer: string,
  name: LossFunction,
  parameters: readonly number[] = [],
): Value {
  return graph.add<LossNode>({
    kind: 'loss',
    lowerings: [lowerLoss],
    fusions: [lowerSoftmaxCrossEntropy, lowerSigmoidCrossEntropy],
    function: name,
    layer,
    inputs,
    output: [],
    variables: [],
    parameters,
  });
}

/**
 * The prediction as probabilities: itself, or the activation of logits. Throws where it is plainly the other, as a softmax of a softmax
 * and the logarithm of a logit train badly, and no number is wrong.
 */
export function probabilities(
  graph: GraphBuilder,
  prediction: Value,
  layer: string,
  loss: Pick<Loss, 'name' | 'fromLogits'>,
  activation: 'softmax' | 'sigmoid',
): Value {
  const maker = graph.maker(prediction) as ActivationNode | null;
  const { name, fromLogits } = loss;
  if (!fromLogits) {
    let end = maker?.variables.some((variable) => /kernel$/i.test(variable.name)) ? 'no activation' : leaves01(maker);
    // Its only value is 1.
    if (activation === 'sigmoid' && maker?.function === 'softmax' && prediction.shape.at(-1) === 1)
      end = "'softmax' of one unit";
    check(
      end === null,
      () =>
        `${name} needs probabilities, got ${layer}, which ends in ${end}; end it with activation: '${activation}', or use losses.${name}({ fromLogits: true })`,
    );
    return prediction;
  }
  check(
    maker?.kind !== 'activation' || maker.function !== activation,
    () =>
      `${name} with fromLogits needs the outputs before ${activation}, got ${layer}, which ends in it; leave out one of the two`,
  );
  return graph.add<ActivationNode>({
    kind: 'activation',
    lowerings: [lowerActivation],
    function: activation,
    layer,
    inputs: [prediction],
    output: prediction.shape,
    variables: [],
  });
}

/** An activation whose values are not all from 0 to 1, as the logarithm of a ReLU's 0 is infinite; null where it is none, or not known. */
function leaves01(maker: ActivationNode | null): string | null {
  if (maker?.kind !== 'activation' || ['softmax', 'sigmoid', 'hardSigmoid'].includes(maker.function)) return null;
  const [slope, , highest] = maker.parameters ?? [];
  return maker.function === 'clippedRelu' && slope === 0 && highest! <= 1 ? null : `'${maker.function}'`;
}

/** The target moved by `smoothing` towards the same probability for each of `classes`. */
export function smoothLabels(
  graph: GraphBuilder,
  target: Value,
  layer: string,
  smoothing: number,
  classes: number,
): Value {
  if (smoothing === 0) return target;
  return graph.add<SmoothLabelsNode>({
    kind: 'smoothLabels',
    lowerings: [lowerSmoothLabels],
    layer,
    inputs: [target],
    output: target.shape,
    variables: [],
    scale: 1 - smoothing,
    offset: smoothing / classes,
  });
}

/** Throws unless the output has at least two classes on its last axis. */
export function checkClasses({ shape }: Value, layer: string, name: string): void {
  const classes = shape.at(-1) ?? 1;
  check(
    classes > 1,
    () =>
      `${name} needs at least 2 classes, got ${layer} with one ${sizeOf(shape) === 1 ? 'unit' : 'channel'}; give yes or no two units, or one unit with activation: 'sigmoid' and binaryCrossentropy`,
  );
}

/** Options of losses that compare probabilities. */
export interface ProbabilityOptions {
  /** The model ends without softmax or sigmoid, and the loss has it. Default false. */
  fromLogits?: boolean;
  /** Share of each label that is spread evenly over all classes, or becomes ½ of yes and no; in [0, 1). Default 0. */
  labelSmoothing?: number;
}

/** The options, checked. */
export function checkProbabilityOptions(options: ProbabilityOptions, name: string): Required<ProbabilityOptions> {
  const { fromLogits = false, labelSmoothing = 0 } = options;
  checkBoolean(fromLogits, `${name}'s fromLogits`);
  checkNumber(labelSmoothing, (value) => value >= 0 && value < 1, `${name}'s labelSmoothing must lie in [0, 1)`);
  return { fromLogits, labelSmoothing };
}
