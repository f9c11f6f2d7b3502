// An axis whose values become weighted sums of themselves: pictures resized, edges repeated, values picked. A convolution of 1 × 1 over it,
// which training leaves as it is.
import { sizeOf } from '../../../base/shape.js';
import { tensorOf } from '../builder.js';
import type { Reading } from '../reading.js';
import { naturalOrder, placed, sizesOf, type Live } from '../value.js';

/** What a value is the sum of: places along the axis, and weights. */
export type Taps = readonly (readonly [from: number, weight: number])[];

/** `sums`: added to the values of an output place. */
export function linear(
  x: Live,
  axis: number,
  taps: readonly Taps[],
  reading: Reading,
  sums: Float32Array | null = null,
): Live {
  const sizes = sizesOf(x.view);
  const [size, out] = [sizes[axis]!, taps.length];
  const order = [...naturalOrder(x).filter((each) => each !== axis), axis];
  const rest = order.slice(0, -1).map((each) => sizes[each]!);
  const image = rest.length === 2 ? rest : [sizeOf(rest), 1];
  reading.spend(size * out);
  const kernel = new Float32Array(size * out);
  for (const [o, sum] of taps.entries()) for (const [from, weight] of sum) kernel[from * out + o]! += weight;
  const { builder } = reading;
  const tensor = builder.call(
    'Conv2D',
    { filters: out, kernelSize: 1, useBias: sums !== null, trainable: false },
    [reading.shaped(reading.ordered(x, order), [...image, size])],
    [...image, out],
    { kernel: tensorOf([1, 1, size, out], kernel), ...(sums && { bias: tensorOf([out], sums) }) },
  );
  const all = sizes.map((each, i) => (i === axis ? out : each));
  return placed(reading.shaped(tensor, [...rest, out]), all, order);
}
