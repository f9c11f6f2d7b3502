// The links of a group: in B-trees of symbol tables, as HDF5 has written them since ever and Keras asks for, or in the group's header.
// Format: III.A.1, III.B, IV.A.2.g
import { MESSAGE, type Message } from './header.js';
import { localHeap, nameOf } from './heaps.js';
import type { Source } from './source.js';

/** The addresses of a group's members, by their names. Links to paths and to other files are left out. */
export type Links = ReadonlyMap<string, number>;

const SYMBOL_BYTES = 40;
const SOFT = 2;

export function readLinks(source: Source, messages: readonly Message[]): Links {
  const links = new Map<string, number>();
  const add = (name: string, address: number): void => {
    if (links.has(name)) source.fail(`the HDF5 file has two members '${name}' in a group; save it again`);
    links.set(name, address);
  };
  for (const { type, at } of messages) {
    if (type === MESSAGE.symbolTable) {
      const nameAt = localHeap(source, source.u64(at + 8));
      for (const table of leavesOf(source, source.u64(at), 0, 8)) readTable(source, table.child, nameAt, add);
    } else if (type === MESSAGE.link) readLink(source, at, add);
    else if (type === MESSAGE.linkInfo && source.u64(at + 2 + (source.u8(at + 1) & 1 ? 8 : 0)) !== Infinity)
      source.fail(
        "the HDF5 file keeps a group's members in a fractal heap, which is not read; save it with h5py.File(path, 'w', libver='earliest')",
      );
  }
  return links;
}

function readTable(
  source: Source,
  at: number,
  nameAt: (offset: number) => string,
  add: (name: string, address: number) => void,
): void {
  source.expect(at, 'SNOD', 'a table of symbols');
  const count = source.u16(at + 6);
  source.within(at + 8, count * SYMBOL_BYTES, 'a table of symbols');
  for (let i = 0; i < count; i++) {
    const entry = at + 8 + i * SYMBOL_BYTES;
    if (source.u32(entry + 16) !== SOFT) add(nameAt(source.u64(entry)), source.u64(entry + 8));
  }
}

function readLink(source: Source, at: number, add: (name: string, address: number) => void): void {
  const flags = source.u8(at + 1);
  const kind = flags & 8 ? source.u8(at + 2) : 0;
  const sizeAt = at + 2 + (flags & 8 ? 1 : 0) + (flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0);
  const size = 1 << (flags & 3);
  const length = [source.u8, source.u16, source.u32, source.u64][flags & 3]!.call(source, sizeAt);
  const name = source.slice(sizeAt + size, length, 'a name');
  if (kind === 0) add(nameOf(source, name), source.u64(sizeAt + size + length));
}

export interface Leaf {
  /** Position of the key before the child. */
  readonly key: number;
  readonly child: number;
}

/** What the lowest nodes of a B-tree of this type point to, in order. No node is read twice. */
export function leavesOf(source: Source, root: number, type: number, keyBytes: number): Leaf[] {
  const leaves: Leaf[] = [];
  const seen = new Set<number>();
  const visit = (at: number, expected: number | undefined): void => {
    source.expect(at, 'TREE', 'a B-tree');
    const [level, count] = [source.u8(at + 5), source.u16(at + 6)];
    const isRight = source.u8(at + 4) === type && (expected === undefined || level === expected) && !seen.has(at);
    if (!isRight)
      source.damaged(at, `a B-tree of type ${type}${expected === undefined ? '' : ` and level ${expected}`}`);
    seen.add(at);
    source.within(at + 24, count * (keyBytes + 8), 'a B-tree');
    for (let i = 0; i < count; i++) {
      const key = at + 24 + i * (keyBytes + 8);
      const child = source.u64(key + keyBytes);
      if (level > 0) visit(child, level - 1);
      else if (type === 1 || !seen.has(child)) leaves.push({ key, child });
      else source.damaged(at, 'a B-tree whose tables are in it once');
      if (type === 0 && level === 0) seen.add(child);
    }
  };
  visit(root, undefined);
  return leaves;
}
