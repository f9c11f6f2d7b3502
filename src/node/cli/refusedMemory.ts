// Memory that the system refuses while a command works: V8 says so in a RangeError, the command in a sentence.
import { WasmCnnError } from '../../base/errors.js';

/** The sentence where memory was refused, any other error as it is. */
export function refusedMemory(error: unknown): unknown {
  if (!(error instanceof RangeError) || !/allocat|out of memory/i.test(error.message)) return error;
  return new WasmCnnError(
    `the system refuses more memory (${error.message}); close other programs, or take fewer threads or a smaller batch`,
    { cause: error },
  );
}
