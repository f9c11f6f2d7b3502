// NumPy's array file (.npy): a header that is a Python dict, then the elements.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { check } from '../../base/errors.js';
import { sizeOf, type Shape } from '../../base/shape.js';

export interface NpyHeader {
  /** 'u1', '>f4' …: byte order but for little-endian, kind, bytes. */
  readonly type: string;
  /** The first axis varies fastest. */
  readonly fortranOrder: boolean;
  readonly shape: Shape;
  readonly headerBytes: number;
  /** Header and elements together: what the whole file must hold. */
  readonly fileBytes: number;
}

/** Bytes of a file that are enough for its header. */
export const LONGEST_NPY_HEADER = 65536;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const FIELD = /\s*'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d\s,]*\)|\[[^\]]*\])\s*(?:,\s*|(?=\}))/y;

/** What arrays hold that are neither numbers nor truth values. */
const OTHERS: Readonly<Record<string, string>> = {
  O: 'pickled Python objects, which are programs',
  U: 'texts',
  S: 'texts',
  V: 'records',
  c: 'complex numbers',
  M: 'dates',
  m: 'times',
};

type Read = (view: DataView, at: number, littleEndian: boolean) => number;

const reads: Readonly<Record<string, Read>> = {
  b1: (view, at) => Number(view.getUint8(at) !== 0),
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** Reads and checks the header at the start of `bytes`; the elements need not be there yet. `where` names the array in errors. */
export function readNpyHeader(bytes: Uint8Array, where: string): NpyHeader {
  check(
    bytes.length >= 10 && MAGIC.every((byte, i) => bytes[i] === byte),
    () => `${where}: is no NumPy array: it does not begin with \\x93NUMPY; save it with numpy.save or numpy.savez`,
  );
  const version = bytes[6]!;
  check(
    version >= 1 && version <= 3 && (version === 1 || bytes.length >= 12),
    () => `${where}: is a NumPy array of version ${version}, 1 to 3 are read; save it with another NumPy`,
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const begin = version === 1 ? 10 : 12;
  const headerBytes = begin + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  check(
    headerBytes <= Math.min(bytes.length, LONGEST_NPY_HEADER),
    () => `${where}: its header breaks off or is longer than ${LONGEST_NPY_HEADER} bytes; fetch the file again`,
  );
  const fields = fieldsOf(String.fromCharCode(...bytes.subarray(begin, Math.min(headerBytes, begin + 4096))));
  const { descr, fortran_order: order, shape: axes } = fields ?? {};
  check(
    descr !== undefined &&
      axes !== undefined &&
      /^['[]/.test(descr) &&
      /^(True|False)$/.test(order ?? '') &&
      axes.startsWith('('),
    () => `${where}: its header is not what NumPy writes; save it with numpy.save or numpy.savez`,
  );
  const type = typeOf(descr, where);
  const shape = (axes.match(/\d+/g) ?? []).map(Number);
  const fileBytes = headerBytes + sizeOf(shape) * Number(type.at(-1));
  check(
    Number.isSafeInteger(fileBytes) && shape.every((size) => size > 0),
    () => `${where}: header says ${shape.join(' × ') || 'no axes'}, but every axis needs at least 1; save it again`,
  );
  return { type, fortranOrder: order === 'True', shape, headerBytes, fileBytes };
}

/** The three fields of the dict, each once and nothing else; null where it is another. */
function fieldsOf(text: string): Partial<Record<string, string>> | null {
  const fields: Record<string, string> = {};
  if (text[0] !== '{') return null;
  FIELD.lastIndex = 1;
  for (let i = 0; i < 3; i++) {
    const found = FIELD.exec(text);
    if (!found || Object.hasOwn(fields, found[1]!)) return null;
    fields[found[1]!] = found[2]!;
    if (i < 2) continue;
    return /^\}\s*$/.test(text.slice(found.index + found[0].length)) ? fields : null;
  }
  return null;
}

function typeOf(descr: string, where: string): string {
  const [, order, type = ''] = /^'([<>|=]?)([a-zA-Z]\d*)'$/.exec(descr) ?? [];
  const kind = descr.startsWith('[') ? 'V' : type[0]!;
  check(
    !Object.hasOwn(OTHERS, kind ?? ''),
    () => `${where}: holds ${OTHERS[kind]}; save it as uint8, or labels as int64`,
  );
  check(
    Object.hasOwn(reads, type),
    () =>
      `${where}: holds ${type ? `elements of type ${type.slice(0, 8)}` : 'elements of an unknown type'}; save it as uint8, or labels as int64`,
  );
  return order === '>' ? `>${type}` : type;
}

/** Whether its elements need no more than a look: bytes in the order of rows. */
export function isPlainBytes({ type, fortranOrder }: NpyHeader): boolean {
  return type === 'u1' && !fortranOrder;
}

/** Calls `take` with each element and its place in the order of rows. `bytes`: the whole file. */
export function forEachElement(
  bytes: Uint8Array,
  { type, fortranOrder, shape, headerBytes }: NpyHeader,
  take: (value: number, i: number) => void,
): void {
  const read = reads[type.slice(-2)]!;
  const little = type[0] !== '>';
  const size = Number(type.at(-1));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = sizeOf(shape);
  if (!fortranOrder) {
    for (let i = 0; i < count; i++) take(read(view, headerBytes + i * size, little), i);
    return;
  }
  // The place of each element in the order of rows, counted up as an odometer of which the first wheel is the fastest.
  const steps = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const index = shape.map(() => 0);
  for (let i = 0, place = 0; i < count; i++) {
    take(read(view, headerBytes + i * size, little), place);
    for (let axis = 0; axis < shape.length; axis++) {
      place += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      place -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}
