// Layer normalization: each example's values along the last axis are brought to mean 0 and variance 1, then to a learned scale and center.
// https://keras.io/api/layers/normalization_layers/layer_normalization/
import { lowerLayerNormalization, type LayerNormalizationNode } from '../compiler/ops/layerNormalization.js';
import { checkLayerOptions, defineLayer, type Layer } from './layer.js';
import { checkNormalization, type NormalizationOptions } from './normalization.js';

/** Options of {@link layerNormalization}. */
export type LayerNormalizationOptions = NormalizationOptions;

/**
 * [..., features] → the same shape.  gamma, beta [features]
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [28, 28, 8] });
 * layers.layerNormalization().apply(x).shape; // [28, 28, 8]
 * ```
 */
export function layerNormalization(options: LayerNormalizationOptions = {}): Layer {
  const who = 'layerNormalization';
  checkLayerOptions(options, ['axis', 'epsilon', 'center', 'scale', 'betaInitializer', 'gammaInitializer'], who);
  const { outputShape, variables, epsilon, center, scale, config } = checkNormalization(options, who);
  return defineLayer({
    className: 'LayerNormalization',
    make: layerNormalization,
    kind: who,
    options,
    outputShape,
    variables: (input) => variables([input.at(-1)!]),
    build: (graph, x, { name, variables: own }) =>
      graph.add<LayerNormalizationNode>({
        kind: 'layerNormalization',
        lowerings: [lowerLayerNormalization],
        layer: name,
        inputs: [x],
        output: x.shape,
        variables: own,
        epsilon,
        center,
        scale,
      }),
    getConfig: () => config,
  });
}
