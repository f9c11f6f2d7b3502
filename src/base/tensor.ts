// A tensor: a typed array with a shape. The first axis counts the examples; images are [n, height, width, channels].
import { check } from './errors.js';
import { describe, isOfNames, isRecord, kindOf, listed } from './options.js';
import { formatShape, sizeOf, type Shape } from './shape.js';

/** Values of a tensor, in row-major order. */
export type TensorData = Uint8Array | Uint8ClampedArray | Int32Array | Float32Array;

/** `data` in row-major order. Bytes (Uint8Array, or a canvas' Uint8ClampedArray) are pixels 0 … 255, which a kernel turns into value / 255 one batch at a time. */
export interface Tensor<Data extends TensorData = TensorData> {
  readonly data: Data;
  readonly shape: Shape;
}

const kinds = { Uint8Array, Uint8ClampedArray, Int32Array, Float32Array };

/** Throws unless it is a typed array of one of the four kinds, and a shape of whole numbers whose product is its length. */
export function checkTensor(tensor: Tensor, who: string): void {
  check(
    isRecord(tensor) && isOfNames(tensor),
    () => `${who} must be { data, shape } with a typed array, got ${describe(tensor)}`,
  );
  const { data, shape } = tensor;
  check(
    Array.isArray(shape) && shape.length > 0 && shape.every((size) => Number.isSafeInteger(size) && size >= 0),
    () => `${who} needs a shape of whole numbers, got ${listed(shape)}`,
  );
  check(
    Object.hasOwn(kinds, kindOf(data)),
    () =>
      `${who} needs its data as a Uint8Array (pixels), Float32Array or Int32Array, got ${describe(data)}; use toArrays() or Float32Array.from()`,
  );
  check(
    sizeOf(shape) === data.length,
    () =>
      `${who} has shape ${formatShape(shape)} = ${sizeOf(shape)} elements but ${data.length} in its data; make them agree`,
  );
}

/** Whether these are pixels, which the network sees as value / 255. */
export function isBytes(data: TensorData): data is Uint8Array | Uint8ClampedArray {
  return kindOf(data).startsWith('Uint8');
}

/**
 * A checked tensor as plain objects, which can be sent to a thread whatever proxies (Vue's, say) it came in; and without a Node Buffer, whose
 * slice() is no copy. The data are not copied.
 */
export function plainTensor<Data extends TensorData>({ data, shape }: Tensor<Data>): Tensor<Data> {
  const { buffer, byteOffset, length } = data;
  const Kind = kinds[kindOf(data) as keyof typeof kinds];
  return { data: new Kind(buffer as ArrayBuffer, byteOffset, length) as Data, shape: [...shape] };
}

/** A view of the examples from `start` (inclusive) to `end` (exclusive); nothing is copied. */
export function sliceExamples<Data extends TensorData>(tensor: Tensor<Data>, start: number, end: number): Tensor<Data> {
  const [, ...example] = tensor.shape;
  const size = sizeOf(example);
  return { data: tensor.data.subarray(start * size, end * size) as Data, shape: [end - start, ...example] };
}
