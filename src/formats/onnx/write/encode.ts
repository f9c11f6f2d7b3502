// An ONNX file's bytes. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
import type { Shape } from '../../../base/shape.js';
import { PbfWriter } from '../codecs/protobuf.js';

/** Attribute values: a whole number, a { float }, a text, or whole numbers. */
export type AttributeValue = number | { readonly float: number } | string | readonly number[];

export interface NodeOut {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface TensorOut {
  readonly name: string;
  readonly dims: Shape;
  /** 1 float32, 3 int8, 7 int64, 10 float16. */
  readonly type: 1 | 3 | 7 | 10;
  /** Little-endian. */
  readonly raw: Uint8Array;
}

export interface ValueOut {
  readonly name: string;
  /** Shape without the batch's axis, which any size fits. */
  readonly shape: Shape;
}

export interface GraphOut {
  readonly name: string;
  readonly nodes: readonly NodeOut[];
  readonly initializers: readonly TensorOut[];
  readonly inputs: readonly ValueOut[];
  readonly outputs: readonly ValueOut[];
}

/** Version of the format, and of the operators: read everywhere since 2022. */
const [IR_VERSION, OPSET] = [8, 17];
const [FLOAT, INT, STRING, INTS] = [1, 2, 3, 7];

function writeTensor({ name, dims, type, raw }: TensorOut, to: PbfWriter): void {
  for (const size of dims) to.writeVarintField(1, size);
  to.writeVarintField(2, type);
  to.writeStringField(8, name);
  to.writeBytesField(9, raw);
}

function writeAttribute([name, value]: readonly [string, AttributeValue], to: PbfWriter): void {
  to.writeStringField(1, name);
  if (typeof value === 'number') {
    to.writeVarintField(3, value);
    to.writeVarintField(20, INT);
  } else if (typeof value === 'string') {
    to.writeStringField(4, value);
    to.writeVarintField(20, STRING);
  } else if ('float' in value) {
    to.writeFloatField(2, value.float);
    to.writeVarintField(20, FLOAT);
  } else {
    for (const each of value as readonly number[]) to.writeVarintField(8, each);
    to.writeVarintField(20, INTS);
  }
}

function writeNode({ name, op, inputs, outputs, attributes }: NodeOut, to: PbfWriter): void {
  for (const input of inputs) to.writeStringField(1, input);
  for (const output of outputs) to.writeStringField(2, output);
  to.writeStringField(3, name);
  to.writeStringField(4, op);
  for (const entry of Object.entries(attributes)) to.writeMessage(5, writeAttribute, entry);
}

function writeValue({ name, shape }: ValueOut, to: PbfWriter): void {
  to.writeStringField(1, name);
  const writeSize = (size: number | string, axis: PbfWriter): void =>
    typeof size === 'string' ? axis.writeStringField(2, size) : axis.writeVarintField(1, size);
  const writeShape = (sizes: readonly (number | string)[], message: PbfWriter): void => {
    for (const size of sizes) message.writeMessage(1, writeSize, size);
  };
  const writeType = (_: null, type: PbfWriter): void => {
    type.writeVarintField(1, FLOAT);
    type.writeMessage(2, writeShape, ['N', ...shape]);
  };
  to.writeMessage(2, (_: null, type) => type.writeMessage(1, writeType, null), null);
}

function writeGraph({ name, nodes, initializers, inputs, outputs }: GraphOut, to: PbfWriter): void {
  for (const node of nodes) to.writeMessage(1, writeNode, node);
  to.writeStringField(2, name);
  for (const tensor of initializers) to.writeMessage(5, writeTensor, tensor);
  for (const input of inputs) to.writeMessage(11, writeValue, input);
  for (const output of outputs) to.writeMessage(12, writeValue, output);
}

export function encodeModel(graph: GraphOut, metadata: Readonly<Record<string, string>>): Uint8Array {
  const to = new PbfWriter();
  to.writeVarintField(1, IR_VERSION);
  to.writeStringField(2, 'wasm-cnn');
  to.writeMessage(7, writeGraph, graph);
  to.writeMessage(
    8,
    (_: null, opset) => {
      opset.writeStringField(1, '');
      opset.writeVarintField(2, OPSET);
    },
    null,
  );
  for (const [key, value] of Object.entries(metadata))
    to.writeMessage(
      14,
      (_: null, entry) => {
        entry.writeStringField(1, key);
        entry.writeStringField(2, value);
      },
      null,
    );
  return to.finish().slice();
}
