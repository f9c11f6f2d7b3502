// The bytes of a chosen or dropped file, unzipped if it is gzipped, with a limit that its own header sets.
import { WasmCnnError } from 'wasm-cnn';
import { isGzip, longestIdxHeader, readIdxHeader } from 'wasm-cnn/data';

/** A file is read whole before it is looked at; nothing this page takes is larger. */
const LARGEST = 1 << 30;

export async function readBytes(file: File): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > LARGEST)
    throw new WasmCnnError(
      `${file.name}: holds ${file.size} bytes, more than the ${LARGEST} that this page reads; choose a smaller file`,
    );
  return new Uint8Array(await file.arrayBuffer());
}

/** What the magic bytes say, whatever the name is; null for no IDX file of images or labels. */
export function idxKind([zero, zero2, type, axes]: Uint8Array): 'images' | 'labels' | null {
  if (zero !== 0 || zero2 !== 0 || type !== 8) return null;
  return axes === 3 ? 'images' : axes === 1 ? 'labels' : null;
}

/** Stops at the first byte past what an IDX header promises, so that a small file cannot fill the memory. */
export async function gunzipped(bytes: Uint8Array<ArrayBuffer>, where: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!isGzip(bytes)) return bytes;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let limit = Infinity;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.length;
      if (limit === Infinity && size >= longestIdxHeader) limit = limitOf(joined(chunks, size), where);
      if (size > limit)
        throw new WasmCnnError(
          `${where}: unzips to more than the ${limit} bytes that its header says; fetch the file again`,
        );
    }
  } catch (error) {
    void reader.cancel().catch(() => {});
    if (error instanceof WasmCnnError) throw error;
    throw new WasmCnnError(`${where}: the gzip data is damaged or breaks off; fetch the file again`, { cause: error });
  }
  return joined(chunks, size);
}

/** Of the unzipped bytes, of which there are at least 16. */
function limitOf(head: Uint8Array, where: string): number {
  const kind = idxKind(head);
  if (kind === null) throw new WasmCnnError(`${where}: is gzipped, but holds no IDX file; choose MNIST's four files`);
  return readIdxHeader(head, kind, where).fileBytes;
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
