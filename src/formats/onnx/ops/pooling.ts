// Pools: where a layer cannot pad as ONNX does, the image is padded before, with what does not change the result.
import { sizeOf } from '../../../base/shape.js';
import { tensorOf } from '../builder.js';
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import { layerOrder, sizesOf, unmapped, type Live, type Value } from '../value.js';
import { padsForAll, windowsOf, type Pair, type Windows } from '../window.js';
import { axisIn, liveInput, numbersIn } from './inputs.js';

/** Lower than all others, and so far from infinity that sums with it are numbers. */
const LOWEST = -3e38;
/** Windows with gaps become one layer for each place in them. */
const MOST_TAPS = 64;

type Inputs = readonly (Value | undefined)[];
type Image = readonly [height: number, width: number, channels: number];

export function maxPool(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  node.ignore('storage_order');
  if (reading.usesMore(node)) unmapped('its output of indices is used');
  const { tensor, shape } = reading.image(x);
  const windows = windowsOf(node, [shape[0], shape[1]], x.view.length - 1);
  const { kernel, strides, padding, output } = windows;
  const more = { nonNegative: x.nonNegative };
  const config = { poolSize: [...kernel], strides: [...strides] };
  const result = [...output, shape[2]];
  const gaps = windows.dilations.some((dilation, axis) => dilation > 1 && kernel[axis]! > 1);
  const { builder } = reading;
  if (!gaps && padding)
    return reading.ofImage(builder.call('MaxPooling2D', { ...config, padding }, [tensor], result), x.view.length, more);
  const pads = padsForAll(windows, [shape[0], shape[1]]);
  const padded = padLowest(reading, tensor, shape, pads, x.nonNegative === true);
  const every = windows.dilations;
  // Windows that begin on every d-th pixel, with gaps of d, see only every d-th.
  const isSparse = gaps && strides.every((stride, axis) => stride % every[axis]! === 0);
  if (isSparse) {
    const [height, width] = [0, 1].map((axis) => Math.ceil(builder.shapes[padded]![axis]! / every[axis]!)) as [
      number,
      number,
    ];
    const sparse = { poolSize: 1, strides: [...every] };
    const seen = builder.call('MaxPooling2D', sparse, [padded], [height, width, shape[2]]);
    const steps = strides.map((stride, axis) => stride / every[axis]!);
    return reading.ofImage(
      builder.call('MaxPooling2D', { ...config, strides: steps }, [seen], result),
      x.view.length,
      more,
    );
  }
  const y = gaps
    ? dilatedMax(reading, padded, windows, shape[2])
    : builder.call('MaxPooling2D', config, [padded], result);
  return reading.ofImage(y, x.view.length, more);
}

/** The image within values that are the largest of no window. */
function padLowest(reading: Reading, tensor: number, shape: Image, pads: Windows['pads'], zeros: boolean): number {
  const padded = padZeros(reading, tensor, shape, pads);
  if (zeros || padded === tensor) return padded;
  return outside(reading, padded, pads, LOWEST);
}

/** The image within zeros. */
export function padZeros({ builder }: Reading, tensor: number, shape: Image, pads: Windows['pads']): number {
  if (pads.flat().every((side) => side === 0)) return tensor;
  const [height, width] = [0, 1].map((axis) => shape[axis]! + pads[axis]![0] + pads[axis]![1]) as [number, number];
  const padding = pads.map((side) => [...side]);
  return builder.call('ZeroPadding2D', { padding }, [tensor], [height, width, shape[2]]);
}

/** Adds a value to what lies in the padding of an image, and 0 to the rest. */
export function outside(reading: Reading, tensor: number, pads: Windows['pads'], value: number): number {
  const [height, width] = reading.builder.shapes[tensor] as unknown as Image;
  const isIn = (place: number, size: number, [before, after]: Pair): boolean => place >= before && place < size - after;
  return pixels(reading, tensor, (y, x) => [1, isIn(y, height, pads[0]) && isIn(x, width, pads[1]) ? 0 : value]);
}

/** Each pixel of an image by a factor of its own and a number that is added to it, in all channels. Both stay as they are in training. */
function pixels(reading: Reading, tensor: number, of: (y: number, x: number) => readonly [number, number]): number {
  const [height, width, channels] = reading.builder.shapes[tensor] as unknown as Image;
  const size = height * width * channels;
  reading.spend(2 * size);
  const [factors, sums] = [new Float32Array(size), new Float32Array(size)];
  for (let i = 0; i < size; i++) {
    const pixel = Math.floor(i / channels);
    [factors[i], sums[i]] = of(Math.floor(pixel / width), pixel % width);
  }
  const { builder } = reading;
  const flat = reading.shaped(tensor, [1, 1, size]);
  const y = builder.call('DepthwiseConv2D', { kernelSize: 1, trainable: false }, [flat], [1, 1, size], {
    depthwiseKernel: tensorOf([1, 1, size, 1], factors),
    bias: tensorOf([size], sums),
  });
  return reading.shaped(y, [height, width, channels]);
}

/** The largest at the places of a window with gaps: one image for each place. */
function dilatedMax({ builder }: Reading, tensor: number, windows: Windows, channels: number): number {
  const { kernel, strides, dilations, output } = windows;
  if (sizeOf(kernel) > MOST_TAPS)
    unmapped(`dilations [${dilations.join(', ')}] with a window of ${kernel.join(' × ')}`);
  const size = builder.shapes[tensor]!;
  const covered = output.map((out, axis) => (out - 1) * strides[axis]! + 1) as [number, number];
  const taps = Array.from({ length: sizeOf(kernel) }, (_, i) => {
    const begin = [Math.floor(i / kernel[1]) * dilations[0], (i % kernel[1]) * dilations[1]];
    const cropping = covered.map((all, axis) => [begin[axis]!, size[axis]! - begin[axis]! - all]);
    const part = builder.call('Cropping2D', { cropping }, [tensor], [...covered, channels]);
    return builder.call('MaxPooling2D', { poolSize: 1, strides: [...strides] }, [part], [...output, channels]);
  });
  return taps.length === 1 ? taps[0]! : builder.call('Maximum', {}, taps, [...output, channels]);
}

export function averagePool(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const { tensor, shape } = reading.image(x);
  const size: Pair = [shape[0], shape[1]];
  const windows = windowsOf(node, size, x.view.length - 1);
  const includesPads = node.int('count_include_pad', 0) === 1;
  const { kernel, strides, dilations, pads, padding, output } = windows;
  const result = [...output, shape[2]];
  const { builder } = reading;
  const more = { nonNegative: x.nonNegative };
  const gaps = dilations.some((dilation, axis) => dilation > 1 && kernel[axis]! > 1);
  const needed = padsForAll(windows, size);
  const config = { poolSize: [...kernel], strides: [...strides] };
  const standOut = needed.some(([, after], axis) => after > pads[axis]![1]);
  if (!gaps && (padding === 'valid' || (padding === 'same' && !includesPads)))
    return reading.ofImage(
      builder.call('AveragePooling2D', { ...config, padding }, [tensor], result),
      x.view.length,
      more,
    );
  const padded = padZeros(reading, tensor, shape, needed);
  if (!gaps && includesPads && !standOut)
    return reading.ofImage(builder.call('AveragePooling2D', config, [padded], result), x.view.length, more);
  // The sum of each window, over how many of its places count.
  const y = sums(reading, padded, windows, shape[2]);
  const counted = (axis: number, out: number): number => {
    const [before, after] = includesPads ? pads[axis]! : [0, 0];
    const begin = out * strides[axis]! - pads[axis]![0];
    const places = Array.from({ length: kernel[axis]! }, (_, i) => begin + i * dilations[axis]!);
    return places.filter((place) => place >= -before && place < size[axis]! + after).length;
  };
  const divided = pixels(reading, y, (row, column) => [1 / (counted(0, row) * counted(1, column)), 0]);
  return reading.ofImage(divided, x.view.length, more);
}

function sums({ builder }: Reading, tensor: number, windows: Windows, channels: number): number {
  const { kernel, strides, dilations, output } = windows;
  const config = {
    kernelSize: [...kernel],
    strides: [...strides],
    dilationRate: [...dilations],
    useBias: false,
    trainable: false,
  };
  return builder.call('DepthwiseConv2D', config, [tensor], [...output, channels], {
    depthwiseKernel: tensorOf([...kernel, channels, 1], new Float32Array(sizeOf(kernel) * channels).fill(1)),
  });
}

export function globalPool(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const axes = x.view.map((_, axis) => axis + 1).slice(1);
  return reduce(x, axes, true, node.op === 'GlobalMaxPool' ? 'max' : 'mean', reading);
}

/** ReduceMean, ReduceMax, ReduceSum. */
export function reduction(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const rank = x.view.length + 1;
  const given = numbersIn(node, inputs, 'axes', 1);
  const keep = node.int('keepdims', 1) === 1;
  const noop = node.int('noop_with_empty_axes', 0) === 1;
  if ((!given || given.length === 0) && noop) return { ...x, shared: true };
  const axes = given && given.length > 0 ? given.map((axis) => axisIn(axis, rank)) : x.view.map((_, axis) => axis);
  if (!given || given.length === 0 || axes.includes(0)) unmapped('it reduces the axis of the examples');
  const of = ({ ReduceMean: 'mean', ReduceMax: 'max', ReduceSum: 'sum' } as const)[node.op as 'ReduceMean'];
  return reduce(x, axes, keep, of, reading);
}

function reduce(x: Live, axes: readonly number[], keep: boolean, of: 'mean' | 'max' | 'sum', reading: Reading): Live {
  const sizes = sizesOf(x.view);
  const reduced = new Set(axes.map((axis) => axis - 1));
  const all = layerOrder(sizes.length);
  const order = [...all.filter((axis) => reduced.has(axis)), ...all.filter((axis) => !reduced.has(axis))];
  const count = sizeOf([...reduced].map((axis) => sizes[axis]!));
  const kept = sizeOf(sizes) / count;
  const { builder } = reading;
  const moved = reading.arranged(x, order);
  const shape = reading.shapeOf(moved);
  // An image as it is, or one column of what is reduced.
  const image = shape.length === 3 && shape[2] === kept ? shape : [count, 1, kept];
  const className = of === 'max' ? 'GlobalMaxPooling2D' : 'GlobalAveragePooling2D';
  const wide = keep && sizes.length === 3;
  const pooled = builder.call(
    className,
    wide ? { keepDims: true } : {},
    [reading.shaped(moved.tensor, image)],
    wide ? [1, 1, kept] : [kept],
  );
  const tensor = of === 'sum' ? builder.call('Rescaling', { scale: count }, [pooled], builder.shapes[pooled]!) : pooled;
  const view = moved.view.map((atoms, axis) => (reduced.has(axis) ? [] : atoms));
  const gone = new Set(moved.view.flatMap((atoms, axis) => (reduced.has(axis) ? atoms : [])));
  return {
    constant: false,
    tensor,
    physical: moved.physical.filter((atom) => !gone.has(atom)),
    view: keep ? view : view.filter((_, axis) => !reduced.has(axis)),
    nonNegative: x.nonNegative,
  };
}
