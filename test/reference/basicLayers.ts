// References of the layers whose loops stand beside this file.
import { makeKey, mix, randomBits } from '../../src/base/random.js';
import { applyPointwise, logSoftmax } from './activationLayers.js';
import * as activations from './activations.js';
import {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeights,
  conv2dForward,
  conv2dOutput,
} from './conv2d.js';
import { poolGaps } from './decisionMargin.js';
import { denseBackwardBias, denseBackwardInput, denseBackwardWeights, denseForward } from './dense.js';
import { dropoutBackward, dropoutForward } from './dropout.js';
import { product, rootMeanSquare, type Activations, type Applied, type ReferenceLayer } from './layer.js';
import { maxPooling2dBackward, maxPooling2dForward, maxPooling2dOutput } from './maxPooling2d.js';
import { pointwise } from './pointwise.js';
import { softmaxBackward, softmaxForward } from './softmax.js';
import type { Padding, Pair } from './windows.js';

/** y = f(x), element by element or along the last axis. */
function activate(name: string, { values: x, shape }: Activations): Applied {
  if (name === 'linear') return { values: x, shape, backward: (dy) => ({ inputs: [dy], weights: [] }) };
  if (name === 'softmax') {
    const classes = shape.at(-1)!;
    const y = softmaxForward(x, classes);
    return { values: y, shape, backward: (dy) => ({ inputs: [softmaxBackward(dy, y, classes)], weights: [] }) };
  }
  if (name === 'logSoftmax') return logSoftmax({ values: x, shape });
  if (name in pointwise) return applyPointwise(pointwise[name]!, { values: x, shape });
  const { [`${name}Forward`]: forward, [`${name}Backward`]: backward } = activations as unknown as Record<
    string,
    (dy: Float64Array, y?: Float64Array) => Float64Array
  >;
  const y = forward!(x);
  return {
    values: y,
    shape,
    backward: (dy) => ({ inputs: [backward!(dy, y)], weights: [] }),
    ...(name === 'relu' && { margin: nearest(x) / rootMeanSquare(x) }),
  };
}

/** The smallest size, but for exact zeros. */
function nearest(distances: Iterable<number>): number {
  let margin = Infinity;
  for (const distance of distances) if (distance !== 0) margin = Math.min(margin, Math.abs(distance));
  return margin;
}

/** A layer with weights, and its activation behind it. */
export function withActivation(
  name: string,
  linear: Activations,
  backward: (dy: Float64Array) => { input: Float64Array; weights: Float64Array[] },
): Applied {
  const after = activate(name, linear);
  return {
    ...after,
    backward(dy) {
      const { input, weights } = backward(after.backward(dy).inputs[0]!);
      return { inputs: [input], weights };
    },
  };
}

export const activation: ReferenceLayer = ({ config, inputs: [x] }) =>
  activate((config as { activation: string }).activation, x!);

export const conv2d: ReferenceLayer = ({ config, inputs: [x], weights: [w, bias], n }) => {
  const { filters, activation: name } = config as { filters: number; activation: string };
  const options = config as { kernelSize: Pair; strides: Pair; padding: Padding };
  const [inH, inW, inC] = x!.shape as [number, number, number];
  const sizes = { ...options, n, inH, inW, inC, outC: filters };
  const y = conv2dForward(x!.values, w!, bias ?? new Float64Array(filters), sizes);
  return withActivation(name, { values: y, shape: [...conv2dOutput(sizes), filters] }, (dy) => ({
    input: conv2dBackwardInput(dy, w!, sizes),
    weights: [conv2dBackwardWeights(dy, x!.values, sizes), ...(bias ? [conv2dBackwardBias(dy, sizes)] : [])],
  }));
};

export const dense: ReferenceLayer = ({ config, inputs: [x], weights: [w, bias], n }) => {
  const { units, activation: name } = config as { units: number; activation: string };
  const sizes = { n, inputs: product(x!.shape), outputs: units };
  const y = denseForward(x!.values, w!, bias ?? new Float64Array(units), sizes);
  return withActivation(name, { values: y, shape: [units] }, (dy) => ({
    input: denseBackwardInput(dy, w!, sizes),
    weights: [denseBackwardWeights(dy, x!.values, sizes), ...(bias ? [denseBackwardBias(dy, sizes)] : [])],
  }));
};

/** Drops what the model drops: which values those are follows from its seed, the step and the call's place. */
export const dropout: ReferenceLayer = ({ config, inputs: [x], random }) => {
  if (!random) return activate('linear', x!);
  const { rate } = config as { rate: number };
  const key = (makeKey(random.seed, 2, random.step) ^ mix(random.index)) >>> 0;
  const mask = x!.values.map((_, counter) => (randomBits(key, counter) >= Math.floor(rate * 2 ** 32) ? 1 : 0));
  return {
    values: dropoutForward(x!.values, mask, rate),
    shape: x!.shape,
    backward: (dy) => ({ inputs: [dropoutBackward(dy, mask, rate)], weights: [] }),
  };
};

/** NHWC is contiguous, so Keras' flatten (height, width, channels) moves nothing. */
export const flatten: ReferenceLayer = ({ inputs: [x] }) => ({
  values: x!.values,
  shape: [product(x!.shape)],
  backward: (dy) => ({ inputs: [dy], weights: [] }),
});

export const maxPooling2d: ReferenceLayer = ({ config, inputs: [x], n }) => {
  const options = config as { poolSize: Pair; strides: Pair; padding: Padding };
  const [inH, inW, channels] = x!.shape as [number, number, number];
  const sizes = { ...options, n, inH, inW, channels };
  return {
    values: maxPooling2dForward(x!.values, sizes),
    shape: [...maxPooling2dOutput(sizes), channels],
    backward: (dy) => ({ inputs: [maxPooling2dBackward(dy, x!.values, sizes)], weights: [] }),
    margin: nearest(poolGaps(options, x!.values, x!.shape)) / rootMeanSquare(x!.values),
  };
};
