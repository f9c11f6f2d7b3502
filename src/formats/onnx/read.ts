// The bytes of an ONNX file → a model as plain data. Constants are folded, dead code is left out, and each node becomes the layers that do
// the same; what has no counterpart is listed, all of it at once.  https://onnx.ai/onnx/operators/
import { check, WasmCnnError } from '../../base/errors.js';
import { LARGEST, sizeOf } from '../../base/shape.js';
import type { ModelArchive } from '../archive.js';
import { Builder } from './builder.js';
import { constantOf, makeConstant, type Constant } from './constant.js';
import { isControlFlow, runControlFlow } from './controlFlow.js';
import { rawOf, type External } from './externalData.js';
import { constantNode, FOLDS } from './fold.js';
import { inputOf, usable, type InputShape, type Moved } from './graphInputs.js';
import { isChannelsLast, neededNodes, usesIn } from './graph.js';
import type { Fail } from './message.js';
import { Node } from './node.js';
import { OPS } from './ops/index.js';
import { refuseAll, type Problem } from './problems.js';
import { readOnnxModel, type NodeProto, type OnnxModel, type TensorProto, type ValueInfo } from './proto.js';
import { Reading } from './reading.js';
import { layerOrder, liesIn, sizesOf, unmapped, Unmapped, type Value } from './value.js';

export interface ReadOptions {
  /** Shape of one example of each input whose sizes the file leaves open; of the only one, or by name. As the model here takes it. */
  readonly inputShape?: InputShape | undefined;
  /** Other files that tensors lie in, by the paths that this one gives. */
  readonly external?: External | undefined;
}

export interface ReadOnnx {
  readonly archive: ModelArchive;
  readonly notes: readonly string[];
  readonly inputs: readonly Moved[];
  readonly outputs: readonly Moved[];
}

/** Operators that make constants of what is known at once. */
const ALSO = ['Constant', 'Shape', 'Size', 'Loop', 'If'];
const [OLDEST, NEWEST] = [6, 25];
/** Operators that take a value without the axis of examples. */
const BARE = ['Reshape', 'Squeeze', 'Unsqueeze', 'Gather', 'Identity'];
/** More than a node of any network has. */
const MOST_INPUTS = 1000;
/** Metadata of our own files: how images come in and go out, which a file without convolutions does not show. */
export const IMAGES = 'wasm-cnn.images';

export function readOnnx(bytes: Uint8Array, who: string, options: ReadOptions = {}): ReadOnnx {
  return mapOnnx(readOnnxModel(bytes, failing(who)), who, options);
}

/** Throws the sentence of a damaged file. */
export const failing =
  (who: string): Fail =>
  (what) => {
    throw new WasmCnnError(`${who}: ${what}; it is damaged or no ONNX file`);
  };

/** The same of messages that were read before. */
export function mapOnnx(file: OnnxModel, who: string, options: ReadOptions = {}): ReadOnnx {
  const fail: Fail = failing(who);
  const opset = file.opsets.get('');
  check(
    opset !== undefined,
    `${who}: it does not say which version of ONNX's operators it needs; it is damaged or no ONNX file`,
  );
  check(
    opset >= OLDEST && opset <= NEWEST,
    () =>
      `${who}: it needs version ${opset} of ONNX's operators (opset), this version reads ${OLDEST} to ${NEWEST}; ${opset > NEWEST ? 'export it with an older opset' : 'bring it up with onnx.version_converter'}`,
  );
  const nodes = neededNodes(file, fail);
  check(file.outputs.length > 0, `${who}: it has no outputs; it is damaged or no ONNX file`);
  const given = file.inputs.filter(({ name }) => !file.initializers.has(name));
  check(given.length > 0, `${who}: it has no inputs, nothing that a prediction could depend on`);
  return new Reader(file, nodes, opset, who, options).read(given);
}

class Reader {
  readonly #file: OnnxModel;
  readonly #nodes: readonly NodeProto[];
  readonly #opset: number;
  readonly #who: string;
  readonly #options: ReadOptions;
  /** Whether images come in and go out as [n, height, width, channels]. */
  readonly #isLast: boolean;
  readonly #values = new Map<string, Value | null>();
  readonly #constants = new Map<TensorProto, Constant>();
  readonly #problems: Problem[] = [];
  readonly #notes = new Set<string>();

  constructor(file: OnnxModel, nodes: readonly NodeProto[], opset: number, who: string, options: ReadOptions) {
    this.#file = file;
    this.#nodes = nodes;
    this.#opset = opset;
    this.#who = who;
    this.#options = options;
    const images = file.inputs.filter(({ name, shape }) => shape?.length === 4 && !file.initializers.has(name));
    const told = file.metadata.get(IMAGES);
    this.#isLast = told ? told === 'channelsLast' : images.some(({ name }) => isChannelsLast(name, nodes));
  }

  #fail(what: string): never {
    return failing(this.#who)(what);
  }

  read(given: readonly ValueInfo[]): ReadOnnx {
    const inputs = given.map((input) => inputOf(input, this.#isLast, this.#who, this.#options.inputShape));
    const builder = new Builder(inputs.map(({ name, shape }) => ({ name, shape })));
    const batches = new Set(given.map(({ shape }) => shape?.[0] ?? null).filter((size) => size !== null));
    check(
      batches.size <= 1,
      () =>
        `${this.#who}: its inputs have batches of ${[...batches].join(' and ')} examples; export it with one size for all`,
    );
    const reading = new Reading(
      builder,
      this.#opset,
      [...batches][0] ?? 1,
      this.#notes,
      usesIn(this.#nodes, this.#file),
      (tensor) => this.#constant(tensor),
    );
    for (const [i, { name }] of given.entries()) this.#values.set(name, inputs[i]!.value(i));
    for (const proto of this.#nodes) this.#node(proto, reading);
    refuseAll(this.#problems, this.#who);
    const outputs = this.#file.outputs.map((output) => this.#output(output, reading));
    for (const [i, { moved }] of inputs.entries()) this.#noteMoved('input', given[i]!.name, moved);
    for (const [i, { moved }] of outputs.entries()) this.#noteMoved('output', this.#file.outputs[i]!.name, moved);
    const name = usable(this.#file.name) || 'model';
    return {
      archive: builder.archive(name, outputs),
      notes: [...this.#notes],
      inputs: inputs.map(({ moved }) => moved),
      outputs: outputs.map(({ moved }) => moved),
    };
  }

  #noteMoved(what: string, name: string, moved: Moved): void {
    if (moved === 'channelsLast')
      this.#notes.add(
        `the ${what} '${name}' is [n, height, width, channels] here, and [n, channels, height, width] in the file`,
      );
  }

  #constant(tensor: TensorProto): Constant {
    const known = this.#constants.get(tensor);
    if (known) return known;
    const made = constantOf(tensor, (what) => this.#fail(what), rawOf(tensor, this.#who, this.#options.external));
    this.#constants.set(tensor, made);
    return made;
  }

  /** A value by its name; null for what could not be mapped, undefined for what is left out. */
  #value(name: string): Value | null | undefined {
    if (name === '') return undefined;
    const found = this.#values.get(name);
    if (found !== undefined) return found;
    const tensor = this.#file.initializers.get(name);
    if (!tensor) this.#fail(`the value '${name}' is made by no node before it is used`);
    const constant = this.#constant(tensor!);
    this.#values.set(name, constant);
    return constant;
  }

  #node(proto: NodeProto, reading: Reading): void {
    const inputs = proto.inputs.map((name) => this.#value(name));
    const isForeign = proto.domain !== '' && proto.domain !== 'ai.onnx';
    const isKnown =
      !isForeign && (Object.hasOwn(OPS, proto.op) || Object.hasOwn(FOLDS, proto.op) || ALSO.includes(proto.op));
    let made: readonly (Value | null)[] = [];
    try {
      if (isForeign) unmapped(`operators of the domain ${proto.domain} are not known`);
      if (!isKnown) unmapped('there is no counterpart of this operator');
      if (inputs.length > MOST_INPUTS) unmapped(`${inputs.length} inputs`);
      if (!inputs.includes(null)) {
        const results = this.#results(new Node(proto, this.#opset), inputs as (Value | undefined)[], reading);
        made = results.map((value) => this.#kept(value, proto, inputs as (Value | undefined)[], reading));
      }
    } catch (error) {
      if (!(error instanceof Unmapped)) throw error;
      this.#problems.push({ node: proto, reason: error.message });
    }
    for (const [i, name] of proto.outputs.entries()) if (name !== '') this.#values.set(name, made[i] ?? null);
  }

  #results(node: Node, inputs: readonly (Value | undefined)[], reading: Reading): readonly Value[] {
    const { op, proto } = node;
    reading.builder.node = usable(proto.name);
    if (op === 'Constant') return [constantNode(node, reading)];
    const [first] = inputs;
    if ((op === 'Shape' || op === 'Size') && first && first.constant !== 'erf')
      return [shapeOf(node, reading.dims(first))];
    const isConstant = inputs.every((value) => value === undefined || value.constant === true);
    if (isControlFlow(op)) {
      if (!isConstant) unmapped('of computed values');
      const around = (name: string): Constant => {
        const value = this.#value(name);
        return value?.constant === true ? value : unmapped('of computed values');
      };
      return runControlFlow(node, inputs as (Constant | undefined)[], around, reading, failing(this.#who));
    }
    if (inputs.some((value) => value?.constant === false && value.bare) && !BARE.includes(op))
      unmapped('a value whose axis of examples was merged into another');
    if (isConstant && !Object.hasOwn(FOLDS, op)) unmapped('of constants alone');
    if (!isConstant && !Object.hasOwn(OPS, op)) unmapped('of computed values');
    const results = isConstant
      ? FOLDS[op]!(node, inputs as (Constant | undefined)[], reading)
      : OPS[op]!(node, inputs, reading);
    if (node.unknown !== undefined) unmapped(`the attribute ${node.unknown}`);
    return Array.isArray(results) ? (results as Value[]) : [results as Value];
  }

  /** Whether others read the same tensor under another name must stay known. */
  #kept(value: Value, proto: NodeProto, inputs: readonly (Value | undefined)[], reading: Reading): Value {
    if (value.constant !== false) return value;
    check(
      sizeOf(sizesOf(value.view)) < LARGEST,
      () =>
        `${this.#who}: its node '${proto.name || proto.outputs[0]}' (${proto.op}) makes more values than memory holds`,
    );
    const isShared = inputs.some(
      (input, i) =>
        input?.constant === false &&
        input.tensor === value.tensor &&
        (input.shared || (reading.uses.get(proto.inputs[i]!) ?? 0) > 1),
    );
    return isShared ? { ...value, shared: true } : value;
  }

  #output({ name }: ValueInfo, reading: Reading): { name: string; tensor: number; moved: Moved } {
    const value = this.#value(name);
    check(
      value?.constant === false && !value.bare,
      () =>
        `${this.#who}: its output '${name}' is ${value?.constant === true ? 'a constant' : value?.constant === 'erf' ? 'half a GELU' : 'without an axis of examples'}; export it without`,
    );
    reading.builder.node = '';
    const plain = value.view.map((_, axis) => axis);
    const isMoved = value.view.length === 3 && !this.#isLast && liesIn(value, layerOrder(3));
    const tensor = reading.ordered(value, isMoved ? layerOrder(3) : plain);
    const shape = reading.builder.shapes[tensor]!;
    const isInput = reading.builder.callOf(tensor) === undefined;
    const [fitting] = [shape.length === 0 ? [1] : shape];
    return {
      name: usable(name),
      tensor: isInput ? reading.builder.call('Reshape', { targetShape: [...fitting] }, [tensor], fitting) : tensor,
      moved: isMoved ? 'channelsLast' : 'asInFile',
    };
  }
}

/** Sizes of a value, or how many values it has. */
function shapeOf(node: Node, dims: readonly number[]): Constant {
  if (node.op === 'Size') return makeConstant('int', [], [sizeOf(dims)]);
  const place = (axis: number): number => (axis < 0 ? axis + dims.length : axis);
  const part = dims.slice(place(node.int('start', 0)), place(node.int('end', dims.length)));
  return makeConstant('int', [part.length], part);
}
