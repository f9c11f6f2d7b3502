// Nodes whose inputs are all constants, and those that make one: they are computed when the file is read.
import { sizeOf } from '../../base/shape.js';
import { isSize, kindOfType, makeConstant, typeName, type Constant, type Kind } from './constant.js';
import type { Node } from './node.js';
import type { Reading } from './reading.js';
import { unmapped, walk } from './value.js';
import { axisIn } from './ops/inputs.js';

type Fold = (node: Node, inputs: readonly (Constant | undefined)[], reading: Reading) => Constant | readonly Constant[];

function first(inputs: readonly (Constant | undefined)[]): Constant {
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

const stepsOf = (dims: readonly number[]): number[] => dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));

/** Throws unless so many values may be made. */
function sized(dims: readonly number[], reading: Reading): void {
  if (!isSize(dims)) unmapped(`a shape [${dims.join(', ')}]`);
  reading.spend(sizeOf(dims));
}

function withDims(from: Constant, dims: readonly number[]): Constant {
  if (sizeOf(dims) !== from.data.length || !isSize(dims)) unmapped(`[${dims.join(', ')}] of [${from.dims.join(', ')}]`);
  return { ...from, dims };
}

const numbersIn = (node: Node, inputs: readonly (Constant | undefined)[], name: string, i: number) =>
  node.ints(name) ?? (inputs[i] ? [...inputs[i].data] : undefined);

/** Two constants as NumPy broadcasts them. */
function pairwise(of: (a: number, b: number, kind: Kind) => number, result?: Kind): Fold {
  return (node, [a, b], reading) => {
    if (!a || !b) return unmapped('an input is missing');
    node.ignore('broadcast', 'axis');
    const rank = Math.max(a.dims.length, b.dims.length);
    const at = ({ dims }: Constant, axis: number): number => dims[axis - (rank - dims.length)] ?? 1;
    const dims = Array.from({ length: rank }, (_, axis) => (at(a, axis) === 1 ? at(b, axis) : at(a, axis)));
    const fits = dims.every((size, axis) => [a, b].every((each) => [1, size].includes(at(each, axis))));
    if (!fits) unmapped(`[${a.dims.join(', ')}] and [${b.dims.join(', ')}]`);
    sized(dims, reading);
    const places = [a, b].map((each) => {
      const own = stepsOf(each.dims);
      return walk(
        dims,
        dims.map((_, axis) => (at(each, axis) === 1 ? 0 : own[axis - (rank - each.dims.length)]!)),
      );
    });
    const values = Array.from({ length: sizeOf(dims) }, (_, i) =>
      of(a.data[places[0]![i]!]!, b.data[places[1]![i]!]!, a.kind),
    );
    return makeConstant(result ?? a.kind, dims, values);
  };
}

function each(of: (x: number) => number, result?: Kind): Fold {
  return (_, inputs) => {
    const { kind, dims, data } = first(inputs);
    return makeConstant(result ?? kind, dims, Array.from(data, of));
  };
}

const same: Fold = (_, inputs) => first(inputs);
const truth = (value: boolean): number => (value ? 1 : 0);

function castTo(from: Constant, type: number): Constant {
  const kind = kindOfType(type);
  if (!kind) return unmapped(`a cast to ${typeName(type)}`);
  if (kind === from.kind) return from;
  const of = kind === 'int' ? Math.trunc : kind === 'bool' ? (x: number) => truth(x !== 0) : (x: number) => x;
  return makeConstant(kind, from.dims, Array.from(from.data, of));
}

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

const expand: Fold = (node, inputs, reading) => {
  const from = first(inputs);
  const shape = inputs[1] ? [...inputs[1].data] : unmapped('no shape');
  return pairwise((a) => a)(node, [from, makeSplat(from.kind, shape, 0, reading)], reading);
};

function makeSplat(kind: Kind, dims: readonly number[], value: number, reading: Reading): Constant {
  sized(dims, reading);
  const data = kind === 'float' ? new Float32Array(sizeOf(dims)) : new Float64Array(sizeOf(dims));
  return { constant: true, kind, dims, data: data.fill(value) };
}

/** Weights of 8 bits, with one scale for all or one for each along an axis. */
const dequantize: Fold = (node, inputs, reading) => {
  const from = first(inputs);
  const [scale, zero] = [inputs[1] ?? unmapped('no scale'), inputs[2]];
  const axis = node.int('axis', 1);
  node.ignore('saturate');
  if (node.int('block_size', 0) !== 0) unmapped('block_size');
  const aligned = (value: Constant): Constant =>
    value.data.length === 1
      ? value
      : withDims(
          value,
          from.dims.map((size, i) => (i === axisIn(axis, from.dims.length) ? size : 1)),
        );
  const shifted = zero ? (pairwise((a, b) => a - b)(node, [from, aligned(zero)], reading) as Constant) : from;
  return pairwise((a, b) => a * b, 'float')(node, [shifted, aligned(scale)], reading);
};

const range: Fold = (_, inputs, reading) => {
  const [begin, end, step] = inputs.map((value) => value?.data[0]);
  const count = Math.max(0, Math.ceil((end! - begin!) / step!));
  sized([count], reading);
  return makeConstant(
    first(inputs).kind,
    [count],
    Array.from({ length: count }, (__, i) => begin! + i * step!),
  );
};

const split: Fold = (node, inputs, reading) => {
  const from = first(inputs);
  const axis = axisIn(node.int('axis', 0), from.dims.length);
  const parts = node.int('num_outputs', node.proto.outputs.length);
  const size = from.dims[axis]!;
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

export const FOLDS: Readonly<Record<string, Fold>> = {
  Identity: same,
  Dropout: same,
  ConstantOfShape: (node, inputs, reading) => {
    const value = node.tensor('value');
    const given = value ? reading.constant(value) : makeConstant('float', [1], [0]);
    return makeSplat(given.kind, [...first(inputs).data], given.data[0] ?? 0, reading);
  },
  Cast: (node, inputs) => {
    node.ignore('saturate', 'round_mode');
    return castTo(first(inputs), node.int('to', 0));
  },
  CastLike: (node, inputs) => {
    node.ignore('saturate', 'round_mode');
    const like = inputs[1] ?? unmapped('an input is missing');
    return castTo(first(inputs), { float: 1, int: 7, bool: 9 }[like.kind]);
  },
  Concat: concat,
  Slice: slice,
  Gather: gather,
  Reshape: reshape,
  Flatten: (node, inputs) => {
    const from = first(inputs);
    const axis = node.int('axis', 1);
    const at = axis < 0 ? axis + from.dims.length : axis;
    return withDims(from, [sizeOf(from.dims.slice(0, at)), sizeOf(from.dims.slice(at))]);
  },
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
  Range: range,
  Split: split,
  DequantizeLinear: dequantize,
  Add: pairwise((a, b) => a + b),
  Sub: pairwise((a, b) => a - b),
  Mul: pairwise((a, b) => a * b),
  Div: pairwise((a, b, kind) => (kind === 'float' ? a / b : Math.trunc(a / b))),
  Mod: pairwise((a, b) => a - Math.floor(a / b) * b),
  Max: pairwise((a, b) => Math.max(a, b)),
  Min: pairwise((a, b) => Math.min(a, b)),
  Equal: pairwise((a, b) => truth(a === b), 'bool'),
  Greater: pairwise((a, b) => truth(a > b), 'bool'),
  Less: pairwise((a, b) => truth(a < b), 'bool'),
  And: pairwise((a, b) => a && b),
  Or: pairwise((a, b) => a || b),
  Not: each((x) => truth(x === 0)),
  Neg: each((x) => -x),
  Abs: each(Math.abs),
  Sqrt: each(Math.sqrt),
  Reciprocal: each((x) => 1 / x),
  Floor: each(Math.floor),
  Ceil: each(Math.ceil),
  ReduceProd: (node, inputs) => {
    const from = first(inputs);
    const axes = numbersIn(node, inputs, 'axes', 1) ?? [];
    if (axes.length > 0 && axes.length < from.dims.length) return unmapped(`axes [${axes.join(', ')}]`);
    let product = 1;
    for (const value of from.data) product *= value;
    return makeConstant(from.kind, node.int('keepdims', 1) === 1 ? from.dims.map(() => 1) : [], [product]);
  },
  Where: (node, inputs, reading) => {
    const [condition, a, b] = inputs;
    if (!condition || !a || !b) return unmapped('an input is missing');
    if (condition.data.length !== 1) return unmapped('a choice for each value');
    return pairwise(condition.data[0] === 0 ? (_, y) => y : (x) => x)(node, [a, b], reading);
  },
};

/** The attribute of a Constant node. */
export function constantNode(node: Node, reading: Reading): Constant {
  const tensor = node.tensor('value');
  if (tensor) return reading.constant(tensor);
  if (node.has('value_float')) return makeConstant('float', [], [node.float('value_float', 0)]);
  if (node.has('value_int')) return makeConstant('int', [], [node.int('value_int', 0)]);
  const [floats, ints] = [node.floats('value_floats'), node.ints('value_ints')];
  if (floats) return makeConstant('float', [floats.length], floats);
  if (ints) return makeConstant('int', [ints.length], ints);
  return unmapped('a value that is no tensor');
}
