// CIFAR's binary files: records of a label (CIFAR-100: a coarse and a fine one) and 32 × 32 pixels, all red ones, all green ones, all blue ones.
// Format: https://www.cs.toronto.edu/~kriz/cifar.html
import { check } from '../../base/errors.js';
import { readClassNames } from '../classNames.js';
import { classesIn, type Examples } from '../dataset.js';
import {
  joinParts,
  pixelsFor,
  type DataFile,
  type DataFolder,
  type Found,
  type Layout,
  type LayoutData,
} from './layout.js';
import { familyOf, groupBy, partOf, type Part } from './names.js';

const SIDE = 32;
const PLANE = SIDE * SIDE;

/** Bytes of a record, by how many labels it begins with; the last label is the class. */
const records = { 1: 1 + 3 * PLANE, 2: 2 + 3 * PLANE } as const;
type Labels = keyof typeof records;

/** Files that are CIFAR's whatever their size. */
const OWN = /^(data_batch_\d|test_batch)\.bin$/;
const NAMES: Readonly<Record<Labels, readonly string[]>> = { 1: ['batches.meta.txt'], 2: ['fine_label_names.txt'] };
const CIFAR10: readonly string[] = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');

export const cifarLayout: Layout = {
  title: 'CIFAR binary files',
  example: 'data_batch_1.bin, or train.bin and test.bin',
  async find(folder) {
    const named = [...folder.files.values()].filter(({ name }) => name.endsWith('.bin') && partOf(name) !== null);
    const families = [...groupBy(named, ({ name }) => familyOf(name)).values()];
    const found = await Promise.all(
      families.map(async (files): Promise<Found[]> => {
        const labels = await labelsOf(files);
        return labels === null
          ? []
          : [{ files: files.map(({ name }) => name), read: () => read(folder, files, labels) }];
      }),
    );
    return found.flat();
  },
};

/** How many labels a record has, by the sizes of the files; null where they are none of CIFAR's. */
async function labelsOf(files: readonly DataFile[]): Promise<Labels | null> {
  if (files.some(({ name }) => OWN.test(name))) return 1;
  const sizes = await Promise.all(files.map((file) => file.size()));
  const fits = (labels: Labels): boolean => sizes.every((size) => size > 0 && size % records[labels] === 0);
  const inTurn: readonly Labels[] = files.every(({ name }) => /^(train|test)\.bin$/.test(name)) ? [2, 1] : [1, 2];
  return inTurn.find(fits) ?? null;
}

async function read(folder: DataFolder, files: readonly DataFile[], labels: Labels): Promise<LayoutData> {
  const ofPart = async (part: Part): Promise<Examples | null> => {
    const own = files.filter(({ name }) => partOf(name) === part);
    const parts = await Promise.all(own.map(async (file) => parseCifar(await file.read(), file.where, labels)));
    return parts.length > 0 ? joinParts(parts, folder.where) : null;
  };
  const [train, validation, test] = [await ofPart('train'), await ofPart('validation'), await ofPart('test')];
  check(
    train !== null,
    `${folder.where}: has no CIFAR file to train on beside ${files[0]!.name}; add data_batch_1.bin or the like`,
  );
  const data = { train, test, ...(validation && { validation }) };
  const classNames = await readClassNames(folder, classesIn(data), NAMES[labels]);
  // The files without the one of their names.
  const isCifar10 = train.y.length === 50000 && test?.y.length === 10000 && files.every(({ name }) => OWN.test(name));
  return { ...data, classNames: classNames ?? (isCifar10 && classesIn(data) === 10 ? CIFAR10 : null) };
}

/** Images [n, 32, 32, 3] and their classes. `labels`: how many a record has. */
export function parseCifar(bytes: Uint8Array, where: string, labels: Labels): Examples {
  const record = records[labels];
  const count = Math.floor(bytes.length / record);
  check(
    count > 0 && bytes.length === count * record,
    () =>
      `${where}: holds ${bytes.length} bytes, which are no whole number of records of ${record}; fetch the file again`,
  );
  const data = pixelsFor(count, [SIDE, SIDE, 3], where);
  const y = new Uint8Array(count);
  for (let example = 0, at = 0; example < count; example++) {
    y[example] = bytes[at + labels - 1]!;
    at += labels;
    for (let pixel = 0, to = example * 3 * PLANE; pixel < PLANE; pixel++, to += 3) {
      data[to] = bytes[at + pixel]!;
      data[to + 1] = bytes[at + PLANE + pixel]!;
      data[to + 2] = bytes[at + 2 * PLANE + pixel]!;
    }
    at += 3 * PLANE;
  }
  return { x: { data, shape: [count, SIDE, SIDE, 3] }, y };
}
