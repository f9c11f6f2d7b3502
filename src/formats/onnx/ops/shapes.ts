// Operators that move values and change none.
import { sameShape, sizeOf, type Shape } from '../../../base/shape.js';
import type { Constant } from '../constant.js';
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import { meant, naturalOrder, placed, reshaped, sizesOf, unmapped, type Live, type Value } from '../value.js';
import { linear } from './linear.js';
import { outside } from './pooling.js';
import { axisIn, constantInput, liveInput, numbersIn, wholeNumbers } from './inputs.js';

type Inputs = readonly (Value | undefined)[];

/** The value with these sizes, the batch's among them. */
export function withDims(x: Live, dims: readonly number[], reading: Reading): Live {
  const text = `[${dims.join(', ')}]`;
  const from = [reading.batch, ...sizesOf(x.view)];
  if (sizeOf(dims) !== sizeOf(from)) unmapped(`${text} of [${from.join(', ')}]`);
  if (dims[0] !== reading.batch) unmapped(`${text} of [${from.join(', ')}] moves values from one example to others`);
  const sizes = dims.slice(1);
  const cut = reshaped(x, sizes);
  if (cut) return cut;
  const plain = reading.arranged(
    x,
    x.view.map((_, axis) => axis),
  );
  return {
    ...placed(
      plain.tensor,
      sizes,
      sizes.map((_, axis) => axis),
    ),
    nonNegative: x.nonNegative,
  };
}

export function reshape(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const wanted = numbersIn(node, inputs, 'shape', 1);
  if (!wanted) unmapped('no shape');
  const from = reading.dims(x);
  const zero = node.int('allowzero', 0) === 1;
  const dims = wanted!.map((size, axis) => (size === 0 && !zero ? (from[axis] ?? NaN) : size));
  const open = dims.indexOf(-1);
  if (open >= 0) dims[open] = sizeOf(from) / sizeOf(dims.filter((_, axis) => axis !== open));
  if (!dims.every((size) => Number.isSafeInteger(size) && size > 0))
    unmapped(`[${wanted!.join(', ')}] of [${from.join(', ')}]`);
  return withDims(x, dims, reading);
}

export function flatten(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const dims = reading.dims(x);
  const given = node.int('axis', 1);
  const axis = given === dims.length ? given : axisIn(given, dims.length);
  return withDims(x, [sizeOf(dims.slice(0, axis)), sizeOf(dims.slice(axis))], reading);
}

export function squeeze(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const dims = reading.dims(x);
  const given = numbersIn(node, inputs, 'axes', 1)?.map((axis) => axisIn(axis, dims.length));
  if (given?.some((axis) => dims[axis] !== 1)) unmapped(`axes [${given.join(', ')}] of [${dims.join(', ')}]`);
  if (given?.includes(0)) unmapped('it takes the axis of the examples away');
  const gone = given ?? dims.flatMap((size, axis) => (size === 1 && axis > 0 ? [axis] : []));
  return withDims(
    x,
    dims.filter((_, axis) => !gone.includes(axis)),
    reading,
  );
}

export function unsqueeze(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const axes = numbersIn(node, inputs, 'axes', 1) ?? [];
  const dims = reading.dims(x);
  const rank = dims.length + axes.length;
  const added = axes.map((axis) => axisIn(axis, rank));
  if (new Set(added).size !== added.length) unmapped(`axes [${axes.join(', ')}]`);
  if (added.includes(0)) unmapped('it puts an axis before that of the examples');
  const rest = [...dims];
  return withDims(
    x,
    Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : rest.shift()!)),
    reading,
  );
}

/** Nothing is moved: the axes have other numbers from here on. */
export function transpose(node: Node, inputs: Inputs): Live {
  const x = liveInput(node, inputs, 0);
  const rank = x.view.length + 1;
  const perm = node.ints('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (
    !sameShape(
      [...perm].sort((a, b) => a - b),
      perm.map((_, axis) => axis),
    ) ||
    perm.length !== rank
  )
    unmapped(`perm [${perm.join(', ')}] of ${rank} axes`);
  if (perm[0] !== 0) unmapped(`perm [${perm.join(', ')}] moves the axis of the examples`);
  return { ...x, view: perm.slice(1).map((axis) => x.view[axis - 1]!), origin: undefined };
}

export function concat(node: Node, inputs: Inputs, reading: Reading): Live {
  const values = inputs.map((_, i) => liveInput(node, inputs, i));
  const sizes = values.map((value) => sizesOf(value.view));
  const axis = axisIn(node.int('axis', 1), sizes[0]!.length + 1) - 1;
  if (axis < 0) unmapped('axis 0: it joins examples');
  const fits = sizes.every(
    (each) => each.length === sizes[0]!.length && each.every((size, i) => i === axis || size === sizes[0]![i]),
  );
  if (!fits) unmapped(`inputs of ${sizes.map((each) => `[${[reading.batch, ...each].join(', ')}]`).join(' and ')}`);
  if (values.length === 1) return { ...values[0]!, shared: true };
  const order = naturalOrder(values[0]!);
  const all = sizes[0]!.map((size, i) => (i === axis ? sizes.reduce((sum, each) => sum + each[i]!, 0) : size));
  const tensor = reading.builder.call(
    'Concatenate',
    { axis: order.indexOf(axis) + 1 },
    values.map((value) => reading.ordered(value, order)),
    order.map((i) => all[i]!),
  );
  return { ...placed(tensor, all, order), nonNegative: values.every((value) => value.nonNegative) };
}

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

/** The value as an image whose width is this axis, and the way back from one of another width. */
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
  if (axis === 0) unmapped('axis 0: it takes some of the examples');
  const at = Array.from(index.data, (each) => axisIn(each, dims[axis]!));
  if (at.length === 0) unmapped('no indices');
  const y =
    at.length === 1
      ? slice(x, axis - 1, at[0]!, 1, 1, reading)
      : linear(
          x,
          axis - 1,
          at.map((from) => [[from, 1]]),
          reading,
        );
  return withDims(y, [...dims.slice(0, axis), ...index.dims, ...dims.slice(axis + 1)], reading);
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

export function depthToSpace(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const block = node.int('blocksize', 1);
  const mode = node.text('mode', 'DCR');
  const [channels, height, width] = sizesOf(x.view) as [number, number, number];
  if (x.view.length !== 3 || !(block >= 1) || channels % (block * block) !== 0) unmapped(`blocksize ${block}`);
  const [n, left] = [reading.batch, channels / (block * block)];
  const [cut, perm]: [Shape, number[]] =
    mode === 'DCR'
      ? [
          [block, block, left],
          [2, 3, 0, 4, 1],
        ]
      : [
          [left, block, block],
          [0, 3, 1, 4, 2],
        ];
  const parts = withDims(x, [n, ...cut, height, width], reading);
  const moved = { ...parts, view: perm.map((axis) => parts.view[axis]!) };
  return withDims(moved, [n, left, height * block, width * block], reading);
}

export function spaceToDepth(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const block = node.int('blocksize', 1);
  const [channels, height, width] = sizesOf(x.view) as [number, number, number];
  if (x.view.length !== 3 || !(block >= 1) || height % block !== 0 || width % block !== 0)
    unmapped(`blocksize ${block}`);
  const n = reading.batch;
  const parts = withDims(x, [n, channels, height / block, block, width / block, block], reading);
  const moved = { ...parts, view: [2, 4, 0, 1, 3].map((axis) => parts.view[axis]!) };
  return withDims(moved, [n, channels * block * block, height / block, width / block], reading);
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
    return linear(
      y,
      axis,
      Array.from({ length: size }, () => [[0, 1]] as const),
      reading,
    );
  }, x);
}

/** Its values as they are; under a second name. */
export function same(node: Node, inputs: Inputs): Live {
  return { ...liveInput(node, inputs, 0), shared: true };
}

export function cast(node: Node, inputs: Inputs): Live {
  const to = node.int('to', 0);
  node.ignore('saturate', 'round_mode');
  if (![1, 10, 11, 16].includes(to)) unmapped(`to type ${to}: computed values are floats here`);
  return same(node, inputs);
}

/** An identity where a file is read; it drops values in training. */
export function dropout(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  node.ignore('seed', 'is_test');
  if (reading.usesMore(node)) unmapped('its mask is used');
  const one = (i: number, what: string): number | undefined =>
    inputs[i] === undefined ? undefined : (constantInput(node, inputs, i, what) as Constant).data[0];
  const rate = meant(one(1, 'ratio') ?? node.float('ratio', 0.5));
  if (one(2, 'training_mode') === 1 && rate > 0) unmapped('training_mode');
  if (!(rate > 0 && rate < 1)) return { ...x, shared: true };
  return { ...reading.pointwise('Dropout', { rate }, x), nonNegative: x.nonNegative };
}
