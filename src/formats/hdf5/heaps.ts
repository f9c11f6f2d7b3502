// Where names and texts lie: the local heap of a group, and collections of the whole file.  Format: III.D, III.E
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import type { Source } from './source.js';

/** Longest name, in bytes; those of Keras are far shorter. */
const LONGEST_NAME = 4096;

/** The names of a group, each by its offset in the heap at this address. */
export function localHeap(source: Source, at: number): (offset: number) => string {
  source.expect(at, 'HEAP', 'a heap of names');
  const [length, from] = [source.u64(at + 8), source.u64(at + 24)];
  const names = source.slice(from, length, 'a heap of names');
  return (offset) => {
    const end = offset < length ? names.subarray(offset, offset + LONGEST_NAME).indexOf(0) : -1;
    if (end < 0) source.damaged(from + offset, 'a name');
    return nameOf(source, names.subarray(offset, offset + end));
  };
}

export function nameOf(source: Source, bytes: Uint8Array): string {
  const name = bytes.length > LONGEST_NAME ? null : decodeUtf8(bytes);
  if (name === null || name === '' || name === '.' || name.includes('/'))
    source.fail('a name in the HDF5 file is empty, a dot, too long, with a slash or not in UTF-8; save it again');
  return name;
}

/** Objects of a collection by their numbers: where they begin, and their lengths. */
type Collection = ReadonlyMap<number, readonly [at: number, length: number]>;

const collections = new WeakMap<Source, Map<number, Collection>>();

/** The bytes of an object of the collection at this address. */
export function globalObject(source: Source, at: number, index: number): Uint8Array {
  const known = collections.get(source) ?? new Map<number, Collection>();
  collections.set(source, known);
  const collection = known.get(at) ?? readCollection(source, at);
  known.set(at, collection);
  const object = collection.get(index);
  if (!object) source.damaged(at, `a collection with object ${index}`);
  return source.slice(...object, 'a text');
}

function readCollection(source: Source, at: number): Collection {
  source.expect(at, 'GCOL', 'a collection of texts');
  const length = source.u64(at + 8);
  source.within(at, length, 'a collection of texts');
  // Many may lie in one another.
  source.allow(length, 'collections');
  const objects = new Map<number, [number, number]>();
  for (let next = at + 16; next + 16 <= at + length;) {
    const [index, size] = [source.u16(next), source.u64(next + 8)];
    // The free space, which is the last.
    if (index === 0) break;
    if (next + 16 + size > at + length) source.damaged(next, 'a text that ends within its collection');
    objects.set(index, [next + 16, size]);
    next += 16 + 8 * Math.ceil(size / 8);
  }
  return objects;
}
