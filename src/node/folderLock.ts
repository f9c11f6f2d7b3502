// One process at a time writes to a folder: the file 'lock' in it names that process. What a dead process left is taken over.
import { rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WasmCnnError } from '../errors.js';
import { codeOf, removeTemporaries, temporaryName, withFileErrors } from './files.js';

const NAME = 'lock';
const held = new Set<string>();

/**
 * Makes the folder this process's until {@link unlockFolder} or the end of the process; does nothing where it is already. Throws one
 * sentence where it is another's. Removes temporary files that a dead process left.
 */
export async function lockFolder(folder: string): Promise<void> {
  const path = join(folder, NAME);
  const mine = (await identityOf(process.pid))!;
  await withFileErrors('write', path, async () => {
    while (!(await create(path, mine))) {
      const owner = await readOwner(path);
      if (owner === mine && held.has(path)) return;
      const pid = parseInt(owner, 10);
      const alive = owner === mine ? null : await identityOf(pid);
      if (alive === owner || alive === String(pid)) {
        throw new WasmCnnError(`${folder} is in use by process ${pid}, which is still running; wait for it, choose another folder, or remove ${path} if that process has nothing to do with it`);
      }
      await removeStale(path, owner);
    }
    if (held.size === 0) process.once('exit', () => [...held].forEach(release));
    held.add(path);
    await removeTemporaries(folder);
  });
}

export function unlockFolder(folder: string): void {
  release(join(folder, NAME));
}

function release(path: string): void {
  if (held.delete(path)) rmSync(path, { force: true });
}

/** False where there is a lock already. */
async function create(path: string, text: string): Promise<boolean> {
  try {
    await fs.writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** What the lock says; '' where it is gone. Whoever has just made it may not have written yet. */
async function readOwner(path: string): Promise<string> {
  for (let tries = 0; tries < 10; tries++) {
    const text = await fs.readFile(path, 'utf8').catch((error: unknown) => (codeOf(error) === 'ENOENT' ? null : Promise.reject(error)));
    if (text !== '') return text ?? '';
    await sleep(20);
  }
  return '';
}

/** Two processes may find the same dead lock; the second must not remove the lock that the first then made. */
async function removeStale(path: string, owner: string): Promise<void> {
  const aside = temporaryName(path);
  try {
    await fs.rename(path, aside);
    if ((await fs.readFile(aside, 'utf8')) === owner) await fs.rm(aside);
    else await fs.rename(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Its pid and, where the system tells (Linux), when it began, as pids are used again; null where no such process runs. */
async function identityOf(pid: number): Promise<string | null> {
  if (!(pid > 0)) return null;
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat !== null) {
    // pid (name) state … start: the name may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : `${pid} ${fields[19]}`;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return null;
  }
  return String(pid);
}
