// The number types of other programs' safetensors files, as f32: what PyTorch, JAX and NumPy write.
//
//   F16   s eeeee mmmmmmmmmm              exact in f32
//   BF16  s eeeeeeee mmmmmmm              the upper half of an f32
//   F64                                   rounded to the nearest f32
//   I64   counters, such as PyTorch's num_batches_tracked of each batch normalization: left out, as are the other integers
import { fromBfloat16, fromFloat16 } from './float16.js';
import type { TensorType } from './safetensors.js';

/** For readSafetensors(): floating-point numbers become f32, integers are left out. */
export const floatTypes: Readonly<Record<string, TensorType>> = {
  F32: { size: 4, read: ({ buffer }) => new Float32Array(buffer) },
  F16: { size: 2, read: ({ buffer }) => Float32Array.from(new Uint16Array(buffer), fromFloat16) },
  BF16: { size: 2, read: ({ buffer }) => Float32Array.from(new Uint16Array(buffer), fromBfloat16) },
  F64: { size: 8, read: ({ buffer }) => Float32Array.from(new Float64Array(buffer)) },
  I64: { size: 8 },
  I32: { size: 4 },
  I16: { size: 2 },
  I8: { size: 1 },
  U8: { size: 1 },
  BOOL: { size: 1 },
};
