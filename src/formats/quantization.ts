// Weights in fewer bytes: kernels as float16, or as int8 with a scale for each output channel. Everything else stays F32.
//
//   float16   kernel F16                                   at most 2^-11 of each value is lost
//   int8      kernel I8, kernel.scale F32 [out, 1, 1, 1]   kernel ≈ I8 · scale; at most 1/254 of the channel's largest value is lost
import { sizeOf, type Shape } from '../base/shape.js';
import type { OwnFloats } from '../base/hostTypes.js';
import { toFloat16s } from './float16.js';
import { toInt8 } from './int8.js';
import { readSafetensors, type NamedTensor, type StoredTensor } from './safetensors.js';
import { floatTypes } from './tensorTypes.js';

export const weightTypes = ['float32', 'float16', 'int8'] as const;
/** How weights are stored. */
export type WeightType = (typeof weightTypes)[number];

/** Suffix of the scales of an int8 tensor. */
const SCALE = '.scale';
const types = {
  ...floatTypes,
  I8: { size: 1, read: (bytes: Uint8Array) => Float32Array.from(new Int8Array(bytes.buffer)) },
};

/** `channelAxis`: of a kernel's output channels, by its name. */
export function store(
  tensors: ReadonlyMap<string, NamedTensor>,
  type: WeightType,
  channelAxis: (name: string) => number,
): Map<string, StoredTensor> {
  const stored = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of tensors) {
    if (type === 'float32' || shape.length < 2) stored.set(name, { dtype: 'F32', shape, data });
    else if (type === 'float16') stored.set(name, { dtype: 'F16', shape, data: toFloat16s(data, name) });
    else {
      const axis = channelAxis(name);
      const { values, scales } = toInt8(data, shape, axis);
      const scaleShape = shape.map((size, each) => (each === axis ? size : 1));
      stored.set(name, { dtype: 'I8', shape, data: values });
      stored.set(name + SCALE, { dtype: 'F32', shape: scaleShape, data: scales });
    }
  }
  // Wider types first, so that each tensor is aligned.
  const size = ({ dtype }: StoredTensor): number => ({ F32: 4, F16: 2 })[dtype] ?? 1;
  return new Map([...stored].sort(([, a], [, b]) => size(b) - size(a)));
}

export interface Floats {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Names of the tensors that hold integers, and were left out. */
  readonly skipped: readonly string[];
}

/** Reads floats of all types, and int8 that have scales. */
export function readFloats(file: Uint8Array, who: string): Floats {
  const { tensors: read, metadata, types: found } = readSafetensors(file, who, types);
  const tensors = new Map(read);
  for (const [name, { shape, data }] of read) {
    if (found.get(name) !== 'I8') continue;
    tensors.delete(name);
    // Scales are floats.
    const scale = found.get(name + SCALE) === 'I8' ? undefined : read.get(name + SCALE);
    const axis = scale ? axisOf(shape, scale.shape) : null;
    if (axis === null) continue;
    tensors.delete(name + SCALE);
    tensors.set(name, { shape, data: dequantize(data, shape, axis, scale!.data) });
  }
  return {
    tensors,
    metadata,
    skipped: [...found.keys()].filter((name) => !read.has(name) || (found.get(name) === 'I8' && !tensors.has(name))),
  };
}

/** The only axis along which scales differ; the first one where there is a single scale. */
function axisOf(shape: Shape, scale: Shape): number | null {
  const axis = Math.max(
    0,
    scale.findIndex((size) => size !== 1),
  );
  const fits = scale.length === shape.length && scale.every((size, each) => size === (each === axis ? shape[each] : 1));
  return fits ? axis : null;
}

function dequantize(data: Float32Array, shape: Shape, axis: number, scales: Float32Array): OwnFloats {
  const inner = sizeOf(shape.slice(axis + 1));
  const floats = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) floats[i] = data[i]! * scales[Math.floor(i / inner) % shape[axis]!]!;
  return floats;
}
