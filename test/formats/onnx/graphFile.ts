// ONNX graphs written down in tests, and what our model makes of them.
import type { Tensor } from '../../../src/index.js';
import type { Attribute, NodeProto, OnnxModel, TensorProto } from '../../../src/formats/onnx/proto.js';
import { mapOnnx, type ReadOptions } from '../../../src/formats/onnx/read.js';
import { encodeModel } from '../../../src/formats/onnx/write/encode.js';
import { parts, wireFields } from '../../fuzz/protobuf.js';
import type { Model } from '../../../src/model/model.js';
import { unpack } from '../../../src/model/unpack.js';

type AttributeValue =
  number | string | readonly number[] | { readonly float: number } | { readonly graph: Uint8Array } | TensorProto;

export type NodeLine = readonly [
  op: string,
  inputs: string,
  outputs: string,
  attributes?: Readonly<Record<string, AttributeValue>>,
];

interface Description {
  readonly opset?: number;
  /** Sizes with the batch's; null where they are open. */
  readonly inputs: Readonly<Record<string, readonly (number | null)[]>>;
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeLine[];
  readonly constants?: Readonly<Record<string, TensorProto>>;
}

export const floats = (dims: readonly number[], values: ArrayLike<number>): TensorProto => ({
  ...{ name: 'c', dims, type: 1, floats: Array.from(values), ints: [], doubles: [] },
});
export const ints = (...values: readonly number[]): TensorProto => ({
  ...{ name: 'c', dims: [values.length], type: 7, floats: [], ints: values, doubles: [] },
});

function attribute(name: string, value: AttributeValue): Attribute {
  const none = { name, floats: [], ints: [] };
  if (typeof value === 'number') return { ...none, int: value };
  if (typeof value === 'string') return { ...none, text: value };
  if (Array.isArray(value)) return { ...none, ints: value };
  if ('graph' in value) return { ...none, graph: value.graph };
  return 'float' in value ? { ...none, float: value.float } : { ...none, tensor: value as TensorProto };
}

const names = (text: string): string[] =>
  text === '' ? [] : text.split(' ').map((name) => (name === '-' ? '' : name));

/** Names are separated by spaces; '-' is an input that is left out. */
export function graphFile({ opset = 17, inputs, outputs, nodes, constants = {} }: Description): OnnxModel {
  return {
    irVersion: 8,
    producer: 'test',
    opsets: new Map([['', opset]]),
    metadata: new Map(),
    name: 'graph',
    nodes: nodes.map(([op, from, to, attributes = {}], i): NodeProto => ({
      ...{ name: `${op}_${i}`, op, domain: '', inputs: names(from), outputs: names(to) },
      attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attribute(name, value)])),
    })),
    initializers: new Map(Object.entries(constants).map(([name, tensor]) => [name, { ...tensor, name }])),
    inputs: Object.entries(inputs).map(([name, shape]) => ({ name, type: 1, shape })),
    outputs: outputs.map((name) => ({ name, type: 1 })),
  };
}

/** A graph within a node: its inputs, its nodes and its outputs. */
export function innerGraph(
  inputs: string,
  lines: readonly (readonly [string, string, string])[],
  outputs: string,
): { graph: Uint8Array } {
  const file = encodeModel(
    {
      name: 'inner',
      nodes: lines.map(([op, from, to], i) => ({
        ...{ name: `${op}_${i}`, op, inputs: names(from), outputs: names(to), attributes: {} },
      })),
      initializers: [],
      inputs: names(inputs).map((name) => ({ name, shape: [] })),
      outputs: names(outputs).map((name) => ({ name, shape: [] })),
    },
    {},
  );
  return { graph: parts(wireFields(file)!, 7)[0]! };
}

export interface Mapped {
  readonly model: Model;
  readonly notes: readonly string[];
  /** Outputs for inputs as the file has them: images [n, channels, height, width] in and out. */
  run(...inputs: readonly Tensor<Float32Array>[]): Promise<Tensor<Float32Array>[]>;
}

export function mapped(description: Description, options?: ReadOptions): Mapped {
  const { archive, notes, inputs, outputs } = mapOnnx(graphFile(description), 'the file', options);
  const model = unpack(archive, 'the file', {});
  return {
    model,
    notes,
    async run(...given) {
      const x = given.map((tensor, i) => (inputs[i] === 'channelsLast' ? transposed(tensor, [0, 2, 3, 1]) : tensor));
      const y = await model.predict<Tensor<Float32Array> | Tensor<Float32Array>[]>(x.length === 1 ? x[0]! : x);
      const all = Array.isArray(y) ? y : [y];
      return all.map((tensor, i) => (outputs[i] === 'channelsLast' ? transposed(tensor, [0, 3, 1, 2]) : tensor));
    },
  };
}

/** Plain loops over indices: what Transpose means. */
export function transposed({ data, shape }: Tensor<Float32Array>, perm: readonly number[]): Tensor<Float32Array> {
  const to = perm.map((axis) => shape[axis]!);
  const result = new Float32Array(data.length);
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  for (let i = 0; i < result.length; i++) {
    let [rest, from] = [i, 0];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += (rest % to[axis]!) * steps[perm[axis]!]!;
      rest = Math.floor(rest / to[axis]!);
    }
    result[i] = data[from]!;
  }
  return { data: result, shape: to };
}
