// Data that a person brings: a folder, or files that may come one after the other.
import { WasmCnnError } from 'wasm-cnn';
import { openDataset, type OpenDatasetOptions } from 'wasm-cnn/browser';
import type { Dropped } from './dropped.js';
import { checkForPage, MOST_BYTES, type Source } from './source.js';

export class DataFiles {
  /** Those that lie in no folder, the newest of a name. */
  #before = new Map<string, File>();

  async open({ folders, files }: Dropped, options: OpenDatasetOptions): Promise<Source> {
    const open = async (given: Parameters<typeof openDataset>[0]): Promise<Source> => {
      const source = await openDataset(given, { ...options, maxBytes: MOST_BYTES });
      checkForPage(source);
      return source;
    };
    const known = this.#before;
    const own = new Map(files.map((file) => [file.name, file]));
    this.#before = folders.length > 0 ? new Map() : own;
    try {
      return await open([...folders, ...files]);
    } catch (error) {
      if (folders.length > 0 || known.size === 0 || !isIncomplete(error)) throw inPageWords(error);
      // Two of MNIST's four, and then the others.
      this.#before = new Map([...known, ...own]);
      return open([...this.#before.values()]);
    }
  }
}

/** The engine lists all names that it knows; a page says what to drop. */
function inPageWords(error: unknown): unknown {
  const [, who] =
    error instanceof WasmCnnError ? (/^(.*?): (?:is|holds) no data set that is known/.exec(error.message) ?? []) : [];
  if (who === undefined) return error;
  return new WasmCnnError(
    `${who}: holds no data that this page knows; it takes a folder with a folder of pictures for each class, or IDX (MNIST), CIFAR, NumPy, CSV or Parquet files`,
    { cause: error },
  );
}

function isIncomplete(error: unknown): boolean {
  return error instanceof WasmCnnError && /: has no /.test(error.message);
}
