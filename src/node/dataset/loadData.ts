// A data set from a folder or a file, of whichever layout lies there.
import { basename, resolve } from 'node:path';
import { printable } from '../../base/errors.js';
import { LONGEST_NAME, readClassNames } from '../../data/classNames.js';
import { classesIn, keepExamples, type Dataset } from '../../data/dataset.js';
import { knownDatasets } from '../../data/knownDatasets.js';
import { findData } from '../../data/layouts/index.js';
import { withTestImages } from '../../recipes/data.js';
import type { ReadOptions as PlainOptions } from '../../data/layouts/layout.js';
import { partOf } from '../../data/layouts/names.js';
import type { CacheOptions } from '../pictures/cacheFolder.js';
import { pictureReader } from '../pictures/pictureReader.js';
import { openDataPath } from './dataFolder.js';
import { datasetSha256, type HashedData, type HashedDataset } from './datasetSha256.js';

export interface ReadOptions extends PlainOptions, CacheOptions {}

/**
 * Reads the data set that `path` names. A known data set's bytes get its name ('mnist'), others theirs or the folder's. `asked` says in
 * sentences who named the path: ' (MNIST_DIR)'.
 */
export async function loadData(path: string, asked = '', options: ReadOptions = {}): Promise<HashedDataset> {
  const data = await readData(path, asked, options);
  const dataset = withTestImages(data, keepExamples);
  if (data.test) return dataset;
  return {
    ...dataset,
    source: `${data.source}, a fifth of each class held out for the test, as there are no test images`,
  };
}

/** As its files hold it. */
export async function readData(path: string, asked = '', options: ReadOptions = {}): Promise<HashedData> {
  const { folder, named } = await openDataPath(path, asked);
  const found = await findData(folder, named, `${path}${asked}`);
  const { name, title, notes = [], ...parts } = await found.read({ pictures: pictureReader(options), ...options });
  const dataset: Dataset = { ...parts, name: '', source: '' };
  const sha256 = datasetSha256(dataset);
  const [, height] = dataset.train.x.shape;
  const known = knownDatasets.find((each) => each.sha256 === sha256 && height === 28);
  const data = resolve(path);
  const from = `from ${printable(path)}${asked}`;
  if (known)
    return {
      ...dataset,
      name: known.name,
      source: `${known.title} ${from}`,
      sha256,
      classNames: known.classNames,
      data,
    };
  // Several files, and one called train.csv, are called as the folder that they lie in.
  const isOwnFile = named !== null && new Set(found.files).size === 1 && partOf(named) === null;
  const own = isOwnFile
    ? nameOf(basename(found.files[0]!).replace(/\.[a-z\d]+$/i, ''), 'file')
    : nameOf(basename(folder.path), 'folder');
  return {
    ...dataset,
    name: name ?? own,
    source: [`${title ?? own} ${from}`, found.layout.title, ...notes].join(', '),
    sha256,
    classNames: dataset.classNames ?? (await readClassNames(folder, classesIn(dataset))),
    data,
  };
}

/** A folder or a file may be called anything, and a run's files keep a name that can stand wherever a class's can. */
function nameOf(name: string, kind: 'folder' | 'file'): string {
  const characters = [...(printable(name) || kind)];
  while (characters.join('').length > LONGEST_NAME) characters.pop();
  const own = characters.join('');
  return reserved.includes(own) ? `${own}-${kind}` : own;
}

/** Names that say which bytes they are. */
const reserved = ['builtin-digits', ...knownDatasets.map(({ name }) => name)];
