// What the classes of a data folder are called: classes.txt, labels.txt or the like in it, one name a line, class 0 first.
import { check } from '../base/errors.js';
import { decodeUtf8 } from '../base/decodeUtf8.js';
import type { DataFile, DataFolder } from './layouts/layout.js';

const FILES = ['classes.txt', 'labels.txt'];
/** Other names of such files: animals-classes.txt, class_names.txt. */
const OTHER = /(^|[-_. ])(classes|labels|(class|label)[-_ ]?names)\.txt$/i;
/** Longest name of a class, and of a data set. */
export const LONGEST_NAME = 60;
const LONGEST_FILE = 65536;

/** Whether it can stand in tables, under pictures and on a terminal. */
export function isClassName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= LONGEST_NAME &&
    !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(value)
  );
}

/** The names in the folder's file; null where it has none. `classes`: how many the labels need at least. `own`: the layout's own name for it. */
export async function readClassNames(
  { files }: DataFolder,
  classes: number,
  own: readonly string[] = [],
): Promise<readonly string[] | null> {
  const others = [...files.keys()].filter((name) => OTHER.test(name));
  const name = [...own, ...FILES, ...(others.length === 1 ? others : [])].find((each) => files.has(each));
  return name === undefined ? null : namesIn(files.get(name)!, classes);
}

async function namesIn(file: DataFile, classes: number): Promise<readonly string[]> {
  const { where } = file;
  const text = decodeUtf8(await file.read(LONGEST_FILE));
  check(text !== null, `${where}: is no text in UTF-8; save it as such`);
  const names = text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
  for (const [i, name] of names.entries()) {
    check(
      isClassName(name),
      () => `${where}: line ${i + 1} is no name of 1 to ${LONGEST_NAME} characters; write one class per line`,
    );
  }
  check(
    names.length >= classes,
    () =>
      `${where}: names ${names.length} classes, but the labels go up to ${classes - 1}; write one name a line, class 0 first`,
  );
  check(
    new Set(names).size === names.length,
    () =>
      `${where}: names a class twice (${names.find((name, i) => names.indexOf(name) < i)}); give each class a name of its own`,
  );
  return names;
}
