// Weights in fewer bits, as TF.js has them: q · scale + min in 8 or 16 bits, or half floats.
// https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts
import type { OwnBytes, OwnFloats } from '../../base/hostTypes.js';
import { fromFloat16, toFloat16s } from '../float16.js';

/** How weights are stored. */
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
    if (stored === 'float16') values[i] = fromFloat16(view.getUint16(2 * i, true));
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
  name: string,
): { readonly bytes: OwnBytes; readonly quantization?: Quantization } {
  if (type === 'float32') return { bytes: new Uint8Array(values.slice().buffer) };
  if (type === 'float16')
    return { bytes: new Uint8Array(toFloat16s(values, name).buffer), quantization: { dtype: type } };
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
