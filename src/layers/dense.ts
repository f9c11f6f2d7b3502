// Fully connected layer.  https://keras.io/api/layers/core_layers/dense/
import { check } from '../base/errors.js';
import { lowerDense } from '../compiler/ops/dense.js';
import { checkInitializer, type Initializer } from '../initializers/index.js';
import { checkWhole, formatShape } from '../base/shape.js';
import { activate, checkActivation, type Activation } from './activation.js';
import { checkBias, withBias, type BiasOptions } from './bias.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions, type WeightRules } from './layer.js';

/** Options of {@link dense}. */
export interface DenseOptions extends LayerOptions, BiasOptions, WeightRules<'kernel' | 'bias'> {
  /** Outputs. */
  units: number;
  /** Default 'linear'. */
  activation?: Activation;
  /** Default 'glorotUniform'. */
  kernelInitializer?: Initializer;
}

/**
 * [features] → [units].  kernel [features, units], bias [units]
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [128] });
 * layers.dense({ units: 10, activation: 'softmax' }).apply(x).shape; // [10]
 * ```
 */
export function dense(options: DenseOptions): Layer {
  checkLayerOptions(options, ['units', 'activation', 'useBias', 'kernelInitializer', 'biasInitializer'], 'dense');
  const units = checkWhole(options.units, "dense's units");
  const activation = checkActivation(options.activation ?? 'linear', 'dense');
  const bias = checkBias(options, 'dense');
  const { useBias, biasInitializer } = bias;
  const kernelInitializer = checkInitializer(options.kernelInitializer ?? 'glorotUniform', 'dense');
  return defineLayer({
    className: 'Dense',
    make: dense,
    kind: 'dense',
    options,
    outputShape(input, who) {
      check(
        input.length === 1,
        () => `${who} needs input [features], got ${formatShape(input)}; put flatten() before it`,
      );
      return [units];
    },
    variables(input) {
      const kernel = { name: 'kernel', shape: [input[0]!, units], initializer: kernelInitializer };
      return withBias(bias, units, [kernel]);
    },
    build(graph, x, { name, variables }) {
      const product = graph.add({
        kind: 'dense',
        lowerings: [lowerDense],
        layer: name,
        inputs: [x],
        output: [units],
        variables,
      });
      return activate(graph, activation, product, name);
    },
    getConfig: () => ({ units, activation, useBias, kernelInitializer, biasInitializer }),
  });
}
