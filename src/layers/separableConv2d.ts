// Depthwise convolution, then one of 1 × 1 over the channels.  https://keras.io/api/layers/convolution_layers/separable_convolution2d/
import { checkWhole } from '../base/shape.js';
import type { Conv2dNode } from '../compiler/ops/conv2d.js';
import { convolutions } from '../compiler/ops/convolutions.js';
import { lowerDepthwiseConv2d, type DepthwiseConv2dNode } from '../compiler/ops/depthwiseConv2d.js';
import { checkInitializer, type Initializer } from '../initializers/index.js';
import { activate } from './activation.js';
import { withBias } from './bias.js';
import { checkConvolution, convolutionConfig, convolutionWindows, type ConvolutionOptions } from './convolution.js';
import { defineLayer, type Layer, type WeightRules } from './layer.js';

/** Options of {@link separableConv2d}. */
export interface SeparableConv2dOptions extends ConvolutionOptions, WeightRules<'depthwise' | 'pointwise'> {
  /** Output channels. */
  filters: number;
  /** Outputs of each channel between the two. Default 1. */
  depthMultiplier?: number;
  /** Default 'glorotUniform'. */
  depthwiseInitializer?: Initializer;
  pointwiseInitializer?: Initializer;
}

/**
 * [height, width, channels] → [outHeight, outWidth, filters].  depthwiseKernel [kernelHeight, kernelWidth, channels, depthMultiplier],
 * pointwiseKernel [1, 1, channels · depthMultiplier, filters], bias [filters]
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [28, 28, 8] });
 * layers.separableConv2d({ filters: 32, kernelSize: 3, strides: 2, padding: 'same' }).apply(x).shape; // [14, 14, 32]
 * ```
 */
export function separableConv2d(options: SeparableConv2dOptions): Layer {
  const own = ['filters', 'depthMultiplier', 'depthwiseInitializer', 'pointwiseInitializer'];
  const convolution = checkConvolution(options, own, 'separableConv2d');
  const { kernelSize, strides, dilationRate, activation } = convolution;
  const filters = checkWhole(options.filters, "separableConv2d's filters");
  const depthMultiplier = checkWhole(options.depthMultiplier ?? 1, "separableConv2d's depthMultiplier");
  const depthwiseInitializer = checkInitializer(options.depthwiseInitializer ?? 'glorotUniform', 'separableConv2d');
  const pointwiseInitializer = checkInitializer(options.pointwiseInitializer ?? 'glorotUniform', 'separableConv2d');
  return defineLayer({
    className: 'SeparableConv2D',
    make: separableConv2d,
    kind: 'separableConv2d',
    options,
    outputShape(input, who) {
      const { outH, outW } = convolutionWindows(convolution, input, who);
      return [outH, outW, filters];
    },
    variables(input) {
      const channels = input[2]!;
      const depthwise = [...kernelSize, channels, depthMultiplier];
      const pointwise = [1, 1, channels * depthMultiplier, filters];
      return withBias(convolution, filters, [
        { name: 'depthwiseKernel', shape: depthwise, initializer: depthwiseInitializer },
        { name: 'pointwiseKernel', shape: pointwise, initializer: pointwiseInitializer },
      ]);
    },
    build(graph, x, { name, variables: [depthwise, ...pointwise] }) {
      const { outH, outW, padTop, padLeft } = convolutionWindows(convolution, x.shape, name);
      const between = graph.add<DepthwiseConv2dNode>({
        ...{
          kind: 'depthwiseConv2d',
          lowerings: [lowerDepthwiseConv2d],
          layer: name,
          inputs: [x],
          variables: [depthwise!],
        },
        ...{ output: [outH, outW, x.shape[2]! * depthMultiplier], strides, dilationRate, padTop, padLeft },
      });
      const y = graph.add<Conv2dNode>({
        ...{ kind: 'conv2d', lowerings: convolutions, layer: name, inputs: [between], variables: pointwise },
        ...{ output: [outH, outW, filters], strides: [1, 1], padTop: 0, padLeft: 0 },
      });
      return activate(graph, activation, y, name);
    },
    getConfig: () => ({
      ...{ filters, depthMultiplier, depthwiseInitializer, pointwiseInitializer },
      ...convolutionConfig(convolution),
    }),
  });
}
