// The number types of other programs' safetensors files, as f32: what PyTorch, JAX and NumPy write.
//
//   F16   s eeeee mmmmmmmmmm              exact in f32
//   BF16  s eeeeeeee mmmmmmm              the upper half of an f32
//   F64                                   rounded to the nearest f32
//   I64   counters, such as PyTorch's num_batches_tracked of each batch normalization: left out, as are the other integers
import type { OwnFloats } from '../base/hostTypes.js';
import type { TensorType } from './safetensors.js';

/** 2^-24, the least f16 above 0. */
const LEAST = 5.960464477539063e-8;

/** For readSafetensors(): floating-point numbers become f32, integers are left out. */
export const floatTypes: Readonly<Record<string, TensorType>> = {
  F32: { size: 4, read: ({ buffer }) => new Float32Array(buffer) },
  F16: { size: 2, read: ({ buffer }) => halvesToFloats(new Uint16Array(buffer)) },
  BF16: { size: 2, read: ({ buffer }) => brainsToFloats(new Uint16Array(buffer)) },
  F64: { size: 8, read: ({ buffer }) => Float32Array.from(new Float64Array(buffer)) },
  I64: { size: 8 },
  I32: { size: 4 },
  I16: { size: 2 },
  I8: { size: 1 },
  U8: { size: 1 },
  BOOL: { size: 1 },
};

/** Each of the 65536 values is exact, NaN and infinities included. */
export function halvesToFloats(halves: Uint16Array): OwnFloats {
  const floats = new Float32Array(halves.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 31;
    const mantissa = half & 1023;
    if (exponent === 0) floats[i] = (sign ? -LEAST : LEAST) * mantissa;
    else bits[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (mantissa << 13);
  }
  return floats;
}

/** The nearest f16 of each, ties to even; what is beyond 65504 becomes an infinity. */
export function floatsToHalves(floats: Float32Array): Uint16Array {
  const halves = new Uint16Array(floats.length);
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  for (let i = 0; i < floats.length; i++) {
    const word = bits[i]!;
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    if (magnitude > 0x7f800000) halves[i] = sign | 0x7e00;
    else if (magnitude >= 0x477ff000) halves[i] = sign | 0x7c00;
    else if (magnitude < 0x38800000) halves[i] = sign | toEven(Math.abs(floats[i]!) / LEAST);
    else halves[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  return halves;
}

/** The nearest whole number, of two equally near the even one. */
function toEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

function brainsToFloats(brains: Uint16Array): OwnFloats {
  const bits = new Uint32Array(brains.length);
  for (let i = 0; i < brains.length; i++) bits[i] = brains[i]! << 16;
  return new Float32Array(bits.buffer);
}
