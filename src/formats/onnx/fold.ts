// Nodes whose inputs are all constants, and those that make one: they are computed when the file is read.
import { sizeOf } from '../../base/shape.js';
import { isSize, kindOfType, makeConstant, typeName, type Constant, type Kind } from './constant.js';
import type { Node } from './node.js';
import type { Reading } from './reading.js';
import { unmapped, walk } from './value.js';
import { first, SHAPE_FOLDS, sized, stepsOf, withDims, numbersIn, type Fold } from './foldShapes.js';
import { axisIn } from './ops/inputs.js';

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

const expand: Fold = (node, inputs, reading) => {
  const from = first(inputs);
  const shape = inputs[1] ? [...inputs[1].data] : unmapped('no shape');
  return pairwise((a) => a)(node, [from, makeSplat(from.kind, shape, 0, reading)], reading);
};

function makeSplat(kind: Kind, dims: readonly number[], value: number, reading: Reading): Constant {
  if (!isSize(dims)) unmapped(`a shape [${dims.join(', ')}]`);
  reading.fill(sizeOf(dims));
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

export const FOLDS: Readonly<Record<string, Fold>> = {
  ...SHAPE_FOLDS,
  // A sequence is its parts, joined: nothing here looks at one of them.
  SequenceEmpty: () => makeConstant('int', [0], []),
  SequenceInsert: (_, [sequence, part, place], reading) => {
    if (place || !sequence || !part || part.dims.length !== 1) return unmapped('a place in the sequence');
    const dims = [sequence.data.length + part.data.length];
    sized(dims, reading);
    return makeConstant(part.kind, dims, [...sequence.data, ...part.data]);
  },
  ConcatFromSequence: (node, inputs) => {
    if (node.int('axis', 0) !== 0 || node.int('new_axis', 0) !== 0) return unmapped('another axis than the first');
    return first(inputs);
  },
  Identity: same,
  Dropout: (node, inputs) => {
    node.ignore('ratio', 'seed');
    return first(inputs);
  },
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
  Expand: expand,
  Range: range,
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
