// Two passes: rows to the output's width, then columns to its height.
import type { OwnBytes } from '../base/hostTypes.js';
import { FRACTION_BITS, type Taps } from './taps.js';

export interface Source {
  /** Row y, [width, channels], valid until the next call. */
  readonly rows: (y: number) => Uint8Array;
  readonly channels: 1 | 3 | 4;
  /** One value for each channel. */
  readonly background: readonly number[];
  /** Row y of three channels as 32 bits a pixel, red in the lowest: read in half the time. */
  readonly packedRows?: (y: number) => Uint32Array;
}

/** What is kept between the passes: bytes as in Pillow, or 6 bits more and what bicubic overshoots, near to TensorFlow's floats. */
export type Between = 'bytes' | 'fractions';
const KEPT_BITS = 6;
const HALF = 1 << (FRACTION_BITS - 1);

function toByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** [down.outputs, across.outputs, channels]. Each row of the source is asked for once, in order, if it is needed. */
export function resample(source: Source, across: Taps, down: Taps, between: Between): OwnBytes {
  const firstRow = Math.min(...down.first);
  const endRow = Math.max(...down.first.map((first, i) => first + down.count[i]!));
  return between === 'bytes' || (across.isIdentity && down.isIdentity)
    ? throughBytes(source, across, down, firstRow, endRow)
    : throughFractions(source, across, down, firstRow, endRow);
}

function throughBytes(source: Source, across: Taps, down: Taps, firstRow: number, endRow: number): OwnBytes {
  const { rows, channels, background, packedRows } = source;
  const rowLength = across.outputs * channels;
  const narrow = new Uint8Array(Math.max(0, endRow - firstRow) * rowLength);
  for (let y = firstRow, to = 0; y < endRow; y++, to += rowLength)
    if (across.isIdentity) narrow.set(rows(y), to);
    else if (packedRows) narrowPacked(packedRows(y), background, across, narrow, to);
    else if (channels === 3) narrowColors(rows(y), background, across, narrow, to);
    else narrowBytes(rows(y), channels, background, across, narrow, to);
  if (down.isIdentity) return narrow;
  const out = new Uint8Array(down.outputs * rowLength);
  const sums = new Int32Array(rowLength);
  const ground = Int32Array.from({ length: rowLength }, (_, i) => background[i % channels]!);
  for (let y = 0; y < down.outputs; y++) {
    for (let i = 0; i < rowLength; i++) sums[i] = HALF + Math.imul(ground[i]!, down.outside[y]!);
    for (let j = 0; j < down.count[y]!; j++) {
      const weight = down.weights[y * down.most + j]!;
      const from = (down.first[y]! + j - firstRow) * rowLength;
      for (let i = 0; i < rowLength; i++) sums[i]! += Math.imul(narrow[from + i]!, weight);
    }
    for (let i = 0, to = y * rowLength; i < rowLength; i++) out[to + i] = toByte(sums[i]! >> FRACTION_BITS);
  }
  return out;
}

/** A row of three channels to `taps.outputs` pixels, which go to `narrow` from `to` on. */
function narrowColors(
  row: Uint8Array,
  [redGround, greenGround, blueGround]: readonly number[],
  { outputs, most, first, count, weights, outside }: Taps,
  narrow: Uint8Array,
  to: number,
): void {
  for (let x = 0; x < outputs; x++, to += 3) {
    const begin = x * most;
    const end = begin + count[x]!;
    let from = first[x]! * 3;
    let red = HALF + Math.imul(redGround!, outside[x]!);
    let green = HALF + Math.imul(greenGround!, outside[x]!);
    let blue = HALF + Math.imul(blueGround!, outside[x]!);
    for (let i = begin; i < end; i++, from += 3) {
      const weight = weights[i]!;
      red = (red + Math.imul(row[from]!, weight)) | 0;
      green = (green + Math.imul(row[from + 1]!, weight)) | 0;
      blue = (blue + Math.imul(row[from + 2]!, weight)) | 0;
    }
    narrow[to] = toByte(red >> FRACTION_BITS);
    narrow[to + 1] = toByte(green >> FRACTION_BITS);
    narrow[to + 2] = toByte(blue >> FRACTION_BITS);
  }
}

/** The same of packed pixels. Two statements, as an array taken apart costs more here than all the rest: so in each innermost loop. */
function narrowPacked(
  row: Uint32Array,
  [redGround, greenGround, blueGround]: readonly number[],
  { outputs, most, first, count, weights, outside }: Taps,
  narrow: Uint8Array,
  to: number,
): void {
  for (let x = 0; x < outputs; x++, to += 3) {
    const begin = x * most;
    const end = begin + count[x]!;
    let from = first[x]!;
    let red = HALF + Math.imul(redGround!, outside[x]!);
    let green = HALF + Math.imul(greenGround!, outside[x]!);
    let blue = HALF + Math.imul(blueGround!, outside[x]!);
    for (let i = begin; i < end; i++, from++) {
      const weight = weights[i]!;
      const pixel = row[from]!;
      red = (red + Math.imul(pixel & 255, weight)) | 0;
      green = (green + Math.imul((pixel >>> 8) & 255, weight)) | 0;
      blue = (blue + Math.imul((pixel >>> 16) & 255, weight)) | 0;
    }
    narrow[to] = toByte(red >> FRACTION_BITS);
    narrow[to + 1] = toByte(green >> FRACTION_BITS);
    narrow[to + 2] = toByte(blue >> FRACTION_BITS);
  }
}

/** The same of any number of channels. */
function narrowBytes(
  row: Uint8Array,
  channels: number,
  background: readonly number[],
  { outputs, most, first, count, weights, outside }: Taps,
  narrow: Uint8Array,
  to: number,
): void {
  for (let x = 0; x < outputs; x++)
    for (let c = 0; c < channels; c++) {
      const begin = x * most;
      const end = begin + count[x]!;
      let sum = HALF + Math.imul(background[c]!, outside[x]!);
      for (let i = begin, from = first[x]! * channels + c; i < end; i++, from += channels)
        sum = (sum + Math.imul(row[from]!, weights[i]!)) | 0;
      narrow[to++] = toByte(sum >> FRACTION_BITS);
    }
}

/** Values times 2^6 between the passes. */
function throughFractions(source: Source, across: Taps, down: Taps, firstRow: number, endRow: number): OwnBytes {
  const { rows, channels, background } = source;
  const rowLength = across.outputs * channels;
  const narrow = new Int16Array(Math.max(0, endRow - firstRow) * rowLength);
  for (let y = firstRow, to = 0; y < endRow; y++, to += rowLength)
    narrowFractions(rows(y), channels, background, across, narrow, to);
  const out = new Uint8Array(down.outputs * rowLength);
  // 16 bits times 22 are more than 32, and exact in f64.
  const sums = new Float64Array(rowLength);
  const scale = (1 << FRACTION_BITS) * (1 << KEPT_BITS);
  const ground = Int32Array.from({ length: rowLength }, (_, i) => background[i % channels]! << KEPT_BITS);
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

function narrowFractions(
  row: Uint8Array,
  channels: number,
  background: readonly number[],
  { outputs, most, first, count, weights, outside }: Taps,
  narrow: Int16Array,
  to: number,
): void {
  const shift = FRACTION_BITS - KEPT_BITS;
  const half = 1 << (shift - 1);
  for (let x = 0; x < outputs; x++)
    for (let c = 0; c < channels; c++) {
      const begin = x * most;
      const end = begin + count[x]!;
      let sum = half + Math.imul(background[c]!, outside[x]!);
      for (let i = begin, from = first[x]! * channels + c; i < end; i++, from += channels)
        sum = (sum + Math.imul(row[from]!, weights[i]!)) | 0;
      narrow[to++] = sum >> shift;
    }
}
