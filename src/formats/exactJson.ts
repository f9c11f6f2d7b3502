// JSON that returns exactly what was put in, for what a callback remembers and for facts. What JSON has no word for is written as an
// object with '$'; what cannot be kept is refused when it is written, with its path.
//
//   Infinity, -Infinity, NaN, -0, undefined    { "$": "Infinity" } …
//   Float64Array.of(1, NaN)                    { "$": "Float64Array", "values": [1, "NaN"] }
//   { $: 1 }                                   { "$": "object", "value": { "$": 1 } }
import { check, WasmCnnError } from '../base/errors.js';
import { describe, isPlain, isRecord, kindOf } from '../base/options.js';

const SPECIAL: ReadonlyMap<string, number | undefined> = new Map([
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['NaN', NaN],
  ['-0', -0],
  ['undefined', undefined],
]);
const TYPED = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
};
/** What is nested more deeply is a circle, or hostile. */
const DEEPEST = 100;

/** A value that JSON.stringify() keeps. `path` names it in errors: 'facts'. */
export function toExactJson(value: unknown, path: string, depth = 0): unknown {
  check(
    depth <= DEEPEST,
    () =>
      `the model cannot be saved: ${path.slice(0, 100)}… is nested more than ${DEEPEST} deep, or in a circle; keep something flatter`,
  );
  if (value === undefined) return { $: 'undefined' };
  if (typeof value === 'number') return isSpecial(value) ? { $: nameOf(value) } : value;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  const kind = kindOf(value);
  if (Array.isArray(value) && Object.keys(value).length === value.length)
    return Array.from(value, (each, i) => toExactJson(each, `${path}[${i}]`, depth + 1));
  if (Object.hasOwn(TYPED, kind))
    return { $: kind, values: Array.from(value as Float64Array, (each) => (isSpecial(each) ? nameOf(each) : each)) };
  check(
    isPlain(value),
    () =>
      `the model cannot be saved: ${path} is ${refusedKind(value)}, which a file cannot hold; keep plain objects, arrays, typed arrays, numbers and texts there`,
  );
  const entries = Object.entries(value).map(([key, each]) => [key, toExactJson(each, `${path}.${key}`, depth + 1)]);
  const plain = Object.fromEntries(entries);
  return Object.hasOwn(plain, '$') ? { $: 'object', value: plain } : plain;
}

function refusedKind(value: unknown): string {
  if (typeof value === 'bigint') return 'a BigInt';
  return Array.isArray(value) ? 'an array with holes or names' : describe(value);
}

/** What was given to {@link toExactJson}. Throws one sentence where nothing was that. */
export function fromExactJson(value: unknown, depth = 0): unknown {
  check(depth <= DEEPEST, `it is nested more than ${DEEPEST} deep`);
  if (Array.isArray(value)) return value.map((each) => fromExactJson(each, depth + 1));
  if (!isRecord(value)) return value;
  if (!Object.hasOwn(value, '$')) return mapped(value, depth);
  const { $: kind, value: object, values } = value;
  if (kind === 'object' && isRecord(object) && keys(value) === '$,value') return mapped(object, depth);
  if (typeof kind === 'string' && SPECIAL.has(kind) && keys(value) === '$') return SPECIAL.get(kind);
  if (typeof kind === 'string' && Object.hasOwn(TYPED, kind) && Array.isArray(values) && keys(value) === '$,values')
    return typed(kind as keyof typeof TYPED, values);
  throw new WasmCnnError(`it holds an object with '$' that means nothing`);
}

function mapped(value: Record<string, unknown>, depth: number): Record<string, unknown> {
  // On a very large object entries() takes seven times as long as keys().
  return Object.fromEntries(Object.keys(value).map((key) => [key, fromExactJson(value[key], depth + 1)]));
}

function typed(kind: keyof typeof TYPED, values: readonly unknown[]): unknown {
  const numbers = values.map((each) =>
    typeof each === 'string' && each !== 'undefined' && SPECIAL.has(each) ? SPECIAL.get(each) : each,
  ) as number[];
  const array = TYPED[kind].from(numbers);
  check(
    numbers.every((each, i) => Object.is(array[i], each)),
    `it holds numbers that are not of a ${kind}`,
  );
  return array;
}

function keys(value: object): string {
  return Object.keys(value).sort().join();
}

function isSpecial(value: number): boolean {
  return !Number.isFinite(value) || Object.is(value, -0);
}

function nameOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
