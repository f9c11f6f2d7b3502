// A folder in memory, as a page has one of dropped files: for tests of layouts.
import { gunzipSync } from 'node:zlib';
import { check } from '../../../src/base/errors.js';
import { findData } from '../../../src/data/layouts/index.js';
import type { DataFile, DataFolder, LayoutData, ReadOptions } from '../../../src/data/layouts/layout.js';

/** Files by their path: 'train.csv', 'images/1.png'. */
export type Files = Readonly<Record<string, Uint8Array | string>>;

export function memoryFolder(files: Files, where = 'folder'): DataFolder {
  const paths = Object.keys(files).sort();
  const own = paths.filter((path) => !path.includes('/'));
  const folders = [...new Set(paths.filter((path) => path.includes('/')).map((path) => path.split('/', 1)[0]!))];
  return {
    where,
    path: where,
    files: new Map(own.map((name) => [name, memoryFile(name, `${where}/${name}`, files[name]!)])),
    folders,
    links: new Set(),
    async open(folder) {
      const inside = paths.filter((path) => path.startsWith(`${folder}/`));
      return memoryFolder(
        Object.fromEntries(inside.map((path) => [path.slice(folder.length + 1), files[path]!])),
        `${where}/${folder}`,
      );
    },
  };
}

export function memoryFile(name: string, where: string, content: Uint8Array | string): DataFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    name,
    where,
    size: async () => bytes.length,
    head: async (length) => bytes.slice(0, length),
    async read(most = Infinity) {
      check(bytes.length <= most, `${where}: is too long`);
      return bytes.slice();
    },
    gunzip: async () => (name.endsWith('.gz') ? new Uint8Array(gunzipSync(bytes)) : bytes.slice()),
  };
}

/** What lies in a folder of these files; `named`: the one that --data names. */
export async function readLayout(
  files: Files,
  named: string | null = null,
  options?: ReadOptions,
): Promise<LayoutData> {
  return (await findData(memoryFolder(files), named, 'folder')).read(options);
}
