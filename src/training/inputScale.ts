// The scale of a model's inputs. Pixels up to 255 where values up to 1 are expected, bytes of 0 and 1, or black on white instead of white on
// black train badly and predict nonsense, and no number is wrong: so the model remembers what it was trained on, and warns.
import { check } from '../base/errors.js';
import { isRecord } from '../base/options.js';
import { isBytes, type Tensor } from '../base/tensor.js';
import { warn } from '../base/warnings.js';

/** Over all values of all inputs, as the network sees them: bytes as value / 255, or as they are where it scales them itself. */
export interface InputRange {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
}

/** Examples that are looked at, evenly spread. (NaN is looked for in all.) */
const SAMPLE = 256;
/** Values beyond this are hardly scaled at all. */
const UNSCALED = 20;
/** Bytes up to this are hardly pixels: they may be bits, or 4-bit gray. */
const TINY_BYTE = 16;
/** How many times larger or smaller than in training is another scale. */
const FACTOR = 50;

/** Throws at NaN and infinite values. */
export function rangeOf({ data, shape }: Tensor, who: string, raw = false): InputRange {
  const size = data.length / shape[0]!;
  const bytes = isBytes(data);
  const scale = bytes && !raw ? 255 : 1;
  const stride = Math.max(1, Math.ceil(shape[0]! / SAMPLE));
  let [low, high, sum, count] = [Infinity, -Infinity, 0, 0];
  for (let example = 0; example < shape[0]!; example += stride) {
    for (let i = example * size; i < (example + 1) * size; i++) {
      const value = data[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
      sum += value;
    }
    count += size;
  }
  if (!bytes) checkFinite(data, size, stride === 1 ? sum : NaN, who);
  return { low: low / scale, high: high / scale, mean: sum / count / scale };
}

const short = (value: number): number => Number(value.toPrecision(3));
const largest = ({ low, high }: InputRange): number => Math.max(Math.abs(low), Math.abs(high));

/** `sum`: of all the numbers, where it is known: it is finite if they are, as no number of f32 values adds up to more than a double holds. */
function checkFinite(data: Tensor['data'], size: number, sum: number, who: string): void {
  if (sum - sum === 0) return;
  for (let i = 0; i < data.length; i++) {
    // Faster than Number.isFinite: NaN - NaN and Infinity - Infinity are NaN.
    check(
      data[i]! - data[i]! === 0,
      () => `${who} holds ${data[i]} in example ${Math.floor(i / size)}; leave such examples out, or replace the value`,
    );
  }
}

/** What is odd about these inputs by themselves, and the cure; null where nothing is. */
function oddAlone(x: Tensor, range: InputRange): string | null {
  const top = largest(range);
  if (isBytes(x.data)) {
    if (top === 0 || 255 * top > TINY_BYTE) return null;
    return `has bytes of at most ${Math.round(255 * top)}, and bytes are pixels that become value / 255, here at most ${short(top)}; multiply them by ${Math.floor(255 / Math.round(255 * top))}, or give a Float32Array`;
  }
  return top > UNSCALED
    ? `reaches ${short(range.high === top ? range.high : range.low)}, and networks learn best from values of about 0 to 1; give pixels as a Uint8Array, or divide them by 255`
    : null;
}

/** The same beside what the model was trained on. */
function oddBeside(range: InputRange, trained: InputRange, raw: boolean): string | null {
  const [top, usual] = [largest(range), largest(trained)];
  const between = `from ${short(trained.low)} to ${short(trained.high)}`;
  // All equal: a blank picture says nothing.
  if (range.low === range.high || trained.low === trained.high) return null;
  if (top > FACTOR * usual || FACTOR * top < usual) {
    return `has values from ${short(range.low)} to ${short(range.high)}, and the model was trained on values ${between}; scale them in the same way (${raw ? 'the model scales them itself: bytes and a Float32Array are taken as they are' : 'bytes become value / 255, a Float32Array is taken as it is'})`;
  }
  const mirrored = trained.low + trained.high - trained.mean;
  const apart = Math.abs(mirrored - trained.mean) > 0.3 * (trained.high - trained.low);
  if (apart && Math.abs(range.mean - mirrored) < Math.abs(range.mean - trained.mean) / 2) {
    return `has a mean of ${short(range.mean)}, and the model was trained on values ${between} with a mean of ${short(trained.mean)}: it looks inverted; subtract it from ${short(trained.low + trained.high)} (bytes: from 255)`;
  }
  return null;
}

/** One model's memory of its inputs' scale. Each kind of doubt is told once. */
export class InputScale {
  /** Range of the last fit's x; stored in model files. Null before the first. */
  trained: InputRange | null = null;
  /** Whether the model scales its input itself: it then sees bytes as they are, 0 to 255. */
  raw = false;
  readonly #told = new Set<typeof oddAlone | typeof oddBeside>();

  /** Looks at what fit is given; throws at NaN. For several inputs no scale is stored. */
  observe(xs: readonly Tensor[], who: string): void {
    const [range, ...others] = xs.map((x) => rangeOf(x, who, this.raw));
    if (others.length > 0) return;
    this.trained = range!;
    this.#tell(oddAlone, this.raw ? null : oddAlone(xs[0]!, range!), who);
  }

  /** Takes what a file says, which may be anything. */
  restore(range: unknown): void {
    if (range === undefined) return;
    const isRange =
      isRecord(range) &&
      [range['low'], range['mean'], range['high']].every(
        (value, i, all) => Number.isFinite(value) && (i === 0 || all[i - 1]! <= value!),
      );
    check(isRange, 'inputRange must be low, mean and high in numbers');
    const { low, high, mean } = range as unknown as InputRange;
    this.trained = { low, high, mean };
  }

  /** Looks at what is predicted or evaluated; throws at NaN. */
  compare(xs: readonly Tensor[], who: string): void {
    if (xs[0]!.shape[0] === 0) return;
    const [range, ...others] = xs.map((x) => rangeOf(x, who, this.raw));
    if (others.length > 0) return;
    if (this.trained) this.#tell(oddBeside, oddBeside(range!, this.trained, this.raw), who);
    else if (!this.raw) this.#tell(oddAlone, oddAlone(xs[0]!, range!), who);
  }

  #tell(kind: typeof oddAlone | typeof oddBeside, doubt: string | null, who: string): void {
    if (doubt === null || this.#told.has(kind)) return;
    this.#told.add(kind);
    warn(`${who} ${doubt}`);
  }
}
