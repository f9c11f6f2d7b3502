// Resizing with pixel centers at halves, as in TensorFlow 2 and Keras.
// https://keras.io/api/layers/preprocessing_layers/image_preprocessing/resizing/
import { check } from '../base/errors.js';
import { checkBoolean, describe } from '../base/options.js';
import { checkWhole, LARGEST, type Shape } from '../base/shape.js';
import { lowerResize, type Interpolation, type ResizeNode } from '../compiler/ops/resize.js';
import type { GraphBuilder, Value } from '../graph/graph.js';
import { crop } from './crop.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { checkSize2d, type Size2d } from './window.js';

function checkInterpolation(interpolation: unknown, who: string): Interpolation {
  check(
    interpolation === 'bilinear' || interpolation === 'nearest',
    () => `${who}'s interpolation must be 'bilinear' or 'nearest', got ${describe(interpolation)}`,
  );
  return interpolation;
}

function checkSide(size: unknown, what: string): number {
  const side = checkWhole(size, what);
  check(side < LARGEST, () => `${what} must be less than ${LARGEST}, as every image is, got ${side}; make it smaller`);
  return side;
}

function resize(graph: GraphBuilder, x: Value, output: Shape, interpolation: Interpolation, layer: string): Value {
  if (output[0] === x.shape[0] && output[1] === x.shape[1]) return x;
  return graph.add<ResizeNode>({
    kind: 'resize',
    lowerings: [lowerResize],
    layer,
    inputs: [x],
    output,
    variables: [],
    interpolation,
    bytes: 'passes',
  });
}

/** The middle of an image, as large as it can be with the proportions of height × width. */
function cropToProportions(graph: GraphBuilder, x: Value, height: number, width: number, layer: string): Value {
  const [inH, inW, channels] = x.shape as [number, number, number];
  const cropH = Math.max(1, Math.min(inH, Math.floor((inW * height) / width)));
  const cropW = Math.max(1, Math.min(inW, Math.floor((inH * width) / height)));
  return center(graph, x, [cropH, cropW, channels], layer);
}

function center(graph: GraphBuilder, x: Value, output: Shape, layer: string): Value {
  const [top, left] = [0, 1].map((axis) => Math.floor((x.shape[axis]! - output[axis]!) / 2)) as [number, number];
  const whole = output[0] === x.shape[0] && output[1] === x.shape[1];
  return whole ? x : crop(graph, x, output, top, left, layer);
}

/** Options of {@link resizing}. */
export interface ResizingOptions extends LayerOptions {
  height: number;
  width: number;
  /** Default 'bilinear'. */
  interpolation?: Interpolation;
  /** Whether to crop to the proportions of height × width before, so that nothing is distorted. Default false. */
  cropToAspectRatio?: boolean;
}

/**
 * [inHeight, inWidth, channels] → [height, width, channels].
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [64, 48, 3] });
 * layers.resizing({ height: 96, width: 96 }).apply(x).shape; // [96, 96, 3]
 * ```
 */
export function resizing(options: ResizingOptions): Layer {
  checkLayerOptions(options, ['height', 'width', 'interpolation', 'cropToAspectRatio'], 'resizing');
  const [height, width] = [
    checkSide(options.height, "resizing's height"),
    checkSide(options.width, "resizing's width"),
  ];
  const { cropToAspectRatio = false } = options;
  const interpolation = checkInterpolation(options.interpolation ?? 'bilinear', 'resizing');
  checkBoolean(cropToAspectRatio, "resizing's cropToAspectRatio");
  const outputShape = (input: Shape, who: string): Shape => [height, width, checkImage(input, who)[2]];
  return defineLayer({
    className: 'Resizing',
    make: resizing,
    kind: 'resizing',
    options,
    outputShape,
    build(graph, x, { name }) {
      const part = cropToAspectRatio ? cropToProportions(graph, x, height, width, name) : x;
      return resize(graph, part, outputShape(x.shape, name), interpolation, name);
    },
    getConfig: () => ({ height, width, interpolation, cropToAspectRatio }),
  });
}

/** Options of {@link centerCrop}. */
export interface CenterCropOptions extends LayerOptions {
  height: number;
  width: number;
}

/**
 * The middle of the image; of one that is smaller, the middle with these proportions, enlarged (bilinear).
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [32, 32, 3] });
 * layers.centerCrop({ height: 24, width: 24 }).apply(x).shape; // [24, 24, 3]
 * ```
 */
export function centerCrop(options: CenterCropOptions): Layer {
  checkLayerOptions(options, ['height', 'width'], 'centerCrop');
  const [height, width] = [
    checkSide(options.height, "centerCrop's height"),
    checkSide(options.width, "centerCrop's width"),
  ];
  const outputShape = (input: Shape, who: string): Shape => [height, width, checkImage(input, who)[2]];
  return defineLayer({
    className: 'CenterCrop',
    make: centerCrop,
    kind: 'centerCrop',
    options,
    outputShape,
    build(graph, x, { name }) {
      const output = outputShape(x.shape, name);
      if (x.shape[0]! >= height && x.shape[1]! >= width) return center(graph, x, output, name);
      return resize(graph, cropToProportions(graph, x, height, width, name), output, 'bilinear', name);
    },
    getConfig: () => ({ height, width }),
  });
}

/** Options of {@link upSampling2d}. */
export interface UpSampling2dOptions extends LayerOptions {
  /** How often each row and column is repeated. Default 2. */
  size?: Size2d;
  /** Default 'nearest': pixels are repeated. */
  interpolation?: Interpolation;
}

/**
 * [height, width, channels] → [height · size, width · size, channels].
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [7, 7, 16] });
 * layers.upSampling2d({ size: 2 }).apply(x).shape; // [14, 14, 16]
 * ```
 */
export function upSampling2d(options: UpSampling2dOptions = {}): Layer {
  checkLayerOptions(options, ['size', 'interpolation'], 'upSampling2d');
  const size = checkSize2d(options.size ?? 2, "upSampling2d's size");
  const interpolation = checkInterpolation(options.interpolation ?? 'nearest', 'upSampling2d');

  function outputShape(input: Shape, who: string): Shape {
    const [height, width, channels] = checkImage(input, who);
    return [height * size[0], width * size[1], channels];
  }

  return defineLayer({
    className: 'UpSampling2D',
    make: upSampling2d,
    kind: 'upSampling2d',
    options,
    outputShape,
    build: (graph, x, { name }) => resize(graph, x, outputShape(x.shape, name), interpolation, name),
    getConfig: () => ({ size: [...size], interpolation }),
  });
}
