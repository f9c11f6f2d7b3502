// RandAugment (Cubuk and others, 2019), and those of its operations that are layers of their own, while training.
// https://keras.io/api/layers/preprocessing_layers/image_augmentation/rand_augment/
import { check } from '../base/errors.js';
import { checkWhole } from '../base/shape.js';
import { describe } from '../base/options.js';
import { lowerRandAugment, type AugmentRanges, type RandAugmentNode } from '../compiler/ops/randAugment.js';
import type { Range, Sampling } from '../compiler/ops/randomAffine.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { checkSampling, rangeOf, samplingNames, type Factor, type SamplingOptions } from './randomAffine.js';
import { checkValueRange, type ValueRangeOptions } from './randomContrast.js';
import { probabilityOf, scaleOf } from './randomErasing.js';

/** More than there are operations to draw from would leave little of an image. */
const MOST_OPERATIONS = 11;
const nothing: Range = [0, 0];
const none: AugmentRanges = { moved: nothing, contrast: [1, 1], blend: nothing, threshold: nothing, bits: [8, 8] };

interface Drawing {
  readonly operation: RandAugmentNode['operation'];
  readonly probability?: number;
  readonly numOps?: number;
  readonly ranges?: Partial<AugmentRanges>;
  readonly sampling?: Sampling;
}

/** A layer that draws from these. `colors`: it changes those of an image that has three channels, and leaves a gray one as it is. */
function augmentLayer(
  className: string,
  make: (options: never) => Layer,
  options: LayerOptions & ValueRangeOptions,
  config: Record<string, unknown>,
  { ranges, sampling = checkSampling({}, className), operation, probability = 1, numOps = 1 }: Drawing,
): Layer {
  const kind = className[0]!.toLowerCase() + className.slice(1);
  const valueRange = checkValueRange(options.valueRange, kind);
  const kept = JSON.stringify(config);
  const colors = operation === 'colorDegeneration';
  return defineLayer({
    ...{ className, make, kind, options },
    outputShape(input, who) {
      const [, , channels] = checkImage(input, who);
      check(
        !colors || channels === 1 || channels === 3,
        () => `${who} needs images of 1 or 3 channels, got ${channels}`,
      );
      return input;
    },
    build(graph, x, { name, index }) {
      if (probability === 0 || (colors && x.shape[2] === 1)) return x;
      const node = { kind: 'randAugment', layer: name, inputs: [x], variables: [], operation, probability } as const;
      return graph.add<RandAugmentNode>({
        ...{ ...node, numOps, sampling, valueRange, ranges: { ...none, ...ranges }, lowerings: [lowerRandAugment] },
        ...{ output: x.shape, bytes: 'passes', augments: true, index },
      });
    },
    getConfig: () => JSON.parse(kept) as Record<string, unknown>,
  });
}

/** Options of {@link randAugment}. */
export interface RandAugmentOptions extends LayerOptions, ValueRangeOptions, SamplingOptions {
  /** Operations of each image, one after the other, from 1 to 11. Default 2. */
  numOps?: number;
  /** How much each operation changes, from 0 to 1: as `factor` of the layer of its name. Default 0.5. */
  factor?: Factor;
}

/**
 * Each image through `numOps` operations, each drawn from shear, translation, rotation, brightness, color degeneration, contrast, sharpness,
 * posterization, solarization, auto contrast and equalization.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randAugment({ numOps: 2, factor: 0.3 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randAugment(options: RandAugmentOptions = {}): Layer {
  checkLayerOptions(options, ['valueRange', 'numOps', 'factor', ...samplingNames], 'randAugment');
  const { valueRange = null, numOps = 2, factor = 0.5 } = options;
  check(
    checkWhole(numOps, "randAugment's numOps") <= MOST_OPERATIONS,
    () => `randAugment's numOps must be at most ${MOST_OPERATIONS}, got ${numOps}`,
  );
  const moved = rangeOf(factor, "randAugment's factor", 0);
  const blend = scaleOf(factor, "randAugment's factor");
  const sampling = checkSampling(options, 'randAugment');
  // As Keras draws them: below the most bits, unless that is 1.
  const bits: Range = [1, Math.max(1, Math.floor(8 * blend[1]) - 1)];
  const ranges = { moved, contrast: [1 - Math.abs(moved[0]), 1 + moved[1]] as const, blend, threshold: blend, bits };
  const config = { valueRange, numOps, factor, ...sampling };
  return augmentLayer('RandAugment', randAugment, options, config, { operation: null, numOps, ranges, sampling });
}

/** Options of {@link randomSharpness}. */
export interface RandomSharpnessOptions extends LayerOptions, ValueRangeOptions {
  /** 0 is blurred, 0.5 as it was, 1 sharper: a range, or 0 … a number; from 0 to 1. */
  factor: Factor;
}

/**
 * Blurs each image, or makes it sharper.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomSharpness({ factor: 0.5 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomSharpness(options: RandomSharpnessOptions): Layer {
  checkLayerOptions(options, ['factor', 'valueRange'], 'randomSharpness');
  const { factor, valueRange = null } = options;
  const blend = scaleOf(factor, "randomSharpness's factor");
  const drawing = { operation: 'sharpness', ranges: { blend } } as const;
  return augmentLayer('RandomSharpness', randomSharpness, options, { factor, valueRange }, drawing);
}

/** Options of {@link randomColorDegeneration}. */
export interface RandomColorDegenerationOptions extends LayerOptions, ValueRangeOptions {
  /** How far towards gray: a range, or 0 … a number; from 0 to 1. */
  factor: Factor;
}

/**
 * Takes color from each image.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomColorDegeneration({ factor: 0.5 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomColorDegeneration(options: RandomColorDegenerationOptions): Layer {
  checkLayerOptions(options, ['factor', 'valueRange'], 'randomColorDegeneration');
  const { factor, valueRange = null } = options;
  const blend = scaleOf(factor, "randomColorDegeneration's factor");
  const drawing = { operation: 'colorDegeneration', ranges: { blend } } as const;
  return augmentLayer('RandomColorDegeneration', randomColorDegeneration, options, { factor, valueRange }, drawing);
}

/** Options of {@link randomGrayscale}. */
export interface RandomGrayscaleOptions extends LayerOptions {
  /** Probability that an image becomes gray, or a range of it. Default 0.5. */
  factor?: Factor;
}

/**
 * Makes some of the images gray; they keep their three channels.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomGrayscale({ factor: 0.2 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomGrayscale(options: RandomGrayscaleOptions = {}): Layer {
  checkLayerOptions(options, ['factor'], 'randomGrayscale');
  const { factor = 0.5 } = options;
  const probability = probabilityOf(factor, "randomGrayscale's factor");
  const drawing = { operation: 'colorDegeneration', probability, ranges: { blend: [1, 1] } } as const;
  return augmentLayer('RandomGrayscale', randomGrayscale, options, { factor }, drawing);
}

/** Options of {@link randomPosterization}. */
export interface RandomPosterizationOptions extends LayerOptions, ValueRangeOptions {
  /** Bits of each value that are left, 1 to 8: a range, or 1 … a number. */
  factor: Factor;
}

/**
 * Leaves few levels of each value.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomPosterization({ factor: 4 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomPosterization(options: RandomPosterizationOptions): Layer {
  checkLayerOptions(options, ['factor', 'valueRange'], 'randomPosterization');
  const { factor, valueRange = null } = options;
  const list: readonly unknown[] = Array.isArray(factor) ? factor : [1, factor];
  const isBits = (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 8;
  check(
    list.length === 2 && list.every(isBits),
    () =>
      `randomPosterization's factor must be a whole number from 1 to 8, or a range [low, high] of two, got ${Array.isArray(factor) ? `[${factor.map(describe).join(', ')}]` : describe(factor)}`,
  );
  const [a, b] = list as Range;
  const drawing = { operation: 'posterization', ranges: { bits: [Math.min(a, b), Math.max(a, b)] as const } } as const;
  return augmentLayer('RandomPosterization', randomPosterization, options, { factor, valueRange }, drawing);
}

/** Options of {@link solarization}. */
export interface SolarizationOptions extends LayerOptions, ValueRangeOptions {
  /** Share of the range of values that is added first: a range, or 0 … a number; from 0 to 1. Default 0. */
  additionFactor?: Factor;
  /** Share of the range of values from which they are inverted, likewise. Default 0: all. */
  thresholdFactor?: Factor;
}

/**
 * Turns bright values about: the brightest becomes the darkest.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.solarization({ thresholdFactor: 0.5 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function solarization(options: SolarizationOptions = {}): Layer {
  checkLayerOptions(options, ['additionFactor', 'thresholdFactor', 'valueRange'], 'solarization');
  const { additionFactor = 0, thresholdFactor = 0, valueRange = null } = options;
  const ranges = {
    blend: scaleOf(additionFactor, "solarization's additionFactor"),
    threshold: scaleOf(thresholdFactor, "solarization's thresholdFactor"),
  };
  const config = { additionFactor, thresholdFactor, valueRange };
  return augmentLayer('Solarization', solarization, options, config, { operation: 'solarization', ranges });
}

/** Options of {@link randomInvert}. */
export interface RandomInvertOptions extends LayerOptions, ValueRangeOptions {
  /** Probability that an image is inverted, or a range of it. Default 1. */
  factor?: Factor;
}

/**
 * Makes negatives of some of the images.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomInvert({ factor: 0.1 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomInvert(options: RandomInvertOptions = {}): Layer {
  checkLayerOptions(options, ['factor', 'valueRange'], 'randomInvert');
  const { factor = 1, valueRange = null } = options;
  const probability = probabilityOf(factor, "randomInvert's factor");
  return augmentLayer(
    'RandomInvert',
    randomInvert,
    options,
    { factor, valueRange },
    { operation: 'solarization', probability },
  );
}
