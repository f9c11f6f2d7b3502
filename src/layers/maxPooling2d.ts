// 2D max pooling.  https://keras.io/api/layers/pooling_layers/max_pooling2d/
import { convolutionPools } from '../compiler/ops/conv2dPool.js';
import { lowerMaxPooling2d, type MaxPooling2dNode } from '../compiler/ops/maxPooling2d.js';
import type { Shape } from '../base/shape.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { checkPadding, checkSize2d, windows, type Padding, type Size2d } from './window.js';

/** Options of {@link maxPooling2d}. */
export interface MaxPooling2dOptions extends LayerOptions {
  /** Default 2. */
  poolSize?: Size2d;
  /** Default: the pool size. */
  strides?: Size2d;
  /** Default 'valid'. */
  padding?: Padding;
}

/**
 * [height, width, channels] → [outHeight, outWidth, channels], the largest value of each window.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2, 2, 1], layers: [layers.maxPooling2d({ poolSize: 2 })] });
 * const x = { data: Float32Array.of(1, 2, 3, 6), shape: [1, 2, 2, 1] };
 * await model.predict(x); // { data: [6] }
 * ```
 */
export function maxPooling2d(options: MaxPooling2dOptions = {}): Layer {
  checkLayerOptions(options, ['poolSize', 'strides', 'padding'], 'maxPooling2d');
  const poolSize = checkSize2d(options.poolSize ?? 2, "maxPooling2d's poolSize");
  const strides = checkSize2d(options.strides ?? poolSize, "maxPooling2d's strides");
  const padding = checkPadding(options.padding ?? 'valid', 'maxPooling2d');

  function outputShape(input: Shape, who: string): Shape {
    const [, , channels] = checkImage(input, who);
    const { outH, outW } = windows(input, poolSize, strides, padding, who);
    return [outH, outW, channels];
  }

  return defineLayer({
    className: 'MaxPooling2D',
    make: maxPooling2d,
    kind: 'maxPooling2d',
    options,
    outputShape,
    build(graph, x, { name }) {
      const { padTop, padLeft } = windows(x.shape, poolSize, strides, padding, name);
      const output = outputShape(x.shape, name);
      const attributes = { poolSize, strides, padTop, padLeft };
      return graph.add<MaxPooling2dNode>({
        kind: 'maxPooling2d',
        lowerings: [lowerMaxPooling2d],
        fusions: convolutionPools,
        layer: name,
        inputs: [x],
        output,
        variables: [],
        ...attributes,
      });
    },
    getConfig: () => ({ poolSize: [...poolSize], strides: [...strides], padding }),
  });
}
