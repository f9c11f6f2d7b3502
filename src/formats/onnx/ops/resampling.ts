// Where each output pixel of a Resize comes from, along one axis.  https://onnx.ai/onnx/operators/onnx__Resize.html
import type { Node } from '../node.js';
import { unmapped } from '../value.js';
import type { Taps } from './linear.js';

export interface Resampling {
  readonly mode: string;
  readonly transformation: string;
  readonly rounding: string;
  readonly cubic: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
  readonly extrapolation: number;
}

export interface Axis {
  readonly size: number;
  readonly out: number;
  readonly scale: number;
  /** Part of the axis that is seen, from 0 to 1. */
  readonly region: readonly [number, number];
}

export function resamplingOf(node: Node, isOld: boolean): Resampling {
  const mode = node.text('mode', 'nearest').replace('bilinear', 'linear');
  if (!['nearest', 'linear', 'cubic'].includes(mode)) unmapped(`mode ${mode}`);
  return {
    mode,
    transformation: node.text('coordinate_transformation_mode', isOld ? 'asymmetric' : 'half_pixel'),
    rounding: node.text('nearest_mode', isOld ? 'floor' : 'round_prefer_floor'),
    cubic: node.float('cubic_coeff_a', -0.75),
    excludeOutside: node.int('exclude_outside', 0) !== 0,
    antialias: node.int('antialias', 0) !== 0,
    extrapolation: node.float('extrapolation_value', 0),
  };
}

/** Position of output place o among the input's pixels. */
export function placeOf({ transformation }: Resampling, { size, out, scale, region }: Axis, o: number): number {
  const wide = scale * size;
  switch (transformation) {
    case 'half_pixel':
      return (o + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric':
      return (size / 2) * (1 - out / wide) + (o + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return wide === 1 ? -0.5 : (o + 0.5) / scale - 0.5;
    case 'asymmetric':
      return o / scale;
    case 'align_corners':
      return wide === 1 ? 0 : (o * (size - 1)) / (wide - 1);
    case 'tf_crop_and_resize': {
      const [begin, end] = region;
      const step = wide === 1 ? 0.5 : o / (wide - 1);
      return begin * (size - 1) + step * (end - begin) * (size - 1);
    }
    default:
      return unmapped(`coordinate_transformation_mode ${transformation}`);
  }
}

export function rounded(place: number, rounding: string): number {
  if (rounding === 'round_prefer_floor') return Math.ceil(place - 0.5);
  if (rounding === 'round_prefer_ceil') return Math.floor(place + 0.5);
  if (rounding === 'floor') return Math.floor(place);
  return rounding === 'ceil' ? Math.ceil(place) : unmapped(`nearest_mode ${rounding}`);
}

/** Whether an output place lies outside of the input, and gets another value. */
export function isOutside({ transformation }: Resampling, place: number, size: number): boolean {
  return transformation === 'tf_crop_and_resize' && (place < 0 || place > size - 1);
}

/** Weight of a pixel at a distance, in pixels of the kernel. */
function weightAt(distance: number, mode: string, a: number): number {
  const x = Math.abs(distance);
  if (mode === 'linear') return Math.max(0, 1 - x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

export function tapsOf(resampling: Resampling, axis: Axis, o: number): Taps {
  const { mode, rounding, cubic, excludeOutside, antialias } = resampling;
  const { size, scale } = axis;
  const place = placeOf(resampling, axis, o);
  if (isOutside(resampling, place, size)) return [];
  const within = (at: number): number => Math.min(Math.max(at, 0), size - 1);
  if (mode === 'nearest') return [[within(rounded(place, rounding)), 1]];
  // Where pictures shrink, an antialiasing kernel is as much wider.
  const narrow = antialias ? Math.min(scale, 1) : 1;
  const radius = Math.ceil((mode === 'linear' ? 1 : 2) / narrow);
  const taps: [number, number][] = [];
  for (let at = Math.floor(place) - radius; at <= Math.floor(place) + radius + 1; at++) {
    const weight = weightAt((at - place) * narrow, mode, cubic);
    if (weight === 0 || (excludeOutside && at !== within(at))) continue;
    taps.push([within(at), weight]);
  }
  const sum = antialias || excludeOutside ? taps.reduce((all, [, weight]) => all + weight, 0) : 1;
  return taps.map(([at, weight]) => [at, weight / sum]);
}
