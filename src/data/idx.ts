// IDX, the file format of MNIST: a big-endian header (element type, axis count, axes), then the elements.
// Format: http://yann.lecun.com/exdb/mnist/. Everything is checked before anything is used, and nothing is copied.
import { check, WasmCnnError } from '../base/errors.js';
import type { Shape } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';

export type IdxKind = 'images' | 'labels';

export interface IdxHeader {
  /** Images [n, height, width], labels [n]; no axis is 0. */
  readonly shape: Shape;
  readonly headerBytes: number;
  /** Header and elements together: what the whole file must hold. */
  readonly fileBytes: number;
}

/** An images header; a labels header is 8 bytes long. */
export const longestIdxHeader = 16;

/** 2 GiB - 1: more does not fit beside a network into WebAssembly's 4 GiB. */
const maxIdxBytes = 2147483647;

const axesOf = { images: 3, labels: 1 } as const;
const axisWords = { images: '3 axes: count, height, width', labels: '1 axis: count' } as const;
const elementTypes: Record<number, string> = {
  0x09: 'int8',
  0x0b: 'int16',
  0x0c: 'int32',
  0x0d: 'float32',
  0x0e: 'float64',
};

/** Reads and checks the header at the start of `bytes`; the elements need not be there yet. `where` names the file in errors. */
export function readIdxHeader(bytes: Uint8Array, kind: IdxKind, where: string): IdxHeader {
  const axes = axesOf[kind];
  const headerBytes = 4 + 4 * axes;
  checkMagic(bytes, kind, where);
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
  // Three 32-bit axes multiply to at most 2^96: a double may round that, but it cannot wrap around below the limit.
  const dataBytes = shape.reduce((product, size) => product * size, 1);
  check(
    headerBytes + dataBytes <= maxIdxBytes,
    () =>
      `${where}: header says ${shape.join(' × ')} bytes, more than the ${maxIdxBytes} that can be read; ${byteOrderOr('use a smaller data set', shape)}`,
  );
  return { shape, headerBytes, fileBytes: headerBytes + dataBytes };
}

/** Images [n, height, width, 1], bytes 0 … 255: a view into `bytes`, the whole unzipped file. */
export function parseIdxImages(bytes: Uint8Array, where: string): Tensor<Uint8Array> {
  const { data, shape } = elementsOf(bytes, 'images', where);
  return { data, shape: [...shape, 1] };
}

/** Labels 0 … 9: a view into `bytes`, the whole unzipped file. */
export function parseIdxLabels(bytes: Uint8Array, where: string): Uint8Array {
  const { data } = elementsOf(bytes, 'labels', where);
  const wrong = data.findIndex((label) => label > 9);
  check(
    wrong === -1,
    () => `${where}: label ${wrong} (counted from 0) is ${data[wrong]}, but labels are 0 … 9; use a set of 10 classes`,
  );
  return data;
}

function elementsOf(bytes: Uint8Array, kind: IdxKind, where: string): { data: Uint8Array; shape: Shape } {
  const { shape, headerBytes, fileBytes } = readIdxHeader(bytes, kind, where);
  const expected = fileBytes - headerBytes;
  const found = bytes.length - headerBytes;
  check(expected === found, () => {
    const promised = kind === 'images' ? `${shape.join(' × ')} = ${expected} bytes` : `${expected} labels`;
    return `${where}: header says ${promised}, file holds ${found}; ${byteOrderOr('fetch the file again', shape)}`;
  });
  return { data: new Uint8Array(bytes.buffer, bytes.byteOffset + headerBytes, expected), shape };
}

/** The four magic bytes are 0, 0, element type, axis count: 00 00 08 03 for images, 00 00 08 01 for labels. */
function checkMagic(bytes: Uint8Array, kind: IdxKind, where: string): void {
  check(bytes.length > 0, `${where}: is empty, expected an IDX ${kind} file; fetch the file again`);
  check(!isGzip(bytes), `${where}: is still gzipped (it starts with 1f 8b); gunzip it first`);
  check(
    bytes.length >= 4,
    () =>
      `${where}: holds only ${bytes.length} of the ${4 + 4 * axesOf[kind]} header bytes of an IDX ${kind} file; fetch the file again`,
  );
  const [first, second, type, axes] = bytes as unknown as [number, number, number, number];
  const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const expected = `00 00 08 0${axesOf[kind]}`;
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
    type === 0x08,
    () =>
      `${where}: holds ${elementTypes[type] ?? `elements of unknown type 0x${type.toString(16).padStart(2, '0')}`}, expected unsigned bytes (type 0x08); convert the ${kind} to bytes`,
  );
  if (axes === axesOf[kind]) return;
  const other = kind === 'images' ? 'labels' : 'images';
  throw new WasmCnnError(
    axes === axesOf[other]
      ? `${where}: is an IDX ${other} file (${axisWords[other]}), expected ${kind} (${axisWords[kind]}); were two files swapped?`
      : `${where}: has ${axes} axes, but ${kind} need ${axisWords[kind]}; convert the file`,
  );
}

/** Whether gzip's two magic bytes stand at the start. */
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
