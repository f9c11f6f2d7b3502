// A model of another program's file, as far as what the file says of its training has a counterpart here.
import { check, WasmCnnError } from '../base/errors.js';
import type { ModelArchive } from '../formats/archive.js';
import type { HostOptions } from './compile.js';
import type { Model } from './model.js';
import { unpack } from './unpack.js';

/**
 * The model of the first archive that makes one, and a note of what the others had more. `archives`: with the optimizer's state, without it, not
 * compiled, of these what there is.
 */
export function unpackFirst(
  archives: readonly ModelArchive[],
  who: string,
  run: HostOptions,
): { model: Model; notes: readonly string[] } {
  const [archive, ...others] = archives;
  check(archive !== undefined, 'unpackFirst needs an archive');
  try {
    return { model: unpack(archive, who, run), notes: [] };
  } catch (error) {
    if (others.length === 0 || !(error instanceof WasmCnnError)) throw error;
    const made = unpackFirst(others, who, run);
    const note = made.model.compiled
      ? `its optimizer's state is left out: ${error.message}`
      : `its compile configuration is left out: ${error.message}; call compile()`;
    return { model: made.model, notes: [note] };
  }
}
