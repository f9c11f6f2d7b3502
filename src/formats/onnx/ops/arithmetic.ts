// Sums, products and the like: of two computed values a merging layer, with a constant a layer that scales and shifts, and some
// activations that files write out in such steps.
import { makeConstant, type Constant } from '../constant.js';
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import { sizeOf } from '../../../base/shape.js';
import { arrangementOf, naturalOrder, placed, sizesOf, unmapped, type Erf, type Live, type Value } from '../value.js';
import { affine, shift } from './affine.js';
import { clipped } from './activations.js';
import { asLive, liveInput } from './inputs.js';

type Inputs = readonly (Value | undefined)[];

const MERGES: Readonly<Record<string, string>> = {
  Add: 'Add',
  Sum: 'Add',
  Sub: 'Subtract',
  Mul: 'Multiply',
  Max: 'Maximum',
  Min: 'Minimum',
  Mean: 'Average',
};

/** One value of several, element by element. */
export function merge(className: string, values: readonly Live[], reading: Reading): Live {
  const [first] = values as [Live];
  const nonNegative = className !== 'Subtract' && values.every((value) => value.nonNegative);
  if (values.length === 1) return { ...first, shared: true };
  const arrangement = arrangementOf(first);
  if (values.every((value) => arrangementOf(value) === arrangement)) {
    const shape = reading.shapeOf(first);
    const tensors = values.map((value) => reading.shaped(value.tensor, shape));
    const tensor = reading.builder.call(className, {}, tensors, shape);
    return { constant: false, tensor, physical: first.physical, view: first.view, nonNegative };
  }
  const sizes = values.map((value) => sizesOf(value.view));
  if (!sizes.every((each) => each.length === sizes[0]!.length))
    unmapped(`inputs of ${sizes.map((each) => `[${[reading.batch, ...each].join(', ')}]`).join(' and ')}`);
  const largest = sizes.reduce((best, each, i) => (sizeOf(each) > sizeOf(sizes[best]!) ? i : best), 0);
  const order = naturalOrder(values[largest]!);
  const all = sizes[0]!.map((_, axis) => Math.max(...sizes.map((each) => each[axis]!)));
  if (!sizes.every((each) => each.every((size, axis) => size === 1 || size === all[axis])))
    unmapped(`inputs of ${sizes.map((each) => `[${[reading.batch, ...each].join(', ')}]`).join(' and ')}`);
  const tensors = values.map((value) => reading.ordered(value, order));
  const shape = order.map((axis) => all[axis]!);
  return { ...placed(reading.builder.call(className, {}, tensors, shape), all, order), nonNegative };
}

export function arithmetic(node: Node, inputs: Inputs, reading: Reading): Value {
  const { op } = node;
  const values = inputs.filter((value): value is Value => value !== undefined);
  if (values.length > 2 || values.length === 1) return several(node, values, reading);
  const [a, second] = values as [Value, Value];
  const b = aligned(node, a, second, reading);
  if (a.constant === 'erf' || b.constant === 'erf') return ofErf(op, a, b, reading);
  if (a.constant === false && b.constant === false) return ofTwo(op, a, b, reading);
  const [x, c] = (a.constant === false ? [a, b] : [b, a]) as [Live, Constant];
  const name = node.proto.inputs[a.constant === false ? 0 : 1]!;
  return withConstant(op, x, c, a.constant === false, name, reading);
}

function several(node: Node, values: readonly Value[], reading: Reading): Live {
  const constants = values.filter((value): value is Constant => value.constant === true);
  const live = values.filter((value) => value.constant !== true).map((value) => asLive(value, 'an input'));
  const className = MERGES[node.op];
  if (!className || live.length === 0 || (constants.length > 0 && node.op === 'Mean')) unmapped('its inputs');
  return constants.reduce<Live>(
    (x, constant) => withConstant(node.op === 'Sum' ? 'Add' : node.op, x, constant, true, '', reading) as Live,
    merge(className!, live, reading),
  );
}

/** Before opset 7 the axis was given that the second input begins at. */
function aligned(node: Node, a: Value, b: Value, reading: Reading): Value {
  if (reading.opset >= 7 || b.constant !== true || a.constant === 'erf') return b;
  node.ignore('broadcast');
  if (!node.has('axis')) return b;
  const rank = reading.dims(a).length;
  const axis = node.int('axis', 0);
  const after = rank - (axis < 0 ? axis + rank : axis) - b.dims.length;
  if (!(after >= 0)) unmapped(`axis ${axis}`);
  return { ...b, dims: [...b.dims, ...Array<number>(after).fill(1)] };
}

const reciprocal = ({ dims, data }: Constant): Constant =>
  makeConstant(
    'float',
    dims,
    Array.from(data, (value) => 1 / value),
  );
const negative = ({ dims, data }: Constant): Constant =>
  makeConstant(
    'float',
    dims,
    Array.from(data, (value) => -value),
  );
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));

function withConstant(op: string, x: Live, c: Constant, first: boolean, name: string, reading: Reading): Value {
  const one = c.data.length === 1 ? c.data[0]! : null;
  if (op === 'Add' || op === 'Sum') return affine(x, null, c, name, reading);
  if (op === 'Sub') {
    if (first) return affine(x, null, negative(c), name, reading);
    return affine(x, makeConstant('float', [], [-1]), c, '', reading);
  }
  if (op === 'Mul' || (op === 'Div' && first)) {
    const factor = one === null ? null : op === 'Mul' ? one : 1 / one;
    const { origin } = x;
    if (factor !== null && near(factor, 1 / 6)) {
      if (origin?.kind === 'sixfoldHardSwish')
        return reading.pointwise('Activation', { activation: 'hardSilu' }, origin.of);
      const shifted = isSix(x);
      if (shifted)
        return reading.pointwise('Activation', { activation: 'hardSigmoid' }, shifted, {
          origin: { kind: 'hardSigmoid', of: shifted },
          nonNegative: true,
        });
    }
    return affine(x, op === 'Mul' ? c : reciprocal(c), null, name, reading);
  }
  if (op === 'Max' && one !== null) return clipped(x, one, Infinity, reading);
  if (op === 'Min' && one !== null) return clipped(x, -Infinity, one, reading);
  if (op === 'Pow' && first && (one === 1 || one === 2 || one === 3))
    return merge('Multiply', Array<Live>(one).fill(x), reading);
  return unmapped(first ? `a constant of [${c.dims.join(', ')}]` : 'a constant as its first input');
}

/** What clip(x + 3, 0, 6) was made of. */
function isSix({ origin }: Live): Live | null {
  if (origin?.kind !== 'clip' || origin.low !== 0 || origin.high !== 6) return null;
  const { origin: before } = origin.of;
  return before?.kind === 'affine' && before.scale === 1 && before.offset === 3 ? before.of : null;
}

const isSame = (a: Live, b: Live): boolean => a.tensor === b.tensor && arrangementOf(a) === arrangementOf(b);

function ofTwo(op: string, a: Live, b: Live, reading: Reading): Live {
  if (op === 'Mul') {
    const found = gated(a, b, reading) ?? gated(b, a, reading);
    if (found) return found;
  }
  if (op === 'Div') {
    const { origin } = b;
    if (origin?.kind === 'affine' && origin.scale === 1 && origin.offset === 1 && origin.of.origin?.kind === 'abs')
      if (isSame(origin.of.origin.of, a)) return reading.pointwise('Activation', { activation: 'softsign' }, a);
  }
  const className = MERGES[op];
  if (!className) unmapped('of two computed values');
  return merge(className!, [a, b], reading);
}

/** x times a gate that was made of x. */
function gated(x: Live, gate: Live, reading: Reading): Live | null {
  const { origin } = gate;
  const as = (activation: string): Live => reading.pointwise('Activation', { activation }, x);
  if (origin?.kind === 'sigmoid' && isSame(origin.of, x)) return as('silu');
  if (origin?.kind === 'hardSigmoid' && isSame(origin.of, x)) return as('hardSilu');
  if (origin?.kind === 'tanh' && origin.of.origin?.kind === 'softplus' && isSame(origin.of.origin.of, x))
    return as('mish');
  const shifted = isSix(gate);
  if (shifted && isSame(shifted, x))
    return { ...merge('Multiply', [x, gate], reading), origin: { kind: 'sixfoldHardSwish', of: x } };
  return null;
}

/** Steps of x · (1 + erf(x / √2)) / 2, in any order. */
function ofErf(op: string, a: Value, b: Value, reading: Reading): Value {
  const [erf, other] = (a.constant === 'erf' ? [a, b] : [b, a]) as [Erf, Value];
  const outside = (): never => unmapped('Erf outside of a GELU');
  if (other.constant === true && other.data.length === 1) {
    const c = other.data[0]!;
    if (op === 'Add' && !erf.times) return { ...erf, offset: erf.offset + c };
    if (op === 'Mul') return asGelu({ ...erf, scale: erf.scale * c, offset: erf.offset * c }, reading);
    if (op === 'Div' && a === erf) return asGelu({ ...erf, scale: erf.scale / c, offset: erf.offset / c }, reading);
    return outside();
  }
  if (op !== 'Mul' || erf.times || other.constant !== false) return outside();
  if (isSame(other, erf.of)) return asGelu({ ...erf, times: true }, reading);
  const { origin } = other;
  if (origin?.kind === 'affine' && origin.offset === 0 && isSame(origin.of, erf.of))
    return asGelu({ ...erf, times: true, scale: erf.scale * origin.scale, offset: erf.offset * origin.scale }, reading);
  return outside();
}

function asGelu(erf: Erf, reading: Reading): Value {
  return erf.times && near(erf.scale, 0.5) && near(erf.offset, 0.5)
    ? reading.pointwise('Activation', { activation: 'gelu' }, erf.of)
    : erf;
}

export function negate(node: Node, inputs: Inputs, reading: Reading): Live {
  return shift(liveInput(node, inputs, 0), -1, 0, reading);
}

export function absolute(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  return {
    ...merge('Maximum', [x, shift(x, -1, 0, reading)], reading),
    nonNegative: true,
    origin: { kind: 'abs', of: x },
  };
}
