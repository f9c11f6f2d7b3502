// Transposed convolution: from a convolution's output to an image of the size it came from.
// https://keras.io/api/layers/convolution_layers/convolution2d_transpose/
import { check } from '../base/errors.js';
import { checkWhole, formatShape, type Shape } from '../base/shape.js';
import { lowerConv2dTranspose, type Conv2dTransposeNode } from '../compiler/ops/conv2dTranspose.js';
import { checkInitializer, type Initializer } from '../initializers/index.js';
import { activate, checkActivation, type Activation } from './activation.js';
import { checkBias, withBias, type BiasOptions } from './bias.js';
import {
  checkImage,
  checkLayerOptions,
  defineLayer,
  type Layer,
  type LayerOptions,
  type WeightRules,
} from './layer.js';
import { checkPadding, checkSize2d, windows, type Padding, type Size2d } from './window.js';

/** Options of {@link conv2dTranspose}. */
export interface Conv2dTransposeOptions extends LayerOptions, BiasOptions, WeightRules<'kernel' | 'bias'> {
  /** Output channels. */
  filters: number;
  kernelSize: Size2d;
  /** Output pixels from one input pixel to the next. Default 1. */
  strides?: Size2d;
  /** 'valid': what every window covers; 'same': input size × strides. Default 'valid'. */
  padding?: Padding;
  /** Rows and columns of the output beyond the fewest that the input can come from; less than the strides. Default: Keras' sizes. */
  outputPadding?: Size2d | null;
  /** Default 'linear'. */
  activation?: Activation;
  /** Default 'glorotUniform'. */
  kernelInitializer?: Initializer;
}

/**
 * [height, width, channels] → [outHeight, outWidth, filters].  kernel [kernelHeight, kernelWidth, filters, channels], bias [filters]
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [7, 7, 16] });
 * layers.conv2dTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: 'same' }).apply(x).shape; // [14, 14, 8]
 * ```
 */
export function conv2dTranspose(options: Conv2dTransposeOptions): Layer {
  const kind = 'conv2dTranspose';
  const own = ['filters', 'kernelSize', 'strides', 'padding', 'outputPadding', 'activation'];
  checkLayerOptions(options, [...own, 'useBias', 'kernelInitializer', 'biasInitializer'], kind);
  const filters = checkWhole(options.filters, `${kind}'s filters`);
  const kernelSize = checkSize2d(options.kernelSize, `${kind}'s kernelSize`);
  const strides = checkSize2d(options.strides ?? 1, `${kind}'s strides`);
  const padding = checkPadding(options.padding ?? 'valid', kind);
  const outputPadding = checkOutputPadding(options.outputPadding ?? null, strides);
  const activation = checkActivation(options.activation ?? 'linear', kind);
  const bias = checkBias(options, kind);
  const kernelInitializer = checkInitializer(options.kernelInitializer ?? 'glorotUniform', kind);

  function outputShape(input: Shape, who: string): Shape {
    checkImage(input, who);
    const output = [...kernelSize.map((size, axis) => outputSize(input[axis]!, axis, size)), filters];
    const { outH, outW } = windows(output, kernelSize, strides, padding, who);
    check(
      outH === input[0] && outW === input[1],
      () =>
        `${who} finds no image for input ${formatShape(input)}: a convolution of ${formatShape(output)} gives ${outH} × ${outW}; use another outputPadding`,
    );
    return output;
  }

  function outputSize(size: number, axis: number, kernel: number): number {
    const stride = strides[axis]!;
    if (!outputPadding) return size * stride + (padding === 'same' ? 0 : Math.max(kernel - stride, 0));
    return (size - 1) * stride + (padding === 'same' ? kernel % 2 : kernel) + outputPadding[axis]!;
  }

  return defineLayer({
    className: 'Conv2DTranspose',
    make: conv2dTranspose,
    kind,
    options,
    outputShape,
    variables(input) {
      const kernel = { name: 'kernel', shape: [...kernelSize, filters, input[2]!], initializer: kernelInitializer };
      return withBias(bias, filters, [kernel]);
    },
    build(graph, x, { name, variables }) {
      const output = outputShape(x.shape, name);
      const { padTop, padLeft } = windows(output, kernelSize, strides, padding, name);
      const attributes = { strides, padTop, padLeft };
      const lowerings = [lowerConv2dTranspose];
      const node = { kind, lowerings, layer: name, inputs: [x], output, variables, ...attributes } as const;
      return activate(graph, activation, graph.add<Conv2dTransposeNode>(node), name);
    },
    getConfig: () => ({
      ...{ filters, kernelSize: [...kernelSize], strides: [...strides], padding },
      outputPadding: outputPadding && [...outputPadding],
      ...{ activation, kernelInitializer, ...bias },
    }),
  });
}

function checkOutputPadding(given: Size2d | null, strides: readonly [number, number]): readonly number[] | null {
  if (given === null) return null;
  const what = "conv2dTranspose's outputPadding";
  const checked = checkSize2d(given, what, 0);
  check(
    checked.every((size, axis) => size < strides[axis]!),
    () => `${what} must be less than its strides, got ${checked.join(' × ')} with strides of ${strides.join(' × ')}`,
  );
  return checked;
}
