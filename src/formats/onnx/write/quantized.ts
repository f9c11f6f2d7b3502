// Weights of fewer bits: they are floats again before anything computes with them.
import { check } from '../../../base/errors.js';
import { sizeOf, type Shape } from '../../../base/shape.js';

/** 'float16' and 'int8' (one scale for each output channel) are for kernels; biases and statistics stay float32. */
export type WeightFormat = 'float32' | 'float16' | 'int8';

const words = new Float32Array(1);
const bits = new Uint32Array(words.buffer);

/** The nearest of 16 bits; of two that are as near the even one. */
export function toFloat16(value: number): number {
  words[0] = value;
  const all = bits[0]!;
  const sign = (all >>> 16) & 0x8000;
  const rest = all & 0x7fffffff;
  // Too small for a normal number: a multiple of 2^-24.
  if (rest < 0x38800000) {
    const units = Math.abs(words[0]) * 16_777_216;
    const floor = Math.floor(units);
    const up = units - floor > 0.5 || (units - floor === 0.5 && floor % 2 === 1);
    return sign | (floor + (up ? 1 : 0));
  }
  return sign | Math.min((rest + 0xfff + ((rest >>> 13) & 1) - 0x38000000) >>> 13, 0x7c00);
}

export function float16Of(data: Float32Array, name: string): Uint8Array {
  const halves = Uint16Array.from(data, toFloat16);
  check(
    halves.every((half) => (half & 0x7fff) < 0x7c00),
    () => `saveOnnx: ${name} has values above 65504, which float16 does not hold; save it with weights: 'float32'`,
  );
  return new Uint8Array(halves.buffer);
}

/** Whole numbers from -127 to 127, and the scale of each index of an axis. */
export function int8Of(data: Float32Array, dims: Shape, axis: number): { raw: Uint8Array; scales: Float32Array } {
  const inner = sizeOf(dims.slice(axis + 1));
  const channels = dims[axis]!;
  const channelOf = (i: number): number => Math.floor(i / inner) % channels;
  const largest = new Float32Array(channels);
  for (const [i, value] of data.entries()) largest[channelOf(i)] = Math.max(largest[channelOf(i)]!, Math.abs(value));
  // A channel of zeros has any scale.
  const scales = largest.map((value) => (value > 0 ? value / 127 : 1));
  const whole = Int8Array.from(data, (value, i) => Math.round(value / scales[channelOf(i)]!));
  return { raw: new Uint8Array(whole.buffer), scales };
}
