// State dicts: those of architectures, all of whose sizes are at most 2, and of a model with a flattened image; written here, tensor by
// tensor, then with names, shapes, types, numbers or bytes changed. What is sound is read; all else is read or refused in one sentence. What
// is read is, number by number, what a second reader finds in the file under the name that PyTorch has for it.
import * as assert from 'uvu/assert';
import { sizeOf, type Shape } from '../../src/base/shape.js';
import { toFloat16 } from '../../src/formats/float16.js';
import { readFloats } from '../../src/formats/quantization.js';
import { writeStored, type NamedTensor, type StoredTensor } from '../../src/formats/safetensors.js';
import { loadTorchWeights, saveTorch } from '../../src/formats/torch/index.js';
import { architectures, type ArchitectureName } from '../../src/formats/torch/names.js';
import { placesOf, readStateDict } from '../../src/formats/torch/stateDict.js';
import { layers, networks, sequential, type Model } from '../../src/index.js';
import { modelConfigOf } from '../../src/model/pack.js';
import { damaged, type Decisions } from './decisions.js';
import { checkNotes, checkRefusal, outcomeInTime, who, type Target, type Verdict } from './target.js';

/** A variable here, and the tensor that it is there. */
interface Pair {
  readonly variable: string;
  readonly layer: string;
  readonly tensor: string;
  readonly shape: Shape;
  /** For each element of the variable the place of its own in the tensor. */
  readonly order: Uint16Array;
}

interface Base {
  readonly pairs: readonly Pair[];
  readonly read: (
    file: Uint8Array,
    skipMismatch: boolean,
  ) => { variables: ReadonlyMap<string, NamedTensor>; notes: readonly string[] };
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

const SUFFIXES: Readonly<Record<string, string>> = {
  ...{ kernel: 'weight', depthwiseKernel: 'weight', gamma: 'weight', bias: 'bias', beta: 'bias' },
  ...{ movingMean: 'running_mean', movingVariance: 'running_var' },
};

/** How a variable lies in PyTorch. `image`: what a vector, or the rows of a kernel, are the flattened elements of. */
function pairOf(variable: string, shape: Shape, prefix: string, image?: Shape): Pair {
  const [layer = '', part = ''] = variable.split('/');
  const order = new Uint16Array(sizeOf(shape));
  const [a = 1, b = 1, c = 1, d = 1] = shape;
  /** The place in [c, h, w] of element i of a flattened image [h, w, c]. */
  const flat = (i: number): number => {
    if (!image) return i;
    const [h, w, channels] = image as [number, number, number];
    return (i % channels) * h * w + Math.floor(i / channels);
  };
  let there: Shape = shape;
  for (let i = 0; i < order.length; i++) {
    if (shape.length === 4) {
      const [y, x, j, k] = [Math.floor(i / (b * c * d)), Math.floor(i / (c * d)) % b, Math.floor(i / d) % c, i % d];
      order[i] = part === 'depthwiseKernel' ? ((j * d + k) * a + y) * b + x : ((k * c + j) * a + y) * b + x;
    } else if (part === 'kernel') order[i] = (i % b) * a + flat(Math.floor(i / b));
    else order[i] = part === 'bias' ? i : flat(i);
  }
  if (shape.length === 4) there = part === 'depthwiseKernel' ? [c * d, 1, a, b] : [d, c, a, b];
  else if (part === 'kernel') there = [b, a];
  return { variable, layer, tensor: `${prefix}.${SUFFIXES[part]!}`, shape: there, order };
}

function stored(pairs: readonly Pair[]): ReadonlyMap<string, StoredTensor> {
  return new Map(
    pairs.map(({ tensor, shape }, n): [string, StoredTensor] => {
      const data = Float32Array.from(
        { length: sizeOf(shape) },
        (_, i) => ((i * 37 + n * 11) % 101) / 16 - (/var$/.test(tensor) ? 0 : 3),
      );
      return [tensor, { dtype: 'F32', shape, data }];
    }),
  );
}

/** Its names and how its tensors lie are those of the whole network. */
function ofArchitecture(name: ArchitectureName, model: Model): Base {
  const small = (shape: Shape): Shape => shape.map((size) => Math.min(size, 2));
  const variables = model.parameters.map((each) => ({ name: each.name, shape: small(each.shape) }));
  const described = { archive: { model: modelConfigOf(model) }, layers: model.layers, variables };
  const places = placesOf(described, name, who);
  const pairs = variables.map((each) =>
    pairOf(each.name, each.shape, architectures[name].names(each.name.split('/')[0]!)!),
  );
  return {
    pairs,
    tensors: stored(pairs),
    read: (file, skipMismatch) => readStateDict(places, readFloats(file, who).tensors, { skipMismatch }, who),
  };
}

const own = sequential({
  inputShape: [4, 3, 2],
  layers: [
    layers.conv2d({ filters: 3, kernelSize: 2, name: 'c' }),
    layers.depthwiseConv2d({ kernelSize: [2, 1], depthMultiplier: 2, name: 'd' }),
    layers.flatten(),
    layers.batchNormalization({ name: 'n' }),
    layers.dense({ units: 4, name: 'e' }),
    layers.dense({ units: 2, name: 'f' }),
  ],
});
const PREFIXES = { c: 'features.0', d: 'features.1', n: 'norm', e: 'head.0', f: 'head.1' };

const bases: readonly Base[] = [
  ofArchitecture('torchvision/mobilenet_v2', networks.mobileNetV2({ inputShape: [32, 32, 3], classes: 3 })),
  ofArchitecture('timm/mobilenetv2_050', networks.mobileNetV2({ inputShape: [32, 32, 3], alpha: 0.5, classes: 3 })),
  ofArchitecture('timm/resnet18', networks.resNet18({ inputShape: [32, 32, 3], classes: 3 })),
  ofArchitecture('torchvision/resnet50', networks.resNet50({ inputShape: [32, 32, 3], classes: 3 })),
  ofArchitecture('lukemelas/efficientnet-lite0', networks.efficientNetLite0({ inputShape: [32, 32, 3], classes: 3 })),
];
const image = [2, 2, 6];
const ownPairs = own.parameters.map(({ name, shape }) => {
  const layer = name.split('/')[0] as keyof typeof PREFIXES;
  return pairOf(name, shape, PREFIXES[layer], layer === 'n' || name === 'e/kernel' ? image : undefined);
});
const ownTensors = stored(ownPairs);

const TYPES = ['F16', 'BF16', 'F64', 'I64', 'I8', 'I8 with a scale', 'F32'] as const;

/** The same numbers as far as another type has them. */
function typed({ shape, data }: StoredTensor, type: (typeof TYPES)[number]): StoredTensor {
  const numbers = data as Float32Array;
  switch (type) {
    case 'F16':
      return { dtype: type, shape, data: Uint16Array.from(numbers, toFloat16) };
    case 'BF16':
      return {
        dtype: type,
        shape,
        data: Uint16Array.from(new Uint32Array(numbers.slice().buffer), (bits) => bits >>> 16),
      };
    case 'F64':
      return { dtype: type, shape, data: Float64Array.from(numbers) };
    case 'I64':
      return {
        dtype: type,
        shape,
        data: BigInt64Array.from(numbers, (value) => BigInt(Number.isFinite(value) ? Math.round(value) : 0)),
      };
    case 'F32':
      return { dtype: type, shape, data: numbers };
    default:
      return { dtype: 'I8', shape, data: Int8Array.from(numbers, (value) => Math.round(value * 16)) };
  }
}

const NAMES = [
  '',
  'x',
  'weight',
  'features.0.weight',
  '__proto__',
  'fc.weight',
  'module.fc.weight',
  'n.num_batches_tracked',
  '\u001b[2J',
  'x'.repeat(300),
];

/** Up to three things are otherwise. */
function changedTensors(base: ReadonlyMap<string, StoredTensor>, d: Decisions): Map<string, StoredTensor> {
  const tensors = new Map(base);
  for (let changes = 1 + d.below(3); changes > 0; changes--) {
    const name = d.pick([...tensors.keys()]);
    const tensor = tensors.get(name)!;
    const { shape } = tensor;
    switch (d.below(8)) {
      case 0:
        tensors.delete(name);
        break;
      case 1:
        tensors.delete(name);
        tensors.set(d.below(2) === 0 ? d.pick(NAMES) : `${name}${d.pick(['s', '.0', '_'])}`, tensor);
        break;
      case 2:
        tensors.set(d.pick(NAMES), { dtype: 'I64', shape: [], data: BigInt64Array.of(BigInt(d.byte())) });
        break;
      case 3:
        tensors.set(name, { ...tensor, shape: d.below(2) === 0 ? [...shape].reverse() : [...shape, 1] });
        break;
      case 4:
        if (tensor.dtype === 'F32') {
          const data = (tensor.data as Float32Array).slice();
          if (data.length > 0) data[d.below(data.length)] = d.pick([NaN, Infinity, -1, 1e30, -0]);
          tensors.set(name, { ...tensor, data });
        }
        break;
      case 5:
        tensors.set(name, tensors.get(d.pick([...tensors.keys()]))!);
        break;
      default: {
        if (tensor.dtype !== 'F32') break;
        const type = d.pick(TYPES);
        tensors.set(name, typed(tensor, type));
        if (type === 'I8 with a scale') {
          const sizes = shape.map((size, axis) => (axis === 0 ? size : 1));
          const data = Float32Array.from({ length: sizeOf(sizes) }, (_, i) => (i + 1) / 16);
          tensors.set(`${name}.scale`, { dtype: 'F32', shape: d.rarely(5) ? [1] : sizes, data });
        }
      }
    }
  }
  return tensors;
}

/** Element i of a tensor of the file, as f32; by JSON.parse and a DataView. */
function secondReader(file: Uint8Array): (tensor: string, i: number) => number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const begin = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(file.subarray(8, begin)).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const number = (name: string, i: number): number => {
    const { dtype, shape, data_offsets: offsets } = header[name]!;
    const at = begin + offsets[0];
    if (dtype === 'F32') return view.getFloat32(at + 4 * i, true);
    if (dtype === 'F64') return Math.fround(view.getFloat64(at + 8 * i, true));
    if (dtype === 'BF16') {
      const bits = new DataView(new ArrayBuffer(4));
      bits.setUint32(0, view.getUint16(at + 2 * i, true) << 16);
      return bits.getFloat32(0);
    }
    if (dtype === 'F16') {
      const bits = view.getUint16(at + 2 * i, true);
      const [exponent, part] = [(bits >> 10) & 31, bits & 1023];
      const size =
        exponent === 31
          ? part
            ? NaN
            : Infinity
          : exponent === 0
            ? part * 2 ** -24
            : (1024 + part) * 2 ** (exponent - 25);
      return bits & 0x8000 ? -size : size;
    }
    assert.is(dtype, 'I8');
    const scale = header[`${name}.scale`]!.shape;
    const axis = Math.max(
      0,
      scale.findIndex((size) => size !== 1),
    );
    const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
    return Math.fround(view.getInt8(at + i) * number(`${name}.scale`, Math.floor(i / inner) % shape[axis]!));
  };
  return number;
}

function checkVariables(file: Uint8Array, pairs: readonly Pair[], variables: ReadonlyMap<string, NamedTensor>): void {
  const number = secondReader(file);
  for (const { variable, tensor, order } of pairs) {
    const found = variables.get(variable);
    if (!found) continue;
    assert.is(found.data.length, order.length, variable);
    for (let i = 0; i < order.length; i++) {
      const expected = number(tensor, order[i]!);
      if (!Object.is(found.data[i], expected))
        assert.unreachable(`${variable} at ${i}: ${found.data[i]}, ${tensor} has ${expected}`);
    }
  }
}

const bytesOf = (model: Model): string =>
  model
    .getWeights()
    .map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'))
    .join();

/** Into a model that is there: all of it or nothing, finite, and out again the same. */
async function checkOwn(file: Uint8Array, isSound: boolean, skipMismatch: boolean): Promise<Verdict> {
  const before = bytesOf(own);
  try {
    const notes = await loadTorchWeights(own, file, { names: PREFIXES, skipMismatch, name: who });
    checkNotes(notes);
    const left = notes.flatMap((note) => /^(\w+) keeps its first weights/.exec(note)?.[1] ?? []);
    const pairs = ownPairs.filter(({ layer }) => !left.includes(layer));
    const variables = new Map(own.getWeights().map(({ data, shape }, i) => [own.parameters[i]!.name, { data, shape }]));
    for (const { data } of variables.values()) assert.ok(data.every(Number.isFinite), 'weights are finite');
    checkVariables(file, pairs, variables);
    checkVariables(saveTorch(own, { names: PREFIXES }), ownPairs, variables);
    return 'read';
  } catch (error) {
    checkRefusal(error);
    assert.ok(!isSound, `it was to be read: ${(error as Error).message}`);
    assert.is(bytesOf(own), before, 'a refused file changes nothing');
    return 'refused';
  }
}

/** One file after another: the model is the same. */
let last: Promise<unknown> = Promise.resolve();

export const stateDict: Target = {
  filesEach: 4,
  check(decisions) {
    const own = last.then(() => checkFile(decisions));
    last = own.catch(() => {});
    return own;
  },
};

async function checkFile(decisions: Decisions): Promise<Verdict> {
  const isOwn = decisions.below(4) > 0;
  const base = isOwn ? null : decisions.pick(bases);
  const isSound = decisions.rarely(6);
  const skipMismatch = decisions.below(2) === 0;
  const tensors = isSound ? (base?.tensors ?? ownTensors) : changedTensors(base?.tensors ?? ownTensors, decisions);
  const whole = writeStored(tensors, new Map([['format', 'pt']]));
  const file = !isSound && decisions.rarely(4) ? damaged(whole, decisions) : whole;
  if (!base) return checkOwn(file, isSound, skipMismatch);
  const read = outcomeInTime(file, () => base.read(file, skipMismatch));
  assert.ok(read || !isSound, 'it was to be read');
  if (!read) return 'refused';
  checkNotes(read.notes);
  checkVariables(file, base.pairs, read.variables);
  return 'read';
}
