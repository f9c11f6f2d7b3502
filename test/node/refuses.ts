// The assertion of all tests of bad input: one sentence, word for word.
import * as assert from 'uvu/assert';
import { WasmCnnError } from '../../src/base/errors.js';

export async function refuses(work: Promise<unknown>, sentence: string): Promise<void> {
  assert.is(await refusal(work), sentence);
}

/** The same of what throws before it returns. (uvu's throws() takes a text for the failure's own, and compares nothing with it.) */
export function refusesAtOnce(act: () => unknown, sentence: string): void {
  assert.throws(act, (error: unknown) => {
    assert.instance(error, WasmCnnError, `expected a refusal, got ${String(error)}`);
    assert.is((error as Error).message, sentence);
    return true;
  });
}

/** What it says. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, WasmCnnError, `expected a refusal, got ${String(error)}`);
  return (error as Error).message;
}
