// Sliding windows: kernel sizes, strides and padding, as Keras and TensorFlow define them.
import { check } from '../base/errors.js';
import { listed } from '../base/options.js';
import { checkWhole, LARGEST, type Shape } from '../base/shape.js';

export type Padding = 'valid' | 'same';

/** Zeros around an image, as zeroPadding2d takes them: as many on every side, [vertical, horizontal] or [[top, bottom], [left, right]]. */
export type Zeros = number | readonly [number, number] | Sides;
export type Sides = readonly [vertical: readonly [number, number], horizontal: readonly [number, number]];

/** One number for both axes, or [height, width]. */
export type Size2d = number | readonly [height: number, width: number];

export function checkSize2d(size: unknown, what: string, minimum = 1): [number, number] {
  const pair = Array.isArray(size) ? size : [size, size];
  check(pair.length === 2, () => `${what} must be a number or [height, width], got ${listed(size)}`);
  const checked: [number, number] = [checkWhole(pair[0], what, minimum), checkWhole(pair[1], what, minimum)];
  check(
    checked.every((each) => each < LARGEST),
    () => `${what} must be less than ${LARGEST}, as every image is, got ${listed(size)}; make it smaller`,
  );
  return checked;
}

export function checkPadding(padding: unknown, who: string): Padding {
  check(
    padding === 'valid' || padding === 'same',
    () => `${who}'s padding must be 'valid' or 'same', got ${listed(padding)}`,
  );
  return padding;
}

/** A convolution's padding. */
export function checkZeros(padding: unknown, who: string): Padding | Sides {
  if (padding === 'valid' || padding === 'same') return padding;
  const axes: unknown[] = Array.isArray(padding) ? padding : [padding, padding];
  const sides = axes.map((axis: unknown) => (Array.isArray(axis) ? axis : [axis, axis]));
  check(
    typeof padding !== 'string' && sides.length === 2 && sides.every(({ length }) => length === 2),
    () =>
      `${who}'s padding must be 'valid', 'same', a number, [vertical, horizontal] or [[top, bottom], [left, right]], got ${listed(padding)}`,
  );
  const what = `${who}'s padding`;
  const checked = sides.map((side) => side.map((zeros) => checkWhole(zeros, what, 0)));
  check(
    checked.flat().every((zeros) => zeros < LARGEST),
    () => `${what} must be less than ${LARGEST}, as every image is, got ${listed(padding)}; make it smaller`,
  );
  return checked as unknown as Sides;
}

/** The padding as a file has it. */
export function copyOfPadding(padding: Padding | Sides): unknown {
  return typeof padding === 'string' ? padding : padding.map((side) => [...side]);
}

/** Outputs along one axis, and the padding before the first element. 'same': ⌈in / stride⌉ outputs, the smaller half of the padding first. */
function axis(
  size: number,
  window: number,
  stride: number,
  padding: Padding | readonly [number, number],
): { out: number; before: number } {
  if (typeof padding !== 'string')
    return { out: Math.floor((padding[0] + size + padding[1] - window) / stride) + 1, before: padding[0] };
  if (padding === 'valid') return { out: Math.floor((size - window) / stride) + 1, before: 0 };
  const out = Math.ceil(size / stride);
  return { out, before: Math.floor(Math.max((out - 1) * stride + window - size, 0) / 2) };
}

export interface Windows {
  readonly outH: number;
  readonly outW: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** The windows over [height, width]; throws one sentence where not even one fits. */
export function windows(
  input: Shape,
  window: readonly [number, number],
  strides: readonly [number, number],
  padding: Padding | Sides,
  who: string,
): Windows {
  const [height, width] = input as [number, number];
  const [paddingH, paddingW] = typeof padding === 'string' ? [padding, padding] : padding;
  const vertical = axis(height, window[0], strides[0], paddingH);
  const horizontal = axis(width, window[1], strides[1], paddingW);
  check(
    vertical.out > 0 && horizontal.out > 0,
    () =>
      `${who} needs an image of at least ${window[0]} × ${window[1]}, got ${height} × ${width}; use a smaller window, padding: 'same', or fewer layers before it`,
  );
  return { outH: vertical.out, outW: horizontal.out, padTop: vertical.before, padLeft: horizontal.before };
}
