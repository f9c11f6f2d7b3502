// The same values under another shape, or in another order of axes.  https://keras.io/api/layers/reshaping_layers/
import { check } from '../base/errors.js';
import { listed } from '../base/options.js';
import { formatShape, sameShape, sizeOf, type Shape } from '../base/shape.js';
import { lowerReshape } from '../compiler/ops/reshape.js';
import { lowerPermute, type PermuteNode } from '../compiler/ops/permute.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

/** Options of {@link reshape}. */
export interface ReshapeOptions extends LayerOptions {
  /** Shape of one example; one axis may be -1: it is inferred from the others. */
  targetShape: readonly number[];
}

/**
 * Moves nothing: the values stay in their order.
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [1568] });
 * layers.reshape({ targetShape: [7, 7, -1] }).apply(x).shape; // [7, 7, 32]
 * ```
 */
export function reshape(options: ReshapeOptions): Layer {
  checkLayerOptions(options, ['targetShape'], 'reshape');
  const target: readonly number[] = Array.isArray(options.targetShape) ? [...options.targetShape] : [];
  check(
    Array.isArray(options.targetShape) &&
      target.every((size) => Number.isSafeInteger(size) && (size > 0 || size === -1)) &&
      target.filter((size) => size === -1).length <= 1,
    () =>
      `reshape's targetShape must be an array of whole numbers above 0, one of which may be -1, got ${listed(options.targetShape)}`,
  );

  function outputShape(input: Shape, who: string): Shape {
    const known = sizeOf(target.filter((size) => size !== -1));
    const shape = target.map((size) => (size === -1 ? sizeOf(input) / known : size));
    check(
      sizeOf(shape) === sizeOf(input) && shape.every(Number.isSafeInteger),
      () =>
        `${who} cannot make ${formatShape(target)} of ${formatShape(input)}, which has ${sizeOf(input)} values; choose axes whose product that is`,
    );
    return shape;
  }

  return defineLayer({
    className: 'Reshape',
    make: reshape,
    kind: 'reshape',
    options,
    outputShape,
    build: (graph, x, { name }) =>
      graph.add({
        ...{
          kind: 'reshape',
          lowerings: [lowerReshape],
          layer: name,
          inputs: [x],
          output: outputShape(x.shape, name),
          variables: [],
        },
        bytes: 'passes',
      }),
    getConfig: () => ({ targetShape: [...target] }),
  });
}

/** Options of {@link permute}. */
export interface PermuteOptions extends LayerOptions {
  /** Which axis of the input each one of the output is, from 1 on: [3, 1, 2] makes [channels, height, width]. */
  dims: readonly number[];
}

/**
 * The same values with their axes in another order.
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [28, 20, 3] });
 * layers.permute({ dims: [3, 1, 2] }).apply(x).shape; // [3, 28, 20]
 * ```
 */
export function permute(options: PermuteOptions): Layer {
  checkLayerOptions(options, ['dims'], 'permute');
  const dims: readonly number[] = Array.isArray(options.dims) ? [...options.dims] : [];
  check(
    dims.length > 0 &&
      sameShape(
        [...dims].sort((a, b) => a - b),
        dims.map((_, i) => i + 1),
      ),
    () =>
      `permute's dims must be the numbers from 1 to the number of axes in another order, e.g. [2, 1, 3], got ${listed(options.dims)}`,
  );

  function outputShape(input: Shape, who: string): Shape {
    check(
      input.length === dims.length,
      () => `${who} needs input of ${dims.length} axes, one for each of its dims, got ${formatShape(input)}`,
    );
    return dims.map((axis) => input[axis - 1]!);
  }

  return defineLayer({
    className: 'Permute',
    make: permute,
    kind: 'permute',
    options,
    outputShape,
    build(graph, x, { name: layer }) {
      const output = outputShape(x.shape, layer);
      // Axes of 1 go wherever they like: if the others keep their order, nothing moves.
      const moved = dims.filter((axis) => x.shape[axis - 1]! > 1);
      const common = { layer, inputs: [x], output, variables: [], bytes: 'passes' } as const;
      if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!))
        return graph.add({ kind: 'reshape', lowerings: [lowerReshape], ...common });
      return graph.add<PermuteNode>({
        kind: 'permute',
        lowerings: [lowerPermute],
        ...common,
        axes: dims.map((axis) => axis - 1),
      });
    },
    getConfig: () => ({ dims: [...dims] }),
  });
}
