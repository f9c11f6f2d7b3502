// CSV: a label and the pixels in each row, as Kaggle's digits, or a label and the path of a picture beside the file.
import { check, WasmCnnError } from '../../base/errors.js';
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import { takeLabels, type Examples } from '../dataset.js';
import { GROUPS, isPictureName } from '../imageFolder/findPictures.js';
import type { PictureFile } from '../imageFolder/pictureReader.js';
import { checkSameShape } from './examples.js';
import {
  joinParts,
  type DataFile,
  type DataFolder,
  type Found,
  type Layout,
  type LayoutData,
  type ReadOptions,
} from './layout.js';
import { classesOf } from './labels.js';
import { familyOf, groupBy, partOf, type Part } from './names.js';
import { inputsOf, leftOut, ownOf } from './pictures.js';

/** Engines' longest text has 2²⁹ − 24 characters, V8's. */
const MOST_BYTES = 536870888;
/** The first row, in the longest file of pixels, is within so many bytes. */
const HEAD_BYTES = 1 << 20;

const LABEL = /^(label|labels|class|target|y|category|digit|emotion)$/i;
const PATH = /^(path|file|filename|file_?name|filepath|image|image_?path|img|id_code)$/i;
const GROUP = /^(group|person|subject|writer|patient|scene)$/i;
const PIXEL = /^(pixel|px|p)?[-_ ]?\d+([x×_]\d+)?$/i;
/** Columns that are neither pixels nor labels: pandas writes its index without a name. */
const INDEX = /^(id|index|)$/i;

export const csvLayout: Layout = {
  title: 'CSV',
  example: 'train.csv of label,pixel0,… or label,path',
  async find(folder) {
    const files = [...folder.files.values()].filter(({ name }) => /\.(csv|tsv)$/i.test(name) && name !== GROUPS);
    const usable = await Promise.all(files.map(async (file) => [file, columnsOf(await firstRow(file))] as const));
    const sets = usable.filter(([, columns]) => columns !== null).map(([file]) => file);
    return [...groupBy(sets, ({ name }) => familyOf(name)).values()].map((group): Found => ({
      files: group.map(({ name }) => name),
      read: (options) => readCsv(folder, group, options),
    }));
  },
};

/** What the first row tells; null where it is not of images with labels. */
interface Columns {
  readonly hasHeader: boolean;
  readonly count: number;
  readonly label: number;
  /** Columns of the pixels in their order, or that of the path alone. */
  readonly pixels: readonly number[];
  readonly path: number | null;
  readonly group: number | null;
}

function columnsOf(cells: readonly string[]): Columns | null {
  const count = cells.length;
  if (count < 2) return null;
  const all = [...cells.keys()];
  const isNumber = (cell: string): boolean => cell.trim() !== '' && Number.isFinite(Number(cell));
  const find = (pattern: RegExp): number => cells.findIndex((cell) => pattern.test(cell.trim()));
  const [label, path, group] = [find(LABEL), find(PATH), find(GROUP)];
  const found = { count, group: group < 0 ? null : group };
  if (label >= 0 && path >= 0) return { ...found, hasHeader: true, label, path, pixels: [] };
  if (label >= 0) {
    const pixels = all.filter((i) => i !== label && i !== group && !INDEX.test(cells[i]!.trim()));
    const isPixels = pixels.length > 0 && pixels.every((i) => PIXEL.test(cells[i]!.trim()));
    return isPixels ? { ...found, hasHeader: true, label, path: null, pixels } : null;
  }
  // Without a header.
  const picture = cells.findIndex((cell) => isPictureName(cell.trim()));
  if (picture >= 0 && count === 2)
    return { ...found, hasHeader: false, group: null, label: 1 - picture, path: picture, pixels: [] };
  // An empty one is refused as its row is read.
  const isPixel = (cell: string): boolean => cell.trim() === '' || isNumber(cell);
  const isPixels = count > 3 && isNumber(cells[0]!) && cells.every(isPixel) && sideOf(count - 1) !== null;
  return isPixels ? { ...found, hasHeader: false, group: null, label: 0, path: null, pixels: all.slice(1) } : null;
}

/** [side, channels] of so many pixels' values. */
function sideOf(values: number): readonly [number, number] | null {
  for (const channels of [1, 3]) {
    const side = Math.sqrt(values / channels);
    if (Number.isInteger(side)) return [side, channels];
  }
  return null;
}

/** Ends the parsing at the first row. */
const enough = Symbol();

async function firstRow(file: DataFile): Promise<readonly string[]> {
  const head = await file.head(HEAD_BYTES);
  // The last line may be cut off, in the middle of a character.
  const end = head.length < HEAD_BYTES ? head.length : Math.max(head.lastIndexOf(10), head.lastIndexOf(13));
  const text = decodeUtf8(head.subarray(0, end)) ?? '';
  const { parseRows } = await import('../codecs/csv.js');
  let first: readonly string[] = [];
  try {
    parseRows(text.replace(/^\ufeff/, ''), (cells) => {
      if (isEmpty(cells)) return;
      first = cells;
      throw enough;
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
  return first;
}

function isEmpty(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0]!.trim() === '';
}

/** What the rows of one file say. */
interface Table {
  readonly file: DataFile;
  readonly labels: readonly string[];
  readonly groups: readonly string[] | null;
  readonly paths: readonly string[];
  /** One run of pixels; empty where there are paths. */
  readonly pixels: Uint8Array;
  readonly shape: readonly number[];
  /** Row in the file of each example. */
  readonly rows: readonly number[];
  /** A sentence for each row that was left out. */
  readonly skipped: readonly string[];
}

async function readTable(file: DataFile, skipBroken: boolean): Promise<Table> {
  const { where } = file;
  const text = decodeUtf8(await file.read(MOST_BYTES));
  check(text !== null, `${where}: is no text in UTF-8; save it as such`);
  const { parseRows } = await import('../codecs/csv.js');
  const [labels, groups, paths, rows]: [string[], string[], string[], number[]] = [[], [], [], []];
  const skipped: string[] = [];
  let columns: Columns | null = null;
  let pixels = new Uint8Array(0);
  let used = 0;
  const takeRow = (cells: readonly string[], row: number, columns: Columns): void => {
    const { count, label, path, group } = columns;
    check(
      cells.length === count,
      () => `${where}: row ${row} has ${cells.length} cells, but the first has ${count}; complete or remove it`,
    );
    const own = cells[label]!.trim();
    check(own !== '', () => `${where}: row ${row} has no label; complete or remove it`);
    if (path === null) takePixels(cells, row, columns.pixels);
    else paths.push(cells[path]!.trim());
    labels.push(own);
    rows.push(row);
    if (group !== null) groups.push(cells[group]!.trim());
  };
  const takePixels = (cells: readonly string[], row: number, columns: readonly number[]): void => {
    const values = columns.length;
    if (used + values > pixels.length) {
      // A pixel takes two characters at least.
      const room = new Uint8Array(Math.min(Math.max(2 * pixels.length, 64 * values), text.length / 2 + values));
      room.set(pixels);
      pixels = room;
    }
    for (let i = 0; i < values; i++) {
      const cell = cells[columns[i]!]!;
      const value = cell === '' ? NaN : Number(cell);
      check(
        Number.isInteger(value) && value >= 0 && value <= 255,
        () =>
          `${where}: row ${row}, pixel ${i} is ${JSON.stringify(cell.slice(0, 20))}, but pixels are whole numbers of 0 to 255; write them so`,
      );
      pixels[used++] = value;
    }
  };
  const trouble = parseRows(text.replace(/^\ufeff/, ''), (cells, row) => {
    if (isEmpty(cells)) return;
    if (columns === null) {
      columns = columnsOf(cells);
      check(
        columns !== null,
        () => `${where}: row ${row} names no column of labels beside pixels or paths; call it label`,
      );
      if (columns.hasHeader) return;
    }
    const before = used;
    try {
      takeRow(cells, row, columns);
    } catch (error) {
      if (!skipBroken || !(error instanceof WasmCnnError)) throw error;
      skipped.push(error.message);
      used = before;
    }
  });
  check(trouble === null, `${where}: ${trouble}; close the quotes`);
  check(rows.length > 0, () =>
    skipped.length > 0
      ? `${where}: none of its ${skipped.length} rows can be read; the first says: ${skipped[0]}`
      : `${where}: has no rows of images; add some`,
  );
  const { group, pixels: pixelColumns, path } = columns as unknown as Columns;
  const side = path === null ? sideOf(pixelColumns.length) : null;
  check(
    path !== null || side !== null,
    () =>
      `${where}: has ${pixelColumns.length} pixels a row, which are no square of gray or RGB; write them as a square`,
  );
  return {
    file,
    labels,
    groups: group === null ? null : groups,
    paths,
    pixels: pixels.subarray(0, used),
    shape: side === null ? [] : [side[0], side[0], side[1]],
    rows,
    skipped,
  };
}

async function readCsv(folder: DataFolder, files: readonly DataFile[], options: ReadOptions = {}): Promise<LayoutData> {
  const { skipBroken = false } = options;
  // One after the other: each is large.
  const tables: Table[] = [];
  for (const file of files) tables.push(await readTable(file, skipBroken));
  const { classNames, labelsOf } = classesOf(
    tables.map(({ labels }) => labels),
    files[0]!.where,
  );
  const pictures = tables.flatMap((table) => table.paths.map((path, i) => [table, path, i] as const));
  const isPixels = pictures.length === 0;
  check(
    isPixels || tables.every(({ paths }) => paths.length > 0),
    `${folder.where}: ${files.map(({ name }) => name).join(' and ')} hold pixels and paths; use files of one data set`,
  );
  const found = isPixels
    ? null
    : await inputsOf(
        pictures.map(([{ file, rows }, path, i]) =>
          pictureAt(folder, path, `${file.where}: row ${rows[i]}`, skipBroken),
        ),
        folder,
        options,
      );
  const parts: Partial<Record<Part, Examples>> = {};
  const groups: string[] = [];
  let [at, start] = [0, 0];
  for (const table of tables) {
    const own = found ? ownOf(found, start, table.rows.length, table.file.where) : [...table.rows.keys()];
    start += table.rows.length;
    const y = takeLabels(labelsOf(table.labels), own);
    const [height, width, channels] = found ? found.shape : table.shape;
    const size = height! * width! * channels!;
    const data = found ? found.data.subarray(at * size, (at + y.length) * size) : table.pixels;
    at += y.length;
    const examples = { x: { data, shape: [y.length, height!, width!, channels!] }, y };
    const part = files.length === 1 ? 'train' : (partOf(table.file.name) ?? 'train');
    const known = parts[part];
    parts[part] = known ? joinParts([known, examples], folder.where) : examples;
    if (part === 'train' && table.groups) groups.push(...own.map((i) => table.groups![i]!));
  }
  const { train, validation, test } = parts;
  check(train !== undefined, `${folder.where}: has no CSV to train on beside ${files[0]!.name}; call it train.csv`);
  checkSameShape([train, validation, test].map((examples) => examples && { examples, where: folder.where }));
  const skippedRows = tables.flatMap(({ skipped }) => skipped);
  return {
    train,
    test: test ?? null,
    ...(validation && { validation }),
    ...(groups.length === train.y.length && { groups }),
    classNames,
    notes: [...(found?.notes ?? []), ...leftOut(skippedRows.length, 'row')],
    skipped: [...skippedRows, ...(found?.skipped ?? [])],
  };
}

/** A picture by its path from the folder of the CSV, of which it may not lead out. `skipBroken`: told where it is read. */
function pictureAt(folder: DataFolder, path: string, who: string, skipBroken: boolean): PictureFile {
  const steps = path.split(/[\\/]+/).filter((step) => step !== '' && step !== '.');
  const isInside = steps.length > 0 && !steps.includes('..') && !/^([\\/]|[a-z]:)/i.test(path);
  const checkInside = (): void =>
    check(
      isInside,
      () =>
        `${who}: ${JSON.stringify(path.slice(0, 100))} leads out of the folder of the CSV; put the CSV above its pictures`,
    );
  if (!skipBroken) checkInside();
  const find = async (): Promise<DataFile> => {
    checkInside();
    let here = folder;
    for (const step of steps.slice(0, -1)) {
      check(here.folders.includes(step), () => `${who}: there is no ${path}; check the path`);
      here = await open(here, step);
    }
    const file = here.files.get(steps.at(-1)!);
    check(file !== undefined, () => `${who}: there is no ${path}; check the path`);
    return file;
  };
  return {
    who: `${who}: ${path}`,
    path: steps.join('/'),
    read: async () => (await find()).read(),
    head: async (length) => (await find()).head(length),
    stamp: async () => (await (await find()).stamp?.()) ?? null,
  };
}

const opened = new WeakMap<DataFolder, Map<string, Promise<DataFolder>>>();

/** A folder is listed once, however many pictures are in it. */
function open(folder: DataFolder, name: string): Promise<DataFolder> {
  const known = opened.get(folder) ?? new Map<string, Promise<DataFolder>>();
  opened.set(folder, known);
  const found = known.get(name) ?? folder.open(name);
  known.set(name, found);
  return found;
}
