// MNIST as four IDX files: their names, sizes and hashes, and a Dataset made of four such files (MNIST's or others of that form).
import { check } from '../base/errors.js';
import { describe, isRecord, kindOf } from '../base/options.js';
import type { TestedDataset } from './dataset.js';
import { parseIdxImages, parseIdxLabels, type IdxKind } from './idx.js';
import { checkExamples, checkSameShape, type NamedExamples } from './layouts/examples.js';

/** Which of MNIST's four files. */
export type MnistPart = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';

/** One of MNIST's four files. */
export interface MnistFile {
  readonly part: MnistPart;
  readonly kind: IdxKind;
  /** The official name, without .gz. */
  readonly name: string;
  /** Size and SHA-256 of the unzipped file. */
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The four files, in the order in which {@link mnistSha256} takes them.
 *
 * @example
 * ```js
 * import { mnistFiles } from 'wasm-cnn/data';
 *
 * mnistFiles.map(({ part }) => part); // ['trainImages', 'trainLabels', 'testImages', 'testLabels']
 * ```
 */
export const mnistFiles: readonly MnistFile[] = [
  {
    part: 'trainImages',
    kind: 'images',
    name: 'train-images-idx3-ubyte',
    bytes: 47040016,
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  {
    part: 'trainLabels',
    kind: 'labels',
    name: 'train-labels-idx1-ubyte',
    bytes: 60008,
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  {
    part: 'testImages',
    kind: 'images',
    name: 't10k-images-idx3-ubyte',
    bytes: 7840016,
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  {
    part: 'testLabels',
    kind: 'labels',
    name: 't10k-labels-idx1-ubyte',
    bytes: 10008,
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
];

/**
 * SHA-256 over MNIST's four arrays without their headers: train images, train labels, test images, test labels.
 *
 * @example
 * ```js
 * import { mnistSha256 } from 'wasm-cnn/data';
 *
 * mnistSha256.length; // 64
 * ```
 */
export const mnistSha256 = '06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16';

/** An unzipped IDX file; `where` names it in errors. */
export interface IdxFile {
  readonly bytes: Uint8Array;
  readonly where: string;
}

/**
 * Checks the four files, alone and together, and makes views of them; nothing is copied.
 *
 * @example
 * ```ts
 * import { datasetFromIdx } from 'wasm-cnn/data';
 *
 * const read = async (name: string) => ({ bytes: new Uint8Array(await (await fetch(`/mnist/${name}`)).arrayBuffer()), where: name });
 * const [trainImages, trainLabels] = [await read('train-images-idx3-ubyte'), await read('train-labels-idx1-ubyte')];
 * const [testImages, testLabels] = [await read('t10k-images-idx3-ubyte'), await read('t10k-labels-idx1-ubyte')];
 * const { train } = datasetFromIdx({ trainImages, trainLabels, testImages, testLabels }, 'MNIST', '/mnist');
 * ```
 */
export function datasetFromIdx(
  files: Readonly<Record<MnistPart, IdxFile>>,
  name: string,
  source: string,
): TestedDataset {
  for (const { part } of mnistFiles) {
    const file = (files as Partial<typeof files> | undefined)?.[part];
    check(
      isRecord(file) && kindOf(file.bytes) === 'Uint8Array' && typeof file.where === 'string',
      () => `datasetFromIdx needs ${part} as { bytes, where } with a Uint8Array and its name, got ${describe(file)}`,
    );
  }
  const train = examplesFromIdx(files.trainImages, files.trainLabels);
  const test = examplesFromIdx(files.testImages, files.testLabels);
  checkSameShape([train, test]);
  return { name, source, train: train.examples, test: test.examples };
}

function examplesFromIdx(images: IdxFile, labels: IdxFile): NamedExamples {
  const x = parseIdxImages(images.bytes, images.where);
  const y = parseIdxLabels(labels.bytes, labels.where);
  return checkExamples({ x, y }, images.where, labels.where);
}
