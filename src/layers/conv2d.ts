// 2D convolution.  https://keras.io/api/layers/convolution_layers/convolution2d/
import { check } from '../base/errors.js';
import { checkInitializer, type Initializer } from '../initializers/index.js';
import type { Conv2dNode } from '../compiler/ops/conv2d.js';
import { checkWhole, type Shape } from '../base/shape.js';
import { activate, checkActivation, type Activation } from './activation.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { checkPadding, checkSize2d, windows, type Padding, type Size2d } from './window.js';

export interface Conv2dOptions extends LayerOptions {
  /** Output channels. */
  filters: number;
  kernelSize: Size2d;
  /** Default 1. */
  strides?: Size2d;
  /** Default 'valid'. */
  padding?: Padding;
  /** Default 'linear'. */
  activation?: Activation;
  /** Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform' and 'zeros'. */
  kernelInitializer?: Initializer;
  biasInitializer?: Initializer;
}

/** [height, width, channels] → [outHeight, outWidth, filters].  kernel [kernelHeight, kernelWidth, channels, filters], bias [filters] */
export function conv2d(options: Conv2dOptions): Layer {
  checkLayerOptions(
    options,
    ['filters', 'kernelSize', 'strides', 'padding', 'activation', 'useBias', 'kernelInitializer', 'biasInitializer'],
    'conv2d',
  );
  const filters = checkWhole(options.filters, "conv2d's filters");
  const kernelSize = checkSize2d(options.kernelSize, "conv2d's kernelSize");
  const strides = checkSize2d(options.strides ?? 1, "conv2d's strides");
  const padding = checkPadding(options.padding ?? 'valid', 'conv2d');
  const activation = checkActivation(options.activation ?? 'linear', 'conv2d');
  const useBias = options.useBias ?? true;
  check(typeof useBias === 'boolean', () => `conv2d's useBias must be true or false, got ${String(useBias)}`);
  const kernelInitializer = checkInitializer(options.kernelInitializer ?? 'glorotUniform', 'conv2d');
  const biasInitializer = checkInitializer(options.biasInitializer ?? 'zeros', 'conv2d');

  function outputShape(input: Shape, who: string): Shape {
    checkImage(input, who);
    const { outH, outW } = windows(input, kernelSize, strides, padding, who);
    return [outH, outW, filters];
  }

  return defineLayer({
    className: 'Conv2D',
    kind: 'conv2d',
    options,
    outputShape,
    variables(input) {
      const kernel = { name: 'kernel', shape: [...kernelSize, input[2]!, filters], initializer: kernelInitializer };
      return useBias ? [kernel, { name: 'bias', shape: [filters], initializer: biasInitializer }] : [kernel];
    },
    build(graph, x, { name, variables }) {
      const { padTop, padLeft } = windows(x.shape, kernelSize, strides, padding, name);
      const output = outputShape(x.shape, name);
      const attributes = { strides, padTop, padLeft };
      const y = graph.add<Conv2dNode>({ kind: 'conv2d', layer: name, inputs: [x], output, variables, ...attributes });
      return activate(graph, activation, y, name);
    },
    getConfig: () => ({
      filters,
      kernelSize: [...kernelSize],
      strides: [...strides],
      padding,
      activation,
      useBias,
      kernelInitializer,
      biasInitializer,
    }),
  });
}
