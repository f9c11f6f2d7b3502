// Dropout: while training, each value is zero with probability `rate`, the others grow by 1 / (1 - rate).
// https://keras.io/api/layers/regularization_layers/dropout/
import { check } from '../base/errors.js';
import type { DropoutPrimitive } from '../compiler/ops/dropout.js';
import { checkLayerOptions, type Layer, type LayerOptions } from './layer.js';

export interface DropoutOptions extends LayerOptions {
  /** Share of the values that are dropped, in [0, 1). */
  rate: number;
}

export function dropout(options: DropoutOptions): Layer {
  checkLayerOptions(options, ['rate'], 'dropout');
  const { rate } = options;
  check(
    typeof rate === 'number' && rate >= 0 && rate < 1,
    () => `dropout's rate must lie in [0, 1), got ${String(rate)}`,
  );
  return {
    className: 'Dropout',
    kind: 'dropout',
    options,
    outputShape: (input) => input,
    weights: () => [],
    lower({ name, index, input }) {
      const drop: DropoutPrimitive = { kind: 'dropout', layer: name, input, output: input, rate, index };
      return rate > 0 ? [drop] : [];
    },
    getConfig: () => ({ rate }),
  };
}
