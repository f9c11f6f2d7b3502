// [height, width, channels] → [height · width · channels].  https://keras.io/api/layers/reshaping_layers/flatten/
import { sizeOf } from '../base/shape.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

export function flatten(options: LayerOptions = {}): Layer {
  checkLayerOptions(options, [], 'flatten');
  return defineLayer({
    className: 'Flatten',
    kind: 'flatten',
    options,
    outputShape: (input) => [sizeOf(input)],
    build: (graph, x, { name }) =>
      graph.add({
        ...{ kind: 'flatten', layer: name, inputs: [x], output: [sizeOf(x.shape)], variables: [] },
        bytes: 'passes',
      }),
    getConfig: () => ({}),
  });
}
