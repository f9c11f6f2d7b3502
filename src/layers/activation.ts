// Activation as a layer, and as the `activation` option of other layers.  https://keras.io/api/layers/core_layers/activation/
import { check } from '../base/errors.js';
import type { ActivationFunction, ActivationPrimitive } from '../compiler/ops/activation.js';
import type { Primitive } from '../compiler/ops/op.js';
import type { Shape } from '../base/shape.js';
import { checkLayerOptions, type Layer, type LayerOptions } from './layer.js';

/** 'linear' leaves its input as it is. */
export type Activation = ActivationFunction | 'linear';

const functions: readonly Activation[] = ['linear', 'relu', 'sigmoid', 'tanh', 'softmax'];

export function checkActivation(activation: unknown, who: string): Activation {
  check(
    functions.includes(activation as Activation),
    () => `${who} has no activation '${String(activation)}'; there is ${functions.join(', ')}`,
  );
  return activation as Activation;
}

/** The primitive of an activation after a layer; none for 'linear'. */
export function activate(activation: Activation, layer: string, shape: Shape): Primitive[] {
  if (activation === 'linear') return [];
  const primitive: ActivationPrimitive = {
    kind: 'activation',
    function: activation,
    layer,
    input: shape,
    output: shape,
  };
  return [primitive];
}

export interface ActivationOptions extends LayerOptions {
  activation: Activation;
}

/** Any shape in, the same shape out; softmax runs over the last axis. */
export function activation(options: ActivationOptions): Layer {
  checkLayerOptions(options, ['activation'], 'activation');
  const chosen = checkActivation(options.activation, 'activation');
  return {
    className: 'Activation',
    kind: 'activation',
    options,
    outputShape: (input) => input,
    weights: () => [],
    lower: ({ name, input }) => activate(chosen, name, input),
    getConfig: () => ({ activation: chosen }),
  };
}
