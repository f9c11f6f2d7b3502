// Operators that take a part of an axis, or put more around it.
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import { sizeOf } from '../../../base/shape.js';
import { naturalOrder, placed, sizesOf, unmapped, type Live, type Value } from '../value.js';
import { axisIn, constantInput, liveInput, numbersIn, wholeNumbers } from './inputs.js';
import { linear } from './linear.js';
import { outside } from './pooling.js';
import { withDims } from './shapes.js';

type Inputs = readonly (Value | undefined)[];

/** A part of one axis, every `step`th of it. */
function slice(x: Live, axis: number, begin: number, count: number, step: number, reading: Reading): Live {
  const sizes = sizesOf(x.view);
  if (begin === 0 && count === sizes[axis] && step === 1) return { ...x, shared: true };
  const order = naturalOrder(x);
  const { image, back } = columns(x, order, axis, reading);
  const { builder } = reading;
  const [rows, size, inner] = builder.shapes[image]! as [number, number, number];
  const covered = (count - 1) * step + 1;
  const cropping = [
    [0, 0],
    [begin, size - begin - covered],
  ];
  let y = covered === size ? image : builder.call('Cropping2D', { cropping }, [image], [rows, covered, inner]);
  if (step > 1) y = builder.call('MaxPooling2D', { poolSize: 1, strides: [1, step] }, [y], [rows, count, inner]);
  return { ...back(y, count), nonNegative: x.nonNegative };
}

/** The value as an image whose width is this axis, and back from one of another width. */
function columns(x: Live, order: readonly number[], axis: number, reading: Reading) {
  const sizes = sizesOf(x.view);
  const at = order.indexOf(axis);
  const outer = sizeOf(order.slice(0, at).map((i) => sizes[i]!));
  const inner = sizeOf(order.slice(at + 1).map((i) => sizes[i]!));
  const image = reading.shaped(reading.ordered(x, order), [outer, sizes[axis]!, inner]);
  return {
    image,
    back(tensor: number, width: number): Live {
      const all = sizes.map((size, i) => (i === axis ? width : size));
      return placed(
        reading.shaped(
          tensor,
          order.map((i) => all[i]!),
        ),
        all,
        order,
      );
    },
  };
}

export function slices(node: Node, inputs: Inputs, reading: Reading): Live {
  let x = liveInput(node, inputs, 0);
  const dims = reading.dims(x);
  const starts = numbersIn(node, inputs, 'starts', 1) ?? [];
  const ends = numbersIn(node, inputs, 'ends', 2) ?? [];
  const axes = numbersIn(node, inputs, 'axes', 3) ?? starts.map((_, i) => i);
  const steps = inputs[4] === undefined ? starts.map(() => 1) : wholeNumbers(node, inputs, 4, 'steps');
  for (const [i, given] of axes.entries()) {
    const axis = axisIn(given, dims.length);
    const [size, step] = [dims[axis]!, steps[i] ?? 1];
    const place = (value: number): number => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
    if (step < 0 && axis > 0) {
      reading.spend(size);
      const [from, to] = [
        Math.min(place(starts[i]!), size - 1),
        ends[i]! < -size ? -1 : Math.min(place(ends[i]!), size - 1),
      ];
      const taps = Array.from(
        { length: Math.max(0, Math.ceil((to - from) / step)) },
        (_, o) => [[from + o * step, 1]] as const,
      );
      if (taps.length === 0) unmapped(`from ${starts[i]} to ${ends[i]} in steps of ${step}`);
      x = linear(x, axis - 1, taps, reading);
      continue;
    }
    const [begin, end] = [place(starts[i]!), place(ends[i] ?? NaN)];
    if (!(step >= 1) || !(end > begin)) unmapped(`from ${starts[i]} to ${ends[i]} in steps of ${step}`);
    if (axis === 0) {
      if (begin > 0 || end < size || step > 1) unmapped('it takes some of the examples');
      continue;
    }
    x = slice(x, axis - 1, begin, Math.ceil((end - begin) / step), step, reading);
  }
  return x;
}

export function split(node: Node, inputs: Inputs, reading: Reading): readonly Live[] {
  const x = liveInput(node, inputs, 0);
  const axis = axisIn(node.int('axis', 0), x.view.length + 1) - 1;
  if (axis < 0) unmapped('axis 0: it parts examples');
  const size = sizesOf(x.view)[axis]!;
  const parts = node.int('num_outputs', node.proto.outputs.length);
  if (!(parts >= 1 && parts <= size)) unmapped(`${parts} parts of ${size}`);
  const each = Math.ceil(size / parts);
  const lengths =
    numbersIn(node, inputs, 'split', 1) ??
    Array.from({ length: parts }, (_, i) => (i === parts - 1 ? size - each * (parts - 1) : each));
  if (!lengths.every((length) => length > 0) || lengths.reduce((sum, length) => sum + length, 0) !== size)
    unmapped(`parts [${lengths.join(', ')}] of ${size}`);
  let begin = 0;
  return lengths.map((length) => {
    begin += length;
    return slice(x, axis, begin - length, length, 1, reading);
  });
}

/** Some of an axis, in any order. */
export function gather(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const dims = reading.dims(x);
  const axis = axisIn(node.int('axis', 0), dims.length);
  const index = constantInput(node, inputs, 1, 'its indices');
  if (axis === 0 && !x.bare) unmapped('axis 0: it takes some of the examples');
  const own = x.bare ? axis : axis - 1;
  const at = Array.from(index.data, (each) => axisIn(each, dims[axis]!));
  if (at.length === 0) unmapped('no indices');
  const isAll = at.length === dims[axis] && at.every((from, i) => from === i);
  const y = isAll
    ? x
    : at.length === 1
      ? slice(x, own, at[0]!, 1, 1, reading)
      : linear(
          x,
          own,
          at.map((from) => [[from, 1]]),
          reading,
        );
  return withDims({ ...y, bare: x.bare }, [...dims.slice(0, axis), ...index.dims, ...dims.slice(axis + 1)], reading);
}

export function pad(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const mode = node.text('mode', 'constant');
  const rank = x.view.length + 1;
  const given = numbersIn(node, inputs, 'pads', 1) ?? node.ints('paddings') ?? [];
  const value = inputs[2] === undefined ? node.float('value', 0) : constantInput(node, inputs, 2, 'value').data[0]!;
  const axes =
    (inputs[3] === undefined ? null : wholeNumbers(node, inputs, 3, 'axes')) ??
    Array.from({ length: rank }, (_, i) => i);
  if (given.length !== 2 * axes.length) unmapped(`pads [${given.join(', ')}]`);
  const sides = Array.from({ length: rank }, () => [0, 0] as [number, number]);
  for (const [i, axis] of axes.entries()) sides[axisIn(axis, rank)] = [given[i]!, given[i + axes.length]!];
  if (sides[0]!.some((side) => side !== 0)) unmapped('it adds examples');
  return sides.slice(1).reduce<Live>((y, side, axis) => {
    if (side[0] === 0 && side[1] === 0) return y;
    return mode === 'constant' ? padAxis(y, axis, side, value, reading) : mirrored(y, axis, side, mode, reading);
  }, x);
}

/** Along one axis, filled with what lies in it. */
function mirrored(x: Live, axis: number, [before, after]: [number, number], mode: string, reading: Reading): Live {
  const size = sizesOf(x.view)[axis]!;
  const last = size - 1;
  const from = (place: number): number => {
    if (mode === 'edge') return Math.min(Math.max(place, 0), last);
    if (mode === 'wrap') return ((place % size) + size) % size;
    if (mode !== 'reflect') return unmapped(`mode ${mode}`);
    const period = Math.max(2 * last, 1);
    const inPeriod = ((place % period) + period) % period;
    return inPeriod > last ? period - inPeriod : inPeriod;
  };
  if (!(size + before + after > 0)) unmapped(`pads [${before}, ${after}] of ${size}`);
  reading.spend(size + before + after);
  const taps = Array.from({ length: size + before + after }, (_, i) => [[from(i - before), 1]] as const);
  return { ...linear(x, axis, taps, reading), nonNegative: x.nonNegative };
}

/** Along one axis; less than 0 takes away. */
function padAxis(x: Live, axis: number, [before, after]: [number, number], value: number, reading: Reading): Live {
  const size = sizesOf(x.view)[axis]!;
  const [cutBefore, cutAfter] = [Math.max(0, -before), Math.max(0, -after)];
  if (!(size > cutBefore + cutAfter)) unmapped(`pads [${before}, ${after}] of ${size}`);
  const y = slice(x, axis, cutBefore, size - cutBefore - cutAfter, 1, reading);
  const [more, rest] = [Math.max(0, before), Math.max(0, after)];
  if (more === 0 && rest === 0) return y;
  const order = naturalOrder(y);
  const { image, back } = columns(y, order, axis, reading);
  const { builder } = reading;
  const [rows, width, inner] = builder.shapes[image]! as [number, number, number];
  const pads = [
    [0, 0],
    [more, rest],
  ] as const;
  const padding = pads.map((side) => [...side]);
  const padded = builder.call('ZeroPadding2D', { padding }, [image], [rows, width + more + rest, inner]);
  const filled = value === 0 ? padded : outside(reading, padded, pads, value);
  return { ...back(filled, width + more + rest), nonNegative: x.nonNegative === true && value >= 0 };
}

/** Repeats what has axes of 1. */
export function expand(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const dims = reading.dims(x);
  const wanted = wholeNumbers(node, inputs, 1, 'its shape');
  const lacking = dims.length - wanted.length;
  const target = dims.map((size, axis) =>
    axis < lacking || wanted[axis - lacking] === 1 ? size : wanted[axis - lacking]!,
  );
  if (lacking < 0 || target[0] !== dims[0] || !target.every((size, axis) => dims[axis] === 1 || size === dims[axis]))
    unmapped(`[${wanted.join(', ')}] of [${dims.join(', ')}]`);
  return target.slice(1).reduce<Live>((y, size, axis) => {
    if (size === dims[axis + 1]) return y;
    reading.spend(size);
    return linear(
      y,
      axis,
      Array.from({ length: size }, () => [[0, 1]] as const),
      reading,
    );
  }, x);
}
