// loadModel: a file whose tensors and JSON were tampered with makes the model that it describes, which saves, loads and computes, or none.
import * as assert from 'uvu/assert';
import { checksumOf } from '../../src/formats/checksum.js';
import { adam, layers, linearDecay, loadModel, sequential, WasmCnnError, type Model } from '../../src/index.js';
import {
  readSafetensors,
  writeSafetensors,
  type NamedTensor,
  type SafetensorsFile,
} from '../../src/formats/safetensors.js';
import { changed } from './changed.js';
import type { Decisions } from './decisions.js';
import { inflated } from './inflated.js';
import { outcomeInTime, same, who, type Target } from './target.js';

/** A checkpoint in the middle of a fit, with everything that a file can hold. */
async function checkpoint(): Promise<SafetensorsFile> {
  let bytes = new Uint8Array();
  const model = sequential({
    inputShape: [5, 4, 1],
    layers: [
      layers.conv2d({ filters: 2, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: [1, 2] }),
      layers.flatten(),
      layers.dropout({ rate: 0.5 }),
      layers.activation({ activation: 'tanh' }),
      layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: adam({ learningRate: linearDecay({ peak: 0.01, totalSteps: 9 }) }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize: 2,
  });
  const remembering = {
    name: 'mine',
    state: {
      list: [1, 2, Infinity],
      best: -0,
      seen: { bytes: Uint8Array.of(1, 2), $: undefined },
      weights: Float32Array.of(1, 2, 3),
    },
    onBatchEnd: () => void (bytes = model.save({ facts: { note: 'x', at: [NaN, Float64Array.of(-Infinity)] } })),
  };
  await model.fit({ data: new Uint8Array(3 * 20).fill(200), shape: [3, 5, 4, 1] }, [0, 1, 1], {
    verbose: 0,
    epochs: 2,
    callbacks: remembering,
  });
  return readSafetensors(bytes, who);
}

/** Values of an example that is computed. */
const MOST_INPUTS = 100_000;

const sound = await checkpoint();

function changedTensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  decisions: Decisions,
): ReadonlyMap<string, NamedTensor> {
  const copy = new Map(tensors);
  const name = decisions.pick([...copy.keys()]);
  const tensor = copy.get(name)!;
  const kind = decisions.below(5);
  if (kind === 0) copy.delete(name);
  else if (kind === 1)
    copy.set(
      decisions.pick([
        'extra',
        '__proto__',
        'conv2d/kernel/x',
        'callback:mine/other',
        'callback:mine/__proto__',
        'callback:',
      ]),
      tensor,
    );
  else if (kind === 2) copy.set(name, { shape: [...tensor.shape].reverse(), data: tensor.data });
  else {
    const data = tensor.data.slice();
    data[decisions.below(data.length)] = decisions.pick([NaN, Infinity, -Infinity, -1, -0, 1e-45, 3e38]);
    copy.set(name, { shape: tensor.shape, data });
  }
  return copy;
}

interface Made {
  readonly file: Uint8Array;
  /** Whether its checksum is that of the contents before they were changed. */
  readonly isDenied: boolean;
}

function makeFile(decisions: Decisions): Made {
  let { tensors } = sound;
  const metadata = new Map(sound.metadata);
  metadata.delete('checksum');
  for (let changes = 1 + Math.max(0, decisions.below(4) - 2); changes > 0; changes--) {
    const key = decisions.pick(['model', 'model', 'compile', 'fit', 'facts', 'format', 'tensors']);
    const text = metadata.get(key) ?? '{}';
    if (key === 'tensors') tensors = changedTensors(tensors, decisions);
    else if (decisions.rarely(12)) metadata.delete(key);
    else if (key === 'format') metadata.set(key, decisions.pick(['"wasm-cnn 2"', '""']));
    else metadata.set(key, JSON.stringify(changed(JSON.parse(text), decisions)));
  }
  if (decisions.rarely(16)) {
    const key = decisions.pick([...metadata.keys()]);
    metadata.set(key, metadata.get(key)!.slice(0, decisions.below(100)));
  }
  const contents = decisions.rarely(32) ? inflated({ tensors, metadata }, decisions) : { tensors, metadata };
  // Without a checksum; or with the right one, a wrong one, or one of other contents.
  const checksum = decisions.pick([
    null,
    null,
    null,
    null,
    checksumOf(contents),
    checksumOf(contents),
    '',
    sound.metadata.get('checksum')!,
  ]);
  const file = writeSafetensors({
    tensors: contents.tensors,
    metadata: checksum === null ? contents.metadata : new Map([...contents.metadata, ['checksum', checksum]]),
  });
  return { file, isDenied: checksum !== null && checksum !== checksumOf(contents) };
}

/** It has the weights of the file, and saves to one that gives it again. */
function checkModel(model: Model, facts: unknown, file: Uint8Array): void {
  const { tensors } = readSafetensors(file, who);
  for (const [i, { data }] of model.getWeights().entries())
    assert.ok(same(new Uint8Array(data.buffer), new Uint8Array(tensors.get(model.parameters[i]!.name)!.data.buffer)));
  for (const [name, values] of model.optimizerSlots)
    assert.ok(
      values.every((value) => Number.isFinite(value) && (name !== 'v' || value >= 0)),
      name,
    );
  // It shows names that come from the file.
  model.summary((text) => assert.not.match(text.replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}]/u));
  const saved = model.save({ facts });
  const { model: again, facts: sameFacts } = loadModel(saved, { name: who });
  assert.ok(same(again.save({ facts: sameFacts }), saved), 'saved again it is another file');
}

/** One example through the kernels, and one step where that is what the model is for. */
async function compute(model: Model): Promise<void> {
  const { inputShape } = model;
  const size = inputShape.reduce((product, axis) => product * axis, 1);
  if (size > MOST_INPUTS) return;
  const x = { data: new Uint8Array(size).fill(200), shape: [1, ...inputShape] };
  try {
    await model.predict(x);
    if (model.compiled) await model.trainOnBatch(x, [0]);
  } catch (error) {
    // Not each model that can be described computes something.
    if (!(error instanceof WasmCnnError)) throw error;
  }
}

export const model: Target = {
  filesEach: 4,
  async check(decisions) {
    const { file, isDenied } = makeFile(decisions);
    const loaded = outcomeInTime(file, () => loadModel(file, { name: who }));
    if (loaded === undefined) return 'refused';
    assert.not(isDenied, 'its checksum is of other contents');
    checkModel(loaded.model, loaded.facts, file);
    // The kernels of each file would cost more than all the rest.
    if (decisions.rarely(8)) await compute(loaded.model);
    return 'read';
  },
};
