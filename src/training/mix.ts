// MixUp (Zhang and others, 2017) and CutMix (Yun and others, 2019): each example of a step is mixed with a partner, and its targets with
// the partner's. Loaded when fit is asked for it. Partners and shares follow from (seed, step, example of the step) alone.
import { check } from '../base/errors.js';
import { exp, log } from '../base/elementary.js';
import { describe } from '../base/options.js';
import { RandomStream } from '../base/random.js';
import { isBytes, type Tensor, type TensorData } from '../base/tensor.js';
import type { Engine } from '../engine/engine.js';
import { copyValues, inOrder } from './batches.js';
import type { WriteTarget } from './labels.js';
import type { Session } from './session.js';

/** Streams of the seed: partners and cutMix's alpha a step, shares an example. */
const [PARTNERS, SHARES] = [7, 8];

/** What fit was asked for; one of the two. */
export interface MixSettings {
  readonly seed: number;
  /** Alpha of mixUp. */
  readonly mixUp: number | null;
  /** Largest alpha of cutMix. */
  readonly cutMix: number | null;
}

/** Throws where fit's options are out of range, or contradict each other or the model. */
export function checkMix({ mixUp = null, cutMix = null }: Partial<MixSettings>, { inputs, signature }: Session): void {
  for (const [name, alpha] of Object.entries({ mixUp, cutMix }))
    check(
      alpha === null || (typeof alpha === 'number' && alpha > 0 && alpha <= 1),
      () => `fit's ${name} must be a number above 0 and at most 1, got ${describe(alpha)}`,
    );
  check(mixUp === null || cutMix === null, 'fit takes mixUp or cutMix, and got both; leave one of them out');
  check(
    cutMix === null || inputs.every(({ shape }) => shape.length === 3),
    "fit's cutMix cuts images, and the model has an input that is none; use mixUp",
  );
  check(
    cutMix === null || signature.outputs.every(({ shape }) => shape.length < 3),
    "fit's cutMix mixes targets by the area of what was cut out, and the model has an output of a value a pixel; use mixUp",
  );
}

/** Examples of a step: number `from` … `from + size` of its `count`, which are order[start …], or start … without an order. */
export interface StepPart {
  readonly order: Uint32Array | null;
  readonly start: number;
  readonly count: number;
  readonly from: number;
  readonly size: number;
}

/**
 * Mixes what fill() put into the engine's memory for part of a step, and says whether all inputs are floats now: cutMix leaves bytes what
 * they are. `step`: the optimizer's, from 1.
 */
export function mix(
  engine: Engine,
  { seed, mixUp, cutMix }: MixSettings,
  { xs, writeTargets }: { readonly xs: readonly Tensor[]; readonly writeTargets: readonly WriteTarget[] },
  step: number,
  { order, start, count, from, size }: StepPart,
): boolean {
  const random = new RandomStream(seed, PARTNERS, step);
  const alpha = mixUp ?? random.between(0, cutMix!) + 1e-6;
  const partners = inOrder(count);
  random.shuffle(partners);
  const exampleAt = (i: number): number => (order ? order[start + i]! : start + i);
  const { inputs, losses } = engine.plan;
  const bytes = xs.map(({ data }) => (isBytes(data) ? data : null));
  const partnerTargets = losses.map(({ targets }) => new Float32Array(targets.size));
  for (let i = 0; i < size; i++) {
    const [own, other] = [exampleAt(from + i), exampleAt(partners[from + i]!)];
    const drawn = new RandomStream(seed, SHARES, step, from + i);
    const lambda = beta(alpha, drawn);
    let share = lambda;
    for (const [k, { data, shape }] of xs.entries()) {
      const { size: values, raw } = inputs[k]!;
      const to = engine.inputs[k]!;
      const [at, first, second] = [i * values, own * values, other * values];
      if (mixUp !== null) {
        if (bytes[k] && !raw) blendBytes(to.floats, at, bytes[k], first, second, values, lambda);
        else blend(to.floats, at, data, first, second, values, lambda);
        continue;
      }
      const [, height, width, channels] = shape as [number, number, number, number];
      const { top, bottom, left, right } = rectangle(height, width, lambda, drawn);
      for (let row = top; row < bottom; row++) {
        const offset = (row * width + left) * channels;
        copyValues(bytes[k] ? to.bytes : to.floats, at + offset, data, second + offset, (right - left) * channels);
      }
      share = 1 - ((bottom - top) * (right - left)) / (height * width);
    }
    for (const [k, write] of writeTargets.entries()) {
      const { targets } = engine.losses[k]!;
      const partner = partnerTargets[k]!.fill(0);
      write(partner, 0, other);
      blendWith(targets, i * partner.length, partner, share);
    }
  }
  return mixUp !== null;
}

type Bytes = Uint8Array | Uint8ClampedArray;

/** What bytes become, before it is rounded to a float. */
const byteValues = Float64Array.from({ length: 256 }, (_, byte) => byte / 255);

/** to[at …] = lambda of from[first …] and the rest of 1 of from[second …]. Loops over one kind of array each, as they are quick. */
function blend(
  to: Float32Array,
  at: number,
  from: TensorData,
  first: number,
  second: number,
  count: number,
  lambda: number,
): void {
  const rest = 1 - lambda;
  for (let j = 0; j < count; j++) to[at + j] = lambda * from[first + j]! + rest * from[second + j]!;
}

function blendBytes(
  to: Float32Array,
  at: number,
  from: Bytes,
  first: number,
  second: number,
  count: number,
  lambda: number,
): void {
  const rest = 1 - lambda;
  for (let j = 0; j < count; j++)
    to[at + j] = lambda * byteValues[from[first + j]!]! + rest * byteValues[from[second + j]!]!;
}

function blendWith(to: Float32Array, at: number, other: Float32Array, share: number): void {
  const rest = 1 - share;
  for (let j = 0; j < other.length; j++) to[at + j] = share * to[at + j]! + rest * other[j]!;
}

/** Rows and columns of a part that takes about 1 - lambda of an image, anywhere in it. */
function rectangle(height: number, width: number, lambda: number, random: RandomStream) {
  const ratio = Math.sqrt(1 - lambda);
  const side = (size: number): [number, number] => {
    const length = ratio * size;
    const begin = random.uniform() * (size - length);
    return [Math.ceil(begin), Math.min(Math.ceil(begin + length), size)];
  };
  const [left, right] = side(width);
  const [top, bottom] = side(height);
  return { top, bottom, left, right };
}

/** A number of the beta distribution (alpha, alpha), 0 < alpha ≤ 1 (Jöhnk 1964), from + − × ÷ alone. */
export function beta(alpha: number, random: RandomStream): number {
  for (;;) {
    const [x, y] = [log((random.bits() + 0.5) / 4294967296) / alpha, log((random.bits() + 0.5) / 4294967296) / alpha];
    if (exp(x) + exp(y) > 1) continue;
    // x and y may both be too small for a number: their quotient is not.
    return 1 / (1 + exp(y - x));
  }
}
