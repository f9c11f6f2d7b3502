// Files of Keras: those that record.py recorded, with the description changed, or the archive, or the HDF5 file within it. What is sound is
// read; all else is read or refused in one sentence. One in eight becomes a model, which is saved and read again, the same.
import * as assert from 'uvu/assert';
import { sizeOf } from '../../src/base/shape.js';
import { loadKeras, saveKeras } from '../../src/formats/keras/index.js';
import { readKeras } from '../../src/formats/keras/read.js';
import { readHdf5, type Dataset, type Group } from '../../src/formats/hdf5/read.js';
import { writeHdf5, type Hdf5Node } from '../../src/formats/hdf5/write.js';
import { readZip, writeZip } from '../../src/formats/zip/zip.js';
import { fileOf, recorded } from '../formats/keras/recorded.js';
import { changed } from './changed.js';
import { damaged, type Decisions } from './decisions.js';
import { checkNotes, verdictOf, who, type Target } from './target.js';

/** What any place of a description may hold, nearly. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 2, 3, 0.5, 1e9, 2 ** 53, '', 'x', 'relu', 'same', 'valid', '__proto__', [], [1], {}],
  ...['\u001b[2J', 'x\u202e\n', 'x'.repeat(300), [[1]], [null, 8, 7, 3], [['a', 0, 0]], ['first', 0, 0]],
  ...['Conv2D', 'Dense', 'Sequential', 'Functional', 'InputLayer', 'Lambda', 'Adam', 'SGD', 'mse'],
  { class_name: '__keras_tensor__', config: { shape: [null, 1], dtype: 'float32', keras_history: ['first', 0, 0] } },
  { class_name: 'Dense', config: { name: 'd', units: 2 } },
  { class_name: '__numpy__', config: { value: [1, 2], dtype: 'float32' } },
];
const NAMES = [
  'name',
  'class_name',
  'config',
  'layers',
  'module',
  'activation',
  'inbound_nodes',
  '__proto__',
  'trainable',
];

interface Parts {
  readonly entries: ReadonlyMap<string, Uint8Array>;
  readonly config: unknown;
  readonly weights: Hdf5Node;
}

const ATTRIBUTES = ['model_config', 'training_config', 'keras_version', 'layer_names', 'weight_names', 'name'];

/** What can be written again, with what was changed. */
async function nodeOf(node: Group | Dataset): Promise<Hdf5Node> {
  const attributes = new Map<string, string | readonly string[]>();
  for (const name of ATTRIBUTES) {
    const value = node.attribute(name);
    if (typeof value === 'string' || (Array.isArray(value) && typeof value[0] === 'string'))
      attributes.set(name, value as string);
  }
  if (node.kind === 'dataset') {
    const isCount = node.shape.length === 0 && Number.isInteger(node.first());
    const data = isCount ? BigInt64Array.of(BigInt(node.first()!)) : (await node.read()).slice();
    return { attributes, shape: node.shape, data };
  }
  const members = new Map<string, Hdf5Node>();
  for (const name of node.names) members.set(name, await nodeOf(node.get(name)!));
  return { attributes, members };
}

const bases = await Promise.all(
  (['keras3', 'keras2'] as const).flatMap((version) =>
    (['chain', 'graph', 'preprocessing'] as const).flatMap((name) =>
      (['keras', 'h5'] as const).map(async (format): Promise<{ file: Uint8Array; parts: Parts }> => {
        const file = fileOf(recorded[version][name], format);
        const entries = new Map<string, Uint8Array>();
        if (format === 'keras') for (const entry of readZip(file, who)) entries.set(entry.name, await entry.read());
        const root = readHdf5(format === 'h5' ? file : entries.get('model.weights.h5')!, who);
        const text =
          format === 'h5' ? root.attribute('model_config') : Buffer.from(entries.get('config.json')!).toString();
        return { file, parts: { entries, config: JSON.parse(text as string), weights: await nodeOf(root) } };
      }),
    ),
  ),
);

/** A member, an attribute or a shape of the tree is another one. */
function changedNode(node: Hdf5Node, decisions: Decisions): Hdf5Node {
  const { members, attributes } = node;
  if (node.data) {
    if (decisions.below(2) === 0) return { ...node, shape: [node.data.length] };
    return { shape: [1 + decisions.below(3)], data: new Float32Array(3).fill(decisions.byte() - 99).slice(0, 1) };
  }
  if (attributes && attributes.size > 0 && decisions.rarely(4)) {
    const name = decisions.pick([...attributes.keys()]);
    const value = attributes.get(name)!;
    const other = typeof value === 'string' ? decisions.pick(['', 'x', `${value}x`, '[]', '{}']) : [...value].reverse();
    return { ...node, attributes: new Map([...attributes, [name, other]]) };
  }
  const names = [...members!.keys()];
  if (names.length === 0) return node;
  const name = decisions.pick(names);
  const copy = new Map(members);
  if (decisions.rarely(6)) copy.delete(name);
  else copy.set(name, changedNode(copy.get(name)!, decisions));
  return { ...node, members: copy };
}

function kerasFile(decisions: Decisions): { file: Uint8Array; isSound: boolean } {
  const { file, parts } = bases[decisions.below(bases.length)]!;
  const { entries, weights } = parts;
  if (decisions.rarely(6)) return { file, isSound: true };
  if (decisions.rarely(4)) return { file: damaged(file, decisions), isSound: false };
  let { config } = parts;
  let tree = weights;
  for (let changes = 1 + decisions.below(2); changes > 0; changes--) {
    if (decisions.rarely(4)) tree = changedNode(tree, decisions);
    else config = changed(config, decisions, { values: VALUES, names: NAMES });
  }
  const text = JSON.stringify(config);
  if (entries.size === 0) {
    const attributes = new Map([...tree.attributes!, ['model_config', text]] as [string, string][]);
    const made = writeHdf5({ ...tree, attributes });
    return { file: decisions.rarely(4) ? damaged(made, decisions) : made, isSound: false };
  }
  const made = tree === weights ? entries.get('model.weights.h5')! : writeHdf5(tree);
  const contents = new Map(entries);
  contents.set('config.json', Buffer.from(text));
  contents.set('model.weights.h5', decisions.rarely(4) ? damaged(made, decisions) : made);
  return { file: writeZip(contents), isSound: false };
}

export const keras: Target = {
  filesEach: 4,
  decisions: [0, 120],
  async check(decisions) {
    const asModel = decisions.rarely(8);
    const { file, isSound } = kerasFile(decisions);
    return verdictOf(isSound, 8 + file.length / 2 ** 20, async () => {
      if (asModel) return checkModel(file);
      const { archives, notes } = await readKeras(file, who, undefined);
      checkNotes(notes);
      for (const [name, { shape, data }] of archives.at(-1)!.tensors) assert.is(data.length, sizeOf(shape), name);
    });
  },
};

/** It has finite weights, and is saved to a file of which the same is read. */
async function checkModel(file: Uint8Array): Promise<void> {
  const { model, notes } = await loadKeras(file, { name: who });
  checkNotes(notes);
  const weights = model.getWeights();
  for (const { data } of weights) assert.ok(data.every(Number.isFinite), 'weights are finite');
  let saved: Uint8Array;
  try {
    saved = saveKeras(model, { format: file[0] === 0x50 ? 'keras' : 'h5', includeOptimizer: false });
  } catch (error) {
    // Not all that can be read has its counterpart there, and a chain of augmentation alone has no layers here.
    assert.match((error as Error).message, /^(saveKeras: Keras has no counterpart|the model has no layers)/);
    return;
  }
  const again = await loadKeras(saved, { name: who });
  const same = again.model.getWeights();
  assert.is(same.length, weights.length);
  for (const [i, { data }] of weights.entries())
    assert.ok(Buffer.compare(bytesOf(data), bytesOf(same[i]!.data)) === 0, `weight ${i} is the same`);
}

const bytesOf = (values: Float32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
