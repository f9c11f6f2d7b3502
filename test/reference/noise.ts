// What training adds or drops at random, from the same bits as the engine: which follow from its seed, the step and the call's place.
import { makeKey, mix, randomBits } from '../../src/base/random.js';
import { dropoutBackward, dropoutForward } from './dropout.js';
import { product, type Activations, type Applied, type Call, type ReferenceLayer } from './layer.js';

const same = ({ values, shape }: Activations): Applied => ({
  values,
  shape,
  backward: (dy) => ({ inputs: [dy], weights: [] }),
});

/** The 32 random bits by their number. */
function bitsOf({ seed, step, index }: NonNullable<Call['random']>): (counter: number) => number {
  const key = (makeKey(seed, 2, step) ^ mix(index)) >>> 0;
  return (counter) => randomBits(key, counter);
}

/** 1 - erf x for x ≥ 0: a series without cancellation, then the continued fraction. */
export function erfc(x: number): number {
  const bell = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 2) {
    let [term, sum] = [2 * x, 2 * x];
    for (let k = 1; term > 1e-18 * sum; k++) sum += term *= (2 * x * x) / (2 * k + 1);
    return 1 - bell * sum;
  }
  let fraction = x;
  for (let k = 200; k > 0; k--) fraction = x + k / 2 / fraction;
  return bell / fraction;
}

/** The number that a normal variable is below with probability (1 + u) / 2. */
export function quantile(u: number): number {
  let [low, high] = [0, 6];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (erfc(middle) > 1 - Math.abs(u)) low = middle;
    else high = middle;
  }
  return Math.sign(u) * Math.SQRT2 * low;
}

/** From the first 24 of the bits, the middle of one of 2^24 equal parts of (-1, 1). */
export const normalOf = (bits: number): number => quantile((2 * (bits >>> 8) + 1 - 2 ** 24) / 2 ** 24);

export const gaussianNoise: ReferenceLayer = ({ config, inputs: [x], random }) => {
  if (!random) return same(x!);
  const { stddev } = config as { stddev: number };
  const bits = bitsOf(random);
  return { ...same(x!), values: x!.values.map((value, i) => value + stddev * normalOf(bits(i))) };
};

export const spatialDropout2d: ReferenceLayer = ({ config, inputs: [x], random }) => {
  if (!random) return same(x!);
  const { rate } = config as { rate: number };
  const [size, channels] = [product(x!.shape), x!.shape[2]!];
  const bits = bitsOf(random);
  const mask = x!.values.map((_, i) =>
    bits(Math.floor(i / size) * channels + (i % channels)) >= Math.floor(rate * 2 ** 32) ? 1 : 0,
  );
  return {
    values: dropoutForward(x!.values, mask, rate),
    shape: x!.shape,
    backward: (dy) => ({ inputs: [dropoutBackward(dy, mask, rate)], weights: [] }),
  };
};
