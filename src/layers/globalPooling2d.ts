// Pools as large as the image.  https://keras.io/api/layers/pooling_layers/global_average_pooling2d/
import { checkBoolean } from '../base/options.js';
import type { Shape } from '../base/shape.js';
import type { AveragePooling2dNode } from '../compiler/ops/averagePooling2d.js';
import type { MaxPooling2dNode } from '../compiler/ops/maxPooling2d.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

export interface GlobalPooling2dOptions extends LayerOptions {
  /** Default false: [channels]. True: [1, 1, channels], as a merge with the image needs it. */
  keepDims?: boolean;
}

/** [height, width, channels] → [channels], the mean of each channel. */
export function globalAveragePooling2d(options: GlobalPooling2dOptions = {}): Layer {
  return globalPooling2d('GlobalAveragePooling2D', 'globalAveragePooling2d', 'averagePooling2d', options);
}

/** [height, width, channels] → [channels], the largest value of each channel. */
export function globalMaxPooling2d(options: GlobalPooling2dOptions = {}): Layer {
  return globalPooling2d('GlobalMaxPooling2D', 'globalMaxPooling2d', 'maxPooling2d', options);
}

function globalPooling2d(
  className: string,
  kind: string,
  pool: (AveragePooling2dNode | MaxPooling2dNode)['kind'],
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
    kind,
    options,
    outputShape,
    build(graph, x, { name: layer }) {
      const [height, width, channels] = x.shape as [number, number, number];
      const size = [height, width] as const;
      const pooled = graph.add<AveragePooling2dNode | MaxPooling2dNode>({
        kind: pool,
        layer,
        inputs: [x],
        output: [1, 1, channels],
        variables: [],
        ...{ poolSize: size, strides: size, padTop: 0, padLeft: 0 },
      });
      if (keepDims) return pooled;
      return graph.add({ kind: 'flatten', layer, inputs: [pooled], output: [channels], variables: [] });
    },
    getConfig: () => ({ keepDims }),
  });
}
