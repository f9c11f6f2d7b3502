// How far a network's run is from its nearest ReLU kink or pool tie: beyond it, rounding cannot send a gradient another way.
import type { NetworkLayer, NetworkRun } from './network.js';
import { slide, type Padding, type Pair } from './windows.js';

/**
 * The smallest distance of a ReLU's input from 0, or of a window's largest value from its second, in units of the layer's root
 * mean square. Exact zeros count for nothing: they were made by a ReLU, dropout or padding, and f32 has them as well.
 */
export function decisionMargin(layers: readonly NetworkLayer[], run: NetworkRun): number {
  const { inputs } = run;
  let margin = run.margin;
  layers.forEach((layer, i) => {
    const { values, shape } = inputs[i]!;
    const distances =
      layer.kind === 'relu' ? values : layer.kind === 'maxPooling2d' ? poolGaps(layer, values, shape) : [];
    const scale = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    for (const distance of distances) if (distance !== 0) margin = Math.min(margin, Math.abs(distance) / scale);
  });
  return margin;
}

/** The largest value of each window minus its second largest. */
export function* poolGaps(
  { poolSize, strides = poolSize, padding = 'valid' }: { poolSize: Pair; strides?: Pair; padding?: Padding },
  values: Float64Array,
  shape: readonly number[],
): Generator<number> {
  const [inH, inW, channels] = shape as [number, number, number];
  const rows = slide(inH, poolSize[0], strides[0], padding);
  const columns = slide(inW, poolSize[1], strides[1], padding);
  for (let image = 0; image < values.length; image += inH * inW * channels)
    for (let top = -rows.before; top < rows.out * strides[0] - rows.before; top += strides[0])
      for (let left = -columns.before; left < columns.out * strides[1] - columns.before; left += strides[1])
        for (let channel = 0; channel < channels; channel++) {
          let [first, second] = [-Infinity, -Infinity];
          for (let row = Math.max(0, top); row < Math.min(inH, top + poolSize[0]); row++)
            for (let column = Math.max(0, left); column < Math.min(inW, left + poolSize[1]); column++) {
              const value = values[image + (row * inW + column) * channels + channel]!;
              if (value > first) [first, second] = [value, first];
              else second = Math.max(second, value);
            }
          yield first - second;
        }
}
