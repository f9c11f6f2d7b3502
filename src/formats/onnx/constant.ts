// Tensors whose values stand in the file.
import { LARGEST, sizeOf } from '../../base/shape.js';
import type { Fail } from './message.js';
import type { TensorProto } from './proto.js';
import { fromBfloat16, fromFloat16 } from '../float16.js';

/** Axes of a value: no network has more. */
export const MOST_AXES = 16;

/** Kinds of numbers that constants are: what a cast or a division makes of them depends on it. */
export type Kind = 'float' | 'int' | 'bool';

export interface Constant {
  readonly constant: true;
  readonly kind: Kind;
  readonly dims: readonly number[];
  /** Floats as Float32Array, whole numbers and truth values as Float64Array. */
  readonly data: Float32Array | Float64Array;
}

/** Names and kinds of element types by their number in the file; bytes of one element in raw data. */
const TYPES: Readonly<Record<number, readonly [name: string, kind: Kind, bytes: number]>> = {
  1: ['float32', 'float', 4],
  2: ['uint8', 'int', 1],
  3: ['int8', 'int', 1],
  4: ['uint16', 'int', 2],
  5: ['int16', 'int', 2],
  6: ['int32', 'int', 4],
  7: ['int64', 'int', 8],
  9: ['bool', 'bool', 1],
  10: ['float16', 'float', 2],
  11: ['float64', 'float', 8],
  12: ['uint32', 'int', 4],
  13: ['uint64', 'int', 8],
  16: ['bfloat16', 'float', 2],
};
const OTHERS: Readonly<Record<number, string>> = { 8: 'string', 14: 'complex64', 15: 'complex128' };

export function typeName(type: number): string {
  return TYPES[type]?.[0] ?? OTHERS[type] ?? `number ${type}`;
}

export function kindOfType(type: number): Kind | undefined {
  return TYPES[type]?.[1];
}

export function makeConstant(kind: Kind, dims: readonly number[], values: ArrayLike<number>): Constant {
  const data = kind === 'float' ? Float32Array.from(values) : Float64Array.from(values);
  return { constant: true, kind, dims, data };
}

type ReadElement = (view: DataView, at: number) => number;
const fromRaw: Readonly<Record<number, ReadElement>> = {
  1: (view, at) => view.getFloat32(at, true),
  2: (view, at) => view.getUint8(at),
  3: (view, at) => view.getInt8(at),
  4: (view, at) => view.getUint16(at, true),
  5: (view, at) => view.getInt16(at, true),
  6: (view, at) => view.getInt32(at, true),
  7: (view, at) => Number(view.getBigInt64(at, true)),
  9: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
  10: (view, at) => fromFloat16(view.getUint16(at, true)),
  11: (view, at) => view.getFloat64(at, true),
  12: (view, at) => view.getUint32(at, true),
  13: (view, at) => Number(view.getBigUint64(at, true)),
  16: (view, at) => fromBfloat16(view.getUint16(at, true)),
};

/** Whether the sizes are whole, and their product is a number of values that memory holds. */
export function isSize(dims: readonly number[]): boolean {
  return (
    dims.length <= MOST_AXES && dims.every((size) => Number.isSafeInteger(size) && size >= 0) && sizeOf(dims) < LARGEST
  );
}

/** The tensor's values; `raw`: its bytes where they do not stand in the message. Throws the sentence of a damaged file. */
export function constantOf(tensor: TensorProto, fail: Fail, raw = tensor.raw): Constant {
  const { dims, type, name } = tensor;
  const known = TYPES[type];
  if (!known) fail(`the tensor '${name}' is of type ${typeName(type)}, which is no number`);
  const [, kind, bytes] = known!;
  if (!isSize(dims)) fail(`the tensor '${name}' has shape [${dims.join(', ')}]`);
  const size = sizeOf(dims);
  if (raw) {
    if (raw.length !== size * bytes)
      fail(`the tensor '${name}' [${dims.join(', ')}] takes ${size * bytes} bytes, the file has ${raw.length}`);
    return { constant: true, kind, dims, data: elements(raw, type, kind, size) };
  }
  const values = type === 1 ? tensor.floats : type === 11 ? tensor.doubles : tensor.ints;
  if (values.length !== size)
    fail(`the tensor '${name}' [${dims.join(', ')}] has ${size} values, the file has ${values.length}`);
  const halves = type === 10 ? fromFloat16 : type === 16 ? fromBfloat16 : null;
  return makeConstant(kind, dims, halves ? values.map((bits) => halves(bits & 0xffff)) : values);
}

function elements(raw: Uint8Array, type: number, kind: Kind, size: number): Constant['data'] {
  // WebAssembly's hosts are little-endian as the file is; a copy is aligned.
  if (type === 1) return new Float32Array(new Uint8Array(raw).buffer);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const [read, bytes] = [fromRaw[type]!, TYPES[type]![2]];
  const data = kind === 'float' ? new Float32Array(size) : new Float64Array(size);
  for (let i = 0; i < size; i++) data[i] = read(view, i * bytes);
  return data;
}
