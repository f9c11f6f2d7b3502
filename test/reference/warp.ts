// Images drawn anew from other places of themselves, in plain f64 loops.

export type FillMode = 'constant' | 'nearest' | 'reflect' | 'wrap';

/** How places between and beyond pixels are read. */
export interface Sampling {
  readonly interpolation: 'bilinear' | 'nearest';
  readonly fillMode: FillMode;
  readonly fillValue: number;
}

/** Row and column of the input for each pixel of an output row and column. */
export type PlaceOf = (row: number, column: number) => readonly [row: number, column: number];

/** Index of the pixel that stands at a whole number of an axis; null where the fill value does. */
function pixelAt(at: number, size: number, fillMode: FillMode): number | null {
  const modulo = (value: number, period: number): number => ((value % period) + period) % period;
  switch (fillMode) {
    case 'constant':
      return at >= 0 && at < size ? at : null;
    case 'nearest':
      return Math.min(Math.max(at, 0), size - 1);
    case 'wrap':
      return modulo(at, size);
    case 'reflect': {
      const within = modulo(at, 2 * size);
      return within < size ? within : 2 * size - 1 - within;
    }
  }
}

interface Tap {
  /** Index of a pixel's first channel in the image; null: the fill value. */
  readonly from: number | null;
  readonly weight: number;
}

function tapsOf(
  [row, column]: readonly [number, number],
  [height, width, channels]: readonly [number, number, number],
  { interpolation, fillMode }: Sampling,
): Tap[] {
  if (interpolation === 'nearest') [row, column] = [Math.floor(row + 0.5), Math.floor(column + 0.5)];
  const [above, left] = [Math.floor(row), Math.floor(column)];
  const taps: Tap[] = [];
  for (const i of [0, 1])
    for (const j of [0, 1]) {
      const weight = (i ? row - above : 1 - (row - above)) * (j ? column - left : 1 - (column - left));
      const [y, x] = [pixelAt(above + i, height, fillMode), pixelAt(left + j, width, fillMode)];
      if (weight !== 0) taps.push({ from: y === null || x === null ? null : (y * width + x) * channels, weight });
    }
  return taps;
}

/** One image [height, width, channels], and its gradient from that of the output. */
export function warp(
  x: Float64Array,
  shape: readonly [number, number, number],
  placeOf: PlaceOf,
  sampling: Sampling,
): { readonly y: Float64Array; backward(dy: Float64Array): Float64Array } {
  const [height, width, channels] = shape;
  const pixels = Array.from({ length: height * width }, (_, i) =>
    tapsOf(placeOf(Math.floor(i / width), i % width), shape, sampling),
  );
  const y = new Float64Array(x.length);
  for (const [i, taps] of pixels.entries())
    for (let c = 0; c < channels; c++)
      for (const { from, weight } of taps)
        y[i * channels + c]! += weight * (from === null ? sampling.fillValue : x[from + c]!);
  return {
    y,
    backward(dy) {
      const dx = new Float64Array(x.length);
      for (const [i, taps] of pixels.entries())
        for (let c = 0; c < channels; c++)
          for (const { from, weight } of taps) if (from !== null) dx[from + c]! += weight * dy[i * channels + c]!;
      return dx;
    },
  };
}

/** Where a transform a b c d e f takes each pixel from: counted from the image's middle, column X and row Y are at aX + bY + c, dX + eY + f. */
export function affinePlaces(
  [a, b, c, d, e, f]: readonly [number, number, number, number, number, number],
  [height, width]: readonly number[],
): PlaceOf {
  return (row, column) => {
    const [X, Y] = [column - (width! - 1) / 2, row - (height! - 1) / 2];
    return [d * X + e * Y + f, a * X + b * Y + c];
  };
}
