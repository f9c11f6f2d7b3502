// Finds a data set: the folder or file that was asked for, data/mnist, a download, and at last the built-in digits.
// The last two are imported when they are needed; most runs find a folder.
import { join } from 'node:path';
import { check } from '../../base/errors.js';
import { checkOptions, describe } from '../../base/options.js';
import type { builtinDigits } from '../../data/digits/digits.js';
import { classesIn } from '../../data/dataset.js';
import { checkReadOptions } from '../../data/layouts/layout.js';
import { digitNames } from '../../data/knownDatasets.js';
import { haveMargin } from '../../data/margin.js';
import { mnistFiles } from '../../data/mnist.js';
import type { Shape } from '../../base/shape.js';
import { datasetSha256, type HashedDataset } from './datasetSha256.js';
import type { DownloadOptions } from './mnistDownload.js';
import { loadData, type ReadOptions } from './loadData.js';
import { findMnistFiles } from './mnistFolder.js';

/** What a network needs to know of a data set. */
export interface DataForm {
  /** Shape of the training images, with those that will be held out: [n, height, width, channels]. */
  readonly shape: Shape;
  readonly classes: number;
  readonly name: string;
  /** See haveMargin. */
  readonly hasMargin: boolean;
}

/** MNIST has this form, and the built-in digits have it, too. */
const mnistForm: DataForm = { shape: [60000, 28, 28, 1], classes: 10, name: 'mnist', hasMargin: true };

/** Options of {@link openDataset}. */
export interface OpenDatasetOptions {
  /** A folder or a file of a data set (docs/data.md), or 'builtin' for the built-in digits. Goes before MNIST_DIR, which may hold the same. */
  readonly data?: string | undefined;
  /** Default: process.env. */
  readonly env?: NodeJS.ProcessEnv;
  /** MNIST is looked for in, and downloaded into, its data/mnist. Default: the current folder. */
  readonly projectFolder?: string;
  /** Takes the download's progress and the notice about the built-in digits. Default: stderr, with bars if that is a terminal. */
  readonly log?: (line: string) => void;
  readonly download?: DownloadOptions;
  /** [height, width] that pictures which are decoded come to; images that files hold as pixels are taken as they are. */
  readonly imageSize?: ReadOptions['imageSize'];
  readonly colorMode?: ReadOptions['colorMode'];
  /** What else becomes of pictures that are decoded, as a model file's `facts.classifier.input` says it; size and colors above go before its own. */
  readonly input?: ReadOptions['input'];
  /** Whether broken pictures, and broken rows of a CSV, are left out, and listed in `skipped`. Default false: they are refused. */
  readonly skipBroken?: boolean | undefined;
  readonly cache?: ReadOptions['cache'];
  readonly builtin?: Parameters<typeof builtinDigits>[0];
}

const PICTURES = ['imageSize', 'colorMode', 'input', 'skipBroken', 'cache'];
const NAMES = ['data', 'env', 'projectFolder', 'log', 'download', ...PICTURES, 'builtin'];

/**
 * The data set and, in `source`, which one it is. What was asked for is never replaced by anything else.
 *
 * @example
 * ```ts
 * import { openDataset } from 'wasm-cnn/node';
 *
 * const { train, test } = await openDataset();
 * train.x.shape; // [60000, 28, 28, 1] of MNIST
 * ```
 */
export async function openDataset(options: OpenDatasetOptions = {}): Promise<HashedDataset> {
  check(typeof options !== 'string', () => `openDataset takes options: openDataset({ data: ${describe(options)} })`);
  checkOptions(options, NAMES, 'openDataset');
  checkReadOptions(options, 'openDataset');
  const { log = console.error } = options;
  const { data, asked } = askedFor(options);
  if (data === 'builtin') return openBuiltin(`the built-in digits${asked}`, options);
  if (data !== '') return loadData(data, asked, options);
  try {
    return await openMnist(options);
  } catch (error) {
    const { DownloadError } = await import('./mnistDownload.js');
    if (!(error instanceof DownloadError)) throw error;
    log(
      boxed([
        'NOT MNIST: these are the BUILT-IN DIGITS',
        '',
        `MNIST is not on this machine: ${error.message}.`,
        '',
        'Loss and accuracy that follow are NOT comparable with figures for MNIST.',
        '',
        `For MNIST: give its folder with --data DIR or MNIST_DIR=DIR, or remove ${triedFile(options)} and run again with a network; without that, the download is not tried again for an hour. --data builtin asks for these digits and shows no box.`,
      ]),
    );
    return openBuiltin('the built-in digits, NOT MNIST (it could not be downloaded)', options);
  }
}

/** What the options or MNIST_DIR name ('' for neither), and for sentences that it was MNIST_DIR. */
function askedFor({ data, env = process.env }: OpenDatasetOptions): { data: string; asked: string } {
  check(
    data === undefined || typeof data === 'string',
    () => `openDataset's data must be a path or 'builtin', got ${describe(data)}`,
  );
  check(data !== '', "data is empty, expected a folder, a file or 'builtin'; leave it out for MNIST");
  return data === undefined ? { data: env['MNIST_DIR'] ?? '', asked: ' (MNIST_DIR)' } : { data, asked: '' };
}

/** MNIST from data/mnist, downloaded into it where it is not there; throws a DownloadError where it cannot be had. */
export async function openMnist(options: OpenDatasetOptions = {}): Promise<HashedDataset> {
  const folder = mnistFolder(options);
  if (await isComplete(folder)) return loadData(folder);
  const { downloadMnist } = await import('./mnistDownload.js');
  await downloadMnist(folder, { log: options.log, tried: triedFile(options), ...options.download });
  const dataset = await loadData(folder);
  return { ...dataset, source: `${dataset.source}, downloaded now` };
}

/** The form of what {@link openDataset} would open; nothing is downloaded for it, and no digit drawn. */
export async function datasetForm(
  options: OpenDatasetOptions = {},
): Promise<DataForm & { readonly dataset: HashedDataset | null }> {
  const { data, asked } = askedFor(options);
  const isHere = data === '' && (await isComplete(mnistFolder(options)));
  if (data === 'builtin') return { ...mnistForm, name: 'builtin-digits', dataset: null };
  if (data === '' && !isHere) return { ...mnistForm, dataset: null };
  const dataset = isHere ? await loadData(mnistFolder(options)) : await loadData(data, asked, options);
  return { ...formOf(dataset), dataset };
}

export function formOf(dataset: HashedDataset): DataForm {
  const { train, classNames, name } = dataset;
  return {
    shape: train.x.shape,
    classes: classNames?.length ?? classesIn(dataset),
    name,
    hasMargin: haveMargin(train.x),
  };
}

function mnistFolder({ projectFolder = '' }: OpenDatasetOptions): string {
  return join(projectFolder, 'data', 'mnist');
}

/** Tells that a download has failed, and when. */
function triedFile({ projectFolder = '' }: OpenDatasetOptions): string {
  return join(projectFolder, 'data', 'mnist-download-failed.txt');
}

async function isComplete(folder: string): Promise<boolean> {
  const found = await findMnistFiles(folder);
  return mnistFiles.every(({ part }) => found[part] !== undefined);
}

async function openBuiltin(source: string, { builtin }: OpenDatasetOptions): Promise<HashedDataset> {
  const { builtinDigits } = await import('../../data/digits/digits.js');
  const dataset = builtinDigits(builtin);
  return { ...dataset, source, sha256: datasetSha256(dataset), classNames: digitNames, data: 'builtin' };
}

/** The paragraphs in a box 76 columns wide, of characters that any terminal and log file can show. */
function boxed(paragraphs: readonly string[]): string {
  const width = 72;
  const lines = paragraphs.flatMap((paragraph) => wrapped(paragraph, width));
  const edge = `+${'='.repeat(width + 2)}+`;
  return ['', edge, ...lines.map((line) => `| ${line.padEnd(width)} |`), edge, ''].join('\n');
}

function wrapped(paragraph: string, width: number): string[] {
  const lines = [''];
  for (const word of paragraph.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
