// Whether images leave room around what they show.
import type { Tensor } from '../base/tensor.js';

/** Share of the images that must have a margin. */
const LEAST_SHARE = 0.9;

/**
 * Whether 9 of 10 images, [n, height, width, channels], have one color all along their edge: what digits and drawings show can be moved
 * within its frame, while photographs fill theirs.
 */
export function haveMargin({ data, shape: [count = 0, height = 0, width = 0, channels = 0] }: Tensor): boolean {
  const size = height * width * channels;
  const hasMargin = (start: number): boolean => {
    for (let y = 0; y < height; y++) {
      const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
      for (let x = 0; x < width; x += step)
        for (let c = 0; c < channels; c++)
          if (data[start + (y * width + x) * channels + c] !== data[start + c]) return false;
    }
    return true;
  };
  let found = 0;
  for (let i = 0; i < count; i++) if (hasMargin(i * size)) found++;
  return found >= LEAST_SHARE * count;
}
