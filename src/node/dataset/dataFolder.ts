// What --data names, a folder or a file in one, as the layouts of data sets see it.
import { stat as statCallback } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { check, WasmCnnError } from '../../base/errors.js';
import type { DataFile, DataFolder } from '../../data/layouts/layout.js';
import { codeOf, isFolder, readBytes, readHead, regularFileSize, withFileErrors } from '../files/files.js';
import { readMaybeGzipped } from './gunzip.js';

/** Takes half of the processor's time that the one of fs/promises takes, and there is one for each picture. */
const quickStat = promisify(statCallback);
/** What changed last so short a time ago has no stamp yet. */
const FRESH_MS = 2000;

/** The folder, and the name of the file in it that was asked for. `asked` says in sentences who named it: ' (--folder)'. */
export async function openDataPath(
  path: string,
  asked: string,
): Promise<{ readonly folder: DataFolder; readonly named: string | null }> {
  const isFolder = await withPathErrors(path, asked, async () => (await stat(path)).isDirectory());
  const folder = isFolder ? path : dirname(path);
  return {
    folder: await withPathErrors(folder, asked, () => openFolder(folder)),
    named: isFolder ? null : basename(path),
  };
}

/** `above`: the real paths of the folders that it was reached by. */
async function openFolder(where: string, above: readonly string[] = []): Promise<DataFolder> {
  const entries = await readdir(where, { withFileTypes: true });
  const trail = [...above, await realpath(where)];
  const links = new Set<string>();
  const [files, folders]: [string[], string[]] = [[], []];
  for (const entry of entries) {
    const { name } = entry;
    // What systems and tools keep for themselves: .DS_Store, ._a.png, .git.
    if (name.startsWith('.')) continue;
    const isLink = entry.isSymbolicLink();
    if (isLink) links.add(name);
    const isOfFiles = isLink ? await isFolder(join(where, name)) : entry.isDirectory();
    if (isLink && isOfFiles && trail.includes(await realpath(join(where, name)))) continue;
    (isOfFiles ? folders : files).push(name);
  }
  return {
    where,
    path: resolve(where),
    files: new Map(files.sort().map((name) => [name, openFile(name, join(where, name))])),
    folders: folders.sort(),
    links,
    open: (folder) => withFileErrors('read', join(where, folder), () => openFolder(join(where, folder), trail)),
  };
}

function openFile(name: string, path: string): DataFile {
  const size = (most = Infinity): Promise<number> => withFileErrors('read', path, () => regularFileSize(path, most));
  return {
    name,
    where: path,
    size,
    head: (length) => readHead(path, length),
    read: (most) => readBytes(path, undefined, most),
    gunzip: (limit) => readMaybeGzipped(path, limit),
    async stamp() {
      const { size: bytes, mtimeNs, ctimeNs } = await quickStat(path, { bigint: true });
      const changed = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n);
      // It may change again without another stamp: systems' clocks for files are coarse.
      return Date.now() - changed < FRESH_MS ? null : `${bytes} ${mtimeNs} ${ctimeNs}`;
    },
  };
}

async function withPathErrors<Result>(path: string, asked: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    check(code !== 'ENOENT' && code !== 'ENOTDIR', `${path}${asked}: there is no such folder or file; check the path`);
    throw code === undefined
      ? error
      : new WasmCnnError(`${path}${asked}: cannot be read (${code}); change the permissions or choose another folder`, {
          cause: error,
        });
  }
}
