// IDX files by their names: those of MNIST, with any prefix, and the data sets that are known by name and stored in ways of their own.
import { check } from '../../base/errors.js';
import { sizeOf } from '../../base/shape.js';
import { classesIn, type Examples } from '../dataset.js';
import { parseIdxImages, parseIdxLabels, parseIdxTable, readIdxHeader, type IdxKind } from '../idx.js';
import { digitNames } from '../knownDatasets.js';
import { checkExamples, checkSameShape } from './examples.js';
import { groupBy, type Part } from './names.js';
import type { DataFile, DataFolder, Found, Layout, LayoutData } from './layout.js';

/** train-images-idx3-ubyte, t10k-labels.idx1-ubyte.gz, emnist-letters-test-images-idx3-ubyte, qmnist-train-labels-idx2-int. */
const NAME = /^(.*?)(train|t10k|test|val|validation)[-_](images|labels)[-.]idx(\d)-(ubyte|int)(\.gz)?$/i;

interface IdxFile {
  readonly file: DataFile;
  readonly prefix: string;
  readonly part: Part;
  readonly kind: IdxKind;
}

type Parts = Partial<Record<Part, Partial<Record<'images' | 'labels', IdxFile>>>>;

export const idxLayout: Layout = {
  title: 'IDX files',
  example: 'train-images-idx3-ubyte and train-labels-idx1-ubyte',
  async find(folder) {
    const named = [...folder.files.values()].flatMap(parse);
    return [...groupBy(named, ({ prefix }) => prefix)].map(([prefix, files]): Found => {
      const images = files.find(({ part, kind }) => part === 'train' && kind === 'images');
      const names = files.map(({ file }) => file.name);
      return {
        files: images ? [images.file.name, ...names] : names,
        read: () => read(folder, prefix, partsOf(files)),
      };
    });
  },
};

function parse(file: DataFile): IdxFile[] {
  const [, prefix, word, what, , type] = NAME.exec(file.name) ?? [];
  if (word === undefined) return [];
  const part = /^train/i.test(word) ? 'train' : /^val/i.test(word) ? 'validation' : 'test';
  const kind = /images/i.test(what!) ? 'images' : /int/i.test(type!) ? 'table' : 'labels';
  return [{ file, prefix: prefix!.toLowerCase(), part, kind }];
}

/** The unzipped file is taken where there are several spellings, and MNIST's own before the one with a dot. */
function partsOf(files: readonly IdxFile[]): Parts {
  const parts: Parts = {};
  const rank = ({ file: { name } }: IdxFile): number => Number(/\.gz$/i.test(name)) * 2 + Number(/\.idx/i.test(name));
  for (const file of [...files].sort((a, b) => rank(a) - rank(b))) {
    const part = (parts[file.part] ??= {});
    part[file.kind === 'images' ? 'images' : 'labels'] ??= file;
  }
  return parts;
}

async function read(folder: DataFolder, prefix: string, parts: Parts): Promise<LayoutData> {
  const missing = (['train', 'validation', 'test'] as const).flatMap((part) => {
    const found = parts[part];
    if (!found && part !== 'train') return [];
    return (['images', 'labels'] as const).filter((kind) => !found?.[kind]).map((kind) => nameOf(prefix, part, kind));
  });
  check(
    missing.length === 0,
    () =>
      `${folder.where}: has no ${listOf(missing)} (looked for with and without .gz, and as ${missing[0]!.replace('-idx', '.idx')}); add what is missing or choose another folder`,
  );
  // At once: unzipping is half of the time before the first step.
  const [train, validation, test] = await Promise.all(
    [parts.train, parts.validation, parts.test].map((part) => part && readPart(part.images!, part.labels!)),
  );
  checkSameShape([train!, validation, test]);
  const own = { train: train!.examples, test: test?.examples ?? null };
  const data = { ...own, ...(validation && { validation: validation.examples }), ...groupsOf(train!) };
  return known(data, prefix, folder);
}

interface ReadPart {
  readonly examples: Examples;
  readonly where: string;
  readonly groups?: readonly string[];
}

async function readPart({ file: images }: IdxFile, { file: labels, kind }: IdxFile): Promise<ReadPart> {
  const content = (file: DataFile, kind: IdxKind): Promise<Uint8Array> =>
    file.gunzip((head) => readIdxHeader(head, kind, file.where).fileBytes);
  const [imageBytes, labelBytes] = await Promise.all([content(images, 'images'), content(labels, kind)]);
  const x = parseIdxImages(imageBytes, images.where);
  if (kind !== 'table')
    return checkExamples({ x, y: parseIdxLabels(labelBytes, labels.where) }, images.where, labels.where);
  // QMNIST: class, series, writer and others. https://github.com/facebookresearch/qmnist
  const { data, shape } = parseIdxTable(labelBytes, labels.where);
  const [count = 0, columns = 1] = shape;
  const column = (which: number): number[] => Array.from({ length: count }, (_, i) => data[i * columns + which]!);
  const classes = column(0);
  const wrong = classes.findIndex((label) => label < 0 || label > 255);
  check(
    wrong === -1,
    () =>
      `${labels.where}: label ${wrong} (counted from 0) is ${classes[wrong]}, but classes are 0 … 255; is it QMNIST's file?`,
  );
  const checked = checkExamples({ x, y: Uint8Array.from(classes) }, images.where, labels.where);
  return columns < 3 ? checked : { ...checked, groups: column(2).map((writer) => `writer ${writer}`) };
}

function groupsOf({ groups }: ReadPart): Pick<LayoutData, 'groups'> {
  return groups ? { groups } : {};
}

const upper = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const merged = [...digitNames, ...upper, ...'abdefghnqrt'];

/** Data sets that are known by the beginning of their files' names. EMNIST: https://www.nist.gov/itl/products-and-services/emnist-dataset */
const emnist: Readonly<Record<string, readonly string[]>> = {
  balanced: merged,
  bymerge: merged,
  byclass: [...digitNames, ...upper, ...upper.map((letter) => letter.toLowerCase())],
  digits: digitNames,
  letters: upper.map((letter) => `${letter}${letter.toLowerCase()}`),
  mnist: digitNames,
};
/** http://codh.rois.ac.jp/kmnist/ */
const kuzushiji: readonly string[] = ['お', 'き', 'す', 'つ', 'な', 'は', 'ま', 'や', 'れ', 'を'];

/** What is known of a data set by its names: that EMNIST's images are transposed, that its letters count from 1, names of classes. */
function known(data: LayoutData, prefix: string, { path }: DataFolder): LayoutData {
  const split = /^emnist-(.*)-$/.exec(prefix)?.[1];
  if (split !== undefined && Object.hasOwn(emnist, split)) {
    for (const part of [data.train, data.validation, data.test]) if (part) transpose(part);
    const labels = [data.train, data.validation, data.test].flatMap((part) => (part ? [part.y] : []));
    if (split === 'letters' && labels.every((y) => !y.includes(0)))
      for (const y of labels) for (let i = 0; i < y.length; i++) y[i]!--;
    return { ...data, name: `emnist-${split}`, title: `EMNIST ${split}`, classNames: emnist[split]! };
  }
  if (/^qmnist-/.test(prefix)) return { ...data, name: 'qmnist', title: 'QMNIST', classNames: digitNames };
  const [, height, width] = data.train.x.shape;
  const isKuzushiji = /(^kmnist-$)/.test(prefix) || /(^|[\\/])(kmnist|kuzushiji-mnist)([\\/]raw)?[\\/]?$/i.test(path);
  if (isKuzushiji && height === 28 && width === 28 && classesIn(data) <= 10)
    return { ...data, name: 'kmnist', title: 'KMNIST', classNames: kuzushiji };
  return data;
}

/** Rows become columns, in place. EMNIST's images are square. */
function transpose({ x: { data, shape } }: Examples): void {
  const [count = 0, height = 0, width = 0] = shape;
  if (height !== width || sizeOf(shape) !== count * height * width) return;
  for (let image = 0; image < data.length; image += height * width)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < row; column++) {
        const a = image + row * width + column;
        const b = image + column * width + row;
        const pixel = data[a]!;
        data[a] = data[b]!;
        data[b] = pixel;
      }
}

function nameOf(prefix: string, part: Part, kind: 'images' | 'labels'): string {
  const word = part === 'test' ? (prefix === '' ? 't10k' : 'test') : part;
  return `${prefix}${word}-${kind}-idx${kind === 'images' ? 3 : 1}-ubyte`;
}

function listOf(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
