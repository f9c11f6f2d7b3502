// Inputs one behind another along an axis.  https://keras.io/api/layers/merging_layers/concatenate/
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { formatShape, type Shape } from '../base/shape.js';
import { lowerConcatenate, type ConcatenateNode } from '../compiler/ops/concatenate.js';
import { checkLayerOptions, defineMergeLayer, type Layer, type LayerOptions } from './layer.js';

/** Options of {@link concatenate}. */
export interface ConcatenateOptions extends LayerOptions {
  /** Default -1, the last one: channels. As in Keras, 0 is the axis of the examples and 1 the first of each. */
  axis?: number;
}

/**
 * Joins its inputs along an axis, the last one unless `axis` says otherwise; their other axes are alike.
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const [a, b] = [input({ shape: [28, 28, 8] }), input({ shape: [28, 28, 24] })];
 * layers.concatenate().apply([a, b]).shape; // [28, 28, 32]
 * ```
 */
export function concatenate(options: ConcatenateOptions = {}): Layer {
  checkLayerOptions(options, ['axis'], 'concatenate');
  const { axis = -1 } = options;
  check(
    Number.isSafeInteger(axis) && axis !== 0,
    () => `concatenate's axis must be a whole number other than 0, the examples' own, got ${describe(axis)}`,
  );

  /** Axis of one example's shape. */
  function axisOf({ length }: Shape, who: string): number {
    const found = axis < 0 ? length + axis : axis - 1;
    check(
      found >= 0 && found < length,
      () => `${who} joins along axis ${axis}, and its inputs have axes 1 to ${length}, or -1 to -${length}`,
    );
    return found;
  }

  function outputShape(inputs: readonly Shape[], who: string): Shape {
    const [first] = inputs as [Shape];
    const joined = axisOf(first, who);
    for (const shape of inputs)
      check(
        shape.length === first.length && shape.every((size, i) => i === joined || size === first[i]),
        () =>
          `${who} needs inputs that are equal but for axis ${axis}, got ${formatShape(first)} and ${formatShape(shape)}; make them meet before, e.g. with cropping2d or resizing`,
      );
    return first.map((size, i) => (i === joined ? inputs.reduce((sum, shape) => sum + shape[i]!, 0) : size));
  }

  return defineMergeLayer({
    className: 'Concatenate',
    make: concatenate,
    kind: 'concatenate',
    options,
    outputShape,
    build(graph, inputs, { name }) {
      const shapes = inputs.map(({ shape }) => shape);
      return graph.add<ConcatenateNode>({
        kind: 'concatenate',
        lowerings: [lowerConcatenate],
        layer: name,
        inputs,
        output: outputShape(shapes, name),
        variables: [],
        axis: axisOf(shapes[0]!, name),
      });
    },
    getConfig: () => ({ axis }),
  });
}
