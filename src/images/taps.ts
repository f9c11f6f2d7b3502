// Which pixels of a line make a pixel of a shorter or longer one, and with which weights.

export type Interpolation = 'nearest' | 'bilinear' | 'bicubic' | 'area';

/** The part of a line of `side` pixels that is drawn; what of it lies outside shows the background. */
export interface Span {
  readonly start: number;
  readonly length: number;
  readonly side: number;
}

/**
 * For output i the pixels first[i] … first[i] + count[i] - 1 of the line, with weights from weights[i · most] on; `outside` weighs the
 * background. Weights are 2^-22ths, and those of an output sum up to 1 but for their rounding.
 */
export interface Taps {
  readonly outputs: number;
  readonly most: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  readonly outside: Int32Array;
  /** Whether output i is pixel i of the line, and there are no others. */
  readonly isIdentity: boolean;
}

/** Bits of a fraction: with 8 bits of a pixel, and one for what bicubic overshoots, a sum fits 32 bits. Pillow's choice. */
export const FRACTION_BITS = 22;
const ONE = 1 << FRACTION_BITS;

interface Filter {
  /** Pixels to either side that it reaches. */
  readonly support: number;
  at(distance: number): number;
}

const bilinear: Filter = { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) };

/** Keys' cubic with a = -1/2, as in Pillow and TensorFlow. */
const bicubic: Filter = {
  support: 2,
  at(distance) {
    const x = Math.abs(distance);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  },
};

/** Those of the last sizes: pictures of a data set have few. */
const known = new Map<string, Taps>();
const MOST_KNOWN = 64;

export function tapsOf(span: Span, outputs: number, interpolation: Interpolation, antialias: boolean): Taps {
  const { start, length, side } = span;
  const key = [start, length, side, outputs, interpolation, antialias].join();
  const found = known.get(key) ?? makeTaps(span, outputs, interpolation, antialias);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, found);
  return found;
}

function makeTaps(span: Span, outputs: number, interpolation: Interpolation, antialias: boolean): Taps {
  const scale = span.length / outputs;
  const line = (i: number): Line => {
    if (interpolation === 'nearest') return nearest(span, i, scale);
    if (interpolation === 'area') return area(i, scale);
    return filtered(interpolation === 'bilinear' ? bilinear : bicubic, span, i, scale, antialias);
  };
  return packed(
    span,
    Array.from({ length: outputs }, (_, i) => line(i)),
  );
}

/** Weights, which sum up to 1, of the pixels of the span from `first` on. */
interface Line {
  readonly first: number;
  readonly weights: readonly number[];
}

function nearest({ length }: Span, i: number, scale: number): Line {
  return { first: Math.min(length - 1, Math.floor((i + 0.5) * scale)), weights: [1] };
}

/** Each pixel as far as the output's covers it. */
function area(i: number, scale: number): Line {
  const [from, to] = [i * scale, (i + 1) * scale];
  const first = Math.floor(from);
  const weights: number[] = [];
  for (let at = first; at < to; at++) weights.push((Math.min(at + 1, to) - Math.max(at, from)) / scale);
  return { first, weights };
}

/** Pixels beyond the line's ends are left out, and the others weigh more. */
function filtered({ support, at }: Filter, { length }: Span, i: number, scale: number, antialias: boolean): Line {
  const widening = antialias ? Math.max(1, scale) : 1;
  const center = (i + 0.5) * scale;
  const first = Math.max(0, Math.floor(center - support * widening + 0.5));
  const end = Math.min(length, Math.floor(center + support * widening + 0.5));
  const weights: number[] = [];
  for (let pixel = first; pixel < end; pixel++) weights.push(at((pixel - center + 0.5) / widening));
  const sum = weights.reduce((a, b) => a + b, 0);
  return { first, weights: weights.map((weight) => weight / sum) };
}

/** Into integers, and from pixels of the span to those of the line. */
function packed({ start, length, side }: Span, lines: readonly Line[]): Taps {
  const most = Math.max(...lines.map(({ weights }) => weights.length));
  const outputs = lines.length;
  const taps = {
    outputs,
    most,
    first: new Int32Array(outputs),
    count: new Int32Array(outputs),
    weights: new Int32Array(outputs * most),
    outside: new Int32Array(outputs),
  };
  for (const [i, { first, weights }] of lines.entries()) {
    taps.first[i] = Math.min(Math.max(0, first + start), side - 1);
    for (const [j, weight] of weights.entries()) {
      const fixed = Math.round(weight * ONE);
      const at = first + start + j;
      // Rounding may name a pixel behind the span, with next to no weight.
      if (first + j >= length) continue;
      if (at < 0 || at >= side) taps.outside[i]! += fixed;
      else taps.weights[i * most + taps.count[i]!++] = fixed;
    }
  }
  return { ...taps, isIdentity: outputs === side && lines.every((_, i) => isPixel(taps, i)) };
}

/** Whether output i is pixel i of the line. */
function isPixel({ most, first, count, weights, outside }: Omit<Taps, 'isIdentity'>, i: number): boolean {
  let others = outside[i]!;
  for (let j = 0; j < count[i]!; j++)
    if (first[i]! + j !== i || weights[i * most + j] !== ONE) others |= weights[i * most + j]!;
  return others === 0 && first[i]! <= i && i < first[i]! + count[i]!;
}
