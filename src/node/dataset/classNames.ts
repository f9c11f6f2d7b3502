// What the classes of a data folder are called: classes.txt or labels.txt in it, one name a line, class 0 first.
import { join } from 'node:path';
import { check } from '../../base/errors.js';
import { codeOf, readBytes, regularFileSize, withFileErrors } from '../files/files.js';

const FILES = ['classes.txt', 'labels.txt'] as const;
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

/** The names in the folder's file; null where it has none. `classes`: how many the labels need at least. */
export async function readClassNames(folder: string, classes: number): Promise<readonly string[] | null> {
  for (const file of FILES) {
    const path = join(folder, file);
    const text = await readText(path);
    if (text === null) continue;
    const names = text
      .trimEnd()
      .split(/\r?\n/)
      .map((line) => line.trim());
    for (const [i, name] of names.entries()) {
      check(
        isClassName(name),
        () => `${path}: line ${i + 1} is no name of 1 to ${LONGEST_NAME} characters; write one class a line`,
      );
    }
    check(
      names.length >= classes,
      () =>
        `${path}: names ${names.length} classes, but the labels go up to ${classes - 1}; write one name a line, class 0 first`,
    );
    check(
      new Set(names).size === names.length,
      () =>
        `${path}: names a class twice (${names.find((name, i) => names.indexOf(name) < i)}); give each class a name of its own`,
    );
    return names;
  }
  return null;
}

/** Null where there is no such file. */
async function readText(path: string): Promise<string | null> {
  try {
    await withFileErrors('read', path, () => regularFileSize(path, LONGEST_FILE));
  } catch (error) {
    if (codeOf((error as Error).cause) === 'ENOENT') return null;
    throw error;
  }
  return new TextDecoder().decode(await readBytes(path));
}
