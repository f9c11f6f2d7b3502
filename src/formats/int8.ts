// Kernels as whole numbers from -127 to 127 and a scale for each output channel.
import { sizeOf, type Shape } from '../base/shape.js';

/** data ≈ values · scales along that axis; at most 1/254 of the channel's largest value is lost. A channel of zeros has the scale 1. */
export function toInt8(
  data: Float32Array,
  shape: Shape,
  channelAxis: number,
): { values: Int8Array<ArrayBuffer>; scales: Float32Array<ArrayBuffer> } {
  const channels = shape[channelAxis]!;
  const inner = sizeOf(shape.slice(channelAxis + 1));
  const channelOf = (i: number): number => Math.floor(i / inner) % channels;
  const scales = new Float32Array(channels);
  for (let i = 0; i < data.length; i++) {
    const channel = channelOf(i);
    scales[channel] = Math.max(scales[channel]!, Math.abs(data[i]!) / 127);
  }
  for (let channel = 0; channel < channels; channel++) scales[channel] ||= 1;
  const values = new Int8Array(data.length);
  // The scale was rounded to f32, so that the largest value may come out above 127.
  for (let i = 0; i < data.length; i++)
    values[i] = Math.max(-127, Math.min(127, Math.round(data[i]! / scales[channelOf(i)]!)));
  return { values, scales };
}
