// Operators that look at each number by itself, softmax, and PRelu.
import { sizeOf } from '../../../base/shape.js';
import { tensorOf } from '../builder.js';
import type { Constant } from '../constant.js';
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import { naturalOrder, placed, sizesOf, unmapped, type Erf, type Live, type Origin, type Value } from '../value.js';
import { shift } from './affine.js';
import { axisIn, constantInput, liveInput } from './inputs.js';

type Inputs = readonly (Value | undefined)[];

/** What they may be part of an activation as. */
type Alone = 'sigmoid' | 'softplus' | 'tanh';

/** Operators that are an activation of ours. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  Relu: 'relu',
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  Softplus: 'softplus',
  Softsign: 'softsign',
  HardSwish: 'hardSilu',
  Mish: 'mish',
  Exp: 'exponential',
};
const NOT_BELOW_0 = ['relu', 'sigmoid', 'softplus', 'exponential'];

export function activation(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const name = ACTIVATIONS[node.op]!;
  if (name === 'relu') return reading.pointwise('ReLU', {}, x, { nonNegative: true });
  const origin: Origin | undefined = ['sigmoid', 'softplus', 'tanh'].includes(name)
    ? { kind: name as Alone, of: x }
    : undefined;
  return reading.pointwise('Activation', { activation: name }, x, { origin, nonNegative: NOT_BELOW_0.includes(name) });
}

const activated = (activation: string, x: Live, reading: Reading, more: Partial<Live> = {}): Live =>
  reading.pointwise('Activation', { activation }, x, more);

export function leakyRelu(node: Node, inputs: Inputs, reading: Reading): Live {
  const negativeSlope = node.float('alpha', 0.01);
  if (!(negativeSlope >= 0)) unmapped(`alpha ${negativeSlope}`);
  return reading.pointwise('LeakyReLU', { negativeSlope }, liveInput(node, inputs, 0));
}

export function elu(node: Node, inputs: Inputs, reading: Reading): Live {
  const alpha = node.float('alpha', 1);
  if (!(alpha >= 0)) unmapped(`alpha ${alpha}`);
  return reading.pointwise('ELU', { alpha }, liveInput(node, inputs, 0));
}

const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };

export function selu(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const [alpha, gamma] = [node.float('alpha', SELU.alpha), node.float('gamma', SELU.gamma)];
  if (Math.abs(alpha - SELU.alpha) < 1e-4 && Math.abs(gamma - SELU.gamma) < 1e-4) return activated('selu', x, reading);
  if (!(alpha >= 0)) unmapped(`alpha ${alpha}`);
  return shift(reading.pointwise('ELU', { alpha }, x), gamma, 0, reading);
}

export function hardSigmoid(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const [alpha, beta] = [node.float('alpha', 0.2), node.float('beta', 0.5)];
  if (Math.abs(alpha - 1 / 6) < 1e-6 && beta === 0.5)
    return activated('hardSigmoid', x, reading, { nonNegative: true, origin: { kind: 'hardSigmoid', of: x } });
  return reading.pointwise('ReLU', { maxValue: 1 }, shift(x, alpha, beta, reading), { nonNegative: true });
}

export function swish(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const alpha = node.float('alpha', 1);
  if (alpha === 1) return activated('silu', x, reading);
  if (alpha === 0) unmapped('alpha 0');
  return shift(activated('silu', shift(x, alpha, 0, reading), reading), 1 / alpha, 0, reading);
}

export function gelu(node: Node, inputs: Inputs, reading: Reading): Live {
  const approximate = node.text('approximate', 'none');
  if (approximate !== 'none' && approximate !== 'tanh') unmapped(`approximate ${approximate}`);
  return activated(approximate === 'none' ? 'gelu' : 'geluApproximate', liveInput(node, inputs, 0), reading);
}

export function erf(node: Node, inputs: Inputs): Erf {
  const x = liveInput(node, inputs, 0);
  const { origin } = x;
  if (origin?.kind !== 'affine' || origin.offset !== 0 || Math.abs(origin.scale - Math.sqrt(0.5)) > 1e-6)
    unmapped('Erf outside of a GELU');
  return { constant: 'erf', of: (origin as { of: Live }).of, times: false, scale: 1, offset: 0 };
}

/** min(max(x, low), high), by relu. */
export function clip(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const bound = (name: string, i: number, otherwise: number): number => {
    const given = inputs[i] === undefined ? undefined : constantInput(node, inputs, i, name);
    if (given && given.data.length !== 1) unmapped(`${name} of [${given.dims.join(', ')}]`);
    const value = given ? given.data[0]! : node.float(name, otherwise);
    return Math.abs(value) > 3.4e38 ? Math.sign(value) * Infinity : value;
  };
  return clipped(x, bound('min', 1, -Infinity), bound('max', 2, Infinity), reading);
}

export function clipped(x: Live, low: number, high: number, reading: Reading): Live {
  if (Number.isNaN(low) || Number.isNaN(high)) unmapped('a bound that is no number');
  if (low === -Infinity && high === Infinity) return { ...x, shared: true };
  // ONNX: what lies above comes last.
  if (low >= high) return shift(x, 0, high, reading);
  if (low === -Infinity) {
    const below = reading.pointwise('ReLU', {}, shift(x, -1, high, reading));
    return shift(below, -1, high, reading);
  }
  const moved = low === 0 ? x : shift(x, 1, -low, reading);
  const config = high === Infinity ? {} : { maxValue: high - low };
  const y = reading.pointwise('ReLU', config, moved, { nonNegative: true });
  if (low === 0) return { ...y, origin: { kind: 'clip', of: x, low, high } };
  return { ...shift(y, 1, low, reading), nonNegative: low > 0 };
}

/** Softmax and LogSoftmax: since opset 13 along one axis, before along all from one on. */
export function softmax(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const name = node.op === 'Softmax' ? 'softmax' : 'logSoftmax';
  const rank = x.view.length + 1;
  const isOld = reading.opset < 13;
  const axis = axisIn(node.int('axis', isOld ? 1 : -1), rank) - 1;
  if (axis < 0) unmapped('axis 0: it would mix examples');
  const all = naturalOrder(x);
  const isIn = (each: number): boolean => (isOld ? each >= axis : each === axis);
  const moved = reading.arranged(x, [...all.filter((each) => !isIn(each)), ...all.filter(isIn)]);
  const width = sizeOf(sizesOf(moved.view).filter((_, each) => isIn(each)));
  const shape = reading.shapeOf(moved);
  const rows = sizeOf(shape) / width;
  const flat = shape.at(-1) === width ? shape : rows === 1 ? [width] : [rows, width];
  const tensor = reading.builder.call('Activation', { activation: name }, [reading.shaped(moved.tensor, flat)], flat);
  return { constant: false, tensor, physical: moved.physical, view: moved.view };
}

/** A slope for each number, or shared along axes. */
export function prelu(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const slope = constantInput(node, inputs, 1, 'its slope');
  const rank = x.view.length;
  const old = reading.opset < 7 && slope.dims.length === 1 && slope.data.length > 1;
  // Before opset 7 a slope of one axis was that of the channels.
  const given: Constant = old ? { ...slope, dims: [slope.data.length, ...Array<number>(rank - 1).fill(1)] } : slope;
  const order = naturalOrder(x);
  const sizes = sizesOf(x.view);
  const tensor = reading.ordered(x, order);
  const shape = order.map((axis) => sizes[axis]!);
  const lacking = rank - given.dims.length;
  const own = (axis: number): number => given.dims[axis - lacking] ?? 1;
  if (given.dims.length > rank + 1 || (given.dims.length === rank + 1 && given.dims[0] !== 1))
    unmapped(`a slope of [${given.dims.join(', ')}]`);
  const alphaShape = order.map(own);
  if (!alphaShape.every((size, i) => size === 1 || size === shape[i]))
    unmapped(`a slope of [${given.dims.join(', ')}]`);
  // The slope by itself, as a value of its own sizes.
  const values = reading.along(
    placed(
      tensor,
      sizes.map((_, axis) => own(axis)),
      order,
    ),
    given,
  );
  const alpha = values.length === sizeOf(alphaShape) ? values : new Float32Array(sizeOf(alphaShape)).fill(values[0]!);
  const sharedAxes = alphaShape.flatMap((size, i) => (size === 1 ? [i + 1] : []));
  const key = reading.key('PRelu', [order], slope);
  const weights = { alpha: tensorOf(alphaShape, alpha) };
  const y = reading.builder.call('PReLU', { sharedAxes }, [tensor], shape, weights, key);
  const moved = reading.arranged(x, order);
  return { constant: false, tensor: y, physical: moved.physical, view: moved.view };
}
