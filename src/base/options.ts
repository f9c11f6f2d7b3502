// Option objects, as people write them in JavaScript: an unknown name or a wrong kind must not pass unseen.
import { check } from './errors.js';
import { unknown } from './nearest.js';

/** Throws unless `options` is an object with no other names than the known ones. */
export function checkOptions(options: unknown, known: readonly string[], who: string): void {
  check(
    isRecord(options) && isOfNames(options),
    () => `${who} needs an object of options, got ${describe(options)}; it has ${known.join(', ')}`,
  );
  for (const key of Object.keys(options))
    check(known.includes(key), () => `${who} has no option ${unknown(key, known)}; it has ${known.join(', ')}`);
}

/** Throws where a call has more arguments than it takes: what is not read must not pass unseen. `hint` says what to do instead. */
export function checkArguments({ length }: ArrayLike<unknown>, most: number, who: string, hint: string): void {
  check(
    length <= most,
    () =>
      `${who} takes ${most === 0 ? 'no arguments' : most === 1 ? 'one argument' : `${most} arguments`}, got ${length}; ${hint}`,
  );
}

export function checkNumber(
  value: unknown,
  isGood: (value: number) => boolean,
  sentence: string,
): asserts value is number {
  check(typeof value === 'number' && isGood(value), () => `${sentence}, got ${describe(value)}`);
}

export function checkBoolean(value: unknown, what: string): asserts value is boolean {
  check(typeof value === 'boolean', () => `${what} must be true or false, got ${describe(value)}`);
}

/** What a table has under a name, or one sentence that lists the names. */
export function entryOf<T>(table: Readonly<Record<string, T>>, name: unknown, what: string, listed: object = table): T {
  check(
    typeof name === 'string' && Object.hasOwn(table, name),
    () => `there is no ${what} ${unknown(name, Object.keys(listed))}; there is ${Object.keys(listed).join(', ')}`,
  );
  return table[name]!;
}

/** An object that is no array, typed array or function. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** What a Map, a Set, a Promise that was not awaited, or a Date has are no options by name, and would all pass unseen. */
export function isOfNames(object: object): boolean {
  return ['Object', 'Module'].includes(kindOf(object));
}

/** An object as { } makes it, of whichever realm: not of a class, and without symbols. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value) || kindOf(value) !== 'Object') return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return (
    (prototype === null || Object.getPrototypeOf(prototype) === null) &&
    Object.getOwnPropertySymbols(value).length === 0
  );
}

/**
 * 'Uint8Array', 'ArrayBuffer', 'Array' …: the built-in kind of an object, of whichever realm. `instanceof` knows those of its own realm
 * alone, and test runners (Jest, Vitest's vm pools), iframes and Node's vm mix several.
 */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** An error of whichever realm. */
export function isError(value: unknown): value is Error {
  return kindOf(value) === 'Error';
}

/** What came, in a word or two. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 99));
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `the function ${nameOf(value)}`.trimEnd();
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  const name = nameOf(value.constructor) || 'Object';
  if (name === 'Promise') return 'a Promise (put await before it)';
  return name === 'Object' ? 'an object' : `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** The same, of an array its values; JSON would have no NaN, and fail at 1n. */
export function listed(value: unknown, depth = 0): string {
  return Array.isArray(value) && depth < 3
    ? `[${value.map((each) => listed(each, depth + 1)).join(',')}]`
    : describe(value);
}

/** A static member of a class may be called `name`, and a field `constructor`: what they hold may be no text. */
function nameOf(of: unknown): string {
  const { name } = (of ?? {}) as { readonly name?: unknown };
  return typeof name === 'string' ? name : '';
}
