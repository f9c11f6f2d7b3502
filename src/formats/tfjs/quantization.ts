// Weights in fewer bits, as TF.js has them: q · scale + min in 8 or 16 bits, or half floats.
// https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts
import type { OwnBytes, OwnFloats } from '../../base/hostTypes.js';

export type StoredType = 'float32' | 'uint8' | 'uint16' | 'float16';

export interface Quantization {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  readonly scale?: number;
  readonly min?: number;
}

export const BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** 2^-24 */
const SMALLEST_HALF = 5.9604644775390625e-8;

/** The float of 16 bits: sign, 5 bits of exponent, 10 of fraction. */
export function fromHalf(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size =
    exponent === 31
      ? fraction === 0
        ? Infinity
        : NaN
      : exponent === 0
        ? fraction * SMALLEST_HALF
        : (1024 + fraction) * scaleOf(exponent);
  return bits >> 15 ? -size : size;
}

/** 2^(exponent - 25), exactly. */
const scaleOf = (exponent: number): number => (exponent >= 25 ? 1 << (exponent - 25) : 1 / (1 << (25 - exponent)));

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** The nearest half of an f32, of two as near the even one; beyond 65504 infinite. */
export function toHalf(value: number): number {
  float[0] = value;
  const bits = word[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 255;
  const fraction = bits & 0x7fffff;
  if (exponent === 255) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  // Fraction with its leading 1, and how far it is to be shifted.
  const shift = exponent >= 113 ? 13 : 126 - exponent;
  if (shift > 24) return sign;
  const whole = exponent >= 113 ? ((exponent - 112) << 23) | fraction : fraction | 0x800000;
  const half = whole >>> shift;
  const rest = whole & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const rounded = half + (rest > middle || (rest === middle && half & 1) ? 1 : 0);
  return sign | Math.min(rounded, 0x7c00);
}

/** Values of `count` elements from byte `at` on. Anywhere: shards have no alignment. */
export function decode(
  bytes: Uint8Array,
  at: number,
  count: number,
  dtype: string,
  quantization: Quantization | undefined,
): OwnFloats {
  const stored = quantization?.dtype ?? dtype;
  const own = bytes.slice(at, at + count * BYTES[stored]!);
  if (stored === 'float32') return new Float32Array(own.buffer);
  const values = new Float32Array(count);
  const view = new DataView(own.buffer);
  const { scale = 1, min = 0 } = quantization ?? {};
  for (let i = 0; i < count; i++) {
    if (stored === 'float16') values[i] = fromHalf(view.getUint16(2 * i, true));
    else if (stored === 'int32') values[i] = view.getInt32(4 * i, true);
    else if (stored === 'bool') values[i] = own[i]!;
    else {
      const value = (stored === 'uint8' ? own[i]! : view.getUint16(2 * i, true)) * scale + min;
      values[i] = dtype === 'int32' ? Math.round(value) : value;
    }
  }
  return values;
}

/**
 * The values in that type, and what decodes them. 8 and 16 bits: evenly from the smallest to the largest, moved so that 0 stays 0 where it
 * lies between them, as TF.js' converter does it; equal values are scale 1 and all 0.
 */
export function encode(
  values: Float32Array,
  type: StoredType,
): { readonly bytes: OwnBytes; readonly quantization?: Quantization } {
  if (type === 'float32') return { bytes: new Uint8Array(values.slice().buffer) };
  if (type === 'float16')
    return { bytes: new Uint8Array(Uint16Array.from(values, toHalf).buffer), quantization: { dtype: type } };
  const most = type === 'uint8' ? 255 : 65535;
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const steps = type === 'uint8' ? new Uint8Array(values.length) : new Uint16Array(values.length);
  const bytes = new Uint8Array(steps.buffer);
  if (!(low < high)) {
    const min = values.length === 0 ? 0 : low;
    return { bytes, quantization: { dtype: type, scale: 1, min } };
  }
  const scale = (high - low) / most;
  const min = low <= 0 && high >= 0 ? -Math.round(-low / scale) * scale : low;
  for (let i = 0; i < values.length; i++)
    steps[i] = Math.max(0, Math.min(most, Math.round((values[i]! - min) / scale)));
  return { bytes, quantization: { dtype: type, scale, min } };
}
