// Files on disk: whole reads, writes that happen entirely or not at all, and what the system's error codes mean.
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, WasmCnnError } from '../../base/errors.js';
import { describe, isError, kindOf } from '../../base/options.js';

/** The calls of node:fs/promises that {@link writeFileAtomic} makes; tests pass ones that fail. */
export interface FileSystem {
  open(path: string, flags: string): Promise<Pick<fs.FileHandle, 'writeFile' | 'sync' | 'close'>>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
}

/** Those that {@link readBytes} makes. */
export interface ReadingSystem {
  stat(path: string): Promise<Pick<Stats, 'isDirectory' | 'isFile' | 'size'>>;
  open(
    path: string,
    flags: string,
  ): Promise<{
    read(buffer: Uint8Array, at: number, length: number): Promise<{ bytesRead: number }>;
    close(): Promise<void>;
  }>;
}

/** Bytes of one read; the system reads less than 2 GiB in a call. */
const PIECE = 1 << 28;

/** A whole file, of any size that fits into memory, unless it holds more than `maxBytes`. */
export async function readBytes(path: string, system: ReadingSystem = fs, maxBytes = Infinity): Promise<Uint8Array> {
  return withFileErrors('read', path, async () => {
    const bytes = allocate(await regularFileSize(path, maxBytes, system), path);
    const file = await system.open(path, 'r');
    let at = 0;
    try {
      for (let read = -1; at < bytes.length && read !== 0; at += read)
        read = (await file.read(bytes, at, Math.min(PIECE, bytes.length - at))).bytesRead;
    } finally {
      await file.close();
    }
    // Another program may have cut it meanwhile.
    return bytes.subarray(0, at);
  });
}

/** The first bytes of a file, at most so many. */
export async function readHead(path: string, length: number): Promise<Uint8Array> {
  return withFileErrors('read', path, async () => {
    await regularFileSize(path, Infinity);
    const file = await fs.open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  });
}

function allocate(bytes: number, path: string): Uint8Array {
  try {
    return new Uint8Array(bytes);
  } catch (error) {
    throw new WasmCnnError(
      `cannot read ${path}: needs ${bytes} bytes of memory, which this machine refuses; close other programs`,
      { cause: error },
    );
  }
}

/** The size in bytes of a regular file. A pipe or a device is refused before it is opened: opening could wait for ever. */
export async function regularFileSize(
  path: string,
  maxBytes: number,
  system: Pick<ReadingSystem, 'stat'> = fs,
): Promise<number> {
  const stats = await system.stat(path);
  check(!stats.isDirectory(), `cannot read ${path}: it is a folder, a file is needed; name a file in it`);
  check(
    stats.isFile(),
    `cannot read ${path}: it is a pipe or a device, a plain file is needed; copy its content into a file`,
  );
  check(
    stats.size <= maxBytes,
    `cannot read ${path}: it holds ${stats.size} bytes, more than the ${maxBytes} that can be read; is it the right file?`,
  );
  return stats.size;
}

/**
 * Writes all of `content` under `path`, or leaves what was there: the bytes go to a temporary name in the same folder and
 * reach the disk before the rename, and the folder reaches the disk after it. A failure removes the temporary file. A link stays,
 * and the file that it names is replaced.
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  system: FileSystem = fs,
): Promise<void> {
  await withFileErrors('write', path, async () => {
    const target = await replaceable(path);
    const temporary = temporaryName(target);
    try {
      const file = await system.open(temporary, 'wx');
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await persistently(() => system.rename(temporary, target));
    } catch (error) {
      await persistently(() => system.rm(temporary, { force: true })).catch(() => undefined);
      throw error;
    }
    await syncFolder(dirname(target), system);
  });
}

/** What {@link writeAt} calls, as a FileHandle has it. */
export interface WritableFile {
  write(bytes: Uint8Array, from: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
}

/** Writes all of it at this place of a file: the system may take a part alone, as the last that a disk has room for, and say so in the next call. */
export async function writeAt(file: WritableFile, content: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < content.length;)
    done += (await file.write(content, done, content.length - done, position + done)).bytesWritten;
}

/** The file that `path` leads to, which need not be there. A rename would put a file even in the place of /dev/null, where root may. */
async function replaceable(path: string): Promise<string> {
  const stats = await fs
    .stat(path)
    .catch((error: unknown) => (codeOf(error) === 'ENOENT' ? null : Promise.reject(error)));
  check(
    !stats?.isDirectory() && !path.endsWith('/'),
    `cannot write ${path}: it is a folder, a file is needed; choose another name`,
  );
  if (!stats) return path;
  check(stats.isFile(), `cannot write ${path}: it is a pipe or a device, a plain file is needed; choose another name`);
  return fs.realpath(path);
}

/** Makes a folder where there is none, and those above it. (Node's own `recursive` never ends in /proc.) */
export async function makeFolder(path: string): Promise<void> {
  await withFileErrors('write', path, () => makeFolders(resolve(path)));
}

async function makeFolders(path: string, hasParent = false): Promise<void> {
  try {
    await fs.mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    check(!hasParent, `cannot write ${path}: the system makes no folder there; choose another`);
    // Another may have made it since.
    if (!(await isFolder(parent))) await makeFolders(parent);
    await makeFolders(path, true);
  }
}

/** Whether there is a folder, which a link may lead to. */
export async function isFolder(path: string): Promise<boolean> {
  return fs.stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** Milliseconds between tries, 1.3 s in all. */
const PAUSES = [10, 20, 40, 80, 160, 320, 640];

/** A rename or a removal: Windows refuses both while a virus scanner or an indexer has the file open, which is over in a moment. */
export async function persistently(work: () => Promise<void>): Promise<void> {
  for (const pause of PAUSES) {
    try {
      return await work();
    } catch (error) {
      if (!isHeldByAnother(error)) throw error;
    }
    await sleep(pause);
  }
  await work();
}

/** Perhaps it is; the codes also stand for a permission that is missing. */
export function isHeldByAnother(error: unknown): boolean {
  return ['EACCES', 'EBUSY', 'EPERM'].includes(codeOf(error) ?? '');
}

/** A name beside `path` that is unused, and recognizably ours: {@link removeTemporaries} takes no other tool's *.tmp. */
export function temporaryName(path: string): string {
  return `${path}.wasm-cnn-${randomBytes(4).toString('hex')}.tmp`;
}

/**
 * Removes what a process left that died within {@link writeFileAtomic}, of names that begin so and for so many milliseconds: only for a
 * caller who knows that nothing else writes there.
 */
export async function removeTemporaries(folder: string, start = '', age = 0): Promise<void> {
  for (const name of await fs.readdir(folder)) {
    if (!name.startsWith(start) || !/\.wasm-cnn-[0-9a-f]{8}\.tmp$/.test(name)) continue;
    const path = join(folder, name);
    const changed = age === 0 ? 0 : ((await fs.stat(path).catch(() => null))?.mtimeMs ?? Infinity);
    if (changed <= Date.now() - age) await persistently(() => fs.rm(path, { force: true }));
  }
}

/** Makes a rename survive a power cut. Windows and some network file systems cannot sync a folder and need not be told. */
async function syncFolder(folder: string, system: FileSystem): Promise<void> {
  try {
    const handle = await system.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error;
  }
}

/** Runs `work` on a path that is one; an error code of the system becomes one sentence about it, any other error passes. */
export async function withFileErrors<Result>(
  action: 'read' | 'write',
  path: string,
  work: () => Promise<Result>,
): Promise<Result> {
  checkPath(action, path);
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new WasmCnnError(`cannot ${action} ${path}: ${meaningOf(code, action, path)}`, { cause: error });
  }
}

/** JavaScript gives anything; and an address would become a folder called 'https:'. */
function checkPath(action: string, path: unknown): void {
  const cure = kindOf(path) === 'URL' ? '; give it fileURLToPath(url)' : '';
  check(
    typeof path === 'string' && path !== '' && !path.includes('\0'),
    () => `cannot ${action} ${describe(path)}: a path is needed, which is a string with something in it${cure}`,
  );
  check(
    !/^[a-z][a-z\d+.-]+:\/\//i.test(path),
    () => `cannot ${action} ${path}: it is an address, a path of this machine is needed; leave file:// or the like out`,
  );
}

export async function exists(path: string): Promise<boolean> {
  return fs.stat(path).then(
    () => true,
    () => false,
  );
}

/** The code of a failed system call: ENOENT, ENOSPC … */
export function codeOf(error: unknown): string | undefined {
  return isError(error) && 'syscall' in error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** What went wrong, in words. */
export function reasonOf(error: unknown, action: 'read' | 'write', path: string): string {
  const code = codeOf(error);
  return code === undefined ? (error as Error).message : meaningOf(code, action, path);
}

function meaningOf(code: string, action: 'read' | 'write', path: string): string {
  const elsewhere = action === 'write' ? 'choose another folder' : 'check the path';
  switch (code) {
    case 'ENOENT':
      return action === 'write'
        ? `the folder ${dirname(path)} does not exist; create it or choose another`
        : 'there is no such file; check the path';
    case 'ENOTDIR':
      return `a part of the path is a file, not a folder; ${elsewhere}`;
    case 'EEXIST':
      return 'a file has this name; choose another';
    case 'EISDIR':
      return 'it is a folder, a file is needed; choose another name';
    case 'EACCES':
    case 'EPERM':
      return `permission denied (${code}); change the permissions or ${elsewhere}`;
    case 'EROFS':
      return `the file system is read-only; ${elsewhere}`;
    case 'ENOSPC':
      return 'the disk is full; free some space or choose another folder';
    case 'EDQUOT':
      return 'your disk quota is used up; free some space or choose another folder';
    case 'EFBIG':
      return 'the file is larger than the system allows; raise the limit (ulimit -f) or choose another folder';
    case 'EIO':
      return 'the disk reports an input/output error (EIO); check the disk before you try again';
    case 'ENOMEM':
      return 'the system has no memory left; close some programs';
    case 'EMFILE':
    case 'ENFILE':
      return `too many files are open (${code}); close some programs or raise the limit (ulimit -n)`;
    case 'ENAMETOOLONG':
      return 'the name is too long; choose a shorter one';
    case 'ELOOP':
      return `symbolic links lead in a circle; ${elsewhere}`;
    case 'EBUSY':
      return `another program is using it; close that program or ${elsewhere}`;
    default:
      return `the system says ${code}; ${elsewhere}`;
  }
}
