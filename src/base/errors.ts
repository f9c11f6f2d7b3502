// The one error that users are meant to read: a sentence that says who, what was needed, what came, and what to do.

/** Names come from files, and a hostile one may be of any length. */
const LONGEST = 600;

/**
 * An expected failure: bad input, a shape that does not fit, a file that is damaged. Its message is one whole sentence.
 *
 * @example
 * ```js
 * import { layers, WasmCnnError } from 'wasm-cnn';
 *
 * try {
 *   layers.dense({ units: 0 });
 * } catch (error) {
 *   error instanceof WasmCnnError; // true
 * }
 * ```
 */
export class WasmCnnError extends Error {
  override readonly name = 'WasmCnnError';

  constructor(sentence: string, options?: ErrorOptions) {
    super(printable(sentence), options);
  }
}

/** Characters that a terminal obeys, or that begin another line. */
const COMMANDS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Whether a name, perhaps a file's, may be shown in a terminal as it is: one line of at most 200 characters. */
export function isPrintable(name: string): boolean {
  return name.length <= 200 && name.search(COMMANDS) < 0;
}

/** The sentence on one line, without control characters of a terminal; the middle of a very long one is left out. */
export function printable(sentence: string): string {
  const seen = sentence.replace(COMMANDS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return seen.length <= LONGEST ? seen : `${seen.slice(0, LONGEST - 203)} … ${seen.slice(-200)}`;
}

/** Throws a {@link WasmCnnError} with `sentence` unless `condition` holds. */
export function check(condition: boolean, sentence: string | (() => string)): asserts condition {
  if (!condition) throw new WasmCnnError(typeof sentence === 'string' ? sentence : sentence());
}
