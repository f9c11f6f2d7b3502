// [height, width, channels] → [height · width · channels].  https://keras.io/api/layers/reshaping_layers/flatten/
import { sizeOf } from '../base/shape.js';
import { checkLayerOptions, type Layer, type LayerOptions } from './layer.js';

export function flatten(options: LayerOptions = {}): Layer {
  checkLayerOptions(options, [], 'flatten');
  return {
    className: 'Flatten',
    kind: 'flatten',
    options,
    outputShape: (input) => [sizeOf(input)],
    weights: () => [],
    lower: ({ name, input }) => [{ kind: 'flatten', layer: name, input, output: [sizeOf(input)] }],
    getConfig: () => ({}),
  };
}
