// The layers that crop, erase, adjust and distort, from the same random bits as the engine, in plain f64 loops.
import { makeKey, mix, randomBits } from '../../src/base/random.js';
import { rootMeanSquare, type Activations, type Applied, type Call, type ReferenceLayer } from './layer.js';
import { normalOf } from './noise.js';
import { eachImage, same, uniformOf } from './randomAffine.js';
import { warp, type Sampling } from './warp.js';

type Factor = number | readonly [number, number];
type Random = NonNullable<Call['random']>;
type Image = readonly [height: number, width: number, channels: number];

/** What is drawn from: [-f, f] of a number, or from `least` on. */
const range = (factor: Factor, least = -Infinity): readonly [number, number] => {
  const [a, b] = typeof factor === 'number' ? [Math.max(least, -Math.abs(factor)), Math.abs(factor)] : factor;
  return a < b ? [a, b] : [b, a];
};
const between = (u: number, [low, high]: readonly [number, number]): number => low + (high - low) * u;
const probabilityOf = (factor: Factor): number => (typeof factor === 'number' ? factor : (factor[0] + factor[1]) / 2);
/** The stream of noise beside that of the drawn numbers. */
const noiseBits = ({ seed, step, index }: Random): ((counter: number) => number) => {
  const key = (((makeKey(seed, 2, step) ^ mix(index)) >>> 0) + 0x9e3779b9) >>> 0;
  return (counter) => randomBits(key, counter);
};
const bitsOf = ({ seed, step, index }: Random, example: number): ((k: number) => number) => {
  const key = (makeKey(seed, 2, step) ^ mix(index)) >>> 0;
  return (k) => randomBits(key, 16 * example + k);
};

/** Windows [height, width] of images, at a place of each one's own, in zeros. */
function windows(
  { values, shape }: Activations,
  n: number,
  [height, width]: readonly [number, number],
  placeOf: (example: number) => readonly [top: number, left: number],
): Applied {
  const [inH, inW, channels] = shape as unknown as Image;
  const sourceOf = (i: number): number => {
    const [c, pixel] = [i % channels, Math.floor(i / channels)];
    const [column, row, example] = [
      pixel % width,
      Math.floor(pixel / width) % height,
      Math.floor(pixel / (width * height)),
    ];
    const [top, left] = placeOf(example);
    const [y, x] = [row + top, column + left];
    return y < 0 || y >= inH || x < 0 || x >= inW ? -1 : ((example * inH + y) * inW + x) * channels + c;
  };
  const sources = Array.from({ length: n * height * width * channels }, (_, i) => sourceOf(i));
  return {
    values: Float64Array.from(sources, (from) => (from < 0 ? 0 : values[from]!)),
    shape: [height, width, channels],
    backward(dy) {
      const dx = new Float64Array(values.length);
      for (const [i, from] of sources.entries()) if (from >= 0) dx[from]! += dy[i]!;
      return { inputs: [dx], weights: [] };
    },
  };
}

export const randomCrop: ReferenceLayer = ({ config, inputs: [x], n, random }) => {
  const { height, width, padding } = config as { height: number; width: number; padding: readonly [number, number] };
  const [inH, inW] = x!.shape as unknown as Image;
  // A smaller image lies in the middle of zeros, which are then part of it.
  const [above, left] = [Math.floor(Math.max(0, height - inH) / 2), Math.floor(Math.max(0, width - inW) / 2)];
  const [freeH, freeW] = [Math.max(inH, height) - height, Math.max(inW, width) - width];
  return windows(x!, n, [height, width], (example) => {
    if (!random) return [Math.floor(freeH / 2) - above, Math.floor(freeW / 2) - left];
    const bits = bitsOf(random, example);
    const below = (k: number, count: number): number => Math.floor((bits(k) * count) / 2 ** 32);
    return [
      below(0, freeH + 2 * padding[0] + 1) - padding[0] - above,
      below(1, freeW + 2 * padding[1] + 1) - padding[1] - left,
    ];
  });
};

export const randomErasing: ReferenceLayer = ({ config, inputs: [x], n, random }) => {
  if (!random) return same(x!);
  const { factor, scale, fillValue, valueRange } = config as {
    factor: Factor;
    scale: Factor;
    fillValue: number | null;
    valueRange: readonly [number, number] | null;
  };
  const [low, high] = valueRange ?? [0, 1];
  const [height, width, channels] = x!.shape as unknown as Image;
  const noise = noiseBits(random);
  const clipped = (value: number): number => Math.min(Math.max(value, low), high);
  return eachImage(x!, n, (image, example) => {
    const u = uniformOf(random, example);
    const side = (size: number, k: number): number => size * Math.sqrt(between(u(k), range(scale, 0)));
    const [rows, columns] = [side(height, 1), side(width, 2)];
    const [top, left] = [u(3) * (height - rows), u(4) * (width - columns)];
    const isErased = (_: number, i: number): boolean => {
      const [column, row] = [Math.floor(i / channels) % width, Math.floor(i / (channels * width))];
      if (!(u(0) < probabilityOf(factor))) return false;
      return row >= top && row < top + rows && column >= left && column < left + columns;
    };
    const erased = Array.from(image, isErased);
    const valueAt = (i: number): number =>
      clipped(fillValue ?? normalOf(noise((example * image.length + i) >>> 0)) * (high > 0 ? high : high - low));
    return {
      y: image.map((value, i) => (erased[i] ? valueAt(i) : value)),
      backward: (dy) => dy.map((slope, i) => (erased[i] ? 0 : slope)),
    };
  });
};

/** Contrast and brightness: `drawOf` says by how much of an example's first and second number. */
const adjusted =
  (drawOf: (factor: Factor, u: (k: number) => number) => { contrast: number; brightness: number }): ReferenceLayer =>
  ({ config, inputs: [x], n, random }) => {
    const { factor, valueRange } = config as { factor: Factor; valueRange: readonly [number, number] | null };
    // With a factor of 0 it is left out, and with it the limits.
    if (!random || factor === 0) return same(x!);
    const [low, high] = valueRange ?? [0, 1];
    const channels = x!.shape.at(-1)!;
    const unit = rootMeanSquare(x!.values);
    let margin = Infinity;
    const applied = eachImage(x!, n, (image, example) => {
      const { contrast, brightness } = drawOf(factor, uniformOf(random, example));
      const positions = image.length / channels;
      const mean = Float64Array.from({ length: channels }, (_, c) =>
        image.reduce((sum, value, i) => (i % channels === c ? sum + value / positions : sum), 0),
      );
      const moved = image.map(
        (value, i) => (value - mean[i % channels]!) * contrast + mean[i % channels]! + brightness * (high - low),
      );
      for (const value of moved) margin = Math.min(margin, Math.abs(value - low) / unit, Math.abs(value - high) / unit);
      return {
        y: moved.map((value) => Math.min(Math.max(value, low), high)),
        backward(dy) {
          const slopes = dy.map((slope, i) => (moved[i]! > low && moved[i]! < high ? slope : 0));
          return slopes.map(
            (slope, i) =>
              slope * contrast +
              ((1 - contrast) / positions) *
                slopes.reduce((sum, each, j) => (j % channels === i % channels ? sum + each : sum), 0),
          );
        },
      };
    });
    return { ...applied, margin };
  };

export const randomBrightness = adjusted((factor, u) => ({ contrast: 1, brightness: between(u(1), range(factor)) }));
export const randomContrast = adjusted((factor, u) => {
  const [lower, upper] = typeof factor === 'number' ? [factor, factor] : factor;
  return { contrast: between(u(0), [1 - lower, 1 + upper]), brightness: 0 };
});

/** How far each pixel of an image is moved, right and down: [2, height, width]. */
export function elasticField(
  {
    probability,
    scale,
    alpha,
    sigma,
  }: { probability: number; scale: readonly [number, number]; alpha: number; sigma: number },
  u: (k: number) => number,
  noise: (counter: number) => number,
  example: number,
  [height, width]: readonly number[],
): readonly [Float64Array, Float64Array] {
  const own = between(u(1), scale);
  const [deviation, strength] = [sigma * own, alpha * own];
  const still = new Float64Array(height! * width!);
  if (!(u(0) < probability) || deviation === 0) return [still, still];
  const radius = Math.floor(Math.floor(6 * deviation) / 2);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-0.5 * ((k - radius) / deviation) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const stride = 4 * Math.ceil(width! / 4);
  const half = (which: number): Float64Array => {
    const drawn = still.map((_, i) => {
      const [row, column] = [Math.floor(i / width!), i % width!];
      const counter = example * 2 * height! * stride + (which * height! + row) * stride + column;
      return normalOf(noise(counter >>> 0)) * deviation;
    });
    const smoothed = (values: Float64Array, dy: number, dx: number): Float64Array =>
      values.map((_, i) =>
        weights.reduce((sum, weight, k) => {
          const [row, column] = [Math.floor(i / width!) + dy * (k - radius), (i % width!) + dx * (k - radius)];
          const inside = row >= 0 && row < height! && column >= 0 && column < width!;
          return inside ? sum + (weight / total) * values[row * width! + column]! : sum;
        }, 0),
      );
    return smoothed(smoothed(drawn, 0, 1), 1, 0).map((value) => value * strength);
  };
  return [half(0), half(1)];
}

export const randomElasticTransform: ReferenceLayer = ({ config, inputs: [x], n, random }) => {
  if (!random) return same(x!);
  const { factor, scale, alpha, sigma, ...sampling } = config as Sampling & {
    factor: Factor;
    scale: Factor;
    alpha: number | null;
    sigma: number | null;
  };
  const shape = x!.shape as unknown as Image;
  const [height, width] = shape;
  const strength = {
    ...{ probability: probabilityOf(factor), scale: range(scale, 0) },
    ...{ alpha: alpha ?? Math.max(height, width) / 10, sigma: sigma ?? Math.min(height, width) / 20 },
  };
  return eachImage(x!, n, (image, example) => {
    const [right, down] = elasticField(strength, uniformOf(random, example), noiseBits(random), example, shape);
    const placeOf = (row: number, column: number): readonly [number, number] => {
      const i = row * width + column;
      return [row + down[i]!, column + right[i]!];
    };
    return warp(image, shape, placeOf, sampling);
  });
};
