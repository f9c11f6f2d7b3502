// A folder of event files: what TensorBoard calls a run. Each process writes one of its own, behind those that are there.
import * as fs from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { check } from '../../base/errors.js';
import { eventRecord, wholeRecords, type Event } from './codecs/eventRecord.js';
import { codeOf, exists, makeFolder, readBytes, withFileErrors, writeAt } from './files.js';

/** A file of the folder, and how many of its bytes count: a process that was killed may have written more. */
export type EventFile = { readonly name: string; readonly bytes: number };

const pattern = /^events\.out\.tfevents\.(\d{10})\.[\w.-]+$/;

export function isEventFileName(name: unknown): boolean {
  return typeof name === 'string' && pattern.test(name);
}

/** Those of a folder, which need not be there, in TensorBoard's order. */
export async function listEventFiles(folder: string): Promise<EventFile[]> {
  return withFileErrors('read', folder, async () => {
    const names = await fs
      .readdir(folder)
      .catch((error: unknown) => (codeOf(error) === 'ENOENT' ? [] : Promise.reject(error)));
    const sizes = names
      .filter(isEventFileName)
      .sort()
      .map(async (name) => ({ name, bytes: (await fs.stat(join(folder, name))).size }));
    return Promise.all(sizes);
  });
}

/**
 * Begins a new file, and returns what counts then, that file last. Where the folder holds more than what counts, as after a process that
 * was killed behind its checkpoint, the new file tells TensorBoard to forget everything before it, and repeats what counts: to forget from
 * one step on would not do, as epochs and batches count differently.
 */
export async function beginEventFile(folder: string, counting: readonly EventFile[]): Promise<EventFile[]> {
  await makeFolder(folder);
  const present = await listEventFiles(folder);
  const isAll =
    present.length === counting.length &&
    present.every(({ name, bytes }, i) => name === counting[i]!.name && bytes === counting[i]!.bytes);
  const records = [record({ fileVersion: 'brain.Event:2' })];
  if (!isAll) {
    records.push(record('sessionStart'));
    for (const file of counting) records.push(await recordsOf(folder, file));
  }
  const newest = Math.max(0, ...present.map(({ name }) => Number(pattern.exec(name)![1])));
  // TensorBoard reads in the order of the names.
  const seconds = String(Math.max(Math.floor(Date.now() / 1000), newest + 1)).padStart(10, '0');
  const name = `events.out.tfevents.${seconds}.${hostname().replace(/[^\w.-]/g, '-')}.${process.pid}.0.v2`;
  const begun = await write(folder, { name, bytes: 0 }, Buffer.concat(records), 'wx');
  return isAll ? [...counting, begun] : [begun];
}

/** Puts events behind what counts of a file. */
export async function appendEvents(folder: string, file: EventFile, events: readonly Event[]): Promise<EventFile> {
  return write(folder, file, Buffer.concat(events.map(record)), 'r+');
}

function record(event: Event): Uint8Array {
  return eventRecord(event, Date.now() / 1000);
}

async function recordsOf(folder: string, { name, bytes }: EventFile): Promise<Uint8Array> {
  const path = join(folder, name);
  check(await exists(path), () => lacking(path, 'is missing', bytes));
  const content = await readBytes(path);
  check(content.length >= bytes, () => lacking(path, `has ${content.length} bytes`, bytes));
  return wholeRecords(content.subarray(0, bytes));
}

function lacking(path: string, what: string, bytes: number): string {
  return `${path} ${what}, and fit had written ${bytes} bytes to it; give tensorBoard the logDir that it wrote`;
}

/** What was written has reached the disk: a checkpoint that is saved next counts on it. */
async function write(
  folder: string,
  { name, bytes }: EventFile,
  content: Uint8Array,
  flags: string,
): Promise<EventFile> {
  const path = join(folder, name);
  await withFileErrors('write', path, async () => {
    const file = await fs.open(path, flags).catch((error: unknown) => {
      check(bytes === 0 || codeOf(error) !== 'ENOENT', () => lacking(path, 'is missing', bytes));
      throw error;
    });
    try {
      await writeAt(file, content, bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
  });
  return { name, bytes: bytes + content.length };
}
