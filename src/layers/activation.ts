// Activations as layers, and as the `activation` option of other layers.  https://keras.io/api/layers/activations/
import { check } from '../base/errors.js';
import { unknown } from '../base/nearest.js';
import { checkNumber } from '../base/options.js';
import { lowerActivation, type ActivationFunction, type ActivationNode } from '../compiler/ops/activation.js';
import type { GraphBuilder, Value } from '../graph/graph.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

interface Definition {
  readonly function: ActivationFunction;
  readonly parameters?: readonly number[];
}

/** No value is higher: what is not clipped. */
const LARGEST_F32 = 3.4028234663852886e38;

const clipped = (slope: number, threshold: number, highest: number): Definition => ({
  function: 'clippedRelu',
  parameters: [slope, threshold, highest],
});

/** Activations by the names of TF.js and Keras; 'linear' leaves its input as it is. */
const definitions = {
  linear: null,
  relu: { function: 'relu' },
  sigmoid: { function: 'sigmoid' },
  tanh: { function: 'tanh' },
  softmax: { function: 'softmax' },
  elu: { function: 'elu', parameters: [1, 1] },
  exponential: { function: 'exponential' },
  gelu: { function: 'gelu' },
  /** Keras' gelu with approximate=True, by tanh. */
  geluApproximate: { function: 'geluApproximate' },
  hardSigmoid: { function: 'hardSigmoid' },
  hardSilu: { function: 'hardSwish' },
  hardSwish: { function: 'hardSwish' },
  /** Slope 0.2 below 0, as Keras' function; the layer's is 0.3. */
  leakyRelu: clipped(0.2, 0, LARGEST_F32),
  logSoftmax: { function: 'logSoftmax' },
  mish: { function: 'mish' },
  relu6: clipped(0, 0, 6),
  /** elu with Klambauer et al.'s alpha · scale and scale (https://arxiv.org/abs/1706.02515). */
  selu: { function: 'elu', parameters: [1.6732632423543772 * 1.0507009873554805, 1.0507009873554805] },
  silu: { function: 'silu' },
  softplus: { function: 'softplus' },
  softsign: { function: 'softsign' },
  swish: { function: 'silu' },
} as const satisfies Record<string, Definition | null>;

export type Activation = keyof typeof definitions;

export function checkActivation(activation: unknown, who: string): Activation {
  check(
    typeof activation === 'string' && Object.hasOwn(definitions, activation),
    () =>
      `${who} has no activation ${unknown(activation, Object.keys(definitions))}; there is ${Object.keys(definitions).join(', ')}`,
  );
  return activation as Activation;
}

/** The activation of a value; the value itself for 'linear'. */
export function activate(graph: GraphBuilder, activation: Activation, x: Value, layer: string): Value {
  const definition = definitions[activation];
  return definition ? add(graph, definition, x, layer) : x;
}

function add(graph: GraphBuilder, definition: Definition, x: Value, layer: string): Value {
  return graph.add<ActivationNode>({
    kind: 'activation',
    lowerings: [lowerActivation],
    ...definition,
    layer,
    inputs: [x],
    output: x.shape,
    variables: [],
  });
}

/** Options of {@link activation}. */
export interface ActivationOptions extends LayerOptions {
  activation: Activation;
}

/**
 * Any shape in, the same shape out; softmax and logSoftmax run over the last axis.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.activation({ activation: 'relu' })] });
 * const x = { data: Float32Array.of(-1, 0, 2), shape: [1, 3] };
 * await model.predict(x); // { data: [0, 0, 2] }
 * ```
 */
export function activation(options: ActivationOptions): Layer {
  checkLayerOptions(options, ['activation'], 'activation');
  const chosen = checkActivation(options.activation, 'activation');
  return defineLayer({
    className: 'Activation',
    make: activation,
    kind: 'activation',
    options,
    outputShape: (input) => input,
    build: (graph, x, { name }) => activate(graph, chosen, x, name),
    getConfig: () => ({ activation: chosen }),
  });
}

/** Options of {@link relu}. */
export interface ReluOptions extends LayerOptions {
  /** Highest value; null (default): none. */
  maxValue?: number | null;
  /** Slope below the threshold. Default 0. */
  negativeSlope?: number;
  /** Values below it are cut off. Default 0. */
  threshold?: number;
}

/** Options of {@link leakyReLU}. */
export interface LeakyReLUOptions extends LayerOptions {
  /** Slope below 0. Default 0.3. */
  negativeSlope?: number;
}

/** Options of {@link elu}. */
export interface EluOptions extends LayerOptions {
  /** What large negative values tend to, without its sign. Default 1. */
  alpha?: number;
}

/** Throws unless it is a number of at least 0 that an f32 holds. */
function checkSlope(value: unknown, what: string): asserts value is number {
  checkNumber(value, (number) => number >= 0 && number <= LARGEST_F32, `${what} must be a number of at least 0`);
}

/**
 * x from the threshold to maxValue, maxValue above, negativeSlope · (x - threshold) below.  https://keras.io/api/layers/activation_layers/relu/
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.relu({ maxValue: 6 })] });
 * const x = { data: Float32Array.of(-1, 3, 8), shape: [1, 3] };
 * await model.predict(x); // { data: [0, 3, 6] }
 * ```
 */
export function relu(options: ReluOptions = {}): Layer {
  checkLayerOptions(options, ['maxValue', 'negativeSlope', 'threshold'], 'relu');
  const { maxValue = null, negativeSlope = 0, threshold = 0 } = options;
  checkSlope(negativeSlope, "relu's negativeSlope");
  checkSlope(threshold, "relu's threshold");
  if (maxValue !== null)
    checkNumber(
      maxValue,
      (value) => value > threshold && value <= LARGEST_F32,
      `relu's maxValue must be null or a number above its threshold, ${threshold}`,
    );
  const isPlain = maxValue === null && negativeSlope === 0 && threshold === 0;
  const definition = isPlain ? definitions.relu : clipped(negativeSlope, threshold, maxValue ?? LARGEST_F32);
  return defineLayer({
    className: 'ReLU',
    make: relu,
    kind: 'relu',
    options,
    outputShape: (input) => input,
    build: (graph, x, { name }) => add(graph, definition, x, name),
    getConfig: () => ({ maxValue, negativeSlope, threshold }),
  });
}

/**
 * x above 0, negativeSlope · x below.  https://keras.io/api/layers/activation_layers/leaky_relu/
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.leakyReLU({ negativeSlope: 0.1 })] });
 * const x = { data: Float32Array.of(-1, 0, 2), shape: [1, 3] };
 * await model.predict(x); // { data: [-0.1, 0, 2] }
 * ```
 */
export function leakyReLU(options: LeakyReLUOptions = {}): Layer {
  checkLayerOptions(options, ['negativeSlope'], 'leakyReLU');
  const { negativeSlope = 0.3 } = options;
  checkSlope(negativeSlope, "leakyReLU's negativeSlope");
  return defineLayer({
    className: 'LeakyReLU',
    make: leakyReLU,
    kind: 'leakyReLU',
    options,
    outputShape: (input) => input,
    build: (graph, x, { name }) => add(graph, clipped(negativeSlope, 0, LARGEST_F32), x, name),
    getConfig: () => ({ negativeSlope }),
  });
}

/**
 * x above 0, alpha · (e^x - 1) below.  https://keras.io/api/layers/activation_layers/elu/
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.elu()] });
 * const x = { data: Float32Array.of(-1, 0, 2), shape: [1, 3] };
 * await model.predict(x); // { data: [-0.632, 0, 2] }
 * ```
 */
export function elu(options: EluOptions = {}): Layer {
  checkLayerOptions(options, ['alpha'], 'elu');
  const { alpha = 1 } = options;
  checkSlope(alpha, "elu's alpha");
  return defineLayer({
    className: 'ELU',
    make: elu,
    kind: 'elu',
    options,
    outputShape: (input) => input,
    build: (graph, x, { name }) => add(graph, { function: 'elu', parameters: [alpha, 1] }, x, name),
    getConfig: () => ({ alpha }),
  });
}

/**
 * Over the last axis.  https://keras.io/api/layers/activation_layers/softmax/
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.softmax()] });
 * const x = { data: Float32Array.of(1, 2, 3), shape: [1, 3] };
 * await model.predict(x); // { data: [0.09, 0.245, 0.665] }
 * ```
 */
export function softmax(options: LayerOptions = {}): Layer {
  checkLayerOptions(options, [], 'softmax');
  return defineLayer({
    className: 'Softmax',
    make: softmax,
    kind: 'softmax',
    options,
    outputShape: (input) => input,
    build: (graph, x, { name }) => activate(graph, 'softmax', x, name),
    getConfig: () => ({}),
  });
}
