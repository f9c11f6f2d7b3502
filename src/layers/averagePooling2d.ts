// 2D average pooling.  https://keras.io/api/layers/pooling_layers/average_pooling2d/
import { lowerAveragePooling2d, type AveragePooling2dNode } from '../compiler/ops/averagePooling2d.js';
import type { Shape } from '../base/shape.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { checkPadding, checkSize2d, windows, type Padding, type Size2d } from './window.js';

/** Options of {@link averagePooling2d}. */
export interface AveragePooling2dOptions extends LayerOptions {
  /** Default 2. */
  poolSize?: Size2d;
  /** Default: the pool size. */
  strides?: Size2d;
  /** Default 'valid'. */
  padding?: Padding;
}

/**
 * [height, width, channels] → [outHeight, outWidth, channels], the mean of each window; padding counts for nothing.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2, 2, 1], layers: [layers.averagePooling2d({ poolSize: 2 })] });
 * const x = { data: Float32Array.of(1, 2, 3, 6), shape: [1, 2, 2, 1] };
 * await model.predict(x); // { data: [3] }
 * ```
 */
export function averagePooling2d(options: AveragePooling2dOptions = {}): Layer {
  checkLayerOptions(options, ['poolSize', 'strides', 'padding'], 'averagePooling2d');
  const poolSize = checkSize2d(options.poolSize ?? 2, "averagePooling2d's poolSize");
  const strides = checkSize2d(options.strides ?? poolSize, "averagePooling2d's strides");
  const padding = checkPadding(options.padding ?? 'valid', 'averagePooling2d');

  function outputShape(input: Shape, who: string): Shape {
    const [, , channels] = checkImage(input, who);
    const { outH, outW } = windows(input, poolSize, strides, padding, who);
    return [outH, outW, channels];
  }

  return defineLayer({
    className: 'AveragePooling2D',
    make: averagePooling2d,
    kind: 'averagePooling2d',
    options,
    outputShape,
    build(graph, x, { name }) {
      const { padTop, padLeft } = windows(x.shape, poolSize, strides, padding, name);
      return graph.add<AveragePooling2dNode>({
        kind: 'averagePooling2d',
        lowerings: [lowerAveragePooling2d],
        layer: name,
        inputs: [x],
        output: outputShape(x.shape, name),
        variables: [],
        ...{ poolSize, strides, padTop, padLeft },
      });
    },
    getConfig: () => ({ poolSize: [...poolSize], strides: [...strides], padding }),
  });
}
