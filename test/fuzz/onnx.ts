// ONNX files: bytes that are damaged, and sound messages in which attributes, shapes and connections were changed. What is read makes a model,
// with the weights of the file's size; a second reader of protobuf finds the same nodes and tensors.
import * as assert from 'uvu/assert';
import { sizeOf } from '../../src/base/shape.js';
import { saveOnnx } from '../../src/formats/onnx/index.js';
import { OPS } from '../../src/formats/onnx/ops/index.js';
import { readOnnxModel, type Attribute, type NodeProto, type OnnxModel } from '../../src/formats/onnx/proto.js';
import { failing, mapOnnx, type ReadOnnx } from '../../src/formats/onnx/read.js';
import { unpack } from '../../src/model/unpack.js';
import { branches, chain, examplesFor, predicted } from '../formats/onnx/networks.js';
import { damaged, type Decisions } from './decisions.js';
import { parts, textsIn, wireFields } from './protobuf.js';
import { outcome, outcomeInTime, same, who, type Target, type Verdict } from './target.js';

const files = [
  saveOnnx(chain()),
  saveOnnx(chain(), { weights: 'int8', dataFormat: 'channelsFirst' }),
  saveOnnx(branches()),
  saveOnnx(branches(), { weights: 'float16' }),
];
const sound = files.map((file) => readOnnxModel(file, failing(who)));
const ops = Object.keys(OPS);
const NUMBERS = [0, 1, 2, 3, 5, -1, -2, 7, 64, 65_535, 2 ** 31, 2 ** 53, -(2 ** 63), 0.5, NaN, Infinity];

function changedAttribute(attribute: Attribute, d: Decisions): Attribute {
  const number = d.pick(NUMBERS);
  const whole = Number.isInteger(number) ? number : 4;
  if (attribute.ints.length > 0) {
    const ints = [...attribute.ints];
    if (d.below(4) === 0) ints.pop();
    else ints[d.below(ints.length)] = whole;
    return { ...attribute, ints };
  }
  if (attribute.int !== undefined) return { ...attribute, int: whole };
  if (attribute.float !== undefined) return { ...attribute, float: number };
  return {
    ...attribute,
    text: d.pick(['', 'SAME_UPPER', 'SAME_LOWER', 'linear', 'cubic', 'edge', 'reflect', '\u0000']),
  };
}

/** One thing in a sound message is otherwise. */
function changed(model: OnnxModel, d: Decisions): OnnxModel {
  const nodes = [...model.nodes];
  const at = d.below(nodes.length);
  const node = nodes[at]!;
  const put = (more: Partial<NodeProto>): OnnxModel => {
    nodes[at] = { ...node, ...more };
    return { ...model, nodes };
  };
  switch (d.below(11)) {
    case 0:
    case 1: {
      const attributes = new Map(node.attributes);
      const name = d.pick([
        'axis',
        'pads',
        'strides',
        'group',
        'ceil_mode',
        'dilations',
        'perm',
        'kernel_shape',
        'alpha',
      ]);
      const known = attributes.size > 0 && d.below(4) > 0 ? d.pick([...attributes.values()]) : null;
      const attribute = known ?? { name, ints: [1, 1], floats: [] };
      attributes.set(attribute.name, changedAttribute(attribute, d));
      return put({ attributes });
    }
    case 2:
      return put({ op: d.pick(ops) });
    case 3: {
      const inputs = [...node.inputs];
      const all = [...model.inputs.map(({ name }) => name), ...nodes.slice(0, at).flatMap(({ outputs }) => outputs)];
      const some = d.below(4) === 0 ? [...model.initializers.keys()] : all;
      if (d.below(4) === 0) inputs.push(d.pick(all));
      else if (inputs.length > 0) inputs[d.below(inputs.length)] = d.below(8) === 0 ? '' : d.pick(some);
      return put({ inputs });
    }
    case 4:
      nodes.splice(at, 1);
      return { ...model, nodes };
    case 5: {
      // Another node between, which changes the shape or the order of axes.
      const op = d.pick([
        'Flatten',
        'Transpose',
        'Squeeze',
        'Softmax',
        'GlobalAveragePool',
        'Relu',
        'Erf',
        'DepthToSpace',
      ]);
      const [output] = node.outputs as [string];
      const between = `${output}'`;
      nodes.splice(
        at,
        1,
        { ...node, outputs: [between] },
        { ...node, op, inputs: [between], outputs: [output], attributes: new Map() },
      );
      return { ...model, nodes };
    }
    case 6:
    case 7: {
      const initializers = new Map(model.initializers);
      const [name, tensor] = d.pick([...initializers]);
      const dims = [...tensor.dims];
      if (dims.length > 1 && d.below(3) === 0) dims.reverse();
      else if (d.below(2) === 0) dims.push(1);
      else dims[d.below(dims.length)] = d.pick(NUMBERS);
      initializers.set(name, { ...tensor, dims });
      return { ...model, initializers };
    }
    case 8: {
      const initializers = new Map(model.initializers);
      const [name, tensor] = d.pick([...initializers]);
      initializers.set(name, { ...tensor, type: d.below(24) });
      return { ...model, initializers };
    }
    case 9: {
      const inputs = model.inputs.map((input) => ({
        ...input,
        shape: input.shape!.map((size) => (d.below(3) === 0 ? d.pick([null, 1, 2, 3, 9, 1000, 2 ** 20]) : size)),
      }));
      return { ...model, inputs };
    }
    default:
      return { ...model, outputs: [{ name: node.outputs[0]!, type: 1 }, ...model.outputs] };
  }
}

/** What is read must be what a second reader sees. */
function checkMessages(file: Uint8Array, model: OnnxModel): void {
  const fields = wireFields(file);
  assert.ok(fields, 'the second reader finds no message');
  // Protobuf merges several graphs of a file into one.
  const graphs = parts(fields, 7).map((bytes) => wireFields(bytes)!);
  const nodes = graphs.flatMap((graph) => parts(graph, 1)).map((bytes) => wireFields(bytes)!);
  assert.equal(
    model.nodes.map(({ inputs, outputs, op }) => [inputs, outputs, op]),
    nodes.map((node) => [textsIn(node, 1), textsIn(node, 2), textsIn(node, 4).at(-1) ?? '']),
  );
  const tensors = graphs.flatMap((graph) => parts(graph, 5)).map((bytes) => wireFields(bytes)!);
  const byName = new Map(tensors.map((tensor) => [textsIn(tensor, 8).at(-1) ?? '', parts(tensor, 9).at(-1)]));
  assert.equal([...model.initializers.keys()].sort(), [...byName.keys()].sort());
  for (const [name, { raw }] of model.initializers) {
    const theirs = byName.get(name);
    assert.ok(raw && theirs ? same(raw, theirs) : raw === theirs, name);
  }
}

/** A model that computes finite numbers, or refuses to in a sentence. */
async function checkModel({ archive }: ReadOnnx, d: Decisions): Promise<Verdict> {
  const model = outcome(() => unpack(archive, who, {}));
  if (!model) return 'refused';
  assert.is(
    model.countParams(),
    [...archive.tensors.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
  );
  const values = [...model.topology.inputs, ...model.topology.layers.map(({ output }) => ({ shape: output }))];
  if (d.below(8) === 0 && values.every(({ shape }) => sizeOf(shape) < 100_000)) {
    const outputs = await predicted(model, examplesFor(model, 2)).catch((error: unknown) => {
      assert.match((error as Error).message, /infinite|NaN|no layer that computes/);
      return [];
    });
    for (const { data } of outputs) assert.ok(data.every(Number.isFinite));
  }
  return 'read';
}

export const onnx: Target = {
  filesEach: 4,
  mostMs: 20_000,
  mostMiB: 1024,
  async check(decisions) {
    const kind = decisions.below(8);
    if (kind < 3) {
      const file = kind === 0 ? decisions.rest() : damaged(decisions.pick(files), decisions);
      const model = outcomeInTime(file, () => readOnnxModel(file, failing(who)));
      if (!model) return 'refused';
      checkMessages(file, model);
      const read = outcomeInTime(file, () => mapOnnx(model, who));
      return read ? checkModel(read, decisions) : 'refused';
    }
    let model = decisions.pick(sound);
    for (let i = decisions.below(3); i >= 0; i--) model = changed(model, decisions);
    const read = outcome(() => mapOnnx(model, who));
    return read ? checkModel(read, decisions) : 'refused';
  },
};
