// Geometric augmentation: while training, each image is turned, shifted, zoomed, sheared or mirrored at random; which way follows from the
// seed, the step and the image's place in the batch.  https://keras.io/api/layers/preprocessing_layers/image_augmentation/
import { check } from '../base/errors.js';
import { checkOptions, describe, isRecord } from '../base/options.js';
import {
  fillModes,
  lowerRandomAffine,
  type AffineRanges,
  type FillMode,
  type RandomAffineNode,
  type Range,
  type Sampling,
} from '../compiler/ops/randomAffine.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

/** What is drawn from: a range [low, high], or a number f for [-f, f]. */
export type Factor = number | readonly [low: number, high: number];

/** How what lies between pixels, and beyond the edge, is taken from the image. */
export interface SamplingOptions {
  /** Default 'bilinear'. */
  interpolation?: 'bilinear' | 'nearest';
  /**
   * What is beyond the edge a b c: the fill value ('constant'), the edge c c ('nearest'), the image mirrored c b ('reflect') or again
   * a b ('wrap'). Default 'reflect'.
   */
  fillMode?: FillMode;
  /** For 'constant', in the units of the layer's input. Default 0. */
  fillValue?: number;
}

export const samplingNames = ['interpolation', 'fillMode', 'fillValue'] as const;

export function checkSampling(options: SamplingOptions, who: string): Sampling {
  const { interpolation = 'bilinear', fillMode = 'reflect', fillValue = 0 } = options;
  check(
    interpolation === 'bilinear' || interpolation === 'nearest',
    () => `${who}'s interpolation must be 'bilinear' or 'nearest', got ${describe(interpolation)}`,
  );
  check(
    fillModes.includes(fillMode),
    () => `${who}'s fillMode must be 'constant', 'nearest', 'reflect' or 'wrap', got ${describe(fillMode)}`,
  );
  check(
    typeof fillValue === 'number' && Number.isFinite(Math.fround(fillValue)),
    () => `${who}'s fillValue must be a number, got ${describe(fillValue)}`,
  );
  return { interpolation, fillMode, fillValue };
}

/** The range of a factor. A number f may be below 0 and stands for [-f, f], the two of a range for any order, as in Keras. */
export function rangeOf(factor: unknown, what: string, least = -1, most = 1): Range {
  const isGood = (value: unknown): value is number => typeof value === 'number' && value >= least && value <= most;
  if (isGood(factor)) return [-Math.abs(factor), Math.abs(factor)];
  check(
    Array.isArray(factor) && factor.length === 2 && factor.every(isGood),
    () =>
      `${what} must be a number from ${least} to ${most}, or a range [low, high] of two, got ${Array.isArray(factor) ? `[${factor.map(describe).join(', ')}]` : describe(factor)}`,
  );
  const [a, b] = factor as unknown as Range;
  return a < b ? [a, b] : [b, a];
}

const nothing: Range = [0, 0];
const still: AffineRanges = {
  flip: { height: 0, width: 0 },
  rotation: nothing,
  translation: { height: nothing, width: nothing },
  zoom: { height: nothing, width: null },
  shear: { x: nothing, y: nothing },
};

/** A layer that draws from these ranges. */
function affineLayer<Options extends LayerOptions>(
  kind: string,
  make: (options: never) => Layer,
  options: Options,
  config: Record<string, unknown>,
  ranges: Partial<AffineRanges>,
  sampling: Sampling,
): Layer {
  const all = { ...still, ...ranges };
  const moves = /[1-9]/.test(JSON.stringify(all));
  const kept = JSON.stringify(config);
  return defineLayer({
    className: kind[0]!.toUpperCase() + kind.slice(1),
    make,
    kind,
    options,
    outputShape: (input, who) => checkImage(input, who),
    build(graph, x, { name, index }) {
      if (!moves) return x;
      const node = { kind: 'randomAffine', layer: name, inputs: [x], variables: [], ranges: all, sampling } as const;
      return graph.add<RandomAffineNode>({
        ...{ ...node, lowerings: [lowerRandomAffine], output: x.shape },
        ...{ bytes: 'passes', augments: true, index },
      });
    },
    getConfig: () => JSON.parse(kept) as Record<string, unknown>,
  });
}

/** How images are mirrored. */
export type FlipMode = 'horizontal' | 'vertical' | 'horizontalAndVertical';

function flipOf(mode: unknown, what: string): AffineRanges['flip'] {
  const modes: Readonly<Record<FlipMode, AffineRanges['flip']>> = {
    horizontal: { height: 0, width: 0.5 },
    vertical: { height: 0.5, width: 0 },
    horizontalAndVertical: { height: 0.5, width: 0.5 },
  };
  check(
    typeof mode === 'string' && Object.hasOwn(modes, mode),
    () => `${what} must be 'horizontal', 'vertical' or 'horizontalAndVertical', got ${describe(mode)}`,
  );
  return modes[mode as FlipMode];
}

/** Options of {@link randomFlip}. */
export interface RandomFlipOptions extends LayerOptions {
  /** Default 'horizontalAndVertical'. */
  mode?: FlipMode;
}

/**
 * Mirrors half of the images: left to right, upside down, or each of the two for itself.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomFlip({ mode: 'horizontal' });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomFlip(options: RandomFlipOptions = {}): Layer {
  checkLayerOptions(options, ['mode'], 'randomFlip');
  const { mode = 'horizontalAndVertical' } = options;
  const flip = flipOf(mode, "randomFlip's mode");
  return affineLayer('randomFlip', randomFlip, options, { mode }, { flip }, checkSampling({}, 'randomFlip'));
}

/** Options of {@link randomRotation}. */
export interface RandomRotationOptions extends LayerOptions, SamplingOptions {
  /** Largest rotation, in full turns counter-clockwise, from -1 to 1: 0.05 for up to 18° either way. */
  factor: Factor;
}

/**
 * Turns each image about its middle.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomRotation({ factor: 0.05 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomRotation(options: RandomRotationOptions): Layer {
  checkLayerOptions(options, ['factor', ...samplingNames], 'randomRotation');
  const { factor } = options;
  const sampling = checkSampling(options, 'randomRotation');
  const rotation = rangeOf(factor, "randomRotation's factor");
  return affineLayer('randomRotation', randomRotation, options, { factor, ...sampling }, { rotation }, sampling);
}

/** Options of {@link randomTranslation}. */
export interface RandomTranslationOptions extends LayerOptions, SamplingOptions {
  /** Shift down, as a share of the height from -1 to 1. */
  heightFactor: Factor;
  /** Shift right, as a share of the width. */
  widthFactor: Factor;
}

/**
 * Shifts each image.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomTranslation(options: RandomTranslationOptions): Layer {
  checkLayerOptions(options, ['heightFactor', 'widthFactor', ...samplingNames], 'randomTranslation');
  const { heightFactor, widthFactor } = options;
  const sampling = checkSampling(options, 'randomTranslation');
  const config = { heightFactor, widthFactor, ...sampling };
  const translation = {
    height: rangeOf(heightFactor, "randomTranslation's heightFactor"),
    width: rangeOf(widthFactor, "randomTranslation's widthFactor"),
  };
  return affineLayer('randomTranslation', randomTranslation, options, config, { translation }, sampling);
}

/** Options of {@link randomZoom}. */
export interface RandomZoomOptions extends LayerOptions, SamplingOptions {
  /** How much more of the height is shown, from -1 to 1: 0.2 zooms out by 20 %, -0.2 zooms in. */
  heightFactor: Factor;
  /** Likewise of the width. Default null: the same as of the height, so that nothing is distorted. */
  widthFactor?: Factor | null;
}

/**
 * Zooms each image out of or into its middle.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomZoom({ heightFactor: 0.2 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomZoom(options: RandomZoomOptions): Layer {
  checkLayerOptions(options, ['heightFactor', 'widthFactor', ...samplingNames], 'randomZoom');
  const { heightFactor, widthFactor = null } = options;
  const sampling = checkSampling(options, 'randomZoom');
  const config = { heightFactor, widthFactor, ...sampling };
  const zoom = {
    height: rangeOf(heightFactor, "randomZoom's heightFactor"),
    width: widthFactor === null ? null : rangeOf(widthFactor, "randomZoom's widthFactor"),
  };
  return affineLayer('randomZoom', randomZoom, options, config, { zoom }, sampling);
}

/** Options of {@link randomShear}. */
export interface RandomShearOptions extends LayerOptions, SamplingOptions {
  /** Pixels to the side a pixel down, from 0 to 1, either way. Default 0. */
  xFactor?: Factor;
  /** Pixels down a pixel to the side. Default 0. */
  yFactor?: Factor;
}

/**
 * Shears each image about its middle.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomShear({ xFactor: 0.1 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomShear(options: RandomShearOptions = {}): Layer {
  checkLayerOptions(options, ['xFactor', 'yFactor', ...samplingNames], 'randomShear');
  const { xFactor = 0, yFactor = 0 } = options;
  const sampling = checkSampling(options, 'randomShear');
  const config = { xFactor, yFactor, ...sampling };
  const shear = {
    x: rangeOf(xFactor, "randomShear's xFactor", 0),
    y: rangeOf(yFactor, "randomShear's yFactor", 0),
  };
  return affineLayer('randomShear', randomShear, options, config, { shear }, sampling);
}

/** Options of {@link randomAffine}. */
export interface RandomAffineOptions extends LayerOptions, SamplingOptions {
  /** Same as `mode` of randomFlip. Default null: none. */
  flip?: FlipMode | null;
  /** Same as the factors of randomRotation, randomTranslation, randomZoom and randomShear; both axes are drawn from a single one. Default 0. */
  rotation?: Factor;
  translation?: Factor | { readonly height?: Factor; readonly width?: Factor };
  /** One factor: the same zoom of both axes. */
  zoom?: Factor | { readonly height?: Factor; readonly width?: Factor };
  shear?: Factor | { readonly x?: Factor; readonly y?: Factor };
}

/** The range of each axis; `whole`: for both, of one factor. */
function axesOf<Axis extends string>(
  given: Factor | Readonly<Partial<Record<Axis, Factor>>>,
  axes: readonly [Axis, Axis],
  what: string,
  least = -1,
): Record<Axis, Range> {
  if (isRecord(given)) checkOptions(given, axes, what);
  const rangeAt = (axis: Axis): readonly [Axis, Range] => [
    axis,
    isRecord(given) ? rangeOf(given[axis] ?? 0, `${what}.${axis}`, least) : rangeOf(given, what, least),
  ];
  return Object.fromEntries(axes.map(rangeAt)) as Record<Axis, Range>;
}

/**
 * All of the above at once, in this order: mirrored, zoomed, sheared, turned, shifted. The image is sampled once, where layers in a row
 * would blur it once each.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomAffine({ flip: 'horizontal', rotation: 0.05, zoom: 0.1 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomAffine(options: RandomAffineOptions = {}): Layer {
  checkLayerOptions(options, ['flip', 'rotation', 'translation', 'zoom', 'shear', ...samplingNames], 'randomAffine');
  const { flip = null, rotation = 0, translation = 0, zoom = 0, shear = 0 } = options;
  const sampling = checkSampling(options, 'randomAffine');
  const zooms = axesOf(zoom, ['height', 'width'], "randomAffine's zoom");
  const ranges: AffineRanges = {
    flip: flip === null ? still.flip : flipOf(flip, "randomAffine's flip"),
    rotation: rangeOf(rotation, "randomAffine's rotation"),
    translation: axesOf(translation, ['height', 'width'], "randomAffine's translation"),
    zoom: { height: zooms.height, width: isRecord(zoom) ? zooms.width : null },
    shear: axesOf(shear, ['x', 'y'], "randomAffine's shear", 0),
  };
  const config = { flip, rotation, translation, zoom, shear, ...sampling };
  return affineLayer('randomAffine', randomAffine, options, config, ranges, sampling);
}
