// Types, shapes and elements.
import { check } from '../../base/errors.js';
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import { globalObject } from './heaps.js';
import type { Source } from './source.js';
import { fromBfloat16, fromFloat16 } from '../float16.js';

/** The type of an element: numbers, texts of a length or of any, and others, which have nothing to read them. */
export interface Datatype {
  readonly size: number;
  readonly number?: (view: DataView, at: number) => number;
  readonly text?: (source: Source, at: number) => string;
  /** Whether its elements are as a Float32Array has them. */
  readonly isFloat32: boolean;
}

/** Layers have at most so many axes; the format has 32. */
const MOST_AXES = 32;

/** The number's bits, exponent and fraction, in the types that IEEE 754 or Google have. */
const FLOATS: Readonly<Record<string, (view: DataView, at: number, little: boolean) => number>> = {
  '16,5,10': (view, at, little) => fromFloat16(view.getUint16(at, little)),
  '16,8,7': (view, at, little) => fromBfloat16(view.getUint16(at, little)),
  '32,8,23': (view, at, little) => view.getFloat32(at, little),
  '64,11,52': (view, at, little) => view.getFloat64(at, little),
};

const WHOLE: Readonly<Record<string, (view: DataView, at: number, little: boolean) => number>> = {
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
};

/** The type whose message begins at `at`. */
export function readDatatype(source: Source, at: number): Datatype {
  const kind = source.u8(at) & 15;
  const bits = source.u8(at + 1);
  const size = source.u32(at + 4);
  const little = (bits & 1) === 0;
  if (kind === 0) {
    const read = WHOLE[`${bits & 8 ? 'i' : 'u'}${size}`];
    const isWhole = source.u16(at + 8) === 0 && source.u16(at + 10) === 8 * size;
    return { size, isFloat32: false, ...(read && isWhole && { number: (view, i) => read(view, i, little) }) };
  }
  if (kind === 1) {
    const layout = [source.u16(at + 10), source.u8(at + 13), source.u8(at + 15)].join();
    const read = (bits & 0x40) === 0 && source.u16(at + 8) === 0 ? FLOATS[layout] : undefined;
    const isKnown = read !== undefined && layout.startsWith(`${8 * size},`);
    return {
      size,
      isFloat32: isKnown && little && size === 4,
      ...(isKnown && { number: (view, i) => read(view, i, little) }),
    };
  }
  if (kind === 3 && size > 0) return { size, isFloat32: false, text: (_, i) => fixedText(source, i, size, bits & 15) };
  if (kind === 9 && (bits & 15) === 1 && size === 16) return { size, isFloat32: false, text: anyText };
  // Two bytes of which the file does not say what they are: Keras' bfloat16 of h5py.
  if (kind === 5 && size === 2)
    return { size, isFloat32: false, number: (view, i) => fromBfloat16(view.getUint16(i, true)) };
  return { size, isFloat32: false };
}

/** Padded with zeros, or (2) with spaces. */
function fixedText(source: Source, at: number, size: number, padding: number): string {
  const bytes = source.slice(at, size, 'a text');
  let end = padding === 2 ? size : bytes.indexOf(0);
  if (end < 0) end = size;
  if (padding === 2) while (end > 0 && bytes[end - 1] === 0x20) end--;
  return textOf(source, bytes.subarray(0, end));
}

function anyText(source: Source, at: number): string {
  const [length, heap, index] = [source.u32(at), source.u64(at + 4), source.u32(at + 12)];
  if (length === 0) return '';
  const object = globalObject(source, heap, index);
  if (object.length < length) source.damaged(at, `the length of a text of at most ${object.length} bytes`);
  const end = object.subarray(0, length).indexOf(0);
  return textOf(source, object.subarray(0, end < 0 ? length : end));
}

function textOf(source: Source, bytes: Uint8Array): string {
  source.allow(2 * bytes.length, 'texts');
  const text = decodeUtf8(bytes);
  check(text !== null, `${source.who}: a text of the HDF5 file is not in UTF-8; save it again`);
  return text;
}

/** The sizes of the dataspace whose message begins at `at`; [] for one element, null for none at all. */
export function readShape(source: Source, at: number): number[] | null {
  const [version, rank] = [source.u8(at), source.u8(at + 1)];
  if ((version !== 1 && version !== 2) || rank > MOST_AXES) source.damaged(at, 'the shape of data');
  if (version === 2 && source.u8(at + 3) === 2) return null;
  const from = at + (version === 1 ? 8 : 4);
  return Array.from({ length: rank }, (_, axis) => source.u64(from + 8 * axis));
}

/** `count` elements in a row, from the type's own bytes. */
export function toFloats(
  source: Source,
  bytes: Uint8Array,
  { number, size, isFloat32 }: Datatype,
  count: number,
): Float32Array {
  if (isFloat32 && bytes.byteOffset % 4 === 0 && isLittleEndian)
    return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  source.allow(4 * count, 'numbers');
  if (isFloat32 && isLittleEndian) return new Float32Array(bytes.slice(0, 4 * count).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const floats = new Float32Array(count);
  for (let i = 0; i < count; i++) floats[i] = number!(view, i * size);
  return floats;
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
