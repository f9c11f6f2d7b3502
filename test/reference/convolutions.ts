// References of depthwise, separable and transposed convolutions, made of the loops of conv2d.ts.
import { withActivation } from './basicLayers.js';
import {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeights,
  conv2dForward,
  conv2dOutput,
  type Conv2dSizes,
} from './conv2d.js';
import type { Activations, ReferenceLayer } from './layer.js';
import { slide, type Padding, type Paddings, type Pair } from './windows.js';

interface Options {
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Paddings;
  readonly dilationRate: Pair;
  readonly depthMultiplier: number;
  readonly activation: string;
}

/** Sizes of a convolution of x in which each channel is a group. */
function depthwiseSizes({ depthMultiplier, ...options }: Options, { shape }: Activations, n: number): Conv2dSizes {
  const [inH, inW, channels] = shape as [number, number, number];
  return { ...options, n, inH, inW, inC: channels, outC: channels * depthMultiplier, groups: channels };
}

export const depthwiseConv2d: ReferenceLayer = ({ config, inputs: [x], weights: [w, bias], n }) => {
  const options = config as Options;
  const sizes = depthwiseSizes(options, x!, n);
  const values = conv2dForward(x!.values, w!, bias ?? new Float64Array(sizes.outC), sizes);
  return withActivation(options.activation, { values, shape: [...conv2dOutput(sizes), sizes.outC] }, (dy) => ({
    input: conv2dBackwardInput(dy, w!, sizes),
    weights: [conv2dBackwardWeights(dy, x!.values, sizes), ...(bias ? [conv2dBackwardBias(dy, sizes)] : [])],
  }));
};

export const separableConv2d: ReferenceLayer = ({ config, inputs: [x], weights: [w, pointwise, bias], n }) => {
  const options = config as Options & { filters: number };
  const { filters } = options;
  const sizes = depthwiseSizes(options, x!, n);
  const [inH, inW] = conv2dOutput(sizes);
  const one = { kernelSize: [1, 1], strides: [1, 1], padding: 'valid' } as const;
  const after: Conv2dSizes = { ...one, n, inH, inW, inC: sizes.outC, outC: filters };
  const between = conv2dForward(x!.values, w!, new Float64Array(sizes.outC), sizes);
  const values = conv2dForward(between, pointwise!, bias ?? new Float64Array(filters), after);
  return withActivation(options.activation, { values, shape: [inH, inW, filters] }, (dy) => {
    const dBetween = conv2dBackwardInput(dy, pointwise!, after);
    return {
      input: conv2dBackwardInput(dBetween, w!, sizes),
      weights: [
        conv2dBackwardWeights(dBetween, x!.values, sizes),
        conv2dBackwardWeights(dy, between, after),
        ...(bias ? [conv2dBackwardBias(dy, after)] : []),
      ],
    };
  });
};

type TransposeOptions = Omit<Options, 'padding'> & {
  readonly filters: number;
  readonly padding: Padding;
  readonly outputPadding: Pair | null;
};

/**
 * Keras' size of y along one axis. With outputPadding that many beyond the fewest whose convolution gives x's size (for 'same' and an even
 * kernel the fewest is 1 more than Keras counts from); else as many as strides and windows reach.
 */
function transposedSize(options: TransposeOptions, size: number, axis: 0 | 1): number {
  const { kernelSize, strides, padding, outputPadding } = options;
  const [kernel, stride] = [kernelSize[axis], strides[axis]];
  let fewest = 1;
  while (slide(fewest, kernel, stride, padding).out !== size) fewest++;
  if (outputPadding) return fewest + outputPadding[axis] - (padding === 'same' && kernel % 2 === 0 ? 1 : 0);
  return padding === 'same' ? size * stride : fewest + Math.max(stride - kernel, 0);
}

/** Forward is the input gradient of the convolution that makes x's size of y's. */
export const conv2dTranspose: ReferenceLayer = ({ config, inputs: [x], weights: [w, bias], n }) => {
  const options = config as TransposeOptions;
  const { filters, kernelSize, strides, padding } = options;
  const [height, width, channels] = x!.shape as [number, number, number];
  const [inH, inW] = [transposedSize(options, height, 0), transposedSize(options, width, 1)];
  const sizes: Conv2dSizes = { n, inH, inW, inC: filters, outC: channels, kernelSize, strides, padding };
  const values = conv2dBackwardInput(x!.values, w!, sizes).map((value, i) => value + (bias?.[i % filters] ?? 0));
  return withActivation(options.activation, { values, shape: [inH, inW, filters] }, (dy) => ({
    input: conv2dForward(dy, w!, new Float64Array(channels), sizes),
    weights: [
      conv2dBackwardWeights(x!.values, dy, sizes),
      ...(bias ? [conv2dBackwardBias(dy, { ...sizes, outC: filters })] : []),
    ],
  }));
};
