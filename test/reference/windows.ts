// How a window (a convolution's kernel, a pool) slides along one axis of an image, as Keras and TensorFlow define it.

export type Padding = 'valid' | 'same';
export type Pair = readonly [height: number, width: number];

/** `out`: how many places the window takes; `before`: how many padding elements stand before the first element of the axis. */
export interface Slide {
  readonly out: number;
  readonly before: number;
}

export function slide(size: number, window: number, stride: number, padding: Padding): Slide {
  if (padding === 'valid') return { out: Math.floor((size - window) / stride) + 1, before: 0 };
  const out = Math.ceil(size / stride);
  const total = Math.max((out - 1) * stride + window - size, 0);
  return { out, before: Math.floor(total / 2) };
}
