// The folder in which decoded pictures are kept: where it is, and what has to leave it.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { check } from '../../base/errors.js';
import { describe } from '../../base/options.js';
import { userCacheFolder } from '../files/userCache.js';

export interface CacheOptions {
  /** Whether decoded pictures are kept in a file of the user's cache folder (default), or the folder for them. WASM_CNN_CACHE is asked where it is not false. */
  readonly cache?: boolean | string | undefined;
}

/** All files together take no more. */
const MOST_BYTES = 2 ** 32;
const NAME = /^[0-9a-f]{32}-[0-9a-f]{8}\.pixels$/;
const TEMPORARY = /^[0-9a-f]{32}-[0-9a-f]{8}\.pixels\.wasm-cnn-[0-9a-f]{8}\.tmp$/;
const DAY_MS = 86_400_000;

/** Null where nothing is kept. */
export function cacheFolderOf({ cache }: CacheOptions, env: NodeJS.ProcessEnv = process.env): string | null {
  check(
    cache === undefined || typeof cache === 'boolean' || (typeof cache === 'string' && cache !== ''),
    () => `cache must be true, false or the path of a folder, got ${describe(cache)}`,
  );
  if (cache === false) return null;
  if (typeof cache === 'string') return resolve(cache);
  const asked = env['WASM_CNN_CACHE'];
  if (asked === 'off') return null;
  return asked ? resolve(asked) : join(userCacheFolder(), 'wasm-cnn', 'pictures');
}

export function mostBytesOf(env: NodeJS.ProcessEnv = process.env): number {
  const asked = env['WASM_CNN_CACHE_BYTES'];
  if (asked === undefined || asked === '') return MOST_BYTES;
  const bytes = Number(asked);
  check(bytes >= 0, () => `WASM_CNN_CACHE_BYTES must be a number of bytes, got ${describe(asked)}`);
  return bytes;
}

/** Files of the set of pictures called `key`; none where there is no folder yet. */
export function namesIn(folder: string, key: string): string[] {
  try {
    return readdirSync(folder).filter((name) => NAME.test(name) && name.startsWith(key));
  } catch {
    return [];
  }
}

/** Removes what was not used for longest, until no more than `most` bytes are left, and what died before it was finished. */
export function makeRoom(folder: string, most: number): void {
  const found = readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const isFinished = NAME.test(name);
    if (!isFinished && !TEMPORARY.test(name)) return [];
    // Another process may remove it meanwhile.
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats ? [{ path, isFinished, size: stats.size, used: stats.mtimeMs }] : [];
  });
  const abandoned = found.filter(({ isFinished, used }) => !isFinished && used < Date.now() - DAY_MS);
  for (const { path } of abandoned) remove(path);
  const finished = found.filter(({ isFinished }) => isFinished).sort((a, b) => a.used - b.used);
  let bytes = finished.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of finished) {
    if (bytes <= most) return;
    remove(path);
    bytes -= size;
  }
}

/** Removes it if possible: Windows keeps a file that another process has open. */
export function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It stays for a later process.
  }
}
