// Images with more around them, or less.  https://keras.io/api/layers/reshaping_layers/zero_padding2d/
import { check } from '../base/errors.js';
import { listed } from '../base/options.js';
import { checkWhole, formatShape, LARGEST, type Shape } from '../base/shape.js';
import { lowerCrop, type CropNode } from '../compiler/ops/crop.js';
import type { GraphBuilder, Value } from '../graph/graph.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

/** For all sides; or [rows above and below, columns left and right]; or [[top, bottom], [left, right]]. */
export type Sides = number | readonly [Side, Side];
type Side = number | readonly [number, number];

type AllSides = readonly [readonly [top: number, bottom: number], readonly [left: number, right: number]];

function checkSides(sides: Sides, what: string): AllSides {
  const pair = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value, value]);
  const all = pair(sides).map(pair);
  check(
    all.length === 2 && all.every(({ length }) => length === 2),
    () => `${what} must be a number, [rows, columns] or [[top, bottom], [left, right]], got ${listed(sides)}`,
  );
  for (const size of all.flat())
    check(
      checkWhole(size, what, 0) < LARGEST,
      () => `${what} must be less than ${LARGEST}, as every image is, got ${listed(sides)}; make it smaller`,
    );
  return all as unknown as AllSides;
}

/** Options of {@link zeroPadding2d}. */
export interface ZeroPadding2dOptions extends LayerOptions {
  /** Default 1. */
  padding?: Sides;
}

/**
 * [height, width, channels] → the image within zeros.
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [28, 28, 8] });
 * layers.zeroPadding2d({ padding: 1 }).apply(x).shape; // [30, 30, 8]
 * ```
 */
export function zeroPadding2d(options: ZeroPadding2dOptions = {}): Layer {
  checkLayerOptions(options, ['padding'], 'zeroPadding2d');
  const padding = checkSides(options.padding ?? 1, "zeroPadding2d's padding");
  const [[top, bottom], [left, right]] = padding;

  function outputShape(input: Shape, who: string): Shape {
    const [height, width, channels] = checkImage(input, who);
    return [height + top + bottom, width + left + right, channels];
  }

  return defineLayer({
    className: 'ZeroPadding2D',
    make: zeroPadding2d,
    kind: 'zeroPadding2d',
    options,
    outputShape,
    build: (graph, x, { name }) => {
      const node = {
        kind: 'pad',
        lowerings: [lowerCrop],
        layer: name,
        inputs: [x],
        variables: [],
        top,
        left,
        bytes: 'passes',
      } as const;
      return graph.add<CropNode>({ ...node, output: outputShape(x.shape, name) });
    },
    getConfig: () => ({ padding: padding.map((side) => [...side]) }),
  });
}

/** Options of {@link cropping2d}. */
export interface Cropping2dOptions extends LayerOptions {
  /** Default 0. */
  cropping?: Sides;
}

/**
 * [height, width, channels] → the image without its edges.
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [28, 28, 8] });
 * layers.cropping2d({ cropping: 2 }).apply(x).shape; // [24, 24, 8]
 * ```
 */
export function cropping2d(options: Cropping2dOptions = {}): Layer {
  checkLayerOptions(options, ['cropping'], 'cropping2d');
  const cropping = checkSides(options.cropping ?? 0, "cropping2d's cropping");
  const [[top, bottom], [left, right]] = cropping;

  function outputShape(input: Shape, who: string): Shape {
    const [height, width, channels] = checkImage(input, who);
    check(
      height > top + bottom && width > left + right,
      () =>
        `${who} needs an image of more than ${top + bottom} × ${left + right}, which it takes away, got ${formatShape(input)}; crop less`,
    );
    return [height - top - bottom, width - left - right, channels];
  }

  return defineLayer({
    className: 'Cropping2D',
    make: cropping2d,
    kind: 'cropping2d',
    options,
    outputShape,
    build: (graph, x, { name }) => crop(graph, x, outputShape(x.shape, name), top, left, name),
    getConfig: () => ({ cropping: cropping.map((side) => [...side]) }),
  });
}

/** The part of an image that begins at [top, left]. */
export function crop(graph: GraphBuilder, x: Value, output: Shape, top: number, left: number, layer: string): Value {
  return graph.add<CropNode>({
    kind: 'crop',
    lowerings: [lowerCrop],
    layer,
    inputs: [x],
    output,
    variables: [],
    top,
    left,
    bytes: 'passes',
  });
}
