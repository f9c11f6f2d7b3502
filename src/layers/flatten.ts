// [height, width, channels] → [height · width · channels].  https://keras.io/api/layers/reshaping_layers/flatten/
import { sizeOf } from '../base/shape.js';
import { lowerReshape } from '../compiler/ops/reshape.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

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
