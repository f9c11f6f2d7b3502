// The assertion of all tests of bad input: one sentence, word for word.
import * as assert from 'uvu/assert';
import { WasmCnnError } from '../../src/base/errors.js';

export async function refuses(work: Promise<unknown>, sentence: string): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, WasmCnnError, `expected a refusal, got ${String(error)}`);
  assert.is((error as Error).message, sentence);
}
