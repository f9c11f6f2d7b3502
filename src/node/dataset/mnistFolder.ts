// Which of MNIST's four files a folder has, so that what is missing can be downloaded.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mnistFiles, type MnistFile, type MnistPart } from '../../data/mnist.js';
import { codeOf, withFileErrors } from '../files/files.js';

/** Unzipped ones first; none where there is no folder. */
export async function findMnistFiles(folder: string): Promise<Partial<Record<MnistPart, string>>> {
  const names = await withFileErrors('read', folder, () => namesIn(folder));
  const found: Partial<Record<MnistPart, string>> = {};
  for (const file of mnistFiles) {
    for (const name of spellings(file).filter((spelling) => names.has(spelling))) {
      const path = join(folder, name);
      // Some unpackers make a folder of a file's name.
      const isFolder = await withFileErrors('read', path, async () => (await stat(path)).isDirectory());
      if (!isFolder) found[file.part] ??= path;
    }
  }
  return found;
}

async function namesIn(folder: string): Promise<Set<string>> {
  try {
    return new Set(await readdir(folder));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return new Set();
    throw error;
  }
}

/** The names under which a file is known: the official one, and with a dot as some unpackers write it. */
function spellings({ name }: Pick<MnistFile, 'name'>): string[] {
  const dotted = name.replace('-idx', '.idx');
  return [name, dotted, `${name}.gz`, `${dotted}.gz`];
}
