// Downloads MNIST's four files into a folder. A file gets there only after its bytes were checked, so that nothing wrong is ever left.
import { createHash } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { check, WasmCnnError } from '../../base/errors.js';
import { isGzip } from '../../data/idx.js';
import { mnistFiles, type MnistFile } from '../../data/mnist.js';
import { downloadProgress, type DownloadProgress } from './downloadProgress.js';
import { FetchError, fetchBytes } from './fetchBytes.js';
import { makeFolder, writeFileAtomic } from '../files/files.js';
import { gunzipMaybe, readMaybeGzipped } from './gunzip.js';
import { findMnistFiles } from './mnistFolder.js';

/** Public copies of MNIST; each holds the four files as NAME.gz. */
export const mnistMirrors: readonly string[] = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
];

export interface DownloadTimings {
  readonly connectMs: number;
  readonly stallMs: number;
  readonly totalMs: number;
  /** How often one mirror is asked for one file, where asking again makes sense. */
  readonly attempts: number;
  /** The wait before the second attempt; it doubles with each. */
  readonly backoffMs: number;
}

export interface DownloadOptions {
  readonly mirrors?: readonly string[];
  readonly fetch?: typeof globalThis.fetch;
  readonly timings?: Partial<DownloadTimings>;
  readonly files?: readonly MnistFile[];
  /** Default: lines on stderr, and bars if that is a terminal. */
  readonly log?: ((line: string) => void) | undefined;
  /** A file that tells of a download that failed: for an hour, or until it is removed, none is tried. */
  readonly tried?: string;
}

/** No mirror delivered. Anything else, a disk that is full for instance, is an ordinary {@link WasmCnnError}. */
export class DownloadError extends WasmCnnError {}

const defaultTimings: DownloadTimings = {
  connectMs: 15_000,
  stallMs: 20_000,
  totalMs: 900_000,
  attempts: 3,
  backoffMs: 1000,
};

/** What a download needs from here on. */
interface Job {
  readonly folder: string;
  readonly fetch: typeof globalThis.fetch;
  readonly timings: DownloadTimings;
  readonly progress: DownloadProgress;
}

/** Fills `folder` with those of the four files that it lacks. Files that are there must be MNIST's own. */
export async function downloadMnist(folder: string, options: DownloadOptions = {}): Promise<void> {
  const { files = mnistFiles } = options;
  const there = await findMnistFiles(folder);
  const missing: MnistFile[] = [];
  for (const file of files) {
    const path = there[file.part];
    if (path === undefined) missing.push(file);
    else await checkPresent(path, file);
  }
  if (options.tried !== undefined) await checkNotTried(options.tried, folder);
  const progress = downloadProgress(options.log);
  progress.note(`Downloading MNIST into ${folder}`);
  const job = {
    folder,
    progress,
    fetch: options.fetch ?? globalThis.fetch,
    timings: { ...defaultTimings, ...options.timings },
  };
  try {
    let mirrors = options.mirrors ?? mnistMirrors;
    // The smallest first: trouble with the network or the disk shows before ten megabytes have come.
    for (const file of missing.sort((a, b) => a.bytes - b.bytes)) {
      mirrors = await downloadFile(file, mirrors, job);
    }
    if (options.tried !== undefined) await rm(options.tried, { force: true });
  } catch (error) {
    if (error instanceof DownloadError && options.tried !== undefined) await remember(options.tried, error.message);
    throw error;
  } finally {
    progress.stop();
  }
}

/** How long a download that failed is not tried again: where there is no network, each try can take minutes. */
const NOT_AGAIN_MS = 3_600_000;

/** Throws where a download has failed within the last hour, of which the file `tried` tells. */
async function checkNotTried(tried: string, folder: string): Promise<void> {
  const age =
    Date.now() -
    (await stat(tried).then(
      ({ mtimeMs }) => mtimeMs,
      () => -Infinity,
    ));
  // A file of the future was written before the clock was set back, at an unknown time.
  if (age >= 0 && age < NOT_AGAIN_MS)
    throw new DownloadError(
      `its download failed ${formatMinutes(age)} ago and is not tried again yet; remove ${tried} to try now, or put the four files into ${folder} yourself`,
    );
}

function formatMinutes(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes === 1 ? 'a minute' : minutes === 0 ? 'less than a minute' : `${minutes} minutes`;
}

/** A folder that takes no file costs no more than another try. */
async function remember(tried: string, reason: string): Promise<void> {
  try {
    await makeFolder(dirname(tried));
    await writeFile(
      tried,
      `${reason}\nCommands without --data do not try again for an hour. Remove this file to have the next one try.\n`,
    );
  } catch {
    // Then the next command tries again.
  }
}

/** A set of MNIST's files and another's would pass every check of form and be silently wrong. */
async function checkPresent(path: string, file: MnistFile): Promise<void> {
  const found = sha256(await readMaybeGzipped(path, file.bytes));
  check(
    found === file.sha256,
    `${path}: is not MNIST's (SHA-256 ${found.slice(0, 8)}…, expected ${file.sha256.slice(0, 8)}…); move it away before the rest of MNIST is downloaded`,
  );
}

/** Tries the mirrors in order; returns them with the one that delivered in front. */
async function downloadFile(file: MnistFile, mirrors: readonly string[], job: Job): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const mirror of mirrors) {
    const url = `${mirror}${file.name}.gz`;
    try {
      const body = await withRetries(url, file, job);
      const name = isGzip(body) ? `${file.name}.gz` : file.name;
      await makeFolder(job.folder);
      await writeFileAtomic(join(job.folder, name), body);
      job.progress.done(file.name, body.length);
      return [mirror, ...mirrors.filter((other) => other !== mirror)];
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      failures.push(`${new URL(url).host} ${error.message}`);
    }
  }
  throw new DownloadError(
    `${file.name}.gz could not be downloaded: ${failures.join(', ')}; check the network, or put the four files into ${job.folder} yourself`,
  );
}

async function withRetries(url: string, file: MnistFile, { fetch, timings, progress }: Job): Promise<Uint8Array> {
  for (let attempt = 1, pause = timings.backoffMs; ; attempt++, pause *= 2) {
    try {
      // Gzip adds at most a few bytes to what it cannot shrink.
      const body = await fetchBytes(url, { ...timings, maxBytes: file.bytes + 1024 }, fetch, progress.begin(file.name));
      await checkContent(body, file);
      return body;
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      const last = !error.worthRetrying || attempt >= timings.attempts;
      const next = last ? 'giving it up' : `trying again in ${pause / 1000} s`;
      progress.note(`  ${file.name}: ${new URL(url).host} ${error.message}; ${next}`);
      if (last) throw error;
      await wait(pause);
    }
  }
}

/** The body must be the file, gzipped or not. */
async function checkContent(body: Uint8Array, file: MnistFile): Promise<void> {
  if (body[0] === 0x3c)
    throw new FetchError('sent a web page instead of the file (the sign-in page of a network?)', false);
  const content = await gunzipMaybe(body, file.bytes, file.name).catch((error: unknown) => {
    throw new FetchError('sent damaged gzip data', false, { cause: error });
  });
  const found = sha256(content);
  if (found !== file.sha256) {
    throw new FetchError(
      `sent other bytes than MNIST's (SHA-256 ${found.slice(0, 8)}…, expected ${file.sha256.slice(0, 8)}…)`,
      false,
    );
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
