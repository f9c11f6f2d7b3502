// Files and downloads that may be gzipped. How much may come out is known in advance, so a small file cannot fill the memory.
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { constants, createGunzip, gunzipSync, type Gunzip } from 'node:zlib';
import { check, WasmCnnError } from '../../base/errors.js';
import { isError } from '../../base/options.js';
import { isGzip, longestIdxHeader } from '../../data/idx.js';
import { regularFileSize, withFileErrors } from '../files/files.js';

/** The most bytes there may be: a number, or what the content's first 16 bytes (all, where it has fewer) say. */
export type Limit = number | ((head: Uint8Array) => number);

/** Deflate makes at most 258 bytes of 2 bits. What a header claims is not allocated for a file that is too small to hold it. */
const bestRatio = 1032;

/** Bytes of a file that are looked at first. */
const PEEK = 4096;

/** Size in bytes from which data are unzipped to where they stay. Node cuts smaller buffers from one that others have, too. */
const LARGE = 1 << 16;
/** The largest size that zlib can count. */
const LARGEST = 2 ** 32 - 2;

/** The content of a file, gunzipped if it is gzipped, whatever its name. Stops at the first byte past `limit`. */
export async function readMaybeGzipped(path: string, limit: Limit): Promise<Uint8Array> {
  return withFileErrors('read', path, async () => {
    const size = await regularFileSize(path, Number.MAX_SAFE_INTEGER);
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(PEEK), 0, PEEK, 0);
      return await collect(piecesOf(file), buffer.subarray(0, bytesRead), size, limit, path);
    } finally {
      await file.close();
    }
  });
}

/** A megabyte at a time, each in the same memory: who takes one is done with it before asking for the next. */
async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(1 << 20);
  for (let at = 0, read = -1; read !== 0; at += read) {
    read = (await file.read(piece, 0, piece.length, at)).bytesRead;
    if (read > 0) yield piece.subarray(0, read);
  }
}

/** The same for bytes in memory; `where` names them in errors. */
export async function gunzipMaybe(bytes: Uint8Array, limit: Limit, where: string): Promise<Uint8Array> {
  return collect([bytes], bytes.subarray(0, PEEK), bytes.length, limit, where);
}

/** `start`: the first bytes of `source`, which has `size` in all. */
async function collect(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  start: Uint8Array,
  size: number,
  limit: Limit,
  where: string,
): Promise<Uint8Array> {
  const gzipped = isGzip(start);
  const possible = size * bestRatio;
  const known = gzipped ? Math.min(knownRoom(start, limit) ?? NaN, possible) : NaN;
  const atOnce = known >= LARGE && known <= LARGEST;
  // With room for all of it and one byte more, zlib's chunks follow each other in one buffer, which becomes the result.
  const gunzip = gzipped ? openGunzip(atOnce ? known + 1 : Math.min(1 << 18, 64 + 8 * size), where) : undefined;
  const content = gunzip ? pipeline(source, gunzip, ignoreBecauseTheLoopSeesIt) : source;
  let head: Uint8Array = new Uint8Array(0);
  let result: Uint8Array | undefined;
  let used = 0;
  const roomAround = (chunk: Uint8Array): Uint8Array => {
    if (atOnce && chunk.buffer.byteLength > known) return new Uint8Array(chunk.buffer, chunk.byteOffset, known);
    const wanted = Number.isNaN(known) ? (typeof limit === 'number' ? limit : limit(chunk)) : known;
    return allocate(Math.min(wanted, possible), where, (bytes) => new Uint8Array(bytes));
  };
  const add = (chunk: Uint8Array): void => {
    result ??= roomAround(chunk);
    const room = result.length;
    check(
      used + chunk.length <= room,
      () => `${where}: ${gzipped ? 'unzips to' : 'holds'} more than the ${room} bytes expected; fetch the file again`,
    );
    if (chunk.buffer !== result.buffer) result.set(chunk, used);
    used += chunk.length;
  };
  try {
    for await (const chunk of content) {
      if (result === undefined && head.length + chunk.length < longestIdxHeader) {
        head = Buffer.concat([head, chunk]);
      } else {
        add(result === undefined && head.length > 0 ? Buffer.concat([head, chunk]) : chunk);
      }
    }
  } catch (error) {
    throw inWords(error, where);
  }
  if (result === undefined) add(head);
  const unread = gunzip ? size - gunzip.bytesWritten : 0;
  check(unread === 0, () => `${where}: ${unread} more bytes follow the end of the gzip data; fetch the file again`);
  return result!.subarray(0, used);
}

/** The limit, where it is a number or the first bytes are enough to know it. */
function knownRoom(start: Uint8Array, limit: Limit): number | undefined {
  if (typeof limit === 'number') return limit;
  let head: Uint8Array;
  try {
    head = gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    // Damage is reported where all of it is read.
    return undefined;
  }
  return head.length < longestIdxHeader ? undefined : limit(head);
}

function openGunzip(chunkSize: number, where: string): Gunzip {
  return allocate(chunkSize, where, () => createGunzip({ chunkSize }));
}

function allocate<Room>(bytes: number, where: string, make: (bytes: number) => Room): Room {
  try {
    return make(bytes);
  } catch (error) {
    throw new WasmCnnError(
      `${where}: needs ${bytes} bytes of memory, which this machine refuses; close other programs`,
      { cause: error },
    );
  }
}

function ignoreBecauseTheLoopSeesIt(): void {}

/** zlib's messages are for programmers. An error of the system is rethrown as it is. */
function inWords(error: unknown, where: string): unknown {
  if (!isError(error) || !('code' in error) || !String(error.code).startsWith('Z_')) return error;
  const damage: Record<string, string> = {
    'unexpected end of file': 'the gzip data breaks off before its end',
    'incorrect data check': 'the gzip checksum does not fit the content',
    'incorrect length check': 'the gzip length does not fit the content',
    'incorrect header check': 'other bytes follow the end of the gzip data',
  };
  return new WasmCnnError(
    `${where}: ${damage[error.message] ?? `the gzip data is damaged (${error.message})`}; fetch the file again`,
    { cause: error },
  );
}
