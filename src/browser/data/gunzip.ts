// A file's content, unzipped where it is gzipped. How much may come out is known from its first bytes, so that a small file cannot fill the memory.
import { check, WasmCnnError } from '../../base/errors.js';
import { isGzip, longestIdxHeader } from '../../data/idx.js';

/** Deflate makes at most 258 bytes of 2 bits. */
const BEST_RATIO = 1032;
const NOTHING = new Uint8Array(0);

/** `limit`: the most bytes that there may be, by the content's first 16 (or all, where it has fewer). */
export async function gunzipMaybe(blob: Blob, limit: (head: Uint8Array) => number, where: string): Promise<Uint8Array> {
  const start = new Uint8Array(await blob.slice(0, longestIdxHeader).arrayBuffer());
  if (!isGzip(start)) {
    const most = limit(start);
    check(blob.size <= most, () => `${where}: holds more than the ${most} bytes expected; fetch the file again`);
    return new Uint8Array(await blob.arrayBuffer());
  }
  const reader = blob.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  /** What is not in its place yet. */
  let piece: Uint8Array = NOTHING;
  let room: Uint8Array | null = null;
  let used = 0;
  try {
    for (let ended = false; !ended;) {
      const { done, value = NOTHING } = await reader.read();
      ended = done;
      piece = joined(piece, value);
      if (room === null && !ended && piece.length < longestIdxHeader) continue;
      room ??= new Uint8Array(Math.min(limit(piece.subarray(0, longestIdxHeader)), blob.size * BEST_RATIO));
      const most = room.length;
      check(
        used + piece.length <= most,
        () => `${where}: unzips to more than the ${most} bytes expected; fetch the file again`,
      );
      room.set(piece, used);
      used += piece.length;
      piece = NOTHING;
    }
  } catch (error) {
    void reader.cancel().catch(() => {});
    if (error instanceof WasmCnnError || (error as Error).name === 'RangeError') throw error;
    throw new WasmCnnError(`${where}: the gzip data is damaged or breaks off; fetch the file again`, { cause: error });
  }
  return room!.subarray(0, used);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
