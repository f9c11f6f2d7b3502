// Floats of 16 bits, which files of every format may hold.
//
//   float16    s eeeee mmmmmmmmmm     IEEE 754's binary16
//   bfloat16   s eeeeeeee mmmmmmm     the upper half of an f32
import { check } from '../base/errors.js';

/** 2^-24, the least float16 above 0. */
const LEAST = 5.960464477539063e-8;

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);

function floatOf(word: number): number {
  words[0] = word;
  return floats[0]!;
}

/** Exact for each of the 65536, NaN and infinities included. */
export function fromFloat16(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return (sign ? -LEAST : LEAST) * fraction;
  return floatOf(sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13));
}

export function fromBfloat16(bits: number): number {
  return floatOf(bits << 16);
}

/** The nearest float16 of an f32, of two as near the even one; what is beyond 65504 becomes an infinity from 65520 on. */
export function toFloat16(value: number): number {
  floats[0] = value;
  const word = words[0]!;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | toEven(Math.abs(floats[0]) / LEAST);
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** The nearest of each; throws where one would become an infinity. */
export function toFloat16s(values: Float32Array, name: string): Uint16Array<ArrayBuffer> {
  const halves = Uint16Array.from(values, toFloat16);
  check(
    halves.every((half) => (half & 0x7fff) < 0x7c00),
    () => `${name} holds numbers beyond 65504, which float16 has not; keep float32`,
  );
  return halves;
}

/** The nearest whole number, of two as near the even one. */
function toEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
