// Dropout: while training, each value is zero with probability `rate`, the others grow by 1 / (1 - rate).
// https://keras.io/api/layers/regularization_layers/dropout/
import { check } from '../base/errors.js';
import { lowerDropout, type DropoutNode } from '../compiler/ops/dropout.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

/** Options of {@link dropout}. */
export interface DropoutOptions extends LayerOptions {
  /** Share of the values that are dropped, in [0, 1). */
  rate: number;
}

/**
 * While training each value is zero with probability `rate`, and the others are multiplied by 1 / (1 - rate); outside training nothing changes.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.dropout({ rate: 0.5 })] });
 * const x = { data: Float32Array.of(1, 2, 3), shape: [1, 3] };
 * await model.predict(x); // { data: [1, 2, 3] }
 * ```
 */
export function dropout(options: DropoutOptions): Layer {
  checkLayerOptions(options, ['rate'], 'dropout');
  const { rate } = options;
  check(
    typeof rate === 'number' && rate >= 0 && rate < 1,
    () => `dropout's rate must lie in [0, 1), got ${String(rate)}`,
  );
  return defineLayer({
    className: 'Dropout',
    make: dropout,
    kind: 'dropout',
    options,
    outputShape: (input) => input,
    build(graph, x, { name, index }) {
      if (rate === 0) return x;
      return graph.add<DropoutNode>({
        kind: 'dropout',
        lowerings: [lowerDropout],
        layer: name,
        inputs: [x],
        output: x.shape,
        variables: [],
        rate,
        index,
      });
    },
    getConfig: () => ({ rate }),
  });
}
