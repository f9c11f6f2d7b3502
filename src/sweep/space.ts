// The space of a sweep: what each hyperparameter may be.
import { power } from '../base/elementary.js';
import { check, isPrintable } from '../base/errors.js';
import { unknown } from '../base/nearest.js';
import { describe, isPlain, isRecord, listed } from '../base/options.js';

/** A value of a hyperparameter. */
export type Value = number | string | boolean;

/** One setting of the hyperparameters, by name. */
export type Config = Readonly<Record<string, Value>>;

/** What one hyperparameter may be. */
export type Dimension =
  /** Always the same. */
  | Value
  /** One of these. */
  | readonly Value[]
  /** A number between two, both included; evenly spread on a logarithmic scale, or on a linear one. Rounded to four digits. */
  | { readonly log: readonly [number, number] }
  | { readonly uniform: readonly [number, number] }
  /** A whole number from the first to the last. */
  | { readonly int: readonly [number, number] }
  /** Each setting so many times, with 1, 2, 3 … here: for seeds. Their scores are averaged. */
  | { readonly repeat: number };

/** What each hyperparameter may be, by name. */
export type Space = Readonly<Record<string, Dimension>>;

const KINDS = ['log', 'uniform', 'int', 'repeat'];

/** What each value of a hyperparameter must be. */
export interface ValueRule {
  /** For sentences: 'a whole number of at least 1'. */
  readonly needs: string;
  readonly isGood: (value: Value) => boolean;
  /** Kinds of ranges that have such values alone, where their ends are good. */
  readonly ranges: readonly string[];
}

export const wholeValues = (minimum: number): ValueRule => ({
  needs: `a whole number of at least ${minimum}`,
  isGood: (value) => Number.isSafeInteger(value) && Number(value) >= minimum,
  ranges: ['int', 'repeat'],
});

const DIGITS = 4;
const MOST_REPEATS = 1000;

/** Throws unless it is a space, with a sentence on the first thing that is wrong with it. */
export function checkSpace(space: unknown, who: string): asserts space is Space {
  check(
    isPlain(space) && Object.keys(space).length > 0,
    () =>
      `${who} needs a space with at least one hyperparameter, as { "learningRate": { "log": [0.0001, 0.01] } }, got ${isRecord(space) ? 'an empty one' : describe(space)}`,
  );
  for (const [name, dimension] of Object.entries(space)) {
    check(
      name !== '' && isPrintable(name),
      `${who} has a hyperparameter with the name ${JSON.stringify(name)}; use letters`,
    );
    checkDimension(dimension, `${who}'s ${name}`);
  }
  if (space['seed'] !== undefined) checkValues(space['seed'] as Dimension, `${who}'s seed`, wholeValues(0));
  const repeated = Object.keys(space).filter((name) => isRepeat((space as Space)[name]!));
  check(repeated.length <= 1, `${who} repeats ${repeated.join(' and ')}; repeat one of them`);
}

function checkDimension(dimension: unknown, who: string): void {
  if (isValue(dimension)) return;
  if (Array.isArray(dimension)) {
    const values: readonly unknown[] = dimension;
    check(values.length > 0, `${who} is an empty list; give the values that it may have`);
    const wrong = values.find((value) => !isValue(value));
    check(
      wrong === undefined,
      () => `${who} has ${describe(wrong)} among its values; they must be numbers, texts or booleans`,
    );
    check(new Set(values).size === values.length, `${who} has the same value twice; leave one of them out`);
    return;
  }
  check(
    isPlain(dimension) && Object.keys(dimension).length === 1,
    () =>
      `${who} must be a value, a list of values, or one of { "log": [low, high] }, { "uniform": [low, high] }, { "int": [low, high] }, { "repeat": n }, got ${isPlain(dimension) ? `an object with ${Object.keys(dimension).join(', ') || 'nothing'}` : describe(dimension)}`,
  );
  const [kind = '', range] = Object.entries(dimension)[0]!;
  check(KINDS.includes(kind), () => `${who} has no kind ${unknown(kind, KINDS)}; there is ${KINDS.join(', ')}`);
  if (kind === 'repeat') {
    check(
      Number.isSafeInteger(range) && (range as number) >= 1 && (range as number) <= MOST_REPEATS,
      () => `${who} must repeat from 1 to ${MOST_REPEATS} times, got ${describe(range)}`,
    );
    return;
  }
  check(
    Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] < range[1],
    () => `${who}'s ${kind} must be [low, high], two numbers of which the first is lower, got ${listed(range)}`,
  );
  const [low, high] = range as [number, number];
  check(kind !== 'log' || low > 0, () => `${who}'s log must begin above 0, got ${low}`);
  check(
    kind !== 'int' || (Number.isSafeInteger(low) && Number.isSafeInteger(high)),
    () => `${who}'s int must be two whole numbers, got ${low} and ${high}`,
  );
}

/** Throws unless all values that the dimension may have follow the rule. */
export function checkValues(dimension: Dimension, who: string, { needs, isGood, ranges }: ValueRule): void {
  const [kind = '', range] = valuesOf(dimension) ? [] : Object.entries(dimension)[0]!;
  check(kind === '' || ranges.includes(kind), () => {
    const instead = ['a list of values', ...(ranges.includes('int') ? ['{ "int": [low, high] }'] : [])];
    return `${who} must be ${needs}, and { "${kind}": … } has other values; give ${instead.join(' or ')}`;
  });
  for (const value of valuesOf(dimension) ?? (kind === 'repeat' ? [1] : (range as readonly Value[])))
    check(isGood(value), () => `${who} must be ${needs}, got ${describe(value)}`);
}

function isValue(value: unknown): value is Value {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

export function isRepeat(dimension: Dimension): dimension is { readonly repeat: number } {
  return typeof dimension === 'object' && 'repeat' in dimension;
}

/** The values that a dimension may have, where they can be listed: not of a range. */
export function valuesOf(dimension: Dimension): readonly Value[] | null {
  if (isValue(dimension)) return [dimension];
  return Array.isArray(dimension) ? (dimension as readonly Value[]) : null;
}

/** The value at `share`, from 0 (the lowest, or the first) to below 1. */
export function valueAt(dimension: Dimension, share: number): Value {
  const values = valuesOf(dimension);
  if (values) return values[Math.floor(share * values.length)]!;
  if (isRecord(dimension) && 'int' in dimension) {
    const [low, high] = dimension['int'] as [number, number];
    return low + Math.floor(share * (high - low + 1));
  }
  const isLog = isRecord(dimension) && 'log' in dimension;
  const [low, high] = (dimension as { log: [number, number]; uniform: [number, number] })[isLog ? 'log' : 'uniform'];
  const value = isLog ? low * power(high / low, share) : low + (high - low) * share;
  return Math.min(high, Math.max(low, Number(value.toPrecision(DIGITS))));
}
