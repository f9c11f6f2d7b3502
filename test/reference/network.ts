// A whole network in plain f64: forward, loss and every gradient, composed of the operations beside this file.
import type { Layer } from '../../src/layers/layer.js';
import * as activations from './activations.js';
import {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeights,
  conv2dForward,
  conv2dOutput,
} from './conv2d.js';
import { denseBackwardBias, denseBackwardInput, denseBackwardWeights, denseForward } from './dense.js';
import { dropoutBackward, dropoutForward } from './dropout.js';
import { product, type Activations, type Gradients, type ReferenceLayer } from './layer.js';
import * as layerReferences from './layers.js';
import { maxPooling2dBackward, maxPooling2dForward, maxPooling2dOutput } from './maxPooling2d.js';
import { softmaxBackward, softmaxForward } from './softmax.js';
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

/** What a layer leaves behind: its output and the way back. Shapes have no batch axis. A layer without bias has no gradient of it. */
interface Step {
  readonly y: Float64Array;
  readonly shape: readonly number[];
  readonly weightGradients?: (dy: Float64Array) => Float64Array[];
  readonly inputGradient: (dy: Float64Array) => Float64Array;
  readonly margin?: number;
  readonly statistics?: readonly Float64Array[];
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

  const { loss, probabilities, dLogits } = softmaxCrossEntropy(last.y, targets, last.shape.at(-1)!);
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

function applyLayer(
  layer: NetworkLayer,
  x: Float64Array,
  shape: readonly number[],
  n: number,
  take: (length: number) => Float64Array,
): Step {
  switch (layer.kind) {
    case 'conv2d': {
      const [inH, inW, inC] = shape as [number, number, number];
      const { filters, kernelSize, strides = [1, 1], padding = 'valid', useBias = true } = layer;
      const sizes = { n, inH, inW, inC, outC: filters, kernelSize, strides, padding };
      const w = take(product(kernelSize) * inC * filters);
      const b = useBias ? take(filters) : new Float64Array(filters);
      return {
        y: conv2dForward(x, w, b, sizes),
        shape: [...conv2dOutput(sizes), filters],
        weightGradients: (dy) => [
          conv2dBackwardWeights(dy, x, sizes),
          ...(useBias ? [conv2dBackwardBias(dy, sizes)] : []),
        ],
        inputGradient: (dy) => conv2dBackwardInput(dy, w, sizes),
      };
    }
    case 'maxPooling2d': {
      const [inH, inW, channels] = shape as [number, number, number];
      const { poolSize, strides = poolSize, padding = 'valid' } = layer;
      const sizes = { n, inH, inW, channels, poolSize, strides, padding };
      return {
        y: maxPooling2dForward(x, sizes),
        shape: [...maxPooling2dOutput(sizes), channels],
        inputGradient: (dy) => maxPooling2dBackward(dy, x, sizes),
      };
    }
    case 'dense': {
      if (shape.length !== 1) throw new Error(`dense needs [features], got [${shape.join(', ')}]`);
      const { units, useBias = true } = layer;
      const sizes = { n, inputs: shape[0]!, outputs: units };
      const w = take(sizes.inputs * sizes.outputs);
      const b = useBias ? take(sizes.outputs) : new Float64Array(sizes.outputs);
      return {
        y: denseForward(x, w, b, sizes),
        shape: [units],
        weightGradients: (dy) => [
          denseBackwardWeights(dy, x, sizes),
          ...(useBias ? [denseBackwardBias(dy, sizes)] : []),
        ],
        inputGradient: (dy) => denseBackwardInput(dy, w, sizes),
      };
    }
    case 'dropout': {
      const { mask, rate } = layer;
      return { y: dropoutForward(x, mask, rate), shape, inputGradient: (dy) => dropoutBackward(dy, mask, rate) };
    }
    case 'layer': {
      const { className, getConfig, variables, trainable } = layer.make();
      const weights = variables([shape]).map((variable) => take(product(variable.shape)));
      const applied = references[className]!({
        config: getConfig(),
        inputs: [{ values: x, shape }],
        weights,
        n,
        training: trainable && layer.training !== false,
        random: null,
      });
      let gradients: Gradients | null = null;
      const backward = (dy: Float64Array): Gradients => (gradients ??= applied.backward(dy));
      return {
        y: applied.values,
        shape: applied.shape,
        weightGradients: (dy) => backward(dy).weights.map((gradient) => (trainable ? gradient : gradient.fill(0))),
        inputGradient: (dy) => backward(dy).inputs[0]!,
        ...(applied.statistics && { statistics: applied.statistics }),
        ...(applied.margin !== undefined && { margin: applied.margin }),
      };
    }
    // NHWC is contiguous, so Keras' flatten (height, width, channels) moves nothing.
    case 'flatten':
      return { y: x, shape: [product(shape)], inputGradient: (dy) => dy };
    case 'softmax': {
      const classes = shape.at(-1)!;
      const y = softmaxForward(x, classes);
      return { y, shape, inputGradient: (dy) => softmaxBackward(dy, y, classes) };
    }
    default: {
      const y = activations[`${layer.kind}Forward`](x);
      const backward = activations[`${layer.kind}Backward`];
      return { y, shape, inputGradient: (dy) => backward(dy, y) };
    }
  }
}
