// Brightness and contrast of each image, while training.
// https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_brightness/ and random_contrast/
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import type { Range } from '../compiler/ops/randomAffine.js';
import { lowerRandomContrast, type RandomContrastNode } from '../compiler/ops/randomContrast.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { rangeOf, type Factor } from './randomAffine.js';

/** Which values pixels have. */
export interface ValueRangeOptions {
  /** Smallest and largest value of a pixel. Default null: [0, 1], or [0, 255] where `rescaling` or `normalization` follows, as bytes come. */
  valueRange?: readonly [low: number, high: number] | null;
}

export function checkValueRange(valueRange: unknown, who: string): Range | null {
  if (valueRange === null || valueRange === undefined) return null;
  const isRange =
    Array.isArray(valueRange) &&
    valueRange.length === 2 &&
    valueRange.every((value) => typeof value === 'number' && Number.isFinite(Math.fround(value))) &&
    valueRange[0] < valueRange[1];
  check(
    isRange,
    () =>
      `${who}'s valueRange must be [low, high], the smaller first, got ${Array.isArray(valueRange) ? `[${valueRange.map(describe).join(', ')}]` : describe(valueRange)}`,
  );
  return [...(valueRange as unknown as Range)];
}

function adjusting(
  kind: 'randomBrightness' | 'randomContrast',
  make: (options: never) => Layer,
  options: (RandomBrightnessOptions | RandomContrastOptions) & LayerOptions,
  config: Record<string, unknown>,
  [contrast, brightness]: readonly [contrast: Range, brightness: Range],
): Layer {
  const valueRange = checkValueRange(options.valueRange, kind);
  const still = contrast.every((factor) => factor === 1) && brightness.every((share) => share === 0);
  const kept = JSON.stringify({ ...config, valueRange });
  return defineLayer({
    className: kind === 'randomBrightness' ? 'RandomBrightness' : 'RandomContrast',
    make,
    kind,
    options,
    outputShape: (input, who) => checkImage(input, who),
    build(graph, x, { name, index }) {
      if (still) return x;
      const node = { kind: 'randomContrast', layer: name, inputs: [x], variables: [], contrast, brightness } as const;
      return graph.add<RandomContrastNode>({
        ...{ ...node, valueRange, lowerings: [lowerRandomContrast], output: x.shape },
        ...{ bytes: 'passes', augments: true, index },
      });
    },
    getConfig: () => JSON.parse(kept) as Record<string, unknown>,
  });
}

/** Options of {@link randomBrightness}. */
export interface RandomBrightnessOptions extends LayerOptions, ValueRangeOptions {
  /** Share of the range of values that is added, from -1 (all is black) to 1 (white). */
  factor: Factor;
}

/**
 * Adds one number to all of an image's values, and keeps them in their range.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomBrightness({ factor: 0.2 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomBrightness(options: RandomBrightnessOptions): Layer {
  checkLayerOptions(options, ['factor', 'valueRange'], 'randomBrightness');
  const { factor } = options;
  const brightness = rangeOf(factor, "randomBrightness's factor");
  return adjusting('randomBrightness', randomBrightness, options, { factor }, [[1, 1], brightness]);
}

/** Options of {@link randomContrast}. */
export interface RandomContrastOptions extends LayerOptions, ValueRangeOptions {
  /** f, or [lower, upper], each from 0 to 1: distances from a channel's mean are multiplied by 1 - lower … 1 + upper. */
  factor: Factor;
}

/**
 * Moves all of an image's values nearer to their channel's mean or further from it, and keeps them in their range.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const augmentation = layers.randomContrast({ factor: 0.2 });
 * const model = sequential({ inputShape: [8, 8, 3], layers: [augmentation, layers.flatten(), layers.dense({ units: 2 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Uint8Array(192).fill(99), shape: [1, 8, 8, 3] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y).shape; // [1, 8, 8, 3]
 * ```
 */
export function randomContrast(options: RandomContrastOptions): Layer {
  checkLayerOptions(options, ['factor', 'valueRange'], 'randomContrast');
  const { factor } = options;
  rangeOf(factor, "randomContrast's factor", 0);
  const [lower, upper] = typeof factor === 'number' ? [factor, factor] : factor;
  return adjusting('randomContrast', randomContrast, options, { factor }, [
    [1 - lower, 1 + upper],
    [0, 0],
  ]);
}
