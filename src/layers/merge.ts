// Layers that make one value of several, element by element. Axes of 1 are stretched to the others', as NumPy broadcasts them.
// https://keras.io/api/layers/merging_layers/
import { check } from '../base/errors.js';
import { formatShape, type Shape } from '../base/shape.js';
import { lowerMerge, type MergeFunction, type MergeNode } from '../compiler/ops/merge.js';
import { checkLayerOptions, defineMergeLayer, type Layer, type LayerOptions } from './layer.js';

/**
 * The sum of its inputs.
 *
 * @example
 * ```js
 * import { input, layers, model } from 'wasm-cnn';
 *
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const merged = model({ inputs: [a, b], outputs: layers.add().apply([a, b]) });
 * const [x, z] = [Float32Array.of(1, 5), Float32Array.of(4, 2)].map((data) => ({ data, shape: [1, 2] }));
 * await merged.predict([x, z]); // { data: [5, 7] }
 * ```
 */
export const add = (options: LayerOptions = {}): Layer => mergeLayer('Add', add, 'add', options);
/**
 * The first input minus the second.
 *
 * @example
 * ```js
 * import { input, layers, model } from 'wasm-cnn';
 *
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const merged = model({ inputs: [a, b], outputs: layers.subtract().apply([a, b]) });
 * const [x, z] = [Float32Array.of(1, 5), Float32Array.of(4, 2)].map((data) => ({ data, shape: [1, 2] }));
 * await merged.predict([x, z]); // { data: [-3, 3] }
 * ```
 */
export const subtract = (options: LayerOptions = {}): Layer => mergeLayer('Subtract', subtract, 'subtract', options);
/**
 * The product of its inputs.
 *
 * @example
 * ```js
 * import { input, layers, model } from 'wasm-cnn';
 *
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const merged = model({ inputs: [a, b], outputs: layers.multiply().apply([a, b]) });
 * const [x, z] = [Float32Array.of(1, 5), Float32Array.of(4, 2)].map((data) => ({ data, shape: [1, 2] }));
 * await merged.predict([x, z]); // { data: [4, 10] }
 * ```
 */
export const multiply = (options: LayerOptions = {}): Layer => mergeLayer('Multiply', multiply, 'multiply', options);
/**
 * The mean of its inputs.
 *
 * @example
 * ```js
 * import { input, layers, model } from 'wasm-cnn';
 *
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const merged = model({ inputs: [a, b], outputs: layers.average().apply([a, b]) });
 * const [x, z] = [Float32Array.of(1, 5), Float32Array.of(4, 2)].map((data) => ({ data, shape: [1, 2] }));
 * await merged.predict([x, z]); // { data: [2.5, 3.5] }
 * ```
 */
export const average = (options: LayerOptions = {}): Layer => mergeLayer('Average', average, 'average', options);
/**
 * The largest of its inputs; of equal ones the first gets the gradient.
 *
 * @example
 * ```js
 * import { input, layers, model } from 'wasm-cnn';
 *
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const merged = model({ inputs: [a, b], outputs: layers.maximum().apply([a, b]) });
 * const [x, z] = [Float32Array.of(1, 5), Float32Array.of(4, 2)].map((data) => ({ data, shape: [1, 2] }));
 * await merged.predict([x, z]); // { data: [4, 5] }
 * ```
 */
export const maximum = (options: LayerOptions = {}): Layer => mergeLayer('Maximum', maximum, 'maximum', options);
/**
 * The smallest of its inputs; of equal ones the first gets the gradient.
 *
 * @example
 * ```js
 * import { input, layers, model } from 'wasm-cnn';
 *
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const merged = model({ inputs: [a, b], outputs: layers.minimum().apply([a, b]) });
 * const [x, z] = [Float32Array.of(1, 5), Float32Array.of(4, 2)].map((data) => ({ data, shape: [1, 2] }));
 * await merged.predict([x, z]); // { data: [1, 2] }
 * ```
 */
export const minimum = (options: LayerOptions = {}): Layer => mergeLayer('Minimum', minimum, 'minimum', options);

function mergeLayer(className: string, make: Layer['make'], kind: MergeFunction, options: LayerOptions): Layer {
  checkLayerOptions(options, [], kind);

  function outputShape(inputs: readonly Shape[], who: string): Shape {
    check(
      kind !== 'subtract' || inputs.length === 2,
      () => `${who} takes two inputs, got ${inputs.length}; subtract() them one after another`,
    );
    return inputs.reduce((a, b) => {
      const shape = broadcast(a, b);
      check(
        shape !== null,
        () =>
          `${who} needs inputs whose axes are equal or 1, got ${formatShape(a)} and ${formatShape(b)}; make them meet before, e.g. with a 1 × 1 conv2d, padding: 'same', or keepDims: true`,
      );
      return shape;
    });
  }

  return defineMergeLayer({
    className,
    make,
    kind,
    options,
    outputShape,
    build: (graph, inputs, { name }) =>
      graph.add<MergeNode>({
        kind: 'merge',
        lowerings: [lowerMerge],
        function: kind,
        layer: name,
        inputs,
        output: outputShape(
          inputs.map(({ shape }) => shape),
          name,
        ),
        variables: [],
      }),
    getConfig: () => ({}),
  });
}

/** The shape that both are stretched to, their last axes beside each other; null where they do not meet. */
function broadcast(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const axes = Array.from(
    { length: rank },
    (_, i) => [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1] as const,
  );
  return axes.every(([x, y]) => x === y || x === 1 || y === 1) ? axes.map(([x, y]) => Math.max(x, y)) : null;
}
