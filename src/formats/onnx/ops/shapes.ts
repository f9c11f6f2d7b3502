// Operators that move values and change none.
import { sameShape, sizeOf, type Shape } from '../../../base/shape.js';
import { MOST_AXES, type Constant } from '../constant.js';
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import { meant, naturalOrder, placed, reshaped, sizesOf, unmapped, type Live, type Value } from '../value.js';
import { axisIn, constantInput, liveInput, numbersIn } from './inputs.js';

type Inputs = readonly (Value | undefined)[];

/** The value with these sizes, the batch's among them. */
export function withDims(x: Live, dims: readonly number[], reading: Reading): Live {
  if (dims.length > MOST_AXES) unmapped(`${dims.length} axes`);
  const text = `[${dims.join(', ')}]`;
  const from = reading.dims(x);
  if (sizeOf(dims) !== sizeOf(from)) unmapped(`${text} of [${from.join(', ')}]`);
  // A file for one example may leave its axis out, until it is there again.
  const bare = dims[0] !== reading.batch && reading.batch === 1;
  if (dims[0] !== reading.batch && !bare)
    unmapped(`${text} of [${from.join(', ')}] moves values from one example to others`);
  const sizes = bare ? dims : dims.slice(1);
  return { ...placedAs(x, sizes, reading), bare };
}

function placedAs(x: Live, sizes: Shape, reading: Reading): Live {
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
  if (given?.includes(0) && reading.batch !== 1) unmapped('it takes the axis of the examples away');
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
  if (added.includes(0) && !x.bare) unmapped('it puts an axis before that of the examples');
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
