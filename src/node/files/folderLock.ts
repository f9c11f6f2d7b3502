// A folder has one writer at a time. The file 'lock' in it says which process that is; its holder renews the file's time every 10 s.
//
//   the lock is held by                            and is judged by
//   a fit of this process                          that fit: another one is refused while it is under way
//   a process of this machine and pid namespace    its pid and when it began: refused while it runs, taken over at once when it is dead
//   any other (host, container, thread, unread)    its renewals: refused at the first that is seen, taken over when none comes in 60 s
//
// Renewals are only compared with each other, never with a clock. A holder that lost its lock all the same (it was suspended for
// minutes, say) is refused at its next save, as each save asks for the lock again.
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from '../../base/errors.js';
import { codeOf, persistently, removeTemporaries, temporaryName, withFileErrors } from './files.js';
import { isHere, isRunning, readHolder, thisProcess, type LockHolder } from './lockHolder.js';

/** A model whose fit writes to the folder. */
export interface Training {
  /** Null as soon as its fit is not under way. */
  readonly fitState: unknown;
}

export interface LockOptions {
  /** Training that holds the lock; without one it is the process's, and the first of its trainings takes it over. */
  readonly training?: Training | undefined;
  /** Told when the answer takes time. */
  readonly log?: (line: string) => void;
  readonly times?: typeof TIMES;
}

const NAME = 'lock';
/** Longest file that a process writes about itself. */
const LONGEST_BYTES = 4096;
/** Milliseconds. Another process may be about to put back what it took away; after `settle` the lock stays as it is. */
const TIMES = { renewal: 10_000, look: 1000, limit: 60_000, settle: 50 };

interface Held {
  readonly text: string;
  training: Training | undefined;
  readonly renewal: NodeJS.Timeout;
}

const held = new Map<string, Held>();
let endsWithProcess = false;
/** Queue of each path: requests are answered one after another. */
const turns = new Map<string, Promise<void>>();

/**
 * Makes the folder this process's until {@link unlockFolder} or the end of the process; does nothing where it is already. Throws one
 * sentence where it is another's. Removes temporary files that a dead process left.
 */
export async function lockFolder(folder: string, options: LockOptions = {}): Promise<void> {
  const path = resolve(folder, NAME);
  const before = turns.get(path)?.catch(() => undefined);
  const turn = Promise.resolve(before).then(() =>
    withFileErrors('write', join(folder, NAME), () => take(folder, path, options)),
  );
  turns.set(path, turn);
  try {
    await turn;
  } finally {
    if (turns.get(path) === turn) turns.delete(path);
  }
}

export function unlockFolder(folder: string): void {
  release(resolve(folder, NAME));
}

async function take(
  folder: string,
  path: string,
  { training, log = console.error, times = TIMES }: LockOptions,
): Promise<void> {
  const text = JSON.stringify({ ...thisProcess, id: randomUUID() });
  while (!(await create(path, text, times.settle))) {
    const found = await readLock(path);
    if (found === null) continue;
    const mine = held.get(path);
    if (mine?.text === found) {
      check(
        !training || !mine.training || mine.training === training || mine.training.fitState === null,
        `${folder} is in use by another fit of this process, which is under way; wait for it, or choose another folder`,
      );
      mine.training = training ?? mine.training;
      return;
    }
    await checkDead(folder, path, found, log, times);
    await removeStale(path, found);
  }
  clearInterval(held.get(path)?.renewal);
  if (!endsWithProcess) process.once('exit', () => [...held.keys()].forEach(release));
  endsWithProcess = true;
  held.set(path, { text, training, renewal: setInterval(() => void renew(path, text), times.renewal).unref() });
  await removeTemporaries(folder);
}

/** Throws where the process that wrote `found` lives. Comes back, too, where the lock has changed meanwhile. */
async function checkDead(
  folder: string,
  path: string,
  found: string,
  log: (line: string) => void,
  { look, limit }: typeof TIMES,
): Promise<void> {
  const holder = readHolder(found);
  const shown = join(folder, NAME);
  if (holder && isHere(holder)) {
    if (!(await isRunning(holder))) return;
    check(
      holder.pid === process.pid,
      `${folder} is in use by process ${holder.pid}, which is still running; wait for it, choose another folder, or remove ${shown} if that process has nothing to do with it`,
    );
  }
  const who = nameOf(holder);
  log(
    `${folder} is locked by ${who}, which cannot be seen from here; it is taken over unless ${shown} is renewed within ${limit / 1000} s`,
  );
  const first = await renewedAt(path);
  // Looks are counted, not seconds: a machine that sleeps and wakes has looked once.
  for (let looks = 0; looks < limit / look; looks++) {
    await sleep(look);
    if ((await readLock(path)) !== found) return;
    check(
      (await renewedAt(path)) === first,
      `${folder} is in use by ${who}, which has just renewed ${shown}; wait for it, or choose another folder`,
    );
  }
}

function nameOf(holder: LockHolder | null): string {
  return holder
    ? `process ${holder.pid} on host ${holder.host || '(unknown)'}`
    : 'a process that has not written its name';
}

/** Two processes may find the same dead lock; the second must not remove the lock that the first then made. */
async function removeStale(path: string, found: string): Promise<void> {
  const aside = temporaryName(path);
  try {
    await persistently(() => fs.rename(path, aside));
    if ((await fs.readFile(aside, 'utf8')) === found) await persistently(() => fs.rm(aside));
    else await persistently(() => fs.rename(aside, path));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** False where there is a lock already, or another one a moment later. */
async function create(path: string, text: string, settle: number): Promise<boolean> {
  try {
    // On the disk, so that a power cut leaves no lock without a name.
    const file = await fs.open(path, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      await fs.rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  await sleep(settle);
  return (await readLock(path)) === text;
}

/** What the lock says; null where there is none. The process that has just made it may not have written yet. */
export async function readLock(path: string): Promise<string | null> {
  const unlessGone = (error: unknown): null => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  };
  let text: string | null = '';
  for (let tries = 0; text === '' && tries < 10; tries++) {
    if (tries > 0) await sleep(20);
    const stats = await fs.lstat(path).catch(unlessGone);
    // Reading a pipe could wait for ever, and a link to nothing would be there and not there.
    check(
      stats === null || (stats.isFile() && stats.size <= LONGEST_BYTES),
      `${path} is no lock of this program; choose another folder, or move it away`,
    );
    text = stats && (await fs.readFile(path, 'utf8').catch(unlessGone));
  }
  return text;
}

async function renew(path: string, text: string): Promise<void> {
  const now = new Date();
  // A renewal that fails is tried again in 10 s.
  if ((await readLock(path).catch(() => null)) === text) await fs.utimes(path, now, now).catch(() => undefined);
}

/** Opened for it: a network file system may answer a plain stat from memory. */
async function renewedAt(path: string): Promise<bigint | null> {
  const file = await fs
    .open(path, 'r')
    .catch((error: unknown) => (codeOf(error) === 'ENOENT' ? null : Promise.reject(error)));
  if (!file) return null;
  try {
    return (await file.stat({ bigint: true })).mtimeNs;
  } finally {
    await file.close();
  }
}

/** Releases the lock when the process ends, when nothing can be awaited and nothing must fail: a lock that stays is a dead process's. */
function release(path: string): void {
  const mine = held.get(path);
  if (!mine) return;
  held.delete(path);
  clearInterval(mine.renewal);
  try {
    if (readFileSync(path, 'utf8') === mine.text) rmSync(path, { recursive: true, maxRetries: 5 });
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
}
