// Finds a data set: the folder that was asked for, data/mnist, a download, and at last the built-in digits.
// The last two are imported when they are needed; most runs find a folder.
import { join } from 'node:path';
import { check } from '../errors.js';
import type { builtinDigits } from '../data/digits.js';
import { mnistFiles } from '../data/mnist.js';
import { datasetSha256, type HashedDataset } from './datasetSha256.js';
import type { DownloadOptions } from './mnistDownload.js';
import { findMnistFiles, loadMnistFolder } from './mnistFolder.js';

export interface OpenDatasetOptions {
  /** A folder with the four IDX files, or 'builtin' for the built-in digits. Goes before MNIST_DIR, which may hold the same. */
  readonly data?: string | undefined;
  /** Default: process.env. */
  readonly env?: NodeJS.ProcessEnv;
  /** MNIST is looked for in, and downloaded into, its data/mnist. Default: the current folder. */
  readonly projectFolder?: string;
  /** Takes the download's progress and the notice about the built-in digits. Default: stderr, with bars if that is a terminal. */
  readonly log?: (line: string) => void;
  readonly download?: DownloadOptions;
  readonly builtin?: Parameters<typeof builtinDigits>[0];
}

/** The data set and, in `source`, which one it is. A folder that was asked for is never replaced by anything else. */
export async function openDataset(options: OpenDatasetOptions = {}): Promise<HashedDataset> {
  const { env = process.env, log = console.error } = options;
  check(options.data !== '', "--data is empty, expected a folder or 'builtin'; leave it out for MNIST");
  const asked = options.data !== undefined ? ' (--data)' : ' (MNIST_DIR)';
  const data = options.data ?? env['MNIST_DIR'] ?? '';
  if (data === 'builtin') return openBuiltin(`the built-in digits${asked}`, options);
  if (data !== '') return loadMnistFolder(data, asked);

  const folder = join(options.projectFolder ?? '', 'data', 'mnist');
  const found = await findMnistFiles(folder);
  if (mnistFiles.every(({ part }) => found[part] !== undefined)) return loadMnistFolder(folder);
  const { DownloadError, downloadMnist } = await import('./mnistDownload.js');
  try {
    await downloadMnist(folder, { log: options.log, ...options.download });
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    log(boxed([
      'NOT MNIST: these are the BUILT-IN DIGITS',
      '',
      `MNIST is not on this machine: ${error.message}.`,
      '',
      'Loss and accuracy that follow are NOT comparable with figures for MNIST.',
      '',
      `For MNIST: run again with a network, or give its folder with --data DIR or MNIST_DIR=DIR. --data builtin asks for these digits and shows no box.`,
    ]));
    return openBuiltin('the built-in digits, NOT MNIST (it could not be downloaded)', options);
  }
  const dataset = await loadMnistFolder(folder);
  return { ...dataset, source: `${dataset.source}, downloaded now` };
}

async function openBuiltin(source: string, { builtin }: OpenDatasetOptions): Promise<HashedDataset> {
  const { builtinDigits } = await import('../data/digits.js');
  const dataset = builtinDigits(builtin);
  return { ...dataset, source, sha256: datasetSha256(dataset) };
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
