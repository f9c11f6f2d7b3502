// How a window (a convolution's kernel, a pool) slides along one axis of an image, as Keras and TensorFlow define it.

export type Padding = 'valid' | 'same';
/** A convolution's may also say what stands before and behind each axis. */
export type Paddings = Padding | readonly [vertical: Pair, horizontal: Pair];
export type Pair = readonly [height: number, width: number];

/** `out`: how many places the window takes; `before`: how many padding elements stand before the first element of the axis. */
export interface Slide {
  readonly out: number;
  readonly before: number;
}

export function slide(size: number, window: number, stride: number, padding: Padding | Pair): Slide {
  if (typeof padding !== 'string')
    return { out: Math.floor((size + padding[0] + padding[1] - window) / stride) + 1, before: padding[0] };
  if (padding === 'valid') return { out: Math.floor((size - window) / stride) + 1, before: 0 };
  const out = Math.ceil(size / stride);
  const total = Math.max((out - 1) * stride + window - size, 0);
  return { out, before: Math.floor(total / 2) };
}
