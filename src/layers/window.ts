// Sliding windows: kernel sizes, strides and padding, as Keras and TensorFlow define them.
import { check } from '../base/errors.js';
import { checkWhole, LARGEST, type Shape } from '../base/shape.js';

export type Padding = 'valid' | 'same';

/** One number for both axes, or [height, width]. */
export type Size2d = number | readonly [height: number, width: number];

export function checkSize2d(size: unknown, what: string): [number, number] {
  const pair = Array.isArray(size) ? size : [size, size];
  check(pair.length === 2, () => `${what} must be a number or [height, width], got ${JSON.stringify(size)}`);
  const checked: [number, number] = [checkWhole(pair[0], what), checkWhole(pair[1], what)];
  check(
    checked.every((each) => each < LARGEST),
    () => `${what} must be less than ${LARGEST}, as every image is, got ${JSON.stringify(size)}; make it smaller`,
  );
  return checked;
}

export function checkPadding(padding: unknown, who: string): Padding {
  check(
    padding === 'valid' || padding === 'same',
    () => `${who}'s padding must be 'valid' or 'same', got ${JSON.stringify(padding)}`,
  );
  return padding;
}

/** Outputs along one axis, and the padding before the first element. 'same': ⌈in / stride⌉ outputs, the smaller half of the padding first. */
function axis(size: number, window: number, stride: number, padding: Padding): { out: number; before: number } {
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
  padding: Padding,
  who: string,
): Windows {
  const [height, width] = input as [number, number];
  const vertical = axis(height, window[0], strides[0], padding);
  const horizontal = axis(width, window[1], strides[1], padding);
  check(
    vertical.out > 0 && horizontal.out > 0,
    () =>
      `${who} needs an image of at least ${window[0]} × ${window[1]}, got ${height} × ${width}; use a smaller window, padding: 'same', or fewer layers before it`,
  );
  return { outH: vertical.out, outW: horizontal.out, padTop: vertical.before, padLeft: horizontal.before };
}
