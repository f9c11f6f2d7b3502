// MNIST, or another data set of its form, from the four IDX files in a folder.
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { check, printable, WasmCnnError } from '../../base/errors.js';
import { readIdxHeader } from '../../data/idx.js';
import { knownDatasets } from '../../data/knownDatasets.js';
import { datasetFromIdx, mnistFiles, type IdxFile, type MnistFile, type MnistPart } from '../../data/mnist.js';
import { LONGEST_NAME, readClassNames } from './classNames.js';
import { datasetSha256, type HashedDataset } from './datasetSha256.js';
import { codeOf, withFileErrors } from '../files/files.js';
import { readMaybeGzipped } from './gunzip.js';

/**
 * Reads the four files. A known data set's bytes get its name ('mnist'), others the folder's name. `asked` says in sentences who named
 * the folder: ' (MNIST_DIR)'.
 */
export async function loadMnistFolder(folder: string, asked = ''): Promise<HashedDataset> {
  const paths = await findMnistFiles(folder, asked);
  const missing = mnistFiles.filter(({ part }) => paths[part] === undefined).map(({ name }) => name);
  check(
    missing.length === 0,
    () =>
      `${folder}${asked}: has no ${listOf(missing)} (looked for with and without .gz, and as ${dotted(missing[0]!)}); add what is missing or choose another folder`,
  );
  // At once: unzipping is half of the time before the first step.
  const reads = mnistFiles.map(async ({ part, kind }): Promise<[MnistPart, IdxFile]> => {
    const where = paths[part]!;
    return [
      part,
      { where, bytes: await readMaybeGzipped(where, (head) => readIdxHeader(head, kind, where).fileBytes) },
    ];
  });
  const files = Object.fromEntries(await Promise.all(reads)) as Record<MnistPart, IdxFile>;
  const dataset = datasetFromIdx(files, '', '');
  const sha256 = datasetSha256(dataset);
  const [, height] = dataset.train.x.shape;
  const known = knownDatasets.find((each) => each.sha256 === sha256 && height === 28);
  const data = resolve(folder);
  if (known)
    return {
      ...dataset,
      name: known.name,
      source: `${known.title} from ${printable(folder)}${asked}`,
      sha256,
      classNames: known.classNames,
      data,
    };
  const own = nameOf(data);
  const name = reserved.includes(own) ? `${own}-folder` : own;
  const classes = 1 + Math.max(-1, maximum(dataset.train.y), maximum(dataset.test.y));
  return {
    ...dataset,
    name,
    source: `${name} from ${printable(folder)}${asked}: not the bytes of MNIST`,
    sha256,
    classNames: await readClassNames(folder, classes),
    data,
  };
}

/** A folder may be called anything, and a run's files keep a name that can stand wherever a class's can. */
function nameOf(path: string): string {
  const characters = [...(printable(basename(path)) || 'folder')];
  while (characters.join('').length > LONGEST_NAME) characters.pop();
  return characters.join('');
}

/** Names that say which bytes they are. */
const reserved = ['builtin-digits', ...knownDatasets.map(({ name }) => name)];

function maximum(labels: Uint8Array): number {
  return labels.reduce((most, label) => Math.max(most, label), -1);
}

/** Which of the four files a folder has, unzipped ones first; all four missing where there is no folder and it was not `asked` for. */
export async function findMnistFiles(folder: string, asked = ''): Promise<Partial<Record<MnistPart, string>>> {
  const names = await namesIn(folder, asked);
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

async function namesIn(folder: string, asked: string): Promise<Set<string>> {
  try {
    return new Set(await readdir(folder));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' && asked === '') return new Set();
    check(code !== 'ENOENT', `${folder}${asked}: there is no such folder; check the path`);
    check(code !== 'ENOTDIR', `${folder}${asked}: is no folder; name the one that holds the four MNIST files`);
    throw code === undefined
      ? error
      : new WasmCnnError(
          `${folder}${asked}: cannot be read (${code}); change the permissions or choose another folder`,
          { cause: error },
        );
  }
}

/** The names under which a file is known: the official one, and with a dot as some unpackers write it. */
function spellings({ name }: Pick<MnistFile, 'name'>): string[] {
  return [name, dotted(name), `${name}.gz`, `${dotted(name)}.gz`];
}

/** train-images-idx3-ubyte → train-images.idx3-ubyte */
function dotted(name: string): string {
  return name.replace('-idx', '.idx');
}

function listOf(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
