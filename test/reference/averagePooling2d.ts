// Mean over windows of each channel, in plain loops; padding counts for nothing.
import type { ReferenceLayer } from './layer.js';
import { slide, type Padding, type Pair } from './windows.js';

export const averagePooling2d: ReferenceLayer = ({ config, inputs: [x], n }) => {
  const { poolSize, strides, padding } = config as { poolSize: Pair; strides: Pair; padding: Padding };
  const [inH, inW, channels] = x!.shape as [number, number, number];
  const rows = slide(inH, poolSize[0], strides[0], padding);
  const columns = slide(inW, poolSize[1], strides[1], padding);
  const shape = [rows.out, columns.out, channels];

  /** The places in x of the values behind each element of y. */
  const windows: number[][] = [];
  for (let example = 0; example < n; example++)
    for (let outRow = 0; outRow < rows.out; outRow++)
      for (let outColumn = 0; outColumn < columns.out; outColumn++)
        for (let channel = 0; channel < channels; channel++) {
          const places: number[] = [];
          for (let poolRow = 0; poolRow < poolSize[0]; poolRow++)
            for (let poolColumn = 0; poolColumn < poolSize[1]; poolColumn++) {
              const row = outRow * strides[0] - rows.before + poolRow;
              const column = outColumn * strides[1] - columns.before + poolColumn;
              if (row >= 0 && row < inH && column >= 0 && column < inW)
                places.push(((example * inH + row) * inW + column) * channels + channel);
            }
          windows.push(places);
        }

  return {
    values: Float64Array.from(
      windows,
      (places) => places.reduce((sum, place) => sum + x!.values[place]!, 0) / places.length,
    ),
    shape,
    backward(dy) {
      const dx = new Float64Array(x!.values.length);
      for (const [i, places] of windows.entries()) for (const place of places) dx[place]! += dy[i]! / places.length;
      return { inputs: [dx], weights: [] };
    },
  };
};
