import { WasmCnnError } from './errors.js';

/** An error of another copy of errors.ts as one of this copy: bundles that are loaded later have one of their own. */
export function asOwn(error: unknown): unknown {
  const { name, message } = (error ?? {}) as Partial<Error>;
  return name === 'WasmCnnError' && !(error instanceof WasmCnnError)
    ? new WasmCnnError(message!, { cause: error })
    : error;
}
