// Parquet as the Hugging Face hub has it: a column of pictures { bytes, path }, a column of labels, and in the file's notes the classes' names.
import { check, printable, WasmCnnError } from '../../base/errors.js';
import { isRecord, kindOf } from '../../base/options.js';
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import { isClassName } from '../classNames.js';
import type { ParquetColumn, ParquetFile } from '../codecs/parquet.js';
import { takeLabels, type Examples } from '../dataset.js';
import { classesOf } from './labels.js';
import {
  joinParts,
  type DataFile,
  type DataFolder,
  type Found,
  type Layout,
  type LayoutData,
  type ReadOptions,
} from './layout.js';
import { familyOf, groupBy, partOf, type Part } from './names.js';
import { inputsOf, ownOf } from './pictures.js';

const MOST_BYTES = 2147483647;
const IMAGE = /^(image|img|picture|photo)s?$/i;
const LABEL = /^(label|labels|fine_label|class|target|category|digit)$/i;

export const parquetLayout: Layout = {
  title: 'Parquet',
  example: 'train-00000-of-00001.parquet',
  async find(folder) {
    const files = [...folder.files.values()].filter(({ name }) => /\.parquet$/i.test(name));
    // train-00000-of-00001-1359597a978bc4fa.parquet
    const family = (name: string): string => familyOf(name.replace(/-[\da-f]{16}(?=\.)/, ''));
    return [...groupBy(files, ({ name }) => family(name)).values()].map((group): Found => ({
      files: group.map(({ name }) => name),
      read: (options) => readParquet(folder, group, options),
    }));
  },
};

/** The rows of one file. */
export interface Table {
  readonly file: DataFile;
  readonly pictures: readonly Uint8Array[];
  readonly labels: readonly string[];
  /** Names of the classes that the labels number; null where the file has none. */
  readonly names: readonly string[] | null;
}

async function readParquet(folder: DataFolder, files: readonly DataFile[], options?: ReadOptions): Promise<LayoutData> {
  const tables: Table[] = [];
  for (const file of files) tables.push(await readTable(file));
  const [{ names }] = tables as [Table];
  const { classNames, labelsOf } = classesOf(
    tables.map(({ labels }) => labels),
    folder.where,
  );
  const found = await inputsOf(
    tables.flatMap(({ file: { where }, pictures }) =>
      pictures.map((bytes, row) => ({ who: `${where}: row ${row}`, read: async () => bytes })),
    ),
    folder,
    options,
  );
  const size = found.shape[0] * found.shape[1] * found.shape[2];
  const parts: Partial<Record<Part, Examples>> = {};
  let [at, start] = [0, 0];
  for (const { file, labels } of tables) {
    const y = takeLabels(labelsOf(labels), ownOf(found, start, labels.length, file.where));
    start += labels.length;
    const data = found.data.subarray(at * size, (at + y.length) * size);
    at += y.length;
    const examples = { x: { data, shape: [y.length, ...found.shape] }, y };
    const part = partOf(file.name) ?? 'train';
    parts[part] = parts[part] ? joinParts([parts[part], examples], folder.where) : examples;
  }
  const { train, validation, test } = parts;
  check(
    train !== undefined,
    `${folder.where}: has no file to train on beside ${files[0]!.name}; add train-00000-of-00001.parquet or the like`,
  );
  const data = { train, test: test ?? null, ...(validation && { validation }) };
  return { ...data, classNames: classNames ?? names, notes: found.notes, skipped: found.skipped };
}

/** The pictures, still encoded, and their labels. */
export async function readTable(file: DataFile): Promise<Table> {
  const { where } = file;
  const bytes = await file.read(MOST_BYTES);
  const { openParquet } = await import('../codecs/parquet.js');
  const parquet = await reading(where, async () => openParquet(bytes));
  const features = featuresOf(parquet);
  const image = imageColumn(parquet.columns);
  const label = labelColumn(parquet.columns, features);
  check(
    image !== undefined && label !== undefined,
    () =>
      `${where}: needs a column of pictures { bytes, path } and one of labels, has ${
        printable(
          parquet.columns
            .map(({ name }) => name)
            .slice(0, 8)
            .join(', '),
        ) || 'none'
      }; call them image and label`,
  );
  const [pictures, labels]: [Uint8Array[], string[]] = [[], []];
  for (const group of parquet.groups.keys()) {
    const rows = await reading(where, () => parquet.readGroup(group, [image.name, label.name]));
    for (const row of rows) {
      const value = row[image.name];
      const picture = image.children.length > 0 && isRecord(value) ? value['bytes'] : value;
      check(
        isBytes(picture),
        () =>
          `${where}: row ${pictures.length} holds no picture's bytes; leave the row out, or save the pictures within the file`,
      );
      pictures.push(picture);
      labels.push(labelIn(row[label.name], `${where}: row ${labels.length}`));
    }
  }
  check(pictures.length > 0, `${where}: has no rows; add some`);
  const names = features.get(label.name) ?? null;
  const most = labels.reduce((most, text) => (/^\d+$/.test(text) ? Math.max(most, Number(text)) : most), 0);
  check(
    names === null || most < names.length,
    () => `${where}: names ${names!.length} classes, but the labels go up to ${most}; save it again`,
  );
  return { file, pictures, labels, names };
}

function isBytes(value: unknown): value is Uint8Array {
  return kindOf(value) === 'Uint8Array';
}

/** A label's text: 'cat', '7'. */
function labelIn(value: unknown, who: string): string {
  const text = isBytes(value) ? (decodeUtf8(value) ?? '') : typeof value === 'object' ? '' : String(value ?? '');
  check(text !== '', () => `${who} has no label; leave the row out`);
  check(text !== '-1', () => `${who} has the label -1, which is none; take files with labels`);
  return text;
}

function imageColumn(columns: readonly ParquetColumn[]): ParquetColumn | undefined {
  const isPicture = ({ type, children }: ParquetColumn): boolean => children.includes('bytes') || type === 'BYTE_ARRAY';
  return (
    columns.find((column) => IMAGE.test(column.name) && isPicture(column)) ??
    columns.find(({ children }) => children.includes('bytes'))
  );
}

function labelColumn(
  columns: readonly ParquetColumn[],
  features: ReadonlyMap<string, readonly string[]>,
): ParquetColumn | undefined {
  const plain = columns.filter(({ type }) => type !== undefined);
  return (
    ['label', 'fine_label'].flatMap((name) => plain.filter((column) => column.name === name))[0] ??
    plain.find(({ name }) => features.has(name)) ??
    plain.find(({ name }) => LABEL.test(name))
  );
}

/** Class names of each column, where the hub's note has them. */
function featuresOf({ notes }: ParquetFile): ReadonlyMap<string, readonly string[]> {
  let note: unknown = null;
  try {
    note = JSON.parse(notes.get('huggingface') ?? 'null');
  } catch {
    // A file without names.
  }
  const info = isRecord(note) ? note['info'] : null;
  const features = isRecord(info) && isRecord(info['features']) ? info['features'] : {};
  return new Map(
    Object.entries(features).flatMap(([name, feature]): [string, readonly string[]][] => {
      const names = isRecord(feature) && feature['_type'] === 'ClassLabel' ? feature['names'] : null;
      const areNames = Array.isArray(names) && names.every(isClassName) && new Set(names).size === names.length;
      return areNames && names.length > 0 ? [[name, names]] : [];
    }),
  );
}

async function reading<Result>(where: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WasmCnnError) throw error;
    const { message } = error as Error;
    const codec = /compressed by (\w+)/.exec(message)?.[1];
    throw new WasmCnnError(
      codec
        ? `${where}: is compressed by ${codec}, which is not read; save it with snappy or gzip`
        : `${where}: is no Parquet file, or a damaged one (${printable(message).slice(0, 150)}); fetch the file again`,
      { cause: error },
    );
  }
}
