// A file that csvLogger writes to.
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { check } from '../../base/errors.js';
import { describe } from '../../base/options.js';
import { codeOf, withFileErrors, writeAt } from './files.js';

/**
 * For csvLogger({ write }): each line is in the file when its epoch ends. A new fit starts the file anew, a resumed one appends to it.
 *
 * @example
 * ```ts
 * import { csvLogger } from 'wasm-cnn';
 * import { csvFile } from 'wasm-cnn/node';
 *
 * const callbacks = [csvLogger({ write: csvFile('history.csv') })];
 * ```
 */
export function csvFile(path: string): (text: string, at: number) => Promise<void> {
  check(typeof path === 'string' && path !== '', () => `csvFile needs the path of a file, got ${describe(path)}`);
  check(
    existsSync(dirname(path)),
    () => `cannot write ${path}: the folder ${dirname(path)} does not exist; create it or choose another`,
  );
  return (text, at) =>
    withFileErrors('write', path, async () => {
      const file = await fs.open(path, at === 0 ? 'w' : 'r+').catch((error: unknown) => {
        check(
          at === 0 || codeOf(error) !== 'ENOENT',
          () =>
            `cannot write ${path}: it is missing, and the fit that resumes had written ${at} bytes; give csvFile the file that it wrote`,
        );
        throw error;
      });
      try {
        const { size } = await file.stat();
        check(
          size >= at,
          () =>
            `${path} has ${size} bytes, and the fit that resumes had written ${at}; give csvFile the file that it wrote`,
        );
        await file.truncate(at);
        await writeAt(file, Buffer.from(text), at);
        await file.sync();
      } finally {
        await file.close();
      }
    });
}
