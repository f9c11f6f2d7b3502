// MNIST's four files, dropped together or one after the other, whatever they are called as long as the name says train or test.
import { WasmCnnError } from 'wasm-cnn';
import { datasetFromIdx, mnistFiles, mnistSha256, type IdxFile, type MnistPart } from 'wasm-cnn/data';
import { checkForPage, identified, type Source } from './source.js';

export class MnistFiles {
  readonly #files = new Map<MnistPart, IdxFile>();

  /** Takes an unzipped IDX file. */
  add(bytes: Uint8Array, kind: 'images' | 'labels', where: string): void {
    const [train, test] = [/train/i, /t10k|test/i].map((word) => word.test(where));
    if (train === test)
      throw new WasmCnnError(
        `${where}: holds IDX ${kind}, but its name says neither train nor test; rename it to ${mnistFiles
          .filter((file) => file.kind === kind)
          .map(({ name }) => name)
          .join(' or ')}`,
      );
    const { part } = mnistFiles.find((file) => file.kind === kind && file.part.startsWith(train ? 'train' : 'test'))!;
    this.#files.set(part, { bytes, where });
  }

  /** Official names of what has not come yet. */
  get missing(): string[] {
    return mnistFiles.filter(({ part }) => !this.#files.has(part)).map(({ name }) => name);
  }

  get some(): boolean {
    return this.#files.size > 0;
  }

  /** The data set of the four; they are forgotten, so that wrong ones can be dropped anew. */
  async take(): Promise<Source> {
    const files = Object.fromEntries(this.#files) as Record<MnistPart, IdxFile>;
    this.#files.clear();
    const source = await identified(datasetFromIdx(files, 'files', 'your files'));
    checkForPage(source);
    const isMnist = source.sha256 === mnistSha256;
    return {
      ...source,
      name: isMnist ? 'mnist' : 'files',
      source: isMnist ? 'MNIST, byte for byte' : 'your files, which are not MNIST',
    };
  }
}
