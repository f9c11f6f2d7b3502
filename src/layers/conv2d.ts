// 2D convolution.  https://keras.io/api/layers/convolution_layers/convolution2d/
import { check } from '../base/errors.js';
import { checkWhole } from '../base/shape.js';
import type { Conv2dNode } from '../compiler/ops/conv2d.js';
import { convolutions } from '../compiler/ops/convolutions.js';
import { lowerDepthwiseConv2d, type DepthwiseConv2dNode } from '../compiler/ops/depthwiseConv2d.js';
import { lowerGroupedConv2d, type GroupedConv2dNode } from '../compiler/ops/groupedConv2d.js';
import { checkInitializer, type Initializer } from '../initializers/index.js';
import { activate } from './activation.js';
import { withBias } from './bias.js';
import { checkConvolution, convolutionConfig, convolutionWindows, type ConvolutionOptions } from './convolution.js';
import { defineLayer, type Layer, type WeightRules } from './layer.js';

/** Options of {@link conv2d}. */
export interface Conv2dOptions extends ConvolutionOptions, WeightRules<'kernel'> {
  /** Output channels. */
  filters: number;
  /** Parts that the channels fall in: each part of the filters sees its part of the input. Divides both. Default 1. */
  groups?: number;
  /** Default 'glorotUniform'. */
  kernelInitializer?: Initializer;
}

/**
 * [height, width, channels] → [outHeight, outWidth, filters].  kernel [kernelHeight, kernelWidth, channels / groups, filters],
 * bias [filters]
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [28, 28, 1] });
 * layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }).apply(x).shape; // [26, 26, 32]
 * ```
 */
export function conv2d(options: Conv2dOptions): Layer {
  const convolution = checkConvolution(options, ['filters', 'groups', 'kernelInitializer'], 'conv2d');
  const { kernelSize, strides, dilationRate, activation } = convolution;
  const filters = checkWhole(options.filters, "conv2d's filters");
  const groups = checkWhole(options.groups ?? 1, "conv2d's groups");
  const kernelInitializer = checkInitializer(options.kernelInitializer ?? 'glorotUniform', 'conv2d');
  const dilated = dilationRate.some((rate) => rate > 1);
  return defineLayer({
    className: 'Conv2D',
    make: conv2d,
    kind: 'conv2d',
    options,
    outputShape(input, who) {
      const { outH, outW } = convolutionWindows(convolution, input, who);
      check(
        filters % groups === 0 && input[2]! % groups === 0,
        () =>
          `${who} needs groups that divide its filters and its input's channels, got ${groups} groups for ${filters} filters and ${input[2]} channels`,
      );
      return [outH, outW, filters];
    },
    variables: (input) =>
      withBias(convolution, filters, [
        { name: 'kernel', shape: [...kernelSize, input[2]! / groups, filters], initializer: kernelInitializer },
      ]),
    build(graph, x, { name, variables }) {
      const { outH, outW, padTop, padLeft } = convolutionWindows(convolution, x.shape, name);
      const node = { layer: name, inputs: [x], output: [outH, outW, filters], variables, strides, padTop, padLeft };
      const apart = { ...node, dilationRate };
      const y =
        groups === 1 && !dilated
          ? graph.add<Conv2dNode>({ kind: 'conv2d', lowerings: convolutions, ...node })
          : groups === x.shape[2]
            ? graph.add<DepthwiseConv2dNode>({ kind: 'depthwiseConv2d', lowerings: [lowerDepthwiseConv2d], ...apart })
            : graph.add<GroupedConv2dNode>({
                kind: 'groupedConv2d',
                lowerings: [lowerGroupedConv2d],
                groups,
                ...apart,
              });
      return activate(graph, activation, y, name);
    },
    getConfig: () => ({ filters, groups, kernelInitializer, ...convolutionConfig(convolution) }),
  });
}
