// Constants of another shape, in parts or joined.
import { sizeOf } from '../../base/shape.js';
import { isSize, makeConstant, type Constant } from './constant.js';
import type { Node } from './node.js';
import { axisIn } from './ops/inputs.js';
import type { Reading } from './reading.js';
import { unmapped, walk } from './value.js';

export type Fold = (
  node: Node,
  inputs: readonly (Constant | undefined)[],
  reading: Reading,
) => Constant | readonly Constant[];

export function first(inputs: readonly (Constant | undefined)[]): Constant {
  return inputs[0] ?? unmapped('its input is missing');
}

/** The values of a constant at these steps. */
function viewed(
  from: Constant,
  dims: readonly number[],
  steps: readonly number[],
  begin: number,
  reading: Reading,
): Constant {
  sized(dims, reading);
  return makeConstant(
    from.kind,
    dims,
    Array.from(walk(dims, steps), (at) => from.data[begin + at]!),
  );
}

export const stepsOf = (dims: readonly number[]): number[] => dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));

/** Throws unless so many values may be made. */
export function sized(dims: readonly number[], reading: Reading): void {
  if (!isSize(dims)) unmapped(`a shape [${dims.join(', ')}]`);
  reading.spend(sizeOf(dims));
}

export function withDims(from: Constant, dims: readonly number[]): Constant {
  if (sizeOf(dims) !== from.data.length || !isSize(dims)) unmapped(`[${dims.join(', ')}] of [${from.dims.join(', ')}]`);
  return { ...from, dims };
}

export const numbersIn = (node: Node, inputs: readonly (Constant | undefined)[], name: string, i: number) =>
  node.ints(name) ?? (inputs[i] ? [...inputs[i].data] : undefined);

const concat: Fold = (node, inputs, reading) => {
  const all = inputs.filter((value): value is Constant => value !== undefined);
  const rank = first(inputs).dims.length;
  const axis = axisIn(node.int('axis', 1), rank);
  const [{ dims, kind }] = all as [Constant];
  const fits = all.every(
    (value) => value.dims.length === rank && value.dims.every((size, i) => i === axis || size === dims[i]),
  );
  if (!fits) unmapped('inputs of different sizes');
  const total = all.reduce((sum, value) => sum + value.dims[axis]!, 0);
  const result = dims.map((size, i) => (i === axis ? total : size));
  sized(result, reading);
  const outer = sizeOf(dims.slice(0, axis));
  const values: number[] = [];
  for (let i = 0; i < outer; i++)
    for (const { data } of all) {
      const width = data.length / outer;
      for (let j = 0; j < width; j++) values.push(data[i * width + j]!);
    }
  return makeConstant(kind, result, values);
};

const slice: Fold = (node, inputs, reading) => {
  const from = first(inputs);
  const starts = numbersIn(node, inputs, 'starts', 1) ?? [];
  const ends = numbersIn(node, inputs, 'ends', 2) ?? [];
  const axes = numbersIn(node, inputs, 'axes', 3) ?? starts.map((_, i) => i);
  const given = inputs[4]?.data;
  const [dims, steps] = [[...from.dims], stepsOf(from.dims)];
  let begin = 0;
  for (const [i, axis] of axes.entries()) {
    const at = axisIn(axis, dims.length);
    const [size, step] = [from.dims[at]!, given?.[i] ?? 1];
    if (!Number.isSafeInteger(step) || step === 0) unmapped(`steps of ${step}`);
    const place = (value: number, least: number, most: number): number =>
      Math.min(Math.max(value < 0 ? value + size : value, least), most);
    const [start, end] =
      step > 0
        ? [place(starts[i]!, 0, size), place(ends[i]!, 0, size)]
        : [place(starts[i]!, 0, size - 1), place(ends[i]!, -1, size - 1)];
    dims[at] = Math.max(0, Math.ceil((end - start) / step));
    begin += start * steps[at]!;
    steps[at]! *= step;
  }
  return viewed(from, dims, steps, begin, reading);
};

const gather: Fold = (node, inputs, reading) => {
  const from = first(inputs);
  const indices = inputs[1] ?? unmapped('its indices are missing');
  const axis = axisIn(node.int('axis', 0), from.dims.length);
  const [before, after] = [from.dims.slice(0, axis), from.dims.slice(axis + 1)];
  const dims = [...before, ...indices.dims, ...after];
  sized(dims, reading);
  const [outer, inner, size] = [sizeOf(before), sizeOf(after), from.dims[axis]!];
  const at = Array.from(indices.data, (index) => axisIn(index, size));
  const values: number[] = [];
  for (let i = 0; i < outer; i++)
    for (const index of at) for (let j = 0; j < inner; j++) values.push(from.data[(i * size + index) * inner + j]!);
  return makeConstant(from.kind, dims, values);
};

const reshape: Fold = (node, inputs) => {
  const from = first(inputs);
  const wanted = numbersIn(node, inputs, 'shape', 1) ?? unmapped('no shape');
  const zero = node.int('allowzero', 0) === 1;
  const dims = wanted.map((size, axis) => (size === 0 && !zero ? (from.dims[axis] ?? NaN) : size));
  const open = dims.indexOf(-1);
  if (open >= 0) dims[open] = from.data.length / sizeOf(dims.filter((_, axis) => axis !== open));
  return withDims(from, dims);
};

const squeeze: Fold = (node, inputs) => {
  const from = first(inputs);
  const axes = numbersIn(node, inputs, 'axes', 1)?.map((axis) => axisIn(axis, from.dims.length));
  return withDims(
    from,
    from.dims.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)),
  );
};

const unsqueeze: Fold = (node, inputs) => {
  const from = first(inputs);
  const axes = numbersIn(node, inputs, 'axes', 1) ?? [];
  const rank = from.dims.length + axes.length;
  const added = axes.map((axis) => axisIn(axis, rank));
  const rest = [...from.dims];
  return withDims(
    from,
    Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : (rest.shift() ?? 1))),
  );
};

const transpose: Fold = (node, inputs, reading) => {
  const from = first(inputs);
  const perm = node.ints('perm') ?? from.dims.map((_, axis) => from.dims.length - 1 - axis);
  const axes = perm.map((axis) => axisIn(axis, from.dims.length));
  if (new Set(axes).size !== from.dims.length) unmapped(`perm [${perm.join(', ')}]`);
  const steps = stepsOf(from.dims);
  return viewed(
    from,
    axes.map((axis) => from.dims[axis]!),
    axes.map((axis) => steps[axis]!),
    0,
    reading,
  );
};

const split: Fold = (node, inputs, reading) => {
  const from = first(inputs);
  const axis = axisIn(node.int('axis', 0), from.dims.length);
  const parts = node.int('num_outputs', node.proto.outputs.length);
  const size = from.dims[axis]!;
  if (!(parts >= 1 && parts <= size)) unmapped(`${parts} parts of ${size}`);
  const part = Math.ceil(size / parts);
  const lengths =
    numbersIn(node, inputs, 'split', 1) ?? Array.from({ length: parts }, (_, i) => Math.min(part, size - i * part));
  const steps = stepsOf(from.dims);
  let begin = 0;
  return lengths.map((length) => {
    begin += length;
    if (!(length >= 0) || begin > size) unmapped(`parts [${lengths.join(', ')}] of ${size}`);
    const dims = from.dims.map((all, i) => (i === axis ? length : all));
    return viewed(from, dims, steps, (begin - length) * steps[axis]!, reading);
  });
};

const flatten: Fold = (node, inputs) => {
  const from = first(inputs);
  const axis = node.int('axis', 1);
  const at = axis < 0 ? axis + from.dims.length : axis;
  return withDims(from, [sizeOf(from.dims.slice(0, at)), sizeOf(from.dims.slice(at))]);
};

export const SHAPE_FOLDS: Readonly<Record<string, Fold>> = {
  Concat: concat,
  Slice: slice,
  Gather: gather,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Split: split,
};
