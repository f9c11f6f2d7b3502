// Pools as large as the image.  https://keras.io/api/layers/pooling_layers/global_average_pooling2d/
import { checkBoolean } from '../base/options.js';
import type { Shape } from '../base/shape.js';
import { lowerAveragePooling2d, type AveragePooling2dNode } from '../compiler/ops/averagePooling2d.js';
import { convolutionPools } from '../compiler/ops/conv2dPool.js';
import { lowerMaxPooling2d, type MaxPooling2dNode } from '../compiler/ops/maxPooling2d.js';
import { lowerReshape } from '../compiler/ops/reshape.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

/** Options of {@link globalAveragePooling2d} and {@link globalMaxPooling2d}. */
export interface GlobalPooling2dOptions extends LayerOptions {
  /** Default false: [channels]. True: [1, 1, channels], as a merge with the image needs it. */
  keepDims?: boolean;
}

/**
 * [height, width, channels] → [channels], the mean of each channel.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2, 2, 1], layers: [layers.globalAveragePooling2d()] });
 * const x = { data: Float32Array.of(1, 2, 3, 6), shape: [1, 2, 2, 1] };
 * await model.predict(x); // { data: [3] }
 * ```
 */
export function globalAveragePooling2d(options: GlobalPooling2dOptions = {}): Layer {
  const pool = { kind: 'averagePooling2d', lowerings: [lowerAveragePooling2d] } as const;
  return globalPooling2d('GlobalAveragePooling2D', globalAveragePooling2d, 'globalAveragePooling2d', pool, options);
}

/**
 * [height, width, channels] → [channels], the largest value of each channel.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2, 2, 1], layers: [layers.globalMaxPooling2d()] });
 * const x = { data: Float32Array.of(1, 2, 3, 6), shape: [1, 2, 2, 1] };
 * await model.predict(x); // { data: [6] }
 * ```
 */
export function globalMaxPooling2d(options: GlobalPooling2dOptions = {}): Layer {
  const pool = { kind: 'maxPooling2d', lowerings: [lowerMaxPooling2d], fusions: convolutionPools } as const;
  return globalPooling2d('GlobalMaxPooling2D', globalMaxPooling2d, 'globalMaxPooling2d', pool, options);
}

function globalPooling2d(
  className: string,
  make: Layer['make'],
  kind: string,
  pool: Pick<AveragePooling2dNode | MaxPooling2dNode, 'kind' | 'lowerings' | 'fusions'>,
  options: GlobalPooling2dOptions,
): Layer {
  checkLayerOptions(options, ['keepDims'], kind);
  const { keepDims = false } = options;
  checkBoolean(keepDims, `${kind}'s keepDims`);

  function outputShape(input: Shape, who: string): Shape {
    const [, , channels] = checkImage(input, who);
    return keepDims ? [1, 1, channels] : [channels];
  }

  return defineLayer({
    className,
    make,
    kind,
    options,
    outputShape,
    build(graph, x, { name: layer }) {
      const [height, width, channels] = x.shape as [number, number, number];
      const size = [height, width] as const;
      const pooled = graph.add<AveragePooling2dNode | MaxPooling2dNode>({
        ...pool,
        layer,
        inputs: [x],
        output: [1, 1, channels],
        variables: [],
        ...{ poolSize: size, strides: size, padTop: 0, padLeft: 0 },
      });
      if (keepDims) return pooled;
      return graph.add({
        kind: 'flatten',
        lowerings: [lowerReshape],
        layer,
        inputs: [pooled],
        output: [channels],
        variables: [],
      });
    },
    getConfig: () => ({ keepDims }),
  });
}
