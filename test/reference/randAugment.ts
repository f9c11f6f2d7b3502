// RandAugment and the layers of its operations, from the same random bits as the engine, in plain f64 loops.
import { makeKey, mix, randomBits } from '../../src/base/random.js';
import { rootMeanSquare, type Call, type ReferenceLayer } from './layer.js';
import { eachImage, same, transformOf } from './randomAffine.js';
import { affinePlaces, warp, type Sampling } from './warp.js';

type Factor = number | readonly [number, number];
type Range = readonly [number, number];
type Image = readonly [height: number, width: number, channels: number];

interface Result {
  readonly y: Float64Array;
  backward(dy: Float64Array): Float64Array;
  /** Distances from a kink, a tie or another level, in values; what is 0 is so in f32 as well. */
  readonly gaps?: readonly number[];
}

export type Operation = (x: Float64Array, shape: Image, range: Range) => Result;

const between = (u: number, [low, high]: Range): number => low + (high - low) * u;
const clipped = (value: number, [low, high]: Range): number => Math.min(Math.max(value, low), high);
const isInside = (value: number, [low, high]: Range): boolean => value > low && value < high;
const edges = (values: Float64Array, [low, high]: Range): number[] => [...values].flatMap((v) => [v - low, v - high]);
const channelOf = (x: Float64Array, channels: number, c: number): Float64Array =>
  x.filter((_, i) => i % channels === c);
/** Each channel by itself. */
function eachChannel(x: Float64Array, [, , channels]: Image, apply: (x: Float64Array) => Result): Result {
  const parts = Array.from({ length: channels }, (_, c) => apply(channelOf(x, channels, c)));
  const joined = (of: (part: Result, c: number) => Float64Array): Float64Array => {
    const all = parts.map(of);
    return x.map((_, i) => all[i % channels]![Math.floor(i / channels)]!);
  };
  return {
    y: joined(({ y }) => y),
    backward: (dy) => joined((part, c) => part.backward(channelOf(dy, channels, c))),
    gaps: parts.flatMap(({ gaps = [] }) => gaps),
  };
}

/** What came out, cut to the range, and the gradient before it was. */
function cut(moved: Float64Array, range: Range, backward: (dy: Float64Array) => Float64Array): Result {
  return {
    y: moved.map((value) => clipped(value, range)),
    backward: (dy) => backward(dy.map((slope, i) => (isInside(moved[i]!, range) ? slope : 0))),
    gaps: edges(moved, range),
  };
}

const affine =
  (drawing: Parameters<typeof transformOf>[0], sampling: Sampling): Operation =>
  (x, shape) =>
    // Ranges of one value, and the sign that 0 gives: nothing is left to draw.
    warp(
      x,
      shape,
      affinePlaces(
        transformOf(drawing, () => 0, shape),
        shape,
      ),
      sampling,
    );

const one = (value: number): Range => [value, value];
export const operations = {
  shear: (x: number, y: number, sampling: Sampling) => affine({ shear: { x: one(x), y: one(y) } }, sampling),
  translation: (height: number, width: number, sampling: Sampling) =>
    affine({ translation: { height: one(height), width: one(width) } }, sampling),
  rotation: (turns: number, sampling: Sampling) => affine({ rotation: one(turns) }, sampling),
  brightness:
    (share: number): Operation =>
    (x, _, range) =>
      cut(
        x.map((value) => value + share * (range[1] - range[0])),
        range,
        (dy) => dy,
      ),
  contrast:
    (factor: number): Operation =>
    (x, shape, range) =>
      eachChannel(x, shape, (values) => {
        const meanOf = (list: Float64Array): number => list.reduce((a, b) => a + b, 0) / list.length;
        const about = (list: Float64Array): Float64Array => {
          const mean = meanOf(list);
          return list.map((value) => (value - mean) * factor + mean);
        };
        // The matrix is symmetric.
        return cut(about(values), range, about);
      }),
  colorDegeneration:
    (share: number): Operation =>
    (x, [, , channels], range) => {
      if (channels !== 3) return { y: x, backward: (dy) => dy };
      const weights = [0.2989, 0.587, 0.114];
      const gray = (i: number): number => weights.reduce((sum, w, c) => sum + w * x[3 * Math.floor(i / 3) + c]!, 0);
      return cut(
        x.map((value, i) => value + share * (gray(i) - value)),
        range,
        (dy) =>
          dy.map((slope, i) => {
            const first = 3 * Math.floor(i / 3);
            return (1 - share) * slope + share * weights[i % 3]! * (dy[first]! + dy[first + 1]! + dy[first + 2]!);
          }),
      );
    },
  sharpness:
    (factor: number): Operation =>
    (x, [height, width, channels], range) => {
      const blurred = (list: Float64Array): Float64Array =>
        list.map((own, i) => {
          const [row, column] = [Math.floor(i / (channels * width)), Math.floor(i / channels) % width];
          let sum = 4 * own;
          for (const dy of [-1, 0, 1])
            for (const dx of [-1, 0, 1])
              if (row + dy >= 0 && row + dy < height && column + dx >= 0 && column + dx < width)
                sum += list[i + (dy * width + dx) * channels]!;
          return own + (1 - 2 * factor) * (sum / 13 - own);
        });
      return cut(blurred(x), range, blurred);
    },
  posterization:
    (bits: number): Operation =>
    (x, _, range) => ({
      y: x.map((value) => {
        const step = 2 ** (8 - bits);
        return levelValue(step * Math.floor(levelOf(value, range) / step), range);
      }),
      backward: (dy) => dy,
      gaps: [...x].map((value) => levelGap(value, range)),
    }),
  solarization:
    (addition: number, threshold: number): Operation =>
    (x, _, range) => {
      const [low, high] = range;
      const moved = x.map((value) => value + addition * (high - low));
      const limit = low + threshold * (high - low);
      const isLow = (i: number): boolean => clipped(moved[i]!, range) < limit;
      return {
        y: moved.map((value, i) => (isLow(i) ? clipped(value, range) : low + high - clipped(value, range))),
        backward: (dy) => dy.map((slope, i) => (isInside(moved[i]!, range) ? (isLow(i) ? slope : -slope) : 0)),
        gaps: [...edges(moved, range), ...[...moved].map((value) => value - limit)],
      };
    },
  autoContrast: (): Operation => (x, shape, range) =>
    eachChannel(x, shape, (values) => {
      const [least, most] = [Math.min(...values), Math.max(...values)];
      const [leastAt, mostAt] = [values.indexOf(least), values.indexOf(most)];
      if (least === most) return { y: values, backward: (dy) => dy };
      const shares = values.map((value) => (value - least) / (most - least));
      const times = (range[1] - range[0]) / (most - least);
      return {
        y: shares.map((share) => between(share, range)),
        backward(dy) {
          const slopes = dy.map((slope, i) => (isInside(shares[i]!, [0, 1]) ? slope * times : 0));
          const dx = slopes.slice();
          for (const [i, slope] of slopes.entries()) {
            dx[leastAt]! -= slope * (1 - shares[i]!);
            dx[mostAt]! -= slope * shares[i]!;
          }
          return dx;
        },
        // Where little is stretched to much, so is rounding.
        gaps: [...[...values].flatMap((value) => [value - least, most - value]), (most - least) / 1000],
      };
    }),
  equalization: (): Operation => (x, shape, range) =>
    eachChannel(x, shape, (values) => {
      const levels = values.map((value) => levelOf(value, range));
      const lowest = Math.min(...levels);
      const upTo = (level: number): number => levels.filter((each) => each <= level).length;
      const [first, all] = [upTo(lowest), values.length];
      // Half to even, as a tie of whole numbers is exact.
      const nearest = (value: number): number =>
        value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.floor(value + 0.5);
      return {
        y: values.map((value, i) =>
          first === all ? value : levelValue(nearest(((upTo(levels[i]!) - first) * 255) / (all - first)), range),
        ),
        backward: (dy) => dy,
        gaps: [...values].map((value) => levelGap(value, range)),
      };
    }),
} as const;

/** The levels of bytes; a value that a byte's was rounded to is that byte's. */
const place = (value: number, [low, high]: Range): number => ((value - low) / (high - low)) * 255 + 1 / 1024;
const levelOf = (value: number, range: Range): number => Math.floor(Math.min(Math.max(place(value, range), 0), 255));
const levelValue = (level: number, [low, high]: Range): number => low + (level * (high - low)) / 255;
const levelGap = (value: number, range: Range): number => {
  const at = place(value, range);
  return at < 0 || at > 256 ? 1 : ((at - Math.round(at)) * (range[1] - range[0])) / 255;
};

/** One operation from its four random numbers: uniform in [0, 1), and whole ones below n. */
type Draw = (u: (lane: number) => number, below: (lane: number, n: number) => number, shape: Image) => Operation;

function layer(plan: (config: never) => { numOps?: number; draw: Draw; range: Range | null }): ReferenceLayer {
  return ({ config, inputs: [x], n, random }) => {
    if (!random) return same(x!);
    const { numOps = 1, draw, range } = plan(config as never);
    const shape = x!.shape as unknown as Image;
    const valueRange = range ?? [0, 1];
    const unit = rootMeanSquare(x!.values);
    let margin = Infinity;
    const applied = eachImage(x!, n, (image, example) => {
      const results: Result[] = [];
      for (let k = 0; k < numOps; k++) {
        const bits = bitsOf(random, example * numOps + k);
        const u = (lane: number): number => (bits(lane) >>> 8) / 2 ** 24;
        const below = (lane: number, count: number): number => Math.floor((bits(lane) * count) / 2 ** 32);
        const result = draw(u, below, shape)(results.at(-1)?.y ?? image, shape, valueRange);
        for (const gap of result.gaps ?? []) if (gap !== 0) margin = Math.min(margin, Math.abs(gap) / unit);
        results.push(result);
      }
      return {
        y: results.at(-1)!.y,
        backward: (dy) => results.reduceRight((slopes, result) => result.backward(slopes), dy),
      };
    });
    return { ...applied, margin };
  };
}

/** The random bits of an operation. */
function bitsOf({ seed, step, index }: NonNullable<Call['random']>, operation: number): (lane: number) => number {
  const key = (makeKey(seed, 2, step) ^ mix(index)) >>> 0;
  return (lane) => randomBits(key, (4 * operation + lane) >>> 0);
}

const upTo = (factor: Factor): Range => (typeof factor === 'number' ? [0, factor] : factor);
const either = (factor: Factor): Range => (typeof factor === 'number' ? [-factor, factor] : factor);
const nothing: Operation = (x) => ({ y: x, backward: (dy) => dy });
const chance = (factor: Factor): number => (typeof factor === 'number' ? factor : (factor[0] + factor[1]) / 2);

export const randAugment = layer((config: Sampling & { numOps: number; factor: Factor; valueRange: Range | null }) => {
  const { numOps, factor, valueRange, ...sampling } = config;
  const [moved, share] = [either(factor), upTo(factor)];
  const [lower, upper] = typeof factor === 'number' ? [factor, factor] : factor;
  const most = Math.max(1, Math.floor(8 * share[1]) - 1);
  return {
    numOps,
    range: valueRange,
    draw(u, below) {
      const sign = u(1) >= 0.5 ? -1 : 1;
      return [
        () => operations.shear(sign * between(u(2), moved), sign * between(u(3), moved), sampling),
        () => operations.translation(between(u(1), moved), between(u(2), moved), sampling),
        () => operations.rotation(between(u(1), moved), sampling),
        () => operations.brightness(between(u(1), moved)),
        () => operations.colorDegeneration(between(u(1), share)),
        () => operations.contrast(between(u(1), [1 - lower, 1 + upper])),
        () => operations.sharpness(between(u(1), share)),
        () => operations.posterization(1 + below(1, most)),
        () => operations.solarization(between(u(1), share), between(u(2), share)),
        () => operations.autoContrast(),
        () => operations.equalization(),
      ][below(0, 11)]!();
    },
  };
});

interface Single {
  readonly factor: Factor;
  readonly valueRange: Range | null;
}

export const randomSharpness = layer(({ factor, valueRange }: Single) => ({
  range: valueRange,
  draw: (u) => operations.sharpness(between(u(1), upTo(factor))),
}));
export const randomColorDegeneration = layer(({ factor, valueRange }: Single) => ({
  range: valueRange,
  draw: (u, _, shape) => (shape[2] === 1 ? nothing : operations.colorDegeneration(between(u(1), upTo(factor)))),
}));
export const randomGrayscale = layer(({ factor }: Single) => ({
  range: null,
  draw: (u, _, shape) => (u(0) < chance(factor) && shape[2] === 3 ? operations.colorDegeneration(1) : nothing),
}));
export const randomPosterization = layer(({ factor, valueRange }: Single) => {
  const [low, high] = typeof factor === 'number' ? [1, factor] : [...factor].sort((a, b) => a - b);
  return {
    range: valueRange,
    draw: (_, below) => operations.posterization(low! + below(1, high! - low! + 1)),
  };
});
export const solarization = layer(
  ({ additionFactor, thresholdFactor, valueRange }: { additionFactor: Factor; thresholdFactor: Factor } & Single) => ({
    range: valueRange,
    draw: (u) => operations.solarization(between(u(1), upTo(additionFactor)), between(u(2), upTo(thresholdFactor))),
  }),
);
export const randomInvert = layer(({ factor, valueRange }: Single) => ({
  range: valueRange,
  draw: (u) => (u(0) < chance(factor) ? operations.solarization(0, 0) : nothing),
}));
