// The messages of an ONNX file, as they stand in it. Tensors stay bytes until they are used.  https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import { readMessage, type Fail, type Field } from './message.js';

export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  /** Elements, in one of these; little-endian. */
  readonly raw?: Uint8Array;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly doubles: readonly number[];
  /** Their place in another file, by key; present if they are there. */
  readonly external?: ReadonlyMap<string, string>;
}

export interface Attribute {
  readonly name: string;
  readonly float?: number;
  readonly int?: number;
  readonly text?: string;
  readonly tensor?: TensorProto;
  /** The bytes of a graph, for readGraph(). */
  readonly graph?: Uint8Array;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
}

export interface NodeProto {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** Names of values; '' where an optional one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface ValueInfo {
  readonly name: string;
  /** Element type; 0 for what is no tensor. */
  readonly type: number;
  /** null for an axis of any size; undefined where the file does not say how many axes there are. */
  readonly shape?: readonly (number | null)[];
}

export interface GraphProto {
  readonly nodes: readonly NodeProto[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface OnnxModel extends GraphProto {
  readonly irVersion: number;
  readonly producer: string;
  /** Version of each domain's operators. */
  readonly opsets: ReadonlyMap<string, number>;
  /** What its writer had to say. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly name: string;
}

export function readTensor(bytes: Uint8Array, fail: Fail): TensorProto {
  const tensor = { name: '', dims: [] as number[], type: 0, floats: [], ints: [], doubles: [] };
  const external = new Map<string, string>();
  const bytesIn: { raw?: Uint8Array; isExternal?: boolean } = {};
  readMessage(bytes, 'a tensor', fail, {
    1: (field) => field.ints(tensor.dims),
    2: (field) => (tensor.type = field.int()),
    4: (field) => field.floats(tensor.floats),
    5: (field) => field.ints(tensor.ints),
    7: (field) => field.ints(tensor.ints),
    8: (field) => (tensor.name = field.text()),
    9: (field) => (bytesIn.raw = field.bytes()),
    10: (field) => field.doubles(tensor.doubles),
    11: (field) => field.ints(tensor.ints),
    13: (field) => {
      const [key, value] = readEntry(field, fail);
      external.set(key, value);
    },
    14: (field) => (bytesIn.isExternal = field.int() === 1),
  });
  const { raw, isExternal } = bytesIn;
  return { ...tensor, ...(raw && { raw }), ...(isExternal && { external }) };
}

function readEntry(field: Field, fail: Fail): [string, string] {
  let [key, value] = ['', ''];
  readMessage(field.bytes(), 'an entry', fail, {
    1: (each) => (key = each.text()),
    2: (each) => (value = each.text()),
  });
  return [key, value];
}

function readAttribute(bytes: Uint8Array, fail: Fail): Attribute {
  const attribute: { -readonly [Key in keyof Attribute]: Attribute[Key] } = {
    name: '',
    floats: [],
    ints: [],
  };
  readMessage(bytes, 'an attribute', fail, {
    1: (field) => (attribute.name = field.text()),
    2: (field) => (attribute.float = field.float()),
    3: (field) => (attribute.int = field.int()),
    // Bytes, and texts where they mean something.
    4: (field) => (attribute.text = decodeUtf8(field.bytes()) ?? ''),
    5: (field) => (attribute.tensor = readTensor(field.bytes(), fail)),
    6: (field) => (attribute.graph = field.bytes()),
    7: (field) => field.floats(attribute.floats as number[]),
    8: (field) => field.ints(attribute.ints as number[]),
  });
  return attribute;
}

function readNode(bytes: Uint8Array, fail: Fail): NodeProto {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const attributes = new Map<string, Attribute>();
  const node = { name: '', op: '', domain: '', inputs, outputs, attributes };
  readMessage(bytes, 'a node', fail, {
    1: (field) => void inputs.push(field.text()),
    2: (field) => void outputs.push(field.text()),
    3: (field) => (node.name = field.text()),
    4: (field) => (node.op = field.text()),
    5: (field) => {
      const attribute = readAttribute(field.bytes(), fail);
      attributes.set(attribute.name, attribute);
    },
    7: (field) => (node.domain = field.text()),
  });
  return node;
}

function readDimension(bytes: Uint8Array, fail: Fail): number | null {
  let size: number | null = null;
  // Names, 0 and -1 mean any size.
  readMessage(bytes, 'an axis', fail, { 1: (field) => (size = field.int()) });
  return size !== null && size > 0 ? size : null;
}

function readValueInfo(bytes: Uint8Array, fail: Fail): ValueInfo {
  const value = { name: '', type: 0 };
  let shape: (number | null)[] | undefined;
  const readShape = (field: Field): void => {
    shape = [];
    readMessage(field.bytes(), 'a shape', fail, {
      1: (each) => void shape!.push(readDimension(each.bytes(), fail)),
    });
  };
  readMessage(bytes, 'a value', fail, {
    1: (field) => (value.name = field.text()),
    2: (type) =>
      readMessage(type.bytes(), 'a type', fail, {
        1: (tensor) =>
          readMessage(tensor.bytes(), 'a type', fail, { 1: (field) => (value.type = field.int()), 2: readShape }),
      }),
  });
  return { ...value, ...(shape && { shape }) };
}

/** A graph; of several in one file protobuf makes one. */
export function readGraph(parts: readonly Uint8Array[], fail: Fail): GraphProto & { readonly name: string } {
  const nodes: NodeProto[] = [];
  const initializers = new Map<string, TensorProto>();
  const [inputs, outputs]: [ValueInfo[], ValueInfo[]] = [[], []];
  const graph = { name: '', nodes, initializers, inputs, outputs };
  for (const bytes of parts)
    readMessage(bytes, 'the graph', fail, {
      1: (each) => void nodes.push(readNode(each.bytes(), fail)),
      2: (each) => (graph.name = each.text()),
      5: (each) => {
        const tensor = readTensor(each.bytes(), fail);
        initializers.set(tensor.name, tensor);
      },
      11: (each) => void inputs.push(readValueInfo(each.bytes(), fail)),
      12: (each) => void outputs.push(readValueInfo(each.bytes(), fail)),
    });
  return graph;
}

/** The whole file; what its graph means is not looked at. */
export function readOnnxModel(bytes: Uint8Array, fail: Fail): OnnxModel {
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const graphs: Uint8Array[] = [];
  const model = { irVersion: 0, producer: '' };
  readMessage(bytes, 'the file', fail, {
    1: (field) => (model.irVersion = field.int()),
    2: (field) => (model.producer = field.text()),
    7: (field) => void graphs.push(field.bytes()),
    8: (field) => {
      let [domain, version] = ['', 0];
      readMessage(field.bytes(), 'a set of operators', fail, {
        1: (each) => (domain = each.text()),
        2: (each) => (version = each.int()),
      });
      opsets.set(domain === 'ai.onnx' ? '' : domain, version);
    },
    14: (field) => {
      const [key, value] = readEntry(field, fail);
      metadata.set(key, value);
    },
  });
  if (graphs.length === 0) fail('it has no graph');
  return { ...model, opsets, metadata, ...readGraph(graphs, fail) };
}
