// The layers that turn, shift, zoom, shear and mirror, from the same random bits as the engine, composed of 2 × 2 matrices in f64.
import { makeKey, mix, randomBits } from '../../src/base/random.js';
import { product, type Activations, type Applied, type Call, type ReferenceLayer } from './layer.js';
import { affinePlaces, warp, type Sampling } from './warp.js';

type Factor = number | readonly [number, number];
type Matrix = readonly [readonly [number, number], readonly [number, number]];

const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => [0, 1].map((j) => row[0] * b[0][j]! + row[1] * b[1][j]!)) as unknown as Matrix;

export const same = ({ values, shape }: Activations): Applied => ({
  values,
  shape,
  backward: (dy) => ({ inputs: [dy], weights: [] }),
});

/** Uniform numbers in [0, 1) of an example: number k of 16. */
export function uniformOf({ seed, step, index }: NonNullable<Call['random']>, example: number): (k: number) => number {
  const key = (makeKey(seed, 2, step) ^ mix(index)) >>> 0;
  return (k) => (randomBits(key, 16 * example + k) >>> 8) / 2 ** 24;
}

export interface Drawing {
  readonly flip?: string | null;
  readonly rotation?: Factor;
  readonly translation?: Factor | { readonly height?: Factor; readonly width?: Factor };
  readonly zoom?: Factor | { readonly height?: Factor; readonly width?: Factor };
  readonly shear?: Factor | { readonly x?: Factor; readonly y?: Factor };
}

/** The transform of an example. */
export function transformOf(
  { flip = null, rotation = 0, translation = 0, zoom = 0, shear = 0 }: Drawing,
  u: (k: number) => number,
  [height, width]: readonly number[],
): readonly [number, number, number, number, number, number] {
  const draw = (factor: Factor | undefined, k: number): number => {
    const [low, high] =
      typeof factor === 'object' ? [...factor].sort((a, b) => a - b) : [-Math.abs(factor ?? 0), Math.abs(factor ?? 0)];
    return low! + (high! - low!) * u(k);
  };
  const axis = (given: Factor | Readonly<Record<string, Factor | undefined>>, name: string): Factor | undefined =>
    typeof given === 'object' && !Array.isArray(given) ? (given as Record<string, Factor>)[name] : (given as Factor);
  const mirrored = (way: RegExp, k: number): number => (flip !== null && way.test(flip) && u(k) < 0.5 ? -1 : 1);
  const angle = 2 * Math.PI * draw(rotation, 2);
  const [down, right] = [height! * draw(axis(translation, 'height'), 3), width! * draw(axis(translation, 'width'), 4)];
  const ofHeight = 1 + draw(axis(zoom, 'height'), 5);
  const isPair = typeof zoom === 'object' && !Array.isArray(zoom);
  const ofWidth = isPair ? 1 + draw(axis(zoom, 'width'), 6) : ofHeight;
  const sign = u(9) >= 0.5 ? -1 : 1;
  const matrix = [
    [
      [mirrored(/^horizontal/, 0), 0],
      [0, mirrored(/vertical$/i, 1)],
    ],
    [
      [ofWidth, 0],
      [0, ofHeight],
    ],
    [
      [1, sign * draw(axis(shear, 'x'), 7)],
      [sign * draw(axis(shear, 'y'), 8), 1],
    ],
    [
      [Math.cos(angle), -Math.sin(angle)],
      [Math.sin(angle), Math.cos(angle)],
    ],
  ].reduce(
    (product, next) => times(product as unknown as Matrix, next as unknown as Matrix) as never,
  ) as unknown as Matrix;
  const [[a, b], [d, e]] = matrix;
  return [a, b, (width! - 1) / 2 - a * right - b * down, d, e, (height! - 1) / 2 - d * right - e * down];
}

/** Each image through a warp of its own. */
export function eachImage(
  { values, shape }: Activations,
  n: number,
  apply: (x: Float64Array, example: number) => { readonly y: Float64Array; backward(dy: Float64Array): Float64Array },
): Applied {
  const size = product(shape);
  const images = Array.from({ length: n }, (_, i) => apply(values.subarray(i * size, (i + 1) * size), i));
  const joined = (parts: readonly Float64Array[]): Float64Array => {
    const all = new Float64Array(n * size);
    for (const [i, part] of parts.entries()) all.set(part, i * size);
    return all;
  };
  return {
    values: joined(images.map(({ y }) => y)),
    shape,
    backward: (dy) => ({
      inputs: [joined(images.map(({ backward }, i) => backward(dy.subarray(i * size, (i + 1) * size))))],
      weights: [],
    }),
  };
}

const layer =
  (drawingOf: (config: never) => Drawing, sampling?: Sampling): ReferenceLayer =>
  ({ config, inputs: [x], n, random }) => {
    if (!random) return same(x!);
    const shape = x!.shape as [number, number, number];
    return eachImage(x!, n, (image, i) =>
      warp(
        image,
        shape,
        affinePlaces(transformOf(drawingOf(config as never), uniformOf(random, i), shape), shape),
        sampling ?? (config as Sampling),
      ),
    );
  };

interface Both {
  readonly heightFactor: Factor;
  readonly widthFactor: Factor | null;
}

export const randomAffine = layer((config: Drawing) => config);
export const randomFlip = layer(({ mode }: { mode: string }) => ({ flip: mode }), {
  interpolation: 'bilinear',
  fillMode: 'nearest',
  fillValue: 0,
});
export const randomRotation = layer(({ factor }: { factor: Factor }) => ({ rotation: factor }));
export const randomTranslation = layer(({ heightFactor, widthFactor }: Both) => ({
  translation: { height: heightFactor, width: widthFactor! },
}));
export const randomZoom = layer(({ heightFactor, widthFactor }: Both) => ({
  zoom: widthFactor === null ? heightFactor : { height: heightFactor, width: widthFactor },
}));
export const randomShear = layer(({ xFactor, yFactor }: { xFactor: Factor; yFactor: Factor }) => ({
  shear: { x: xFactor, y: yFactor },
}));
