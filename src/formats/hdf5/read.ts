// Reads HDF5: what Keras and h5py write. Nothing is read beyond the file, and nothing is made of it that is much larger.
// Format: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
// Why not a package: docs/formats.md
import { sizeOf, type Shape } from '../../base/shape.js';
import { readChunks } from './chunks.js';
import { readLinks, type Links } from './groups.js';
import { MESSAGE, readHeader, type Message } from './header.js';
import { Source } from './source.js';
import { readDatatype, readShape, toFloats, type Datatype } from './types.js';

export type Attribute = string | number | readonly string[] | readonly number[];

interface Node {
  /** Undefined where there is none of this name, or one of another kind than numbers and texts. */
  attribute(name: string): Attribute | undefined;
}

export interface Group extends Node {
  readonly kind: 'group';
  readonly names: readonly string[];
  /** A member, or one of a member, 'layers/dense/vars/0'; undefined where there is none. */
  get(path: string): Group | Dataset | undefined;
}

export interface Dataset extends Node {
  readonly kind: 'dataset';
  readonly shape: Shape;
  /** Its elements as 32-bit floats, in the order of rows. May be the file's own bytes. */
  read(): Promise<Float32Array>;
  /** The first element, whole numbers up to 2^53 exactly. */
  first(): number | undefined;
}

const SIGNATURE = '\x89HDF\r\n\x1a\n';

/** The address of the root's header, by version of the superblock. */
const ROOT: Readonly<Record<number, { readonly base: number; readonly end: number; readonly root: number }>> = {
  0: { base: 24, end: 40, root: 64 },
  1: { base: 28, end: 44, root: 68 },
  2: { base: 12, end: 28, root: 36 },
  3: { base: 12, end: 28, root: 36 },
};

export function isHdf5(bytes: Uint8Array): boolean {
  return [...SIGNATURE].every((letter, i) => bytes[i] === letter.charCodeAt(0));
}

/** The root group. `who` names the file in errors. */
export function readHdf5(bytes: Uint8Array, who: string): Group {
  const source: Source = new Source(bytes, who);
  if (!isHdf5(bytes)) source.fail('is no HDF5 file; it does not begin with \\x89HDF');
  const version = source.u8(8);
  const places = ROOT[version];
  if (!places)
    source.fail(
      `the HDF5 file is of version ${version}, which is not read; save it with h5py.File(path, 'w', libver='earliest')`,
    );
  const sizes = version < 2 ? [13, 14] : [9, 10];
  if (sizes.some((at) => source.u8(at) !== 8) || source.u64(places.base) !== 0)
    source.fail(
      'the HDF5 file has addresses of other than 64 bits from its beginning, which is not read; save it with h5py',
    );
  const end = source.u64(places.end);
  if (end > bytes.length)
    source.fail(`the HDF5 file breaks off: it says ${end} bytes, and has ${bytes.length}; fetch the file again`);
  const root = openNode(source, source.u64(places.root));
  if (root.kind !== 'group')
    source.fail('the HDF5 file is damaged: its root is no group; fetch the file or save it again');
  return root;
}

/** 'a//./b' → a, b: as HDF5 has it, where '..' is a name as any other. */
export const stepsOf = (path: string): string[] => path.split('/').filter((step) => step !== '' && step !== '.');

function openNode(source: Source, at: number): Group | Dataset {
  const messages = readHeader(source, at);
  const attribute = (name: string): Attribute | undefined => readAttribute(source, messages, name);
  const layout = messages.find(({ type }) => type === MESSAGE.layout);
  if (layout) return { ...openDataset(source, at, messages, layout.at), attribute };
  let links: Links | undefined;
  const members = new Map<string, Group | Dataset>();
  const own = (): Links => (links ??= readLinks(source, messages));
  const group: Group = {
    kind: 'group',
    attribute,
    get names() {
      return [...own().keys()];
    },
    get(path) {
      const [name, ...rest] = stepsOf(path);
      if (name === undefined) return group;
      const address = own().get(name);
      if (address === undefined) return undefined;
      const member = members.get(name) ?? openNode(source, address);
      members.set(name, member);
      if (rest.length === 0) return member;
      return member.kind === 'group' ? member.get(rest.join('/')) : undefined;
    },
  };
  return group;
}

function openDataset(
  source: Source,
  at: number,
  messages: readonly Message[],
  layout: number,
): Omit<Dataset, 'attribute'> {
  const [spaceAt, typeAt] = [MESSAGE.dataspace, MESSAGE.datatype].map(
    (type) => messages.find((each) => each.type === type)?.at,
  );
  if (spaceAt === undefined || typeAt === undefined) source.damaged(at, 'the header of data with a shape and a type');
  const shape = readShape(source, spaceAt) ?? [0];
  const type = readDatatype(source, typeAt);
  const count = sizeOf(shape);
  const bytes = (): Uint8Array | undefined => plainBytes(source, layout, count * type.size);
  const checkNumbers = (): void => {
    if (!type.number)
      source.fail('the HDF5 file has data that are no numbers where numbers are needed; save it with Keras');
  };
  return {
    kind: 'dataset',
    shape,
    first() {
      const content = count > 0 && type.number ? bytes() : undefined;
      return content && type.number!(new DataView(content.buffer, content.byteOffset, content.length), 0);
    },
    async read() {
      checkNumbers();
      if (count === 0) return new Float32Array(0);
      const content = bytes() ?? (await readChunks(source, layout, messages, shape, type.size));
      return toFloats(source, content, type, count);
    },
  };
}

/** The elements of data that lie in one piece; undefined for those in several. */
function plainBytes(source: Source, layout: number, length: number): Uint8Array | undefined {
  const [version, kind] = [source.u8(layout), source.u8(layout + 1)];
  if (version === 3 && kind === 2) return undefined;
  if (version < 3 || version > 4 || kind > 1)
    source.fail(
      "the HDF5 file lays out its data in a way that is not read; save it with h5py.File(path, 'w', libver='earliest')",
    );
  const [at, held] =
    kind === 0 ? [layout + 4, source.u16(layout + 2)] : [source.u64(layout + 2), source.u64(layout + 10)];
  if (held < length) source.damaged(layout, `the place of ${length} bytes`);
  return source.slice(at, length, 'data');
}

/** Format: IV.A.2.m */
function readAttribute(source: Source, messages: readonly Message[], name: string): Attribute | undefined {
  for (const { type, at, end } of messages) {
    if (type === MESSAGE.attributeInfo && source.u64(at + 2 + (source.u8(at + 1) & 1 ? 2 : 0)) !== Infinity)
      source.fail(
        "the HDF5 file keeps attributes in a fractal heap, which is not read; save it with h5py.File(path, 'w', libver='earliest')",
      );
    if (type !== MESSAGE.attribute) continue;
    const version = source.u8(at);
    if (version < 1 || version > 3) source.damaged(at, 'an attribute');
    const padded = (length: number): number => (version === 1 ? 8 * Math.ceil(length / 8) : length);
    const nameAt = at + (version === 3 ? 9 : 8);
    const typeAt = nameAt + padded(source.u16(at + 2));
    const shapeAt = typeAt + padded(source.u16(at + 4));
    const valueAt = shapeAt + padded(source.u16(at + 6));
    if (valueAt > end) source.damaged(at, 'an attribute that ends with its message');
    if (!source.has(nameAt, `${name}\0`)) continue;
    return valueOf(source, readDatatype(source, typeAt), readShape(source, shapeAt), valueAt, end);
  }
  return undefined;
}

function valueOf(
  source: Source,
  type: Datatype,
  shape: readonly number[] | null,
  at: number,
  end: number,
): Attribute | undefined {
  const { number, text, size } = type;
  if (shape === null || !(number || text)) return undefined;
  const count = sizeOf(shape);
  if (at + count * size > end) source.damaged(at, 'the value of an attribute');
  const read = (i: number): string | number =>
    text ? text(source, at + i * size) : number!(source.view, at + i * size);
  if (shape.length === 0) return read(0);
  return Array.from({ length: count }, (_, i) => read(i)) as string[] | number[];
}
