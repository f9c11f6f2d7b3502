// The one error that users are meant to read: a sentence that says who, what was needed, what came, and what to do.

/** An expected failure: bad input, a shape that does not fit, a file that is damaged. Its message is one whole sentence. */
export class WasmCnnError extends Error {
  override readonly name = 'WasmCnnError';
}

/** Throws a {@link WasmCnnError} with `sentence` unless `condition` holds. */
export function check(condition: boolean, sentence: string | (() => string)): asserts condition {
  if (!condition) throw new WasmCnnError(typeof sentence === 'string' ? sentence : sentence());
}
