// Models of TF.js: a chain, a graph and a model within a model, in shards, quantized, with an optimizer's state; then with the description,
// the list of weights or bytes changed. What is sound is read; all else is read or refused in one sentence. Weights that are read are those
// that a second reader, number by number, finds at their places. One in eight becomes a model, which is saved and read again, the same.
import * as assert from 'uvu/assert';
import { fromFloat16 } from '../../src/formats/float16.js';
import { loadTfjs, saveTfjs } from '../../src/formats/tfjs/index.js';
import { readTfjs } from '../../src/formats/tfjs/read.js';
import { artifactsOf } from '../../src/formats/tfjs/sources.js';
import { adam, input, layers, model as functional, sequential, type Model } from '../../src/index.js';
import { changed } from './changed.js';
import { damaged, type Decisions } from './decisions.js';
import { checkNotes, verdictOf, who, type Target } from './target.js';

/** What any place may hold, nearly. */
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1,
    2,
    3,
    0.5,
    1e9,
    2 ** 53,
    '',
    'x',
    'relu',
    'same',
    'hard_sigmoid',
    '__proto__',
    [],
    [1],
    {},
  ],
  ...['\u001b[2J', 'x\u202e\n', 'x'.repeat(300), [[1]], [null, 6, 5, 3], [['conv2d', 0, 0, {}]], ['conv2d', 0, 0]],
  ...[
    'Conv2D',
    'Dense',
    'Sequential',
    'Functional',
    'Model',
    'InputLayer',
    'TFOpLambda',
    'LSTM',
    'Adam',
    'float32',
    'int32',
    'string',
  ],
  ...['../x', 'https://x', 'conv2d/kernel', 'a/conv2d/kernel', 'layers/dense/vars/0', 'vars/0', '/', 'graph-model'],
  { dtype: 'uint8', scale: 0.5, min: -1 },
  { dtype: 'float16' },
  { dtype: 'uint16', scale: 1e300, min: 0 },
  { class_name: 'Dense', config: { name: 'd', units: 2 } },
  { class_name: '__keras_tensor__', config: { shape: [null, 1], dtype: 'float32', keras_history: ['conv2d', 0, 0] } },
];
const NAMES = [
  'name',
  'class_name',
  'config',
  'layers',
  'paths',
  'quantization',
  'inbound_nodes',
  '__proto__',
  'trainable',
  'group',
];

type Files = Readonly<Record<string, Uint8Array>>;
interface Manifest {
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly {
      readonly name: string;
      readonly shape: readonly number[];
      readonly dtype: string;
      readonly quantization?: { dtype: string; scale: number; min: number };
    }[];
  }[];
}

const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const parse = (files: Files): Manifest => JSON.parse(Buffer.from(files['model.json']!).toString()) as Manifest;

async function bases(): Promise<readonly Files[]> {
  const chain = sequential({
    inputShape: [6, 5, 3],
    layers: [
      layers.normalization({ mean: [1, 2, 3], variance: [1, 2, 3] }),
      layers.conv2d({ filters: 2, kernelSize: 3, padding: 1, activation: 'relu' }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  chain.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 2 });
  await chain.fit({ data: new Float32Array(180).fill(0.3), shape: [2, 6, 5, 3] }, [0, 1], { epochs: 1, verbose: 0 });
  const x = input({ shape: [6, 5, 3] });
  const conv = layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'hardSigmoid' });
  const y = layers.add().apply([conv.apply(x), conv.apply(conv.apply(x))]);
  const graph = functional({ inputs: x, outputs: [y, layers.globalAveragePooling2d().apply(y)] });
  const { warn } = console;
  console.warn = () => undefined;
  const saved = [saveTfjs(chain), saveTfjs(chain, { weights: 'uint8' }), saveTfjs(graph, { weights: 'float16' })];
  console.warn = warn;
  return [...saved.map((files, i) => sharded(files, [1000, 67, 33][i]!)), nested()];
}

function sharded(files: Files, size: number): Files {
  const bytes = files['model.weights.bin']!;
  const json = parse(files);
  const paths = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => `shard${i}.bin`);
  const manifest = [{ paths, weights: json.weightsManifest[0]!.weights }];
  return {
    'model.json': encode({ ...json, weightsManifest: manifest }),
    ...Object.fromEntries(paths.map((path, i) => [path, bytes.slice(i * size, (i + 1) * size)])),
  };
}

/** As the converter makes it of Keras 3: one model in another, weights under both names. */
function nested(): Files {
  const tensor = (name: string, call: number) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, 4], dtype: 'float32', keras_history: [name, call, 0] },
  });
  const dense = (name: string) => ({
    class_name: 'Dense',
    name,
    config: {
      name,
      units: 4,
      dtype: { class_name: 'DTypePolicy', config: { name: 'float32' } },
      activation: 'hard_sigmoid',
    },
  });
  const inner = { class_name: 'Sequential', config: { name: 'base', layers: [dense('d'), dense('e')] } };
  const list = [
    { class_name: 'InputLayer', name: 'in', config: { batch_shape: [null, 4], name: 'in' }, inbound_nodes: [] },
    { ...inner, name: 'base', inbound_nodes: [{ args: [tensor('in', 0)], kwargs: { training: false } }] },
    {
      class_name: 'Multiply',
      name: 'times',
      config: { name: 'times' },
      inbound_nodes: [{ args: [tensor('base', 0), 2], kwargs: {} }],
    },
    { ...dense('d'), inbound_nodes: [{ args: [tensor('times', 0)], kwargs: {} }] },
  ];
  const config = { name: 'net', layers: list, input_layers: ['in', 0, 0], output_layers: ['d', 0, 0] };
  const weights = ['net/base/d', 'base/e', 'net/d'].flatMap((name) => [
    { name: `${name}/kernel`, shape: [4, 4], dtype: 'float32' },
    { name: `${name}/bias`, shape: [4], dtype: 'float32' },
  ]);
  const data = Float32Array.from({ length: 60 }, (_, i) => i / 60);
  return {
    'model.json': encode({
      modelTopology: { keras_version: '3.15.1', model_config: { class_name: 'Functional', config } },
      weightsManifest: [{ paths: ['shard.bin'], weights }],
    }),
    'shard.bin': new Uint8Array(data.buffer),
  };
}

const sound = (await bases()).map((files) => ({ files, json: parse(files) as unknown }));

function made(decisions: Decisions): { files: Files; isSound: boolean } {
  const base = sound[decisions.below(sound.length)]!;
  const files = { ...base.files };
  let { json } = base;
  if (decisions.rarely(6)) return { files, isSound: true };
  for (let changes = decisions.below(3); changes > 0; changes--)
    json = changed(json, decisions, { values: VALUES, names: NAMES });
  files['model.json'] = decisions.rarely(12) ? damaged(encode(json), decisions) : encode(json);
  if (decisions.rarely(4)) {
    const name = decisions.pick(Object.keys(files));
    if (decisions.rarely(4)) delete files[name];
    else files[name] = damaged(files[name]!, decisions);
  }
  return { files, isSound: false };
}

export const tfjs: Target = {
  filesEach: 4,
  decisions: [0, 120],
  async check(decisions) {
    const asModel = decisions.rarely(8);
    const { files, isSound } = made(decisions);
    return verdictOf(isSound, 8, async () => {
      if (asModel) return checkModel(files);
      const { archive, notes } = readTfjs(await artifactsOf(files, who, undefined), who);
      checkNotes(notes);
      const isReset = notes.some((note) => note.startsWith("the optimizer's state is left out"));
      checkNumbers(files, archive.tensors, isReset);
    });
  },
};

/** Each weight that has the name of a tensor is that tensor, number by number. `isReset`: but those of the optimizer's state, which is all 0. */
function checkNumbers(
  files: Files,
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>,
  isReset: boolean,
): void {
  for (const { paths, weights } of parse(files).weightsManifest ?? []) {
    const bytes = Buffer.concat(paths.map((path) => files[path] ?? new Uint8Array()));
    let at = 0;
    for (const { name, shape, dtype, quantization } of weights) {
      const tensor = tensors.get(name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
      const count = shape.reduce((product, size) => product * size, 1);
      const stored = quantization?.dtype ?? dtype;
      for (let i = 0; i < count; i++) {
        const value = numberAt(bytes, at, stored);
        at += { uint8: 1, bool: 1, uint16: 2, float16: 2 }[stored] ?? 4;
        const { scale, min } = quantization ?? {};
        const given = scale === undefined || stored === 'float16' ? value : value * scale + min!;
        const decoded = isReset && /\/[mv]$/.test(name) ? 0 : given;
        if (tensor?.data.length === count && dtype === 'float32')
          assert.ok(Object.is(tensor.data[i], Math.fround(decoded)), `${name} at ${i}`);
      }
    }
    assert.is(at, bytes.length);
  }
}

function numberAt(bytes: Buffer, at: number, type: string): number {
  if (type === 'float16') return fromFloat16(bytes.readUInt16LE(at));
  if (type === 'uint16') return bytes.readUInt16LE(at);
  if (type === 'uint8' || type === 'bool') return bytes[at]!;
  return type === 'int32' ? bytes.readInt32LE(at) : bytes.readFloatLE(at);
}

/** It has finite weights, and is saved to files of which the same is read. */
async function checkModel(files: Files): Promise<void> {
  const { model, notes } = await loadTfjs(files, { name: who });
  checkNotes(notes);
  const weights = weightsOf(model);
  let saved: Files;
  try {
    saved = saveTfjs(model, { includeOptimizer: false });
  } catch (error) {
    // Not all that can be read has its counterpart there.
    assert.match((error as Error).message, /^saveTfjs: TF\.js has no counterpart/);
    return;
  }
  const same = weightsOf((await loadTfjs(saved, { name: who })).model);
  assert.equal(same, weights);
}

const weightsOf = (model: Model): string[] => {
  const all = model.getWeights().map(({ data }) => data);
  for (const data of all) assert.ok(data.every(Number.isFinite), 'weights are finite');
  return all
    .filter(({ length }) => length > 0)
    .map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString('base64'))
    .sort();
};
