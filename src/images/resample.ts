// Two passes: rows to the output's width, then columns to its height.
import type { OwnBytes } from '../base/hostTypes.js';
import { FRACTION_BITS, type Taps } from './taps.js';

export interface Source {
  /** Row y, [width, channels], valid until the next call. */
  readonly rows: (y: number) => Uint8Array;
  readonly channels: 1 | 3 | 4;
  /** One value for each channel. */
  readonly background: readonly number[];
}

/** What is kept between the passes: bytes as in Pillow, or 6 bits more and what bicubic overshoots, near to TensorFlow's floats. */
export type Between = 'bytes' | 'fractions';
const KEPT_BITS = { bytes: 0, fractions: 6 } as const;

function toByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** [down.outputs, across.outputs, channels]. Each row of the source is asked for once, in order, if it is needed. */
export function resample(source: Source, across: Taps, down: Taps, between: Between): OwnBytes {
  const { channels } = source;
  const kept = KEPT_BITS[between];
  const rowLength = across.outputs * channels;
  const firstRow = Math.min(...down.first);
  const endRow = Math.max(...down.first.map((first, i) => first + down.count[i]!));
  const narrowLength = Math.max(0, endRow - firstRow) * rowLength;
  const narrow = between === 'bytes' ? new Uint8Array(narrowLength) : new Int16Array(narrowLength);
  for (let y = firstRow, to = 0; y < endRow; y++, to += rowLength)
    narrowRow(source.rows(y), source, across, narrow.subarray(to, to + rowLength), kept);
  const out = new Uint8Array(down.outputs * rowLength);
  // 16 bits times 22 are more than 32, and exact in f64.
  const sums = new Float64Array(rowLength);
  const [one, scale] = [1 << kept, (1 << FRACTION_BITS) * (1 << kept)];
  const ground = Int32Array.from({ length: rowLength }, (_, i) => source.background[i % channels]! * one);
  for (let y = 0; y < down.outputs; y++) {
    for (let i = 0; i < rowLength; i++) sums[i] = scale / 2 + ground[i]! * down.outside[y]!;
    for (let j = 0; j < down.count[y]!; j++) {
      const weight = down.weights[y * down.most + j]!;
      const from = (down.first[y]! + j - firstRow) * rowLength;
      for (let i = 0; i < rowLength; i++) sums[i]! += narrow[from + i]! * weight;
    }
    for (let i = 0, to = y * rowLength; i < rowLength; i++) out[to + i] = toByte(Math.floor(sums[i]! / scale));
  }
  return out;
}

/** A row to `taps.outputs` pixels, each value times 2^kept. */
function narrowRow(
  row: Uint8Array,
  { channels, background }: Source,
  taps: Taps,
  to: Uint8Array | Int16Array,
  kept: number,
): void {
  const { outputs, most, first, count, weights, outside } = taps;
  const shift = FRACTION_BITS - kept;
  const half = 1 << (shift - 1);
  const store = kept === 0 ? (sum: number) => toByte(sum >> shift) : (sum: number) => sum >> shift;
  for (let x = 0, at = 0; x < outputs; x++) {
    const begin = x * most,
      end = begin + count[x]!;
    let from = first[x]! * channels;
    if (channels === 3) {
      let red = half + background[0]! * outside[x]!,
        green = half + background[1]! * outside[x]!,
        blue = half + background[2]! * outside[x]!;
      for (let i = begin; i < end; i++, from += 3) {
        const weight = weights[i]!;
        red = (red + Math.imul(row[from]!, weight)) | 0;
        green = (green + Math.imul(row[from + 1]!, weight)) | 0;
        blue = (blue + Math.imul(row[from + 2]!, weight)) | 0;
      }
      to[at++] = store(red);
      to[at++] = store(green);
      to[at++] = store(blue);
    } else
      for (let c = 0; c < channels; c++) {
        let sum = half + background[c]! * outside[x]!;
        for (let i = begin, pixel = from + c; i < end; i++, pixel += channels)
          sum = (sum + Math.imul(row[pixel]!, weights[i]!)) | 0;
        to[at++] = store(sum);
      }
  }
}
