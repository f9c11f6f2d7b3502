// PReLU: ReLU with a slope below 0 that is learned.  https://keras.io/api/layers/activation_layers/prelu/
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { formatShape, type Shape } from '../base/shape.js';
import { lowerPrelu, preluAxes, type PreluNode } from '../compiler/ops/prelu.js';
import { checkInitializer, type Initializer } from '../initializers/index.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions, type WeightRules } from './layer.js';

/** Options of {@link prelu}. */
export interface PreluOptions extends LayerOptions, WeightRules<'alpha'> {
  /** Default 'zeros'. */
  alphaInitializer?: Initializer;
  /** Axes along which alpha is the same, counted from 1 (0 is the batch): [1, 2] is one slope a channel of an image. Default: none. */
  sharedAxes?: readonly number[] | null;
}

/**
 * x above 0, alpha · x below.  alpha: the input's shape, with 1 for each shared axis.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.prelu({ alphaInitializer: 'ones' })] });
 * const x = { data: Float32Array.of(-1, 0, 2), shape: [1, 3] };
 * await model.predict(x); // { data: [-1, 0, 2] }
 * ```
 */
export function prelu(options: PreluOptions = {}): Layer {
  checkLayerOptions(options, ['alphaInitializer', 'sharedAxes'], 'prelu');
  const alphaInitializer = checkInitializer(options.alphaInitializer ?? 'zeros', 'prelu');
  const { sharedAxes = null } = options;
  check(
    sharedAxes === null ||
      (Array.isArray(sharedAxes) && sharedAxes.every((axis) => Number.isSafeInteger(axis) && axis >= 1)),
    () =>
      `prelu's sharedAxes must be an array of axes from 1 on, e.g. [1, 2], got ${Array.isArray(sharedAxes) ? formatShape(sharedAxes) : describe(sharedAxes)}`,
  );
  const axes = sharedAxes && [...sharedAxes];
  const alphaOf = (input: Shape): Shape => input.map((size, axis) => (axes?.includes(axis + 1) ? 1 : size));
  return defineLayer({
    className: 'PReLU',
    make: prelu,
    kind: 'prelu',
    options,
    outputShape(input, who) {
      check(
        axes === null || axes.every((axis) => axis <= input.length),
        () => `${who} shares axes ${formatShape(axes!)}, and its input ${formatShape(input)} has ${input.length}`,
      );
      preluAxes(input, alphaOf(input), who);
      return input;
    },
    variables: (input) => [{ name: 'alpha', shape: alphaOf(input), initializer: alphaInitializer }],
    build: (graph, x, { name, variables }) =>
      graph.add<PreluNode>({
        kind: 'prelu',
        lowerings: [lowerPrelu],
        layer: name,
        inputs: [x],
        output: x.shape,
        variables,
      }),
    getConfig: () => ({ alphaInitializer, sharedAxes: axes }),
  });
}
