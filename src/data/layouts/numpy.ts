// NumPy's arrays: one .npz with images and labels, as keras.datasets' mnist.npz, or .npz and .npy files side by side.
import { check } from '../../base/errors.js';
import { sizeOf, type Shape } from '../../base/shape.js';
import { makeLabels, MOST_CLASSES, type ClassLabels, type Examples } from '../dataset.js';
import { checkExamples, checkSameShape, type NamedExamples } from './examples.js';
import { pixelsFor, type DataFile, type Found, type Layout, type LayoutData } from './layout.js';
import { familyOf, groupBy, kindOfArray, partOf, type Part } from './names.js';
import { forEachElement, isPlainBytes, LONGEST_NPY_HEADER, readNpyHeader, type NpyHeader } from './npy.js';
import { readZip } from '../../formats/zip/zip.js';

/** More than that of an archive is not read into memory at once. */
const MOST_BYTES = 2147483647;

interface NamedArray {
  readonly name: string;
  readonly where: string;
  readonly header: NpyHeader;
  read(): Promise<Uint8Array>;
}

export const numpyLayout: Layout = {
  title: 'NumPy arrays',
  example: 'mnist.npz, or x_train.npy and y_train.npy',
  async find({ files }) {
    const archives = [...files.values()].filter(({ name }) => /\.npz$/i.test(name));
    const arrays = [...files.values()].filter(({ name }) => /\.npy$/i.test(name));
    const isSet = (group: readonly DataFile[]): boolean =>
      group[0]!.name.endsWith('z') || new Set(group.map(({ name }) => kindOfArray(name))).size > 1;
    return [...groupBy([...archives, ...arrays], ({ name }) => familyOf(name)).values()]
      .filter(isSet)
      .map((group): Found => ({
        files: group.map(({ name }) => name),
        read: async () => readNumpy((await Promise.all(group.map(arraysOf))).flat(), group[0]!.where),
      }));
  },
};

/** An archive with one array is named by its file, as a .npy is. */
async function arraysOf(file: DataFile): Promise<NamedArray[]> {
  const { where } = file;
  const name = file.name.replace(/\.np[yz]$/i, '');
  if (/\.npy$/i.test(file.name)) {
    const header = readNpyHeader(await file.head(LONGEST_NPY_HEADER), where);
    return [{ name, where, header, read: async () => wholeArray(await file.read(MOST_BYTES), header, where) }];
  }
  const entries = readZip(await file.read(MOST_BYTES), where).filter((entry) => entry.name.endsWith('.npy'));
  check(entries.length > 0, `${where}: holds no arrays; save them with numpy.savez`);
  return Promise.all(
    entries.map(async (entry) => {
      const key = entry.name.slice(0, -4);
      const inside = `${where}: ${entry.name}`;
      const header = readNpyHeader(await entry.head(LONGEST_NPY_HEADER), inside);
      // Before anything of that size is inflated.
      check(
        header.fileBytes === entry.size,
        () => `${inside}: header says ${header.fileBytes} bytes, the archive ${entry.size}; fetch the file again`,
      );
      return { name: entries.length === 1 ? name : key, where: inside, header, read: () => entry.read() };
    }),
  );
}

function wholeArray(bytes: Uint8Array, { shape, headerBytes, fileBytes }: NpyHeader, where: string): Uint8Array {
  check(
    bytes.length === fileBytes,
    () =>
      `${where}: header says ${shape.join(' × ')} = ${fileBytes - headerBytes} bytes, file holds ${bytes.length - headerBytes}; fetch the file again`,
  );
  return bytes;
}

async function readNumpy(arrays: readonly NamedArray[], where: string): Promise<LayoutData> {
  const pairs = pairsOf(arrays, where);
  const images = await Promise.all(
    pairs.map(async ([, { where, header, read }]) => ({ where, header, bytes: await read() })),
  );
  const { scale, note } = scaleOf(images);
  const notes = new Set(note === null ? [] : [note]);
  const parts: Partial<Record<Part, NamedExamples>> = {};
  for (const [i, [part, imageArray, labelArray]] of pairs.entries()) {
    const x = imagesFrom(images[i]!, scale, notes);
    const y = labelsFrom(await labelArray.read(), labelArray.header, labelArray.where);
    parts[part] = checkExamples({ x, y }, imageArray.where, labelArray.where);
  }
  const { train, validation, test } = parts;
  checkSameShape([train, validation, test]);
  return {
    train: train!.examples,
    test: test?.examples ?? null,
    ...(validation && { validation: validation.examples }),
    classNames: null,
    notes: [...notes],
  };
}

type Pair = readonly [Part, images: NamedArray, labels: NamedArray];

/** Which arrays are the images and the labels of which part: by their names, or two without such names by their axes. */
function pairsOf(arrays: readonly NamedArray[], where: string): Pair[] {
  const [{ where: first, header }] = arrays as [NamedArray];
  check(
    arrays.length > 1,
    () =>
      `${first}: is the only array, [${header.shape.join(', ')}], and images and labels are needed; save both, as x_train and y_train`,
  );
  const named = arrays.map((array) => ({ array, part: partOf(array.name) ?? 'train', kind: kindOfArray(array.name) }));
  const known = named.filter(({ kind }) => kind !== null);
  const shown = arrays.map(({ name, header }) => `${name} [${header.shape.join(', ')}]`).slice(0, 8);
  const help = `it has the arrays ${shown.join(', ')}; call them x_train, y_train, x_test, y_test`;
  if (known.length === 0 && arrays.length === 2) {
    const [a, b] = [...arrays].sort((a, b) => b.header.shape.length - a.header.shape.length) as [
      NamedArray,
      NamedArray,
    ];
    check(a.header.shape.length > b.header.shape.length, `${where}: which array is of labels? ${help}`);
    return [['train', a, b]];
  }
  const pairs = (['train', 'validation', 'test'] as const).flatMap((part): Pair[] => {
    const [images, labels] = (['images', 'labels'] as const).map((kind) =>
      known.filter((each) => each.part === part && each.kind === kind),
    ) as [typeof known, typeof known];
    if (images.length === 0 && labels.length === 0) return [];
    check(
      images.length === 1 && labels.length === 1,
      () =>
        `${where}: needs one array of images and one of labels to ${part === 'validation' ? 'validate' : part}, found ${images.length} and ${labels.length}; ${help}`,
    );
    return [[part, images[0]!.array, labels[0]!.array]];
  });
  check(pairs[0]?.[0] === 'train', () => `${where}: has no arrays of images and labels to train on; ${help}`);
  return pairs;
}

interface ImageArray {
  readonly where: string;
  readonly header: NpyHeader;
  readonly bytes: Uint8Array;
}

/** What makes pixels 0 … 255 of the elements of all arrays of images, told by their range; bytes are pixels. */
function scaleOf(arrays: readonly ImageArray[]): { readonly scale: number; readonly note: string | null } {
  let [most, isFloat] = [0, false];
  for (const { where, header, bytes } of arrays) {
    const kind = header.type.at(-2)!;
    if (kind === 'f' || kind === 'b') isFloat = true;
    if (isPlainBytes(header) || header.type === 'u1') {
      most = 255;
      continue;
    }
    let [low, high, wrong] = [Infinity, -Infinity, false];
    forEachElement(bytes, header, (value) => {
      if (value < low) low = value;
      if (value > high) high = value;
      if (value !== value) wrong = true;
    });
    check(
      !wrong && low >= 0 && high <= 255,
      () =>
        `${where}: holds ${wrong ? 'NaN' : `numbers of ${low} to ${high}`}, but pixels are 0 to 255, or floats of 0 to 1; save it as uint8`,
    );
    most = Math.max(most, high);
  }
  // What interpolates overshoots.
  const isUnit = isFloat && most < 1.5;
  const note = !isFloat ? null : isUnit ? 'floats of 0 to 1, taken times 255' : 'floats of 0 to 255, rounded';
  return { scale: isUnit ? 255 : 1, note };
}

function imagesFrom({ where, header, bytes }: ImageArray, scale: number, notes: Set<string>): Examples['x'] {
  const { shape, isChannelsFirst } = imageShapeOf(header.shape, where);
  const [count = 0, height = 0, width = 0, channels = 0] = shape;
  if (isPlainBytes(header) && !isChannelsFirst) return { data: bytes.subarray(header.headerBytes), shape };
  const data = pixelsFor(count, shape.slice(1), where);
  const plane = height * width;
  if (isChannelsFirst) notes.add('channels first, moved behind');
  forEachElement(bytes, header, (value, i) => {
    const rest = i % (plane * channels);
    const at = isChannelsFirst ? i - rest + (rest % plane) * channels + Math.floor(rest / plane) : i;
    data[at] = Math.min(255, Math.round(value * scale));
  });
  return { data, shape };
}

/** [n, height, width, channels], from that, without channels, with channels first, or as flat rows of a square. */
function imageShapeOf(shape: Shape, where: string): { readonly shape: Shape; readonly isChannelsFirst: boolean } {
  const isChannels = (size: number | undefined): boolean => size === 1 || size === 3 || size === 4;
  const [count = 0, a = 0, b = 0, c = 0] = shape;
  if (shape.length === 4 && isChannels(c)) return { shape, isChannelsFirst: false };
  if (shape.length === 4 && isChannels(a)) return { shape: [count, b, c, a], isChannelsFirst: true };
  if (shape.length === 3) return { shape: [...shape, 1], isChannelsFirst: false };
  const side = Math.sqrt(a);
  check(
    shape.length === 2 && Number.isInteger(side),
    () =>
      `${where}: is [${shape.join(', ')}], but images are [n, height, width] or [n, height, width, channels] with 1, 3 or 4 channels; reshape it`,
  );
  return { shape: [count, side, side, 1], isChannelsFirst: false };
}

/** Class indices from [n], [n, 1] or one-hot rows [n, classes]. */
function labelsFrom(bytes: Uint8Array, header: NpyHeader, where: string): ClassLabels {
  const { shape } = header;
  const [count = 0, columns = 1] = shape;
  check(
    shape.length === 1 || shape.length === 2,
    () => `${where}: is [${shape.join(', ')}], but labels are [n], [n, 1] or one-hot [n, classes]; reshape it`,
  );
  const values = new Float64Array(sizeOf(shape));
  forEachElement(bytes, header, (value, i) => (values[i] = value));
  const wrong = values.findIndex((value) => !Number.isInteger(value) || value < 0 || value >= MOST_CLASSES);
  check(
    wrong === -1,
    () =>
      `${where}: label ${Math.floor(wrong / columns)} (counted from 0) is ${values[wrong]}, but labels are whole numbers of 0 to ${MOST_CLASSES - 1}; number the classes so`,
  );
  if (columns === 1) {
    const y = makeLabels(count, 1 + values.reduce((most, value) => Math.max(most, value), 0));
    y.set(values);
    return y;
  }
  const y = makeLabels(count, columns);
  for (let row = 0; row < count; row++) {
    const ones = values.subarray(row * columns, (row + 1) * columns);
    y[row] = ones.indexOf(1);
    check(
      ones.reduce((sum, value) => sum + value, 0) === 1 && ones.includes(1),
      () => `${where}: row ${row} is no one-hot row of one 1; give one label per image`,
    );
  }
  return y;
}
