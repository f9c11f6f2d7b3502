// A data set from the files of a folder, of whichever layout they are: what it is called, and what it is known by.
import { printable } from '../base/errors.js';
import { LONGEST_NAME, readClassNames } from '../data/classNames.js';
import { classesIn, type Dataset, type keepExamples, type TestedDataset } from '../data/dataset.js';
import { knownDatasets } from '../data/knownDatasets.js';
import { findData } from '../data/layouts/index.js';
import type { DataFolder, ReadOptions } from '../data/layouts/layout.js';
import { partOf } from '../data/layouts/names.js';
import { withTestImages } from './data.js';

export interface HashedData<Sha256 extends string | null = string> extends Dataset {
  /** See datasetBytes(). */
  readonly sha256: Sha256;
  /** One a class, class 0 first; null where they are unknown. */
  readonly classNames: readonly string[] | null;
  /** A sentence for each picture that was left out. */
  readonly skipped?: readonly string[];
}

export interface FolderAsked<Sha256 extends string | null> {
  /** The file in the folder that was asked for. */
  readonly named: string | null;
  /** The folder's own name. */
  readonly folderName: string;
  /** Begins errors: the path or name that was given. */
  readonly who: string;
  readonly sha256: (dataset: Dataset) => Sha256 | Promise<Sha256>;
}

/** Reads a data set as its files hold it. A known one gets its name ('mnist'), others that of their file or folder. */
export async function readFolder<Sha256 extends string | null>(
  folder: DataFolder,
  { named, folderName, who, sha256: hash }: FolderAsked<Sha256>,
  options: ReadOptions = {},
): Promise<HashedData<Sha256>> {
  const found = await findData(folder, named, who);
  const { name, title, notes = [], ...parts } = await found.read(options);
  const dataset: Dataset = { ...parts, name: '', source: '' };
  const sha256 = await hash(dataset);
  const [, height] = dataset.train.x.shape;
  const known = knownDatasets.find((each) => each.sha256 === sha256 && height === 28);
  const from = (title: string): string => (title === who ? title : `${title} from ${printable(who)}`);
  if (known)
    return {
      ...dataset,
      name: known.name,
      source: from(known.title),
      sha256,
      classNames: known.classNames,
    };
  // Several files, and one called train.csv, are called as the folder that they lie in.
  const isOwnFile = named !== null && new Set(found.files).size === 1 && partOf(named) === null;
  const own = isOwnFile ? nameOf(found.files[0]!.replace(/\.[a-z\d]+$/i, ''), 'file') : nameOf(folderName, 'folder');
  return {
    ...dataset,
    name: name ?? own,
    source: [from(title ?? own), found.layout.title, ...notes].join(', '),
    sha256,
    classNames: dataset.classNames ?? (await readClassNames(folder, classesIn(dataset))),
  };
}

/** The data set with test images: where the files have none they are held out, and the source says so. `keep`: see withTestImages(). */
export function heldOutTest<Data extends Dataset>(
  data: Data,
  keep: typeof keepExamples,
): Omit<Data, 'test'> & Pick<TestedDataset, 'test'> {
  const dataset = withTestImages(data, keep);
  if (data.test) return dataset;
  return {
    ...dataset,
    source: `${data.source}, a fifth of each class held out for the test, as there are no test images`,
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
