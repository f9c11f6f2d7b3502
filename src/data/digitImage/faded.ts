// Brings out strokes that fade: thresholds with hysteresis, relative to the stroke's own strength nearby.
import { labelComponents, type Component } from './components.js';
import { boxBlur, dilate, opening } from './filters.js';
import { noiseLevel, type Foreground } from './foreground.js';
import { strokeWidth } from './strokes.js';

export interface FadedStrokes {
  /** The pixels of faded strokes. */
  readonly pixels: readonly number[];
  /** 1 where a stroke, faded or not, is connected with the digit. */
  readonly reached: Uint8Array;
}

/**
 * Foreground too weak for the digit's threshold that continues the digit: above the noise, at least `WEAKEST` of the strongest within
 * half a stroke's width, and wider than the blur along a stroke's edge. `kept`: the digit's strokes so far. Null where there is none.
 * Averages over half a stroke's width let a stroke stand out from noise that its single pixels drown in.
 */
export function* findFaded(
  { values, width, height, strong }: Foreground,
  kept: Uint8Array,
  stroke: number,
  main: Component,
): Generator<undefined, FadedStrokes | null> {
  const soft = boxBlur(values, width, height, Math.floor(stroke / 4));
  const low = Math.max(noiseLevel(soft), 0.08 * strong);
  yield;
  const around = dilate(soft, width, height, Math.ceil(stroke / 2));
  const weak = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++)
    if (kept[i]! < 128 && soft[i]! > low && soft[i]! > WEAKEST * around[i]!) weak[i] = 1;
  yield;
  const wide = yield* opening(weak, width, height, Math.ceil(stroke / 8));
  yield;
  const stands = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) stands[i] = kept[i]! >= 128 || weak[i]! > 0 ? 1 : 0;
  const start = main.pixels.reduce((best, i) => (values[i]! > values[best]! ? i : best));
  const whole = labelComponents(stands, width, height, 0).find((component) => component.pixels.includes(start))!;
  const reached = new Uint8Array(values.length);
  for (const i of whole.pixels) reached[i] = 1;
  const pieces = labelComponents(wide, width, height, 0).filter(
    ({ pixels, isCellLine }) =>
      reached[pixels[0]!] === 1 && pixels.length >= Math.max(8, (stroke * stroke) / 2) && !isCellLine,
  );
  const pixels = pieces.flatMap((piece) => Array.from(piece.pixels));
  // A shadow that the digit touches is no stroke: it is much wider.
  const isStroke = strokeWidth({ gray: reached.map((value) => 255 * value), width, height }) <= 2 * stroke;
  return pixels.length > 0 && isStroke ? { pixels, reached } : null;
}

const WEAKEST = 0.25;
