// A whole network in plain f64: forward, loss and every gradient, composed of the operations beside this file.
import type { Layer } from '../../src/layers/layer.js';
import { dropoutBackward, dropoutForward } from './dropout.js';
import { product, type Activations, type Applied, type Gradients, type ReferenceLayer } from './layer.js';
import * as layerReferences from './layers.js';
import { activityPenalty, weightPenalties } from './penalties.js';
import { softmaxCrossEntropy } from './softmaxCrossEntropy.js';
import type { Padding, Pair } from './windows.js';

const references: Readonly<Record<string, ReferenceLayer>> = layerReferences;

/** Defaults are Keras': strides 1 for conv2d and the pool's size for maxPooling2d, padding 'valid', a bias. A dropout mask is [n, …shape]; any other layer of the
 * public API is a 'layer' with its reference in layers.ts, as it is in training (default) or outside. */
export type NetworkLayer =
  | { kind: 'conv2d'; filters: number; kernelSize: Pair; strides?: Pair; padding?: Padding; useBias?: boolean }
  | { kind: 'maxPooling2d'; poolSize: Pair; strides?: Pair; padding?: Padding }
  | { kind: 'dense'; units: number; useBias?: boolean }
  | { kind: 'dropout'; rate: number; mask: ArrayLike<number> }
  | { kind: 'layer'; make: () => Layer; training?: boolean }
  | { kind: 'flatten' | 'relu' | 'sigmoid' | 'tanh' | 'softmax' };

export interface NetworkRun {
  readonly loss: number;
  /** [n, classes], what the closing softmax gives. */
  readonly probabilities: Float64Array;
  /** One an array of `weights` that is no statistic, in the same order and layout. */
  readonly gradients: Float64Array[];
  /** Those among the weights, after the step. */
  readonly statistics: readonly Float64Array[];
  /** [n, …inputShape] */
  readonly dx: Float64Array;
  /** What each layer got: values [n, …shape]. */
  readonly inputs: readonly Activations[];
  /** The smallest of what the layers' references say. */
  readonly margin: number;
}

/** What a layer leaves behind: its output and its backward pass. Shapes have no batch axis. A layer without bias has no gradient of it. */
interface Step {
  readonly y: Float64Array;
  readonly shape: readonly number[];
  readonly weightGradients?: (dy: Float64Array) => Float64Array[];
  readonly inputGradient: (dy: Float64Array) => Float64Array;
  readonly margin?: number;
  readonly statistics?: readonly Float64Array[];
  /** What its regularizers add to the loss. */
  readonly penalty?: number;
}

/**
 * `weights`: kernel and bias (where it has one) of each conv2d and dense layer and those of any other, in layer order; x [n, …inputShape]; targets [n, classes].
 * The last layer must be softmax: the loss is its categorical cross-entropy, the mean over the batch.
 */
export function runNetwork(
  layers: readonly NetworkLayer[],
  inputShape: readonly number[],
  weights: readonly Float64Array[],
  x: Float64Array,
  targets: Float64Array,
): NetworkRun {
  if (layers.at(-1)?.kind !== 'softmax') throw new Error('the last layer must be softmax');
  const n = x.length / product(inputShape);
  const unused = [...weights];
  const take = (length: number): Float64Array => {
    const taken = unused.shift();
    if (taken?.length !== length) throw new Error(`needs ${length} weights, got ${taken?.length}`);
    return taken;
  };

  const steps: Step[] = [];
  let last: { y: Float64Array; shape: readonly number[] } = { y: x, shape: inputShape };
  for (const layer of layers.slice(0, -1)) steps.push((last = applyLayer(layer, last.y, last.shape, n, take)));
  if (unused.length > 0) throw new Error(`${unused.length} arrays of weights are left over`);

  const { loss: ofTargets, probabilities, dLogits } = softmaxCrossEntropy(last.y, targets, last.shape.at(-1)!);
  const loss = steps.reduce((sum, { penalty = 0 }) => sum + penalty, ofTargets);
  const gradients: Float64Array[] = [];
  let dy = dLogits;
  const inputs = [
    { values: x, shape: inputShape },
    ...steps.map(({ y, shape: outputShape }) => ({ values: y, shape: outputShape })),
  ];
  const statistics = steps.flatMap((step) => step.statistics ?? []);
  const margin = Math.min(...steps.map((step) => step.margin ?? Infinity));
  for (const step of steps.reverse()) {
    gradients.unshift(...(step.weightGradients?.(dy) ?? []));
    dy = step.inputGradient(dy);
  }
  return { loss, probabilities, gradients, statistics, dx: dy, inputs, margin };
}

/** The same from a layer's reference; the kinds that networks are written with have a margin of their own (decisionMargin.ts). */
function stepOf({ values: y, shape, backward, statistics }: Applied, hasWeights: boolean): Step {
  let gradients: Gradients | null = null;
  const once = (dy: Float64Array): Gradients => (gradients ??= backward(dy));
  return {
    y,
    shape,
    ...(hasWeights && { weightGradients: (dy: Float64Array) => [...once(dy).weights] }),
    inputGradient: (dy) => once(dy).inputs[0]!,
    ...(statistics && { statistics }),
  };
}

function applyLayer(
  layer: NetworkLayer,
  x: Float64Array,
  shape: readonly number[],
  n: number,
  take: (length: number) => Float64Array,
): Step {
  const apply = (className: string, config: object, weights: Float64Array[] = []): Step =>
    stepOf(
      references[className]!({ config, inputs: [{ values: x, shape }], weights, n, training: true, random: null }),
      weights.length > 0,
    );
  switch (layer.kind) {
    case 'conv2d': {
      const { filters, kernelSize, strides = [1, 1], padding = 'valid', useBias = true } = layer;
      const weights = [take(product(kernelSize) * shape[2]! * filters), ...(useBias ? [take(filters)] : [])];
      return apply('Conv2D', { filters, kernelSize, strides, padding, activation: 'linear' }, weights);
    }
    case 'maxPooling2d': {
      const { poolSize, strides = poolSize, padding = 'valid' } = layer;
      return apply('MaxPooling2D', { poolSize, strides, padding });
    }
    case 'dense': {
      if (shape.length !== 1) throw new Error(`dense needs [features], got [${shape.join(', ')}]`);
      const { units, useBias = true } = layer;
      const weights = [take(shape[0]! * units), ...(useBias ? [take(units)] : [])];
      return apply('Dense', { units, activation: 'linear' }, weights);
    }
    case 'dropout': {
      const { mask, rate } = layer;
      return { y: dropoutForward(x, mask, rate), shape, inputGradient: (dy) => dropoutBackward(dy, mask, rate) };
    }
    case 'layer': {
      const { className, getConfig, variables, trainable } = layer.make();
      const specs = variables([shape]);
      const weights = specs.map((variable) => take(product(variable.shape)));
      const applied = references[className]!({
        config: getConfig(),
        inputs: [{ values: x, shape }],
        weights,
        n,
        training: trainable && layer.training !== false,
        random: null,
      });
      const names = specs.map(({ name }) => name);
      const ofWeights = weightPenalties(getConfig(), names, weights);
      const ofOutput = activityPenalty(getConfig(), applied.values, n);
      const slopes = ofOutput?.slopes;
      // One call, as a step remembers what it gives.
      const total = (dy: Float64Array): Float64Array => (slopes ? dy.map((value, i) => value + slopes[i]!) : dy);
      const step = stepOf({ ...applied, backward: (dy) => applied.backward(total(dy)) }, true);
      return {
        ...step,
        weightGradients: (dy) =>
          step.weightGradients!(dy).map((gradient, i) =>
            trainable ? gradient.map((value, j) => value + (ofWeights.slopes[i]?.[j] ?? 0)) : gradient.fill(0),
          ),
        penalty: (trainable ? ofWeights.penalty : 0) + (ofOutput?.penalty ?? 0),
        ...(applied.margin !== undefined && { margin: applied.margin }),
      };
    }
    case 'flatten':
      return apply('Flatten', {});
    default:
      return apply('Activation', { activation: layer.kind });
  }
}
