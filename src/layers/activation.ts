// Activation as a layer, and as the `activation` option of other layers.  https://keras.io/api/layers/core_layers/activation/
import { check } from '../base/errors.js';
import type { ActivationFunction, ActivationNode } from '../compiler/ops/activation.js';
import type { GraphBuilder, Value } from '../graph/graph.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

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

/** The activation of a value; the value itself for 'linear'. */
export function activate(graph: GraphBuilder, activation: Activation, x: Value, layer: string): Value {
  if (activation === 'linear') return x;
  const node = {
    kind: 'activation',
    function: activation,
    layer,
    inputs: [x],
    output: x.shape,
    variables: [],
  } as const;
  return graph.add<ActivationNode>(node);
}

export interface ActivationOptions extends LayerOptions {
  activation: Activation;
}

/** Any shape in, the same shape out; softmax runs over the last axis. */
export function activation(options: ActivationOptions): Layer {
  checkLayerOptions(options, ['activation'], 'activation');
  const chosen = checkActivation(options.activation, 'activation');
  return defineLayer({
    className: 'Activation',
    kind: 'activation',
    options,
    outputShape: (input) => input,
    build: (graph, x, { name }) => activate(graph, chosen, x, name),
    getConfig: () => ({ activation: chosen }),
  });
}
