// Weights of fewer bits: they are floats again before anything computes with them.
import { check } from '../../../base/errors.js';
import { toFloat16 } from '../../float16.js';

/** 'float16' and 'int8' (one scale for each output channel) are for kernels; biases and statistics stay float32. */
export type WeightFormat = 'float32' | 'float16' | 'int8';

export function float16Of(data: Float32Array, name: string): Uint8Array {
  const halves = Uint16Array.from(data, toFloat16);
  check(
    halves.every((half) => (half & 0x7fff) < 0x7c00),
    () => `saveOnnx: ${name} has values above 65504, which float16 does not hold; save it with weights: 'float32'`,
  );
  return new Uint8Array(halves.buffer);
}
