// Small things that Keras' JSON needs: names in both spellings, numbers in their wrappings, and what has no counterpart.
import { listed } from '../../base/listed.js';
import { describe, isRecord } from '../../base/options.js';

export type Json = Record<string, unknown>;

/** Whose reader a configuration is written for: Keras 3, or TF.js, which is close to Keras 2. */
export type KerasVersion = 'keras3' | 'tfjs';

/** Epsilon that marks a BatchNormalization standing for a Normalization in TF.js, so that the reader recognizes it. */
export const NORMALIZATION_EPSILON = 1e-30;

/** What one layer has that the other side does not. All of a model's are collected, and refused in one sentence. */
export class NoCounterpart extends Error {}

export function noCounterpart(what: string): never {
  throw new NoCounterpart(what);
}

/** 'kernelSize' → 'kernel_size', 'beta1' → 'beta_1' in Keras' own table, which says so itself. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** 'kernel_size' → 'kernelSize'. */
export const camelCase = (name: string): string =>
  name.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The value without NumPy's and Keras' wrappings: { class_name: '__numpy__', config: { value: [1, 2] } } → [1, 2]. */
export function bare(value: unknown): unknown {
  if (!isRecord(value)) return value;
  if (['__numpy__', '__tensor__'].includes(String(value.class_name)) && isRecord(value.config))
    return bare(value.config.value);
  // As Keras 2.2 and 2.3 wrote NumPy's numbers.
  return value.type === 'ndarray' && 'value' in value ? bare(value.value) : value;
}

/** Whether it is left out, off or empty: what a key that is not known here may hold. */
export function isNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    (Array.isArray(value) && value.length === 0) ||
    (isRecord(value) && Object.keys(value).length === 0)
  );
}

/** A value, for a sentence: short. */
export function shown(value: unknown): string {
  const text = isRecord(value) && typeof value.class_name === 'string' ? value.class_name : JSON.stringify(value);
  return text === undefined ? describe(value) : text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The numbers of a list of lists, in order; undefined where it holds anything else, or more than `most`. */
export function numbersOf(value: unknown, most = 65536): number[] | undefined {
  const numbers: number[] = [];
  const open: unknown[] = [bare(value)];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'number') numbers.push(next);
    else if (Array.isArray(next) && next.length <= most) open.push(...[...next].reverse());
    else return undefined;
    if (numbers.length + open.length > most) return undefined;
  }
  return numbers;
}

/** 'dense', or if that is taken, 'dense_1' …, which is taken from then on. */
export function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 1; taken.has(free); i++) free = `${name}_${i}`;
  taken.add(free);
  return free;
}

/** A name of a layer or an input that is one here, too. */
export const nameHere = (name: string): string => name.replace(/[^\w.-]/g, '_').slice(0, 180);

/** One for all batch normalizations that are called with training=False, as a pretrained network has dozens. */
export function frozenNotes(layers: readonly string[]): readonly string[] {
  const [first] = layers;
  if (first === undefined) return [];
  return [
    layers.length === 1
      ? `${first} is called with training=False: it is frozen here, its gamma and beta too (trainable: false)`
      : `${layers.length} layers are called with training=False: they are frozen here, their gamma and beta too (trainable: false): ${listed(layers, 3)}`,
  ];
}

/** 'float32', or what Keras' dtype policy is called: 'mixed_bfloat16'. */
export function policyOf({ dtype }: Json): string {
  return String(isRecord(dtype) && isRecord(dtype.config) ? dtype.config.name : dtype);
}
