// [height, width, channels] → [height · width · channels].  https://keras.io/api/layers/reshaping_layers/flatten/
import { sizeOf } from '../base/shape.js';
import { lowerReshape } from '../compiler/ops/reshape.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

/**
 * […shape] → [features]: the values in their order, as `dense` takes them.
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [14, 14, 8] });
 * layers.flatten().apply(x).shape; // [1568]
 * ```
 */
export function flatten(options: LayerOptions = {}): Layer {
  checkLayerOptions(options, [], 'flatten');
  return defineLayer({
    className: 'Flatten',
    make: flatten,
    kind: 'flatten',
    options,
    outputShape: (input) => [sizeOf(input)],
    build: (graph, x, { name }) =>
      graph.add({
        ...{
          kind: 'flatten',
          lowerings: [lowerReshape],
          layer: name,
          inputs: [x],
          output: [sizeOf(x.shape)],
          variables: [],
        },
        bytes: 'passes',
      }),
    getConfig: () => ({}),
  });
}
