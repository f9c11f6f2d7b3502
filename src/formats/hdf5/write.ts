// Writes HDF5 as its first version has it, which every reader knows: groups of symbol tables, data in one piece, attributes of text.
// Format: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
import type { OwnBytes } from '../../base/hostTypes.js';
import { sizeOf, type Shape } from '../../base/shape.js';
import { encodeUtf8 } from '../../base/utf8.js';

/** A group of members, or data. */
export interface Hdf5Node {
  /** A text, or texts. */
  readonly attributes?: ReadonlyMap<string, string | readonly string[]>;
  readonly members?: ReadonlyMap<string, Hdf5Node>;
  readonly shape?: Shape;
  readonly data?: Float32Array | BigInt64Array;
}

/** Half of the most entries of a table, and of a node of a B-tree. */
const [TABLE_HALF, TREE_HALF] = [4, 16];
const [TABLE_BYTES, TREE_BYTES] = [8 + 2 * TABLE_HALF * 40, 24 + (2 * TREE_HALF + 1) * 8 + 2 * TREE_HALF * 8];
const SUPERBLOCK_BYTES = 96;
const UNDEFINED = 0xffffffffffffffffn;

/** The file with this root. The same nodes give the same bytes. */
export function writeHdf5(root: Hdf5Node): OwnBytes {
  const file = new Writer();
  file.place(SUPERBLOCK_BYTES);
  const { header, tree, heap } = writeNode(file, root);
  const end = file.length;
  const block = new Fields(SUPERBLOCK_BYTES);
  block.text('\x89HDF\r\n\x1a\n').u8(0, 0, 0, 0, 0, 8, 8, 0).u16(TABLE_HALF, TREE_HALF).u32(0);
  block.u64(0, UNDEFINED, end, UNDEFINED).u64(0, header).u32(1, 0).u64(tree!, heap!);
  return file.bytes([[0, block.bytes]]);
}

interface Place {
  readonly header: number;
  /** A group has it. */
  readonly tree?: number;
  readonly heap?: number;
}

function writeNode(file: Writer, node: Hdf5Node): Place {
  const messages: Fields[] = [];
  let group: { tree: number; heap: number } | undefined;
  if (node.data) messages.push(...dataMessages(file, node.shape!, node.data));
  else {
    group = writeGroup(file, node.members ?? new Map());
    messages.push(message(17, 16).u64(group.tree, group.heap));
  }
  for (const [name, value] of node.attributes ?? []) messages.push(attribute(file, name, value));
  const length = messages.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const header = new Fields(16 + length).u8(1, 0).u16(messages.length).u32(1, length).skip(4);
  for (const { bytes } of messages) header.put(bytes);
  return { header: file.add(header.bytes), ...group };
}

/** Its type, a number of 16 bits of contents, and space for these, in whole eights. */
function message(type: number, length: number): Fields {
  const padded = 8 * Math.ceil(length / 8);
  return new Fields(8 + padded).u16(type, padded).skip(4);
}

function dataMessages(file: Writer, shape: Shape, data: Float32Array | BigInt64Array): Fields[] {
  const whole = data instanceof BigInt64Array;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const space = message(1, 8 + 8 * shape.length);
  putShape(space, shape);
  const type = message(3, whole ? 12 : 20);
  if (whole) type.u8(0x10, 8, 0, 0).u32(8).u16(0, 64);
  else type.u8(0x11, 0x20, 31, 0).u32(4).u16(0, 32).u8(23, 8, 0, 23).u32(127);
  // When storage is made, and that nothing fills it.
  const fill = message(5, 8).u8(2, 2, 0, 1).u32(0);
  const at = sizeOf(shape) === 0 ? UNDEFINED : file.add(bytes);
  return [space, type, fill, message(8, 18).u8(3, 1).u64(at, bytes.length)];
}

function putShape(fields: Fields, shape: Shape): void {
  fields
    .u8(1, shape.length, 0, 0)
    .u32(0)
    .u64(...shape);
}

/** A text is of any length, and lies elsewhere; texts are all as long as the longest. */
function attribute(file: Writer, name: string, value: string | readonly string[]): Fields {
  const title = encodeUtf8(`${name}\0`);
  const single = typeof value === 'string';
  const texts = (single ? [] : value).map((text) => encodeUtf8(text));
  const size = Math.max(1, ...texts.map(({ length }) => length));
  const [typeBytes, spaceBytes] = [single ? 24 : 8, single ? 8 : 16];
  const contents = single ? 16 : size * texts.length;
  const padded = (length: number): number => 8 * Math.ceil(length / 8);
  const fields = message(12, 8 + padded(title.length) + padded(typeBytes) + spaceBytes + contents);
  fields
    .u8(1, 0)
    .u16(title.length, single ? 16 + 8 : typeBytes, spaceBytes)
    .put(title, padded(title.length));
  if (single) {
    // A sequence of characters, in UTF-8, ended by zero.
    fields.u8(0x19, 1, 1, 0).u32(16).u8(0x13, 0, 1, 0).u32(1).skip(8);
    putShape(fields, []);
    const bytes = encodeUtf8(value);
    fields
      .u32(bytes.length)
      .u64(bytes.length === 0 ? 0 : writeText(file, bytes))
      .u32(bytes.length === 0 ? 0 : 1);
  } else {
    // Filled with zeros, in UTF-8.
    fields.u8(0x13, 0x11, 0, 0).u32(size);
    putShape(fields, [texts.length]);
    for (const text of texts) fields.put(text, size);
  }
  return fields;
}

/** A collection of one text. */
function writeText(file: Writer, bytes: Uint8Array): number {
  const length = Math.max(4096, 32 + 8 * Math.ceil(bytes.length / 8));
  const rest = length - 32 - 8 * Math.ceil(bytes.length / 8);
  const collection = new Fields(length).text('GCOL').u8(1, 0, 0, 0).u64(length);
  collection
    .u16(1, 1)
    .u32(0)
    .u64(bytes.length)
    .put(bytes, 8 * Math.ceil(bytes.length / 8));
  // The free space counts its own head.
  if (rest >= 16) collection.u16(0, 0).u32(0).u64(rest);
  return file.add(collection.bytes);
}

function writeGroup(file: Writer, members: ReadonlyMap<string, Hdf5Node>): { tree: number; heap: number } {
  const entries = [...members]
    .map(([name, node]) => ({ name: encodeUtf8(name), place: writeNode(file, node) }))
    .sort((a, b) => compare(a.name, b.name));
  // The heap begins with an empty name, which is the first key.
  let offset = 8;
  const named = entries.map((entry) => {
    const at = offset;
    offset += 8 * Math.ceil((entry.name.length + 1) / 8);
    return { ...entry, at };
  });
  const names = new Fields(offset);
  for (const { name, at } of named) names.at(at).put(name);
  const heapHead = new Fields(32).text('HEAP').u8(0, 0, 0, 0).u64(offset, 1);
  const heap = file.add(heapHead.u64(file.length + 32).bytes);
  file.add(names.bytes);
  let nodes = chunked(named, 2 * TABLE_HALF).map((entries) => {
    const table = new Fields(TABLE_BYTES).text('SNOD').u8(1, 0).u16(entries.length);
    for (const { at, place } of entries) {
      table.u64(at, place.header).u32(place.tree === undefined ? 0 : 1, 0);
      if (place.tree === undefined) table.skip(16);
      else table.u64(place.tree, place.heap!);
    }
    return { at: file.add(table.bytes), last: entries.at(-1)!.at };
  });
  for (let level = 0; ; level++) {
    const groups = nodes.length === 0 ? [[]] : chunked(nodes, 2 * TREE_HALF);
    const begin = file.length;
    let before = 0;
    nodes = groups.map((children, i) => {
      const sibling = (j: number): number | bigint =>
        j >= 0 && j < groups.length ? begin + j * TREE_BYTES : UNDEFINED;
      const tree = new Fields(TREE_BYTES)
        .text('TREE')
        .u8(0, level)
        .u16(children.length)
        .u64(sibling(i - 1), sibling(i + 1));
      tree.u64(before);
      for (const { at, last } of children) tree.u64(at, last);
      before = children.at(-1)?.last ?? 0;
      return { at: file.add(tree.bytes), last: before };
    });
    if (nodes.length === 1) return { tree: nodes[0]!.at, heap };
  }
}

/** Order of names in HDF5: by their bytes. */
function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function chunked<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}

/** Numbers one after another, little-endian. */
class Fields {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  at(at: number): this {
    this.#at = at;
    return this;
  }

  skip(bytes: number): this {
    return this.at(this.#at + bytes);
  }

  u8(...values: readonly number[]): this {
    for (const value of values) this.#view.setUint8(this.#at++, value);
    return this;
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.#view.setUint16(this.skip(2).#at - 2, value, true);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.#view.setUint32(this.skip(4).#at - 4, value, true);
    return this;
  }

  u64(...values: readonly (number | bigint)[]): this {
    for (const value of values) this.#view.setBigUint64(this.skip(8).#at - 8, BigInt(value), true);
    return this;
  }

  put(bytes: Uint8Array, room = bytes.length): this {
    this.bytes.set(bytes, this.#at);
    return this.skip(room);
  }

  text(letters: string): this {
    return this.u8(...[...letters].map((letter) => letter.charCodeAt(0)));
  }
}

/** The file's parts, each at a multiple of 8. */
class Writer {
  readonly #parts: (readonly [at: number, bytes: Uint8Array])[] = [];
  length = 0;

  /** Leaves room. */
  place(length: number): number {
    const at = this.length;
    this.length += 8 * Math.ceil(length / 8);
    return at;
  }

  add(bytes: Uint8Array): number {
    const at = this.place(bytes.length);
    this.#parts.push([at, bytes]);
    return at;
  }

  bytes(more: readonly (readonly [at: number, bytes: Uint8Array])[]): OwnBytes {
    const bytes = new Uint8Array(this.length);
    for (const [at, part] of [...this.#parts, ...more]) bytes.set(part, at);
    return bytes;
  }
}
