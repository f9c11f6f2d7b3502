// Data in pieces, each compressed by itself.  Format: III.A.1, IV.A.2.i and l
import { WasmCnnError } from '../../base/errors.js';
import { sizeOf } from '../../base/shape.js';
import { leavesOf } from './groups.js';
import { MESSAGE, type Message } from './header.js';
import type { Source } from './source.js';

const [DEFLATE, SHUFFLE, FLETCHER32] = [1, 2, 3];

/** Deflate makes at most 258 bytes of 2 bits. */
const BEST_RATIO = 1032;

/** The bytes of all elements in the order of rows. `layout` is where the message begins. */
export async function readChunks(
  source: Source,
  layout: number,
  messages: readonly Message[],
  shape: readonly number[],
  size: number,
): Promise<Uint8Array> {
  const axes = source.u8(layout + 2) - 1;
  const chunk = shape.map((_, axis) => source.u32(layout + 11 + 4 * axis));
  const bytes = sizeOf(chunk) * size;
  if (axes !== shape.length || axes === 0 || !(bytes > 0) || source.u32(layout + 11 + 4 * axes) !== size)
    source.damaged(layout, 'the size of chunks');
  const filters = readFilters(source, messages);
  const total = sizeOf(shape) * size;
  source.allow(total, 'compressed data');
  const data = new Uint8Array(total);
  let places = 0;
  for (const { key, child } of leavesOf(source, source.u64(layout + 3), 1, 8 + 8 * (axes + 1))) {
    const packed = source.slice(child, source.u32(key), 'a chunk');
    if (bytes > packed.length * (filters.includes(DEFLATE) ? BEST_RATIO : 1))
      source.damaged(child, `a chunk of ${bytes} bytes`);
    const first = chunk.map((length, axis) => {
      const at = source.u64(key + 8 + 8 * axis);
      if (at % length !== 0 || at >= shape[axis]!) source.damaged(key, 'the place of a chunk');
      return at;
    });
    source.allow(bytes, 'compressed data');
    const content = await unfiltered(source, packed, child, bytes, size, filters, source.u32(key + 4));
    place(data, content, shape, chunk, first, size);
    places += chunk.reduce((product, length, axis) => product * Math.min(length, shape[axis]! - first[axis]!), 1);
  }
  // Chunks that were never written would be of a value to fill with.
  if (places !== sizeOf(shape))
    source.fail(`the HDF5 file has ${places} of the ${sizeOf(shape)} elements of its data; save it again`);
  return data;
}

function readFilters(source: Source, messages: readonly Message[]): number[] {
  const message = messages.find(({ type }) => type === MESSAGE.filters);
  if (!message) return [];
  const [version, count] = [source.u8(message.at), source.u8(message.at + 1)];
  if (version !== 1 && version !== 2) source.damaged(message.at, 'a list of filters');
  let at = message.at + (version === 1 ? 8 : 2);
  return Array.from({ length: count }, () => {
    const id = source.u16(at);
    if (id !== DEFLATE && id !== SHUFFLE && id !== FLETCHER32)
      source.fail(
        `the HDF5 file has data compressed by filter ${id}, which is not read; save it with compression='gzip', or without`,
      );
    const hasName = version === 1 || id > 255;
    const name = hasName ? source.u16(at + 2) : 0;
    const values = source.u16(at + (hasName ? 6 : 4));
    const length = version === 1 ? 8 * Math.ceil(name / 8) + 4 * (values + (values % 2)) : name + 4 * values;
    at += (hasName ? 8 : 6) + length;
    return id;
  });
}

async function unfiltered(
  source: Source,
  packed: Uint8Array,
  at: number,
  bytes: number,
  size: number,
  filters: readonly number[],
  skipped: number,
): Promise<Uint8Array> {
  let content = packed;
  for (const [i, id] of [...filters.entries()].reverse()) {
    if ((skipped >> i) & 1) continue;
    if (id === FLETCHER32) content = content.subarray(0, Math.max(0, content.length - 4));
    else if (id === DEFLATE) content = await inflated(source, content, at, bytes + 4);
    else content = unshuffled(content, size);
  }
  if (content.length !== bytes) source.damaged(at, `a chunk of ${bytes} bytes`);
  return content;
}

/** The contents of a zlib stream: two bytes, deflated ones, and their checksum. */
async function inflated(source: Source, stream: Uint8Array, at: number, most: number): Promise<Uint8Array> {
  const { inflate } = await import('../codecs/inflate.js');
  const content = new Uint8Array(most);
  let found = 0;
  try {
    inflate(stream.subarray(2, -4), (piece) => {
      if (found + piece.length > most) source.damaged(at, `a chunk of ${most} bytes at most`);
      content.set(piece, found);
      found += piece.length;
    });
  } catch (error) {
    if (error instanceof WasmCnnError) throw error;
    source.fail(
      `the HDF5 file is damaged: the chunk at byte ${at} does not inflate (${(error as Error).message}); fetch the file or save it again`,
    );
  }
  return content.subarray(0, found);
}

/** First bytes of all elements, second bytes of all … → elements. */
function unshuffled(bytes: Uint8Array, size: number): Uint8Array {
  const count = Math.floor(bytes.length / size);
  const result = bytes.slice();
  for (let i = 0; i < count; i++) for (let j = 0; j < size; j++) result[i * size + j] = bytes[j * count + i]!;
  return result;
}

/** Lays a chunk's rows into the data; what goes beyond its edges is left out. */
function place(
  data: Uint8Array,
  content: Uint8Array,
  shape: readonly number[],
  chunk: readonly number[],
  first: readonly number[],
  size: number,
): void {
  const last = shape.length - 1;
  const row = Math.min(chunk[last]!, shape[last]! - first[last]!) * size;
  const visit = (axis: number, from: number, to: number): void => {
    if (axis === last) {
      const begin = from * chunk[last]! * size;
      data.set(content.subarray(begin, begin + row), (to * shape[last]! + first[last]!) * size);
      return;
    }
    const count = Math.min(chunk[axis]!, shape[axis]! - first[axis]!);
    for (let i = 0; i < count; i++) visit(axis + 1, from * chunk[axis]! + i, to * shape[axis]! + first[axis]! + i);
  };
  visit(0, 0, 0);
}
