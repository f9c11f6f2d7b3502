// Gemm and MatMul: dense layers, and convolutions of 1 × 1 where a value has more axes than its features.
import { sizeOf } from '../../../base/shape.js';
import { tensorOf, type Weights } from '../builder.js';
import type { Constant } from '../constant.js';
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import { arrangementOf, placed, sizesOf, unmapped, type Live, type Value } from '../value.js';
import { asLive, constantInput, liveInput } from './inputs.js';

type Inputs = readonly (Value | undefined)[];

/** [in, out] or [out, in] → [in, out], its rows as the features lie in memory, times `scale`. */
function kernelOf({ dims, data }: Constant, transposed: boolean, rows: Int32Array | null, scale: number): Float32Array {
  const [first, second] = dims as [number, number];
  const [features, units] = transposed ? [second, first] : [first, second];
  const kernel = new Float32Array(data.length);
  for (let i = 0; i < features; i++) {
    const row = rows ? rows[i]! : i;
    for (let u = 0; u < units; u++)
      kernel[i * units + u] = scale * (transposed ? data[u * features + row]! : data[row * units + u]!);
  }
  return kernel;
}

/** A bias of one or `units` values. */
function biasOf({ dims, data }: Constant, units: number, scale: number): Float32Array {
  if (!(data.length === 1 || (data.length === units && dims.at(-1) === units)))
    unmapped(`C of [${dims.join(', ')}] is another one for each example`);
  return Float32Array.from({ length: units }, (_, i) => scale * data[data.length === 1 ? 0 : i]!);
}

export function gemm(node: Node, inputs: Inputs, reading: Reading): Live {
  node.ignore('broadcast');
  if (node.int('transA', 0) !== 0) unmapped('transA: it would mix examples');
  const x = liveInput(node, inputs, 0);
  const weights = constantInput(node, inputs, 1, 'B');
  const [alpha, beta] = [node.float('alpha', 1), node.float('beta', 1)];
  const transposed = node.int('transB', 0) !== 0;
  const c = inputs[2];
  if (x.view.length !== 1) unmapped(`an input of ${x.view.length + 1} axes`);
  const constant = c?.constant === true ? c : undefined;
  const y = dense(x, weights, { transposed, alpha, beta, bias: constant }, reading);
  if (!c || constant) return y;
  if (beta !== 1) unmapped('beta with a computed C');
  const added = asLive(c, 'C');
  const units = sizesOf(y.view);
  if (added.view.length !== 1) unmapped('a computed C of another shape');
  const tensor = reading.builder.call('Add', {}, [y.tensor, reading.ordered(added, [0])], units);
  return placed(tensor, units, [0]);
}

interface Parts {
  readonly transposed: boolean;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: Constant | undefined;
}

function dense(x: Live, weights: Constant, { transposed, alpha, beta, bias }: Parts, reading: Reading): Live {
  const { dims } = weights;
  if (dims.length !== 2) unmapped(`weights of [${dims.join(', ')}]`);
  const [features, units] = transposed ? [dims[1]!, dims[0]!] : [dims[0]!, dims[1]!];
  const sizes = sizesOf(x.view);
  if (sizes[0] !== features || sizeOf(dims) === 0) unmapped(`weights of [${dims.join(', ')}] for ${sizes[0]} features`);
  const rows = reading.rows(x);
  const own: Weights = {
    kernel: tensorOf([features, units], kernelOf(weights, transposed, rows, alpha)),
    ...(bias && { bias: tensorOf([units], biasOf(bias, units, beta)) }),
  };
  const key = reading.key('Dense', [transposed, alpha, beta, rows && arrangementOf(x)], weights, bias);
  const flat = reading.shaped(x.tensor, [features]);
  const tensor = reading.builder.call('Dense', { units, useBias: bias !== undefined }, [flat], [units], own, key);
  return placed(tensor, [units], [0]);
}

export function matMul(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const weights = constantInput(node, inputs, 1, 'its second input');
  if (x.view.length === 1) return dense(x, weights, { transposed: false, alpha: 1, beta: 1, bias: undefined }, reading);
  if (x.view.length === 0 || weights.dims.length !== 2)
    unmapped(`inputs of ${x.view.length + 1} and ${weights.dims.length} axes`);
  const sizes = sizesOf(x.view);
  const [features, filters] = weights.dims as [number, number];
  if (sizes.at(-1) !== features || sizeOf(weights.dims) === 0)
    unmapped(`weights of [${weights.dims.join(', ')}] for ${sizes.at(-1)} features`);
  const order = sizes.map((_, axis) => axis);
  const before = sizes.slice(0, -1);
  const image = before.length === 2 ? before : [sizeOf(before), 1];
  const tensor = reading.shaped(reading.ordered(x, order), [...image, features]);
  const y = reading.builder.call(
    'Conv2D',
    { filters, kernelSize: 1, useBias: false },
    [tensor],
    [...image, filters],
    { kernel: tensorOf([1, 1, features, filters], Float32Array.from(weights.data)) },
    reading.key('MatMul', [], weights),
  );
  return placed(reading.shaped(y, [...before, filters]), [...before, filters], order);
}
