// Depthwise convolution: each channel with kernels of its own.  https://keras.io/api/layers/convolution_layers/depthwise_convolution2d/
import { checkWhole } from '../base/shape.js';
import { lowerDepthwiseConv2d, type DepthwiseConv2dNode } from '../compiler/ops/depthwiseConv2d.js';
import { checkInitializer, type Initializer } from '../initializers/index.js';
import { activate } from './activation.js';
import { withBias } from './bias.js';
import { checkConvolution, convolutionConfig, convolutionWindows, type ConvolutionOptions } from './convolution.js';
import { defineLayer, type Layer, type WeightRules } from './layer.js';

/** Options of {@link depthwiseConv2d}. */
export interface DepthwiseConv2dOptions extends ConvolutionOptions, WeightRules<'depthwise'> {
  /** Outputs of each channel. Default 1. */
  depthMultiplier?: number;
  /** Default 'glorotUniform'. */
  depthwiseInitializer?: Initializer;
}

/**
 * [height, width, channels] → [outHeight, outWidth, channels · depthMultiplier], channel by channel.
 * depthwiseKernel [kernelHeight, kernelWidth, channels, depthMultiplier], bias [channels · depthMultiplier]
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [28, 28, 8] });
 * layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }).apply(x).shape; // [28, 28, 8]
 * ```
 */
export function depthwiseConv2d(options: DepthwiseConv2dOptions): Layer {
  const convolution = checkConvolution(options, ['depthMultiplier', 'depthwiseInitializer'], 'depthwiseConv2d');
  const { kernelSize, strides, dilationRate, activation } = convolution;
  const depthMultiplier = checkWhole(options.depthMultiplier ?? 1, "depthwiseConv2d's depthMultiplier");
  const depthwiseInitializer = checkInitializer(options.depthwiseInitializer ?? 'glorotUniform', 'depthwiseConv2d');
  return defineLayer({
    className: 'DepthwiseConv2D',
    make: depthwiseConv2d,
    kind: 'depthwiseConv2d',
    options,
    outputShape(input, who) {
      const { outH, outW } = convolutionWindows(convolution, input, who);
      return [outH, outW, input[2]! * depthMultiplier];
    },
    variables(input) {
      const shape = [...kernelSize, input[2]!, depthMultiplier];
      const kernel = { name: 'depthwiseKernel', shape, initializer: depthwiseInitializer };
      return withBias(convolution, input[2]! * depthMultiplier, [kernel]);
    },
    build(graph, x, { name, variables }) {
      const { outH, outW, padTop, padLeft } = convolutionWindows(convolution, x.shape, name);
      const output = [outH, outW, x.shape[2]! * depthMultiplier];
      const attributes = { strides, dilationRate, padTop, padLeft };
      const lowerings = [lowerDepthwiseConv2d];
      const node = {
        kind: 'depthwiseConv2d',
        lowerings,
        layer: name,
        inputs: [x],
        output,
        variables,
        ...attributes,
      } as const;
      return activate(graph, activation, graph.add<DepthwiseConv2dNode>(node), name);
    },
    getConfig: () => ({ depthMultiplier, depthwiseInitializer, ...convolutionConfig(convolution) }),
  });
}
