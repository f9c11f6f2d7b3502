// IDX, the file format of MNIST: a big-endian header (element type, axis count, axes), then the elements.
// Format: http://yann.lecun.com/exdb/mnist/. Everything is checked before anything is used, and bytes are not copied.
import { check, WasmCnnError } from '../base/errors.js';
import { sizeOf, type Shape } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';

/** 'table': QMNIST's labels, rows of 32-bit numbers of which the first is the class. */
export type IdxKind = 'images' | 'labels' | 'table';

/** What an IDX file says of itself. */
export interface IdxHeader {
  /** Images [n, height, width] or [n, height, width, channels], labels [n], a table [n, columns]; no axis is 0. */
  readonly shape: Shape;
  readonly headerBytes: number;
  /** Header and elements together: what the whole file must hold. */
  readonly fileBytes: number;
}

/**
 * The header of images with channels; a labels header is 8 bytes long.
 *
 * @example
 * ```js
 * import { longestIdxHeader } from 'wasm-cnn/data';
 *
 * longestIdxHeader; // 20
 * ```
 */
export const longestIdxHeader = 20;

/** 2 GiB - 1: more does not fit beside a network into WebAssembly's 4 GiB. */
const maxIdxBytes = 2147483647;

interface Form {
  /** The usual number of axes, and the one with channels. */
  readonly axes: readonly [number, number?];
  readonly words: string;
  readonly type: number;
  readonly elements: string;
  /** What sentences call a value of the type. */
  readonly convert: string;
  readonly bytes: number;
}

const BYTES = { type: 0x08, elements: 'unsigned bytes (type 0x08)', convert: 'bytes', bytes: 1 };
const forms: Readonly<Record<IdxKind, Form>> = {
  images: { ...BYTES, axes: [3, 4], words: '3 axes: count, height, width' },
  labels: { ...BYTES, axes: [1], words: '1 axis: count' },
  table: {
    type: 0x0c,
    elements: 'int32 (type 0x0c)',
    convert: 'int32',
    bytes: 4,
    axes: [2],
    words: '2 axes: count, columns',
  },
};
const elementTypes: Record<number, string> = {
  0x08: 'unsigned bytes',
  0x09: 'int8',
  0x0b: 'int16',
  0x0c: 'int32',
  0x0d: 'float32',
  0x0e: 'float64',
};

/**
 * Reads and checks the header at the start of `bytes`; the elements need not be there yet. `where` names the file in errors.
 *
 * @example
 * ```js
 * import { readIdxHeader } from 'wasm-cnn/data';
 *
 * const bytes = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 3);
 * readIdxHeader(bytes, 'labels', 'two.idx'); // { shape: [2], headerBytes: 8, fileBytes: 10 }
 * ```
 */
export function readIdxHeader(bytes: Uint8Array, kind: IdxKind, where: string): IdxHeader {
  checkMagic(bytes, kind, where);
  const axes = bytes[3]!;
  const headerBytes = 4 + 4 * axes;
  check(
    bytes.length >= headerBytes,
    () =>
      `${where}: holds only ${bytes.length} of the ${headerBytes} header bytes of an IDX ${kind} file; fetch the file again`,
  );
  const shape = Array.from({ length: axes }, (_, axis) => bigEndian(bytes, 4 + 4 * axis));
  check(
    shape.every((size) => size > 0),
    () => `${where}: header says ${shape.join(' × ')}, but every axis needs at least 1; fetch the file again`,
  );
  const [, , , channels = 1] = shape;
  check(
    [1, 3, 4].includes(channels),
    () =>
      `${where}: header says ${shape.join(' × ')}, but the fourth axis is of channels, 1, 3 or 4; write the images as count × height × width × channels`,
  );
  // Three 32-bit axes multiply to at most 2^96: a double may round that, but it cannot wrap around below the limit.
  const dataBytes = sizeOf(shape) * forms[kind].bytes;
  check(
    headerBytes + dataBytes <= maxIdxBytes,
    () =>
      `${where}: header says ${shape.join(' × ')} bytes, more than the ${maxIdxBytes} that can be read; ${byteOrderOr('use a smaller data set', shape)}`,
  );
  return { shape, headerBytes, fileBytes: headerBytes + dataBytes };
}

/** Images [n, height, width, channels], bytes 0 … 255: a view into `bytes`, the whole unzipped file. */
export function parseIdxImages(bytes: Uint8Array, where: string): Tensor<Uint8Array> {
  const { data, shape } = elementsOf(bytes, 'images', where);
  return { data, shape: shape.length === 4 ? shape : [...shape, 1] };
}

/** Labels 0 … 255: a view into `bytes`, the whole unzipped file. */
export function parseIdxLabels(bytes: Uint8Array, where: string): Uint8Array {
  return elementsOf(bytes, 'labels', where).data;
}

/** Rows of whole numbers [n, columns]. */
export function parseIdxTable(bytes: Uint8Array, where: string): Tensor<Int32Array> {
  const { data, shape } = elementsOf(bytes, 'table', where);
  const view = new DataView(data.buffer, data.byteOffset);
  return { data: Int32Array.from({ length: sizeOf(shape) }, (_, i) => view.getInt32(4 * i)), shape };
}

function elementsOf(bytes: Uint8Array, kind: IdxKind, where: string): { data: Uint8Array; shape: Shape } {
  const { shape, headerBytes, fileBytes } = readIdxHeader(bytes, kind, where);
  const expected = fileBytes - headerBytes;
  const found = bytes.length - headerBytes;
  check(expected === found, () => {
    const promised = kind === 'labels' ? `${expected} labels` : `${shape.join(' × ')} = ${expected} bytes`;
    return `${where}: header says ${promised}, file holds ${found}; ${byteOrderOr('fetch the file again', shape)}`;
  });
  return { data: new Uint8Array(bytes.buffer, bytes.byteOffset + headerBytes, expected), shape };
}

/** The four magic bytes are 0, 0, element type, axis count: 00 00 08 03 for images, 00 00 08 01 for labels. */
function checkMagic(bytes: Uint8Array, kind: IdxKind, where: string): void {
  const form = forms[kind];
  const [usual] = form.axes;
  check(bytes.length > 0, `${where}: is empty, expected an IDX ${kind} file; fetch the file again`);
  check(!isGzip(bytes), `${where}: is still gzipped (it starts with 1f 8b); gunzip it first`);
  check(
    bytes.length >= 4,
    () =>
      `${where}: holds only ${bytes.length} of the ${4 + 4 * usual} header bytes of an IDX ${kind} file; fetch the file again`,
  );
  const [first, second, type, axes] = bytes as unknown as [number, number, number, number];
  const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const expected = `00 00 ${kind === 'table' ? '0c' : '08'} 0${usual}`;
  if (first !== 0 || second !== 0) {
    if (type === 0 && axes === 0) {
      throw new WasmCnnError(
        `${where}: starts with ${start}, expected ${expected}: the header is little-endian; write it big-endian`,
      );
    }
    const page = first === 0x3c ? ' (a web page?)' : '';
    throw new WasmCnnError(
      `${where}: is not an IDX file: it starts with ${start}${page}, expected ${expected}; fetch the file again`,
    );
  }
  check(
    type === form.type,
    () =>
      `${where}: holds ${elementTypes[type] ?? `elements of unknown type 0x${type.toString(16).padStart(2, '0')}`}, expected ${form.elements}; convert the ${kind} to ${form.convert}`,
  );
  if (form.axes.includes(axes)) return;
  const other = kind === 'images' ? 'labels' : 'images';
  throw new WasmCnnError(
    kind !== 'table' && forms[other].axes.includes(axes)
      ? `${where}: is an IDX ${other} file (${forms[other].words}), expected ${kind} (${form.words}); were two files swapped?`
      : `${where}: has ${axes} axes, but ${kind === 'images' ? 'images need' : kind === 'labels' ? 'labels need' : 'a table needs'} ${form.words}${kind === 'images' ? ', or channels beside them' : ''}; convert the file`,
  );
}

/**
 * Whether gzip's two magic bytes stand at the start.
 *
 * @example
 * ```js
 * import { isGzip } from 'wasm-cnn/data';
 *
 * isGzip(Uint8Array.of(0x1f, 0x8b, 8)); // true
 * ```
 */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What to do about a size that cannot be right: the byte order is the likely cause where every axis shrinks with its bytes reversed. */
function byteOrderOr(advice: string, shape: Shape): string {
  const reversed = shape.map(
    (size) => ((size << 24) | ((size & 0xff00) << 8) | ((size >>> 8) & 0xff00) | (size >>> 24)) >>> 0,
  );
  return reversed.every((size, axis) => size < shape[axis]!)
    ? `as little-endian it would be ${reversed.join(' × ')}, so write it big-endian`
    : advice;
}

function bigEndian(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
