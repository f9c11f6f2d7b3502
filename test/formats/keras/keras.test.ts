// Files of Keras 3 and 2 (keras3.json, keras2.json, recorded by record.py): what they predict here, back and forth, and what is refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { input, layers, model as functional, sequential, type Model } from '../../../src/index.js';
import { loadKeras, saveKeras } from '../../../src/formats/keras/index.js';
import { readHdf5, type Dataset, type Group } from '../../../src/formats/hdf5/read.js';
import { writeHdf5 } from '../../../src/formats/hdf5/write.js';
import { readZip, writeZip } from '../../../src/formats/zip/zip.js';
import { refuses, refusesAtOnce } from '../../node/refuses.js';
import { zipFile } from '../zip/zipFile.js';
import { fileOf, inputsOf, numbers, recorded, type Case, type Format, type Recorded } from './recorded.js';

interface Tensor {
  readonly data: Float32Array;
}

async function predictions(model: Model, name: Case, given: Recorded): Promise<Float32Array[]> {
  const inputs = inputsOf(name, given);
  const outputs = await model.predict<Tensor | Tensor[]>((inputs.length === 1 ? inputs[0] : inputs) as never);
  return [outputs].flat().map(({ data }) => data);
}

function largestError(found: readonly Float32Array[], expected: readonly (readonly number[])[]): number {
  assert.equal(
    found.map(({ length }) => length),
    expected.map(({ length }) => length),
  );
  return Math.max(...found.flatMap((values, k) => [...values].map((value, i) => Math.abs(value - expected[k]![i]!))));
}

for (const [kind, cases] of Object.entries(recorded))
  for (const name of ['chain', 'graph', 'preprocessing'] as const)
    for (const format of ['keras', 'h5'] as const)
      test(`Keras ${cases.version}, ${name}.${format}: predicts the same, and so does what is saved of it`, async () => {
        const given = cases[name];
        const { model, notes } = await loadKeras(fileOf(given, format));
        const found = await predictions(model, name, given);
        assert.ok(largestError(found, given.outputs) < 1e-5, String(largestError(found, given.outputs)));
        assert.equal(notes, []);
        assert.is(model.compiled !== null, name !== 'preprocessing');
        assert.is(model.step, kind === 'keras3' && name === 'chain' ? 3 : 0);
        for (const saved of ['keras', 'h5'] as const) {
          const bytes = saveKeras(model, { format: saved });
          assert.is(Buffer.compare(bytes, saveKeras(model, { format: saved })), 0, 'the same bytes');
          const again = await loadKeras(bytes);
          const same = await predictions(again.model, name, given);
          assert.ok(
            found.every((values, k) => Buffer.compare(bytesOf(values), bytesOf(same[k]!)) === 0),
            'the same predictions',
          );
          assert.is(again.model.step, model.step);
          const slots = [...model.optimizerSlots].map(([slot, values]) => [slot, bytesOf(values).toString('hex')]);
          const slotsAgain = [...again.model.optimizerSlots].map(([slot, values]) => [
            slot,
            bytesOf(values).toString('hex'),
          ]);
          assert.equal(slotsAgain, slots);
        }
      });

const bytesOf = (values: Float32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

test('both files of a model hold the same', async () => {
  const given = recorded.keras3.chain;
  const [a, b] = await Promise.all((['keras', 'h5'] as const).map(async (format) => loadKeras(fileOf(given, format))));
  for (const [i, weight] of a!.model.getWeights().entries()) assert.equal(weight, b!.model.getWeights()[i]);
  assert.equal([...a!.model.optimizerSlots], [...b!.model.optimizerSlots]);
});

test('what an archive holds, in its order, without a date', async () => {
  const model = sequential({ name: 'mine', inputShape: [2], layers: [layers.dense({ units: 3, name: 'a' })] });
  const entries = readZip(saveKeras(model), 'it');
  assert.equal(
    entries.map(({ name }) => name),
    ['metadata.json', 'config.json', 'model.weights.h5'],
  );
  assert.is(Buffer.from(await entries[0]!.read()).toString(), '{"keras_version":"3.15.1"}');
  const weights = readHdf5(await entries[2]!.read(), 'it');
  assert.equal(weights.names, ['layers']);
  const kernel = weights.get('layers/dense/vars/0') as Dataset;
  assert.equal(kernel.shape, [2, 3]);
  assert.equal(await kernel.read(), model.getWeights()[0]!.data);
});

test('layers of a class are numbered in their order, whatever they are called', async () => {
  const inner = [layers.dense({ units: 2, name: 'z' }), layers.dense({ units: 2, name: 'a' })];
  const model = sequential({ inputShape: [2], layers: inner });
  const again = (await loadKeras(saveKeras(model))).model;
  assert.equal(
    again.layers.map(({ name }) => name),
    ['z', 'a'],
  );
  assert.equal(again.getWeights(), model.getWeights());
});

test('a Flatten of an image whose sides and channels differ, and strides on even and odd sides', async () => {
  for (const [height, width] of [
    [8, 7],
    [7, 8],
  ] as const) {
    const model = sequential({
      inputShape: [height, width, 3],
      layers: [
        layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: 'same' }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ],
    });
    const x = { shape: [1, height, width, 3], data: numbers([1, height, width, 3], 1) };
    for (const format of ['keras', 'h5'] as const) {
      const again = (await loadKeras(saveKeras(model, { format }))).model;
      assert.equal(await again.predict(x), await model.predict(x));
    }
  }
});

test('a model without an optimizer, and without what it keeps', async () => {
  const model = (await loadKeras(fileOf(recorded.keras3.chain, 'keras'))).model;
  for (const format of ['keras', 'h5'] as const) {
    const again = await loadKeras(saveKeras(model, { format, includeOptimizer: false }));
    assert.is(again.model.compiled, null);
    assert.equal(again.notes, []);
  }
});

/** The recorded archive with another entry, or the description changed. */
async function changed(
  change: (entries: Map<string, Uint8Array>, config: Record<string, never>) => void,
  name: Case = 'chain',
): Promise<Uint8Array> {
  const entries = new Map<string, Uint8Array>();
  for (const entry of readZip(fileOf(recorded.keras3[name], 'keras'), 'it'))
    entries.set(entry.name, await entry.read());
  const config = JSON.parse(Buffer.from(entries.get('config.json')!).toString()) as Record<string, never>;
  const before = JSON.stringify(config);
  change(entries, config);
  if (JSON.stringify(config) !== before) entries.set('config.json', Buffer.from(JSON.stringify(config)));
  return writeZip(entries);
}

interface Description {
  config: { layers: { class_name: string; config: Record<string, unknown> }[] };
  compile_config: { optimizer: { class_name: string; config: object }; loss: unknown; metrics: unknown };
}

test('everything without a counterpart is named', async () => {
  const file = await changed((_, config) => {
    const { layers: list } = (config as unknown as Description).config;
    list[1]!.class_name = 'Conv3D';
    list[5]!.class_name = 'MyLayer';
  });
  await refuses(
    loadKeras(file),
    'the model file: wasm-cnn has no counterpart of 2 of its layers: first (Conv3D), separable_conv2d (MyLayer); leave them out of the model, or build it of layers of docs/layers.md',
  );
});

test('names that every JavaScript object has are names like others', async () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const own = (value: object): object =>
      JSON.parse(JSON.stringify({ x: value }).replace('"x"', `"${name}"`)) as object;
    const option = await changed((_, config) => {
      const { config: first } = (config as unknown as Description).config.layers[1]!;
      Object.defineProperty(first, name, { value: 3, enumerable: true });
    });
    await refuses(
      loadKeras(option),
      `the model file: wasm-cnn has no counterpart of its layer first (Conv2D: ${name} 3); leave it out of the model, or build it of layers of docs/layers.md`,
    );
    const layer = await changed(
      (_, config) => ((config as unknown as Description).config.layers[1]!.class_name = name),
    );
    await refuses(
      loadKeras(layer),
      `the model file: wasm-cnn has no counterpart of its layer first (${name}); leave it out of the model, or build it of layers of docs/layers.md`,
    );
    const optimizer = await changed((_, config) => {
      const { optimizer: given } = (config as unknown as Description).compile_config;
      Object.defineProperty(given.config, name, { value: 3, enumerable: true });
    });
    const { notes } = await loadKeras(optimizer);
    assert.is(notes.length, 1);
    assert.match(notes[0]!, /^its compile configuration is left out: .*adam.*\(/);
    const losses = await changed((_, config) => ((config as unknown as Description).compile_config.loss = own({})));
    assert.is((await loadKeras(losses)).model.compiled, null);
  }
});

test('an unknown loss or optimizer is left out with a note', async () => {
  const loss = await loadKeras(
    await changed((_, config) => ((config as unknown as Description).compile_config.loss = 'poisson')),
  );
  assert.is(loss.model.compiled, null);
  assert.equal(loss.notes, [
    'its compile configuration is left out: wasm-cnn has no counterpart of the loss "poisson"; call compile()',
  ]);
  const state = await loadKeras(
    await changed((_, config) => ((config as unknown as Description).compile_config.optimizer.class_name = 'SGD')),
  );
  assert.is(state.model.compiled, null);
});

test('an optimizer whose state belongs to other weights is reset', async () => {
  const file = await changed((_, config) => {
    const { optimizer } = (config as unknown as Description).compile_config;
    optimizer.class_name = 'RMSprop';
    optimizer.config = { learning_rate: 0.25 };
  });
  const { model, notes } = await loadKeras(file);
  assert.equal(notes, [
    "its optimizer's state is left out: its variables are not those that such an optimizer keeps for these weights",
  ]);
  assert.is(model.step, 0);
});

test('weights of another layer than the description says', async () => {
  const file = await changed((_, config) => {
    const { layers: list } = (config as unknown as Description).config;
    list[2]!.config.name = 'other';
  });
  await refuses(
    loadKeras(file),
    "the model file: its layer 'other' has its weights in layers/batch_normalization, where those of 'batch_normalization' are; it was changed, save the model again",
  );
});

const again = "save the model with model.save('model.keras')";
const h5 = fileOf(recorded.keras3.chain, 'h5');

for (const [what, file, sentence] of [
  [
    'text',
    async () => Buffer.from('hello'),
    `it is no file of Keras: it is neither a .keras (a zip archive) nor an .h5 (HDF5); ${again}`,
  ],
  [
    'another archive',
    async () => zipFile([{ name: 'x.npy', content: new Uint8Array(3) }]),
    `it: the zip archive has no config.json, so it is no .keras; ${again}`,
  ],
  [
    'no weights',
    async () => changed((entries) => entries.delete('model.weights.h5')),
    "it: the archive has no model.weights.h5; save the model again with model.save('model.keras')",
  ],
  [
    'weights of NumPy',
    async () =>
      changed((entries) => {
        entries.delete('model.weights.h5');
        entries.set('model.weights.npz', new Uint8Array(3));
      }),
    "it: the archive has no model.weights.h5, but weights of NumPy, which Keras itself does not read; save the model again with model.save('model.keras')",
  ],
  [
    'a description that is no JSON',
    async () => changed((entries) => void entries.set('config.json', Buffer.from('{'))),
    'it: config.json is no JSON object in UTF-8; save the model again',
  ],
  [
    'a name that leads outside',
    async () => changed((entries) => void entries.set('../x', new Uint8Array(1))),
    'it: ../x names a place outside the zip archive; do not trust this file, and take it from another source',
  ],
  [
    'an archive cut off',
    async () => fileOf(recorded.keras3.chain, 'keras').subarray(0, -1),
    'it: is no whole zip archive, its directory is missing; fetch the file again',
  ],
  [
    'an .h5 cut off',
    async () => h5.subarray(0, -1),
    `it: the HDF5 file breaks off: it says ${h5.length} bytes, and has ${h5.length - 1}; fetch the file again`,
  ],
  [
    'weights alone',
    async () => weightsAlone(),
    `it holds weights alone, and no model; save the whole model with model.save('model.keras')`,
  ],
  [
    'a bomb',
    async () =>
      zipFile([
        { name: 'config.json', content: Buffer.from('{}') },
        { name: 'model.weights.h5', content: new Uint8Array(9e7), deflated: true },
      ]),
    /^it: model\.weights\.h5 would be 90000000 bytes of an archive of \d+; do not trust this file$/,
  ],
] as const)
  test(`refused: ${what}`, async () => {
    const bytes = await file();
    if (typeof sentence === 'string') return refuses(loadKeras(bytes, { name: 'it' }), sentence);
    const message = await loadKeras(bytes, { name: 'it' }).then(
      () => 'read',
      (error: Error) => error.message,
    );
    assert.match(message, sentence);
  });

async function weightsAlone(): Promise<Uint8Array> {
  const entries = readZip(fileOf(recorded.keras3.chain, 'keras'), 'it');
  return entries.find(({ name }) => name === 'model.weights.h5')!.read();
}

test('options are checked', async () => {
  const bytes = fileOf(recorded.keras3.chain, 'keras');
  await refuses(
    loadKeras(bytes, { shapes: [1] } as never),
    "loadKeras has no option 'shapes'; it has name, inputShape, workers, numerics, background, wasm",
  );
  await refuses(
    loadKeras(bytes, { inputShape: [0] }),
    "loadKeras's inputShape must be a shape of one example, e.g. [224, 224, 3]",
  );
  await refuses(
    loadKeras('model.keras' as never),
    'loadKeras needs the bytes of a model file, got "model.keras"; read a file with fs.readFileSync(path), an address with await (await fetch(address)).arrayBuffer()',
  );
  const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 1 })] });
  refusesAtOnce(
    () => saveKeras(model, { format: 'hdf5' as Format }),
    `saveKeras's format must be 'keras' or 'h5', got "hdf5"`,
  );
  refusesAtOnce(
    () => saveKeras({} as Model),
    'saveKeras needs a model first, as sequential(), model() or loadModel(bytes).model give it, got an object',
  );
});

test('a shared layer, two inputs and two outputs survive the round trip', async () => {
  const [a, b] = [input({ shape: [4], name: 'a' }), input({ shape: [4], name: 'b' })];
  const shared = layers.dense({ units: 3, name: 'shared' });
  const sum = layers.add().apply([shared.apply(a), shared.apply(b)]);
  const model = functional({
    inputs: [a, b],
    outputs: [layers.dense({ units: 2, name: 'x' }).apply(sum), layers.dense({ units: 1, name: 'y' }).apply(sum)],
  });
  const xs = [1, 2].map((seed) => ({ shape: [3, 4], data: numbers([3, 4], seed) }));
  for (const format of ['keras', 'h5'] as const) {
    const { model: loaded } = await loadKeras(saveKeras(model, { format }));
    assert.is(loaded.topology.layers.length, 4);
    assert.equal(await loaded.predict(xs as never), await model.predict(xs as never));
  }
});

test('a layer that two of its models have, which the archive of Keras holds once', async () => {
  const given = recorded.keras3.shared;
  for (const format of ['keras', 'h5'] as const) {
    const { model, notes } = await loadKeras(fileOf(given, format));
    assert.ok(largestError(await predictions(model, 'shared', given), given.outputs) < 1e-6);
    assert.equal(
      notes,
      format === 'h5'
        ? []
        : ['what two of its models share is in each of them here, with the same weights to begin with: shared'],
    );
  }
});

test("dots in names: HDF5 takes '.' for the group itself, and '..' for a name", async () => {
  const made = (name: string, model: string): Model =>
    sequential({
      name: model,
      inputShape: [2],
      layers: [layers.dense({ units: 3, name }), layers.dense({ units: 1 })],
    });
  for (const [name, model] of [
    ['..', 'm'],
    ['a', '.'],
  ] as const) {
    const own = made(name, model);
    const bytes = saveKeras(own, { format: 'h5' });
    assert.equal((await loadKeras(bytes)).model.getWeights(), own.getWeights());
    // As h5py looks for it, step by step.
    const weights = readHdf5(bytes, 'it').get('model_weights') as Group;
    const scope = (weights.get(name) as Group).get(model === '.' ? 'a' : `m/${name}`) as Group;
    assert.equal(scope.names, ['bias', 'kernel']);
  }
  assert.equal((await loadKeras(saveKeras(made('.', 'm')))).model.countParams(), 13);
  refusesAtOnce(
    () => saveKeras(made('.', 'm'), { format: 'h5' }),
    "saveKeras: a layer is called '.', which in an .h5 is the group around it; save a .keras, or call the layer otherwise",
  );
});

test('paths within HDF5 as h5py reads them', async () => {
  const leaf = { shape: [1], data: Float32Array.of(5) };
  const root = readHdf5(writeHdf5({ members: new Map([['a', { members: new Map([['b', leaf]]) }]]) }), 'it');
  for (const path of ['a/b', './a/b', 'a//b', 'a/./b', 'a/b/'])
    assert.equal([...(await (root.get(path) as Dataset).read())], [5], path);
  assert.is(root.get('a/../a/b'), undefined);
  refusesAtOnce(
    () => readHdf5(writeHdf5({ members: new Map([['.', leaf]]) }), 'it').names,
    'it: a name in the HDF5 file is empty, a dot, too long, with a slash or not in UTF-8; save it again',
  );
});

test('from a Response, a Blob and an ArrayBuffer', async () => {
  const bytes = fileOf(recorded.keras3.chain, 'keras');
  for (const given of [new Response(bytes as never), new Blob([bytes as never]), bytes.slice().buffer])
    assert.is((await loadKeras(given as never)).model.step, 3);
});

test.run();
