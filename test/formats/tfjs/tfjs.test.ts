// Models of TF.js: where they come from, names of weights, shards, quantized numbers, training that continues, and what is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadTfjs, saveTfjs, type TfjsFiles } from '../../../src/formats/tfjs/index.js';
import { adam, metrics, model as functional, input, sequential } from '../../../src/index.js';
import { writeKerasConfig } from '../../../src/formats/kerasConfig/index.js';
import { pack } from '../../../src/model/pack.js';
import { tfjsFiles } from '../../../src/node/index.js';
import * as layers from '../../../src/layers/index.js';
import type { Model } from '../../../src/model/model.js';
import { refuses, refusesAtOnce } from '../../node/refuses.js';
import {
  assertSame,
  examples,
  loadedByTfjs,
  predicted,
  predictedByTfjs,
  savedByTfjs,
  scramble,
  tf,
  toTf,
  type TfModel,
} from './tensorflow.js';

const withTfjs = tf ? test : test.skip;
const IMAGE = [6, 5, 3] as const;

function small(): Model {
  const model = sequential({
    inputShape: IMAGE,
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  scramble(model);
  return model;
}

interface Json {
  modelTopology: { config: { layers: { class_name: string; config: Record<string, unknown> }[] } } | null;
  format?: string;
  weightsManifest: {
    paths: string[];
    weights: { name: string; shape: number[]; dtype: string; quantization?: object }[];
  }[];
}
const jsonOf = (files: TfjsFiles): Json => JSON.parse(new TextDecoder().decode(files['model.json'])) as Json;

/** The files with another model.json. */
function changed(files: TfjsFiles, change: (json: Json) => void): Record<string, Uint8Array> {
  const json = jsonOf(files);
  change(json);
  return { ...files, 'model.json': new TextEncoder().encode(JSON.stringify(json)) };
}

/** The weights in shards of so many bytes, as the converter names them. */
function sharded(files: TfjsFiles, size: number): Record<string, Uint8Array> {
  const bytes = files['model.weights.bin'];
  const count = Math.ceil(bytes.length / size);
  const names = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
  const { 'model.json': json } = changed(files, (all) => (all.weightsManifest[0]!.paths = names));
  return {
    'model.json': json!,
    ...Object.fromEntries(names.map((name, i) => [name, bytes.slice(i * size, (i + 1) * size)])),
  };
}

test('shards that are cut within a tensor, and within a number', async () => {
  const model = small();
  const x = examples(IMAGE);
  for (const size of [4096, 101, 7])
    assertSame(
      await predicted((await loadTfjs(sharded(saveTfjs(model), size))).model, x),
      await predicted(model, x),
      `${size}`,
    );
});

test('a URL, a Map, Files and a TF.js handler give the same', async () => {
  const model = small();
  const x = examples(IMAGE);
  const files = sharded(saveTfjs(model), 100);
  const asked: string[] = [];
  const fetchBytes = (address: string) => {
    asked.push(address);
    const name = decodeURIComponent(/([^/?]*)(\?.*)?$/.exec(address)![1]!);
    return Promise.resolve(new Response(new Uint8Array(files[name]!)));
  };
  const json = jsonOf(saveTfjs(model));
  const artifacts = {
    modelTopology: json.modelTopology,
    weightSpecs: json.weightsManifest[0]!.weights,
    weightData: saveTfjs(model)['model.weights.bin'].buffer,
  };
  const given = [
    () => loadTfjs('https://example.org/a/model.json?key=1', { fetch: fetchBytes }),
    () => loadTfjs(new URL('https://example.org/a/model.json?key=1'), { fetch: fetchBytes }),
    () => loadTfjs(new Map(Object.entries(files))),
    () => loadTfjs(Object.entries(files).map(([name, bytes]) => new File([new Uint8Array(bytes)], name))),
    () => loadTfjs({ load: () => Promise.resolve(artifacts) }),
    () => loadTfjs({ ...artifacts, weightData: [artifacts.weightData.slice(0, 30), artifacts.weightData.slice(30)] }),
  ];
  for (const load of given) assertSame(await predicted((await load()).model, x), await predicted(model, x));
  assert.match(asked[1]!, /^https:\/\/example\.org\/a\/group1-shard1of\d+\.bin\?key=1$/);
});

test('weights are matched by the longest suffix of their names', async () => {
  const model = small();
  const x = examples(IMAGE);
  for (const rename of [
    (name: string) => `sequential/${name}`,
    (name: string) => `${name}:0`,
    (name: string) => name.replace('/', '_1/'),
    (name: string) => `conv2d/dense/other/${name}`,
  ]) {
    const files = changed(saveTfjs(model), (json) => {
      for (const weight of json.weightsManifest[0]!.weights) weight.name = rename(weight.name);
      // By name, never by order.
    });
    assertSame(await predicted((await loadTfjs(files)).model, x), await predicted(model, x));
  }
  const numbered = changed(saveTfjs(model), (json) => {
    const groups = { conv2d: 'conv2d', batchNormalization: 'batch_normalization', dense: 'dense' } as Record<
      string,
      string
    >;
    const counts: Record<string, number> = {};
    for (const weight of json.weightsManifest[0]!.weights) {
      const layer = weight.name.split('/')[0]!;
      weight.name = `layers/${groups[layer]!}/vars/${(counts[layer] = (counts[layer] ?? -1) + 1)}`;
    }
  });
  assertSame(
    await predicted((await loadTfjs(numbered)).model, x),
    await predicted(model, x),
    'as the converter names those of .keras',
  );
});

test('what the converter makes of Keras 3, which TF.js itself does not load', async () => {
  const model = sequential({
    inputShape: IMAGE,
    layers: [
      layers.depthwiseConv2d({ kernelSize: 3 }),
      layers.flatten(),
      layers.dense({ units: 2, activation: 'hardSigmoid' }),
    ],
  });
  scramble(model);
  const x = examples(IMAGE);
  const { topology } = writeKerasConfig(pack(model).model, 'keras3', 'the test');
  const withoutModules = JSON.parse(
    JSON.stringify(topology, (key, value: unknown) =>
      ['module', 'registered_name'].includes(key) ? undefined : value,
    ),
  ) as object;
  const names: readonly (readonly string[])[] = [
    // Names as in a .keras, with what is stored beside the weights there, then as in an .h5.
    ['layers/depthwise_conv2d/vars/0', 'layers/depthwise_conv2d/vars/1', 'layers/dense/vars/0', 'layers/dense/vars/1'],
    [
      'sequential/depthwiseConv2d/kernel',
      'sequential/depthwiseConv2d/bias',
      'sequential/dense/kernel',
      'sequential/dense/bias',
    ],
  ];
  for (const list of names) {
    const weights = model.getWeights();
    const { model: read } = await loadTfjs({
      modelTopology: { keras_version: '3.15.1', backend: 'tensorflow', model_config: withoutModules },
      weightSpecs: [
        ...list.map((name, i) => ({ name, shape: weights[i]!.shape, dtype: 'float32' })),
        { name: 'optimizer/vars/0', shape: [], dtype: 'int32' },
      ],
      weightData: [...weights.map(({ data: values }) => values.slice().buffer), new ArrayBuffer(4)],
    });
    assertSame(await predicted(read, x), await predicted(model, x), list[0]);
  }
});

test('in Node from a path', async () => {
  const model = small();
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-'));
  try {
    for (const [name, bytes] of Object.entries(sharded(saveTfjs(model), 200))) writeFileSync(join(folder, name), bytes);
    const { model: read } = await loadTfjs(await tfjsFiles(join(folder, 'model.json')));
    assert.equal(read.getWeights(), model.getWeights());
    await refuses(tfjsFiles(''), 'tfjsFiles needs the path of a model.json, got ""');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('quantized kernels: sizes, and how near they stay', async () => {
  const model = sequential({ inputShape: [400], layers: [layers.dense({ units: 100 })] });
  scramble(model);
  const sizes = Object.fromEntries(
    (['float32', 'float16', 'uint16', 'uint8'] as const).map((weights) => [
      weights,
      saveTfjs(model, { weights })['model.weights.bin'].length,
    ]),
  );
  assert.equal(sizes, { float32: 160400, float16: 80400, uint16: 80400, uint8: 40400 });
  const kernel = model.getWeights()[0]!;
  for (const [weights, apart] of [
    ['float16', 2.5e-4],
    ['uint16', 1e-5],
    ['uint8', 2.1e-3],
  ] as const) {
    const other = (await loadTfjs(saveTfjs(model, { weights }))).model.getWeights()[0]!;
    const most = kernel.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - other.data[i]!)), 0);
    assert.ok(most <= apart && most > apart / 10, `${weights}: ${most}`);
  }
  kernel.data[7] = 70000;
  model.setWeights([kernel, model.getWeights()[1]!]);
  refusesAtOnce(
    () => saveTfjs(model, { weights: 'float16' }),
    'saveTfjs: dense/kernel holds numbers beyond 65504, which float16 has not; keep float32',
  );
});

test('a constant tensor, a scalar and numbers of int32 that are quantized', async () => {
  const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 2, useBias: false })] });
  model.setWeights([{ data: Float32Array.of(0.3, 0.3, 0.3, 0.3), shape: [2, 2] }]);
  const files = saveTfjs(model, { weights: 'uint8' });
  assert.is((jsonOf(files).weightsManifest[0]!.weights[0]!.quantization as { scale: number }).scale, 1);
  assert.equal((await loadTfjs(files)).model.getWeights(), model.getWeights());
  // Normalization's count: a scalar that is nothing here.
  const normalized = changed(files, (json) => {
    json.modelTopology!.config.layers.unshift({
      class_name: 'Normalization',
      config: { name: 'n', batch_input_shape: [null, 2], axis: [-1] },
    });
    json.weightsManifest[0]!.weights.unshift(
      { name: 'n/mean', shape: [2], dtype: 'float32' },
      { name: 'n/variance', shape: [2], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: 1 } },
      { name: 'n/count', shape: [], dtype: 'int32', quantization: { dtype: 'uint8', scale: 1, min: 0 } },
    );
  });
  const bytes = new Uint8Array([
    ...new Uint8Array(Float32Array.of(1, 2).buffer),
    2,
    6,
    9,
    ...files['model.weights.bin'],
  ]);
  const { model: read } = await loadTfjs({ ...normalized, 'model.weights.bin': bytes });
  assert.equal(
    read
      .getWeights()
      .slice(0, 2)
      .map(({ data }) => [...data]),
    [
      [1, 2],
      [2, 4],
    ],
  );
});

test('a normalization, which TF.js has none of, still takes bytes as 0 to 255 when it comes back', async () => {
  const normalization = layers.normalization({ mean: [100, 120], variance: [2500, 3600], name: 'scaled' });
  const model = sequential({
    seed: 3,
    inputShape: [2, 3, 2],
    layers: [normalization, layers.conv2d({ filters: 2, kernelSize: 2 })],
  });
  const { model: back } = await loadTfjs(saveTfjs(model));
  const bytes = { data: Uint8Array.from({ length: 24 }, (_, i) => (i * 37) % 256), shape: [2, 2, 3, 2] };
  for (const x of [bytes, { ...bytes, data: Float32Array.from(bytes.data) }])
    assert.equal(await back.predict(x), await model.predict(x));
  assert.equal(back.getWeights(), model.getWeights());
  assert.is(back.layers[0]!.layer.className, 'Normalization');
});

const data = () => ({
  x: examples(IMAGE, 8),
  y: { data: Float32Array.from({ length: 24 }, (_, i) => (i % 3 === Math.floor(i / 3) % 3 ? 1 : 0)), shape: [8, 3] },
});
const FIT = { epochs: 2, batchSize: 4, shuffle: false, verbose: 0 as const };

test('training continues after a round trip with the same losses, bit for bit', async () => {
  const { x, y } = data();
  const model = small();
  model.compile({
    optimizer: adam({ learningRate: 0.01 }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize: 4,
  });
  await model.fit(x, y, FIT);
  const { model: back, notes } = await loadTfjs(saveTfjs(model));
  assert.equal(notes, []);
  assert.is(back.step, 4);
  assert.equal((await back.fit(x, y, FIT)).history.loss, (await model.fit(x, y, FIT)).history.loss);
});

const near = (a: readonly number[], b: readonly number[], most = 1e-4): void => {
  assert.is(a.length, b.length);
  for (const [i, value] of a.entries())
    assert.ok(Math.abs(value - b[i]!) <= most, `${a.join(', ')} and ${b.join(', ')}`);
};

for (const [name, optimizer] of Object.entries({
  adam: () => tf!.train.adam!(0.01),
  sgd: () => tf!.train.sgd!(0.05),
  momentum: () => tf!.train.momentum!(0.02, 0.9),
  rmsprop: () => tf!.train.rmsprop!(0.003, 0.8, 0.5),
  adagrad: () => tf!.train.adagrad!(0.02, 0.1),
}))
  withTfjs(`TF.js' ${name} continues here, and ours there, with its state`, async () => {
    const { x, y } = data();
    const there = tf!.sequential({
      layers: [
        tf!.layers.conv2d!({ filters: 2, kernelSize: 3, inputShape: IMAGE, activation: 'tanh' }),
        tf!.layers.flatten!(),
        tf!.layers.dense!({ units: 3, activation: 'softmax' }),
      ],
    });
    there.compile({ optimizer: optimizer(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await there.fit(toTf(x), toTf(y), FIT);
    const { model, notes } = await loadTfjs(await savedByTfjs(there, { includeOptimizer: true }));
    assert.equal(notes, []);
    assert.is(model.step, 4);
    const ours = (await model.fit(x, y, FIT)).history.loss as number[];
    near(ours, (await there.fit(toTf(x), toTf(y), FIT)).history.loss);
    const again = await loadedByTfjs(saveTfjs(model));
    near((await model.fit(x, y, FIT)).history.loss as number[], (await again.fit(toTf(x), toTf(y), FIT)).history.loss);
  });

withTfjs("the optimizer's state of a graph is in TF.js' order of its layers", async () => {
  const make = (): Model => {
    const x = input({ shape: IMAGE });
    // The longer branch is made last, and comes first there.
    const short = layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', name: 'short' }).apply(x);
    const long = layers
      .conv2d({ filters: 3, kernelSize: 3, padding: 'same', name: 'long2' })
      .apply(layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh', name: 'long1' }).apply(x));
    const y = layers
      .dense({ units: 3, activation: 'softmax' })
      .apply(layers.flatten().apply(layers.add().apply([short, long])));
    return functional({ inputs: x, outputs: y });
  };
  const { x, y } = data();
  const model = make();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 4 });
  await model.fit(x, y, FIT);
  const there = await loadedByTfjs(saveTfjs(model));
  const back = (await loadTfjs(await savedByTfjs(there, { includeOptimizer: true }))).model;
  assert.equal([...back.optimizerSlots.get('m')!].sort(), [...model.optimizerSlots.get('m')!].sort());
  const losses = (await model.fit(x, y, FIT)).history.loss as number[];
  near(losses, (await back.fit(x, y, FIT)).history.loss as number[], 1e-6);
  near(losses, (await there.fit(toTf(x), toTf(y), FIT)).history.loss);
});

/** With random weights of TF.js' own. */
withTfjs('nested and shared models of TF.js', async () => {
  const inner = tf!.sequential({
    layers: [
      tf!.layers.conv2d!({ filters: 3, kernelSize: 3, padding: 'same', inputShape: IMAGE, name: 'c' }),
      tf!.layers.batchNormalization!({ name: 'bn' }),
    ],
  }) as TfModel & { apply(x: unknown): never };
  const [a, b] = [tf!.input({ shape: IMAGE }), tf!.input({ shape: IMAGE })];
  const sum = tf!.layers.add!().apply([inner.apply(a), inner.apply(b)]);
  const outer = tf!.model({
    inputs: [a, b],
    outputs: tf!.layers.dense!({ units: 2 }).apply(tf!.layers.flatten!().apply(sum)),
  });
  const x = [examples(IMAGE, 3, 1), examples(IMAGE, 3, 2)];
  const { model } = await loadTfjs(await savedByTfjs(outer));
  assertSame(await predicted(model, ...x), predictedByTfjs(outer, ...x));
  const stacked = tf!.sequential({ layers: [inner as never, tf!.layers.flatten!() as never] });
  assertSame(
    await predicted((await loadTfjs(await savedByTfjs(stacked))).model, x[0]!),
    predictedByTfjs(stacked, x[0]!),
  );
});

withTfjs('metrics and losses without counterpart are left out with a sentence, and the model predicts', async () => {
  const there = tf!.sequential({ layers: [tf!.layers.dense!({ units: 2, inputShape: [3] })] });
  there.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const saved = await savedByTfjs(there, { includeOptimizer: true });
  const { optimizer_config: optimizer } = (
    saved as unknown as { trainingConfig: { optimizer_config: { class_name: string } } }
  ).trainingConfig;
  optimizer.class_name = 'Adamax';
  const { model, notes } = await loadTfjs(saved);
  assert.equal(notes, [
    'its compile configuration is left out: wasm-cnn has no counterpart of the optimizer "Adamax"; call compile()',
  ]);
  assertSame(await predicted(model, examples([3])), predictedByTfjs(there, examples([3])));
  there.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['mape'] });
  const other = await loadTfjs(await savedByTfjs(there, { includeOptimizer: true }));
  assert.is(other.notes[0], 'its metric "mape" is left out; wasm-cnn has none like it');
  assert.match(other.notes[1]!, /^its compile configuration is left out: .*needs probabilities/);
});

test('other models, and incomplete ones, are refused in one sentence', async () => {
  const files = saveTfjs(small());
  const whole = files['model.weights.bin'].length;
  const { 'model.weights.bin': _, ...alone } = files;
  const bytes = (text: string) => ({ 'model.json': new TextEncoder().encode(text) });
  const cases: [Parameters<typeof loadTfjs>[0], string][] = [
    [
      changed(files, (json) => (json.format = 'graph-model')),
      'the model: it is a graph model, a frozen graph of operations that has no layers to train; take the layers model that it was made of, or convert the Keras model with --output_format=tfjs_layers_model',
    ],
    [alone, "the model: its file 'model.weights.bin' is missing, there is model.json; give all that model.json names"],
    [
      { ...files, 'model.weights.bin': files['model.weights.bin'].slice(0, 100) },
      `the model: its weights take ${whole} bytes, and its files hold 100; they are cut off, or one is missing`,
    ],
    [
      changed(files, (json) => (json.weightsManifest[0]!.paths = ['../secret.bin'])),
      "the model: its weightsManifest names '../secret.bin', which is not beside it; put all files in one folder",
    ],
    [
      changed(files, (json) => (json.weightsManifest[0]!.weights[0]!.name = 'other/kernel')),
      "the model: its weight 'other/kernel' [3, 3, 3, 4] fits no layer of its description; they are of two models",
    ],
    [
      changed(files, (json) => (json.weightsManifest[0]!.weights[1]!.name = 'a/conv2d/kernel')),
      "the model: its weights 'conv2d/kernel' and 'a/conv2d/kernel' both are the kernel of its layer 'conv2d'",
    ],
    [
      changed(files, (json) => (json.weightsManifest[0]!.weights[0]!.dtype = 'string')),
      'the model: its weight \'conv2d/kernel\' is of the type "string", and float32, int32 and bool are read',
    ],
    [
      changed(files, (json) => (json.weightsManifest[0]!.weights[0]!.shape = [1e9, 1e9])),
      "the model: its weight 'conv2d/kernel' has more values than WebAssembly's memory holds",
    ],
    [
      changed(files, (json) => (json.weightsManifest[0]!.weights[0]!.quantization = { dtype: 'uint8', scale: null })),
      "the model: the quantization of its weight 'conv2d/kernel' is none that is known: float16 of float32, or uint8 and uint16 with scale and min",
    ],
    [
      changed(files, (json) => (json.modelTopology = null)),
      'the model: its model.json has no modelTopology; it holds weights alone, or is no layers model of TF.js',
    ],
    [
      bytes('<!doctype html>'),
      'the model: its model.json is an HTML page, perhaps that of an error or a login; check where it comes from',
    ],
    [bytes('{'), 'the model: its model.json is no JSON; check where it comes from'],
    [{}, 'loadTfjs needs model.json and the files of its weights, got an object without files; see docs/formats.md'],
    [
      { 'a.bin': new Uint8Array(1) },
      'the model: none of its files is a .json; give model.json and the files of its weights',
    ],
    [
      'model/model.json',
      "the model: 'model/model.json' is no address of the Web; read a file with tfjsFiles(path) of wasm-cnn/node and give loadTfjs what it returns",
    ],
    [
      7 as never,
      'loadTfjs needs the address of a model.json, its files, or a handler of TF.js, got 7; see docs/formats.md',
    ],
  ];
  for (const [given, sentence] of cases) await refuses(loadTfjs(given), sentence);
  await refuses(
    loadTfjs('https://example.org/model.json', { fetch: () => Promise.resolve(new Response('', { status: 404 })) }),
    "the model: 'https://example.org/model.json': the response came with status 404; check the address that it was fetched from",
  );
  await refuses(
    loadTfjs(files, { size: 1 } as never),
    "loadTfjs has no option 'size'; it has name, inputShape, fetch, workers, numerics, background, wasm",
  );
  refusesAtOnce(
    () => saveTfjs(small(), { weights: 'int8' as never }),
    "saveTfjs' weights must be 'float32', 'float16', 'uint16' or 'uint8', got \"int8\"",
  );
  refusesAtOnce(
    () => saveTfjs(7 as never),
    'saveTfjs needs a model first, as sequential(), model() or loadModel(bytes).model give it, got 7',
  );
});

test('a name that fits layers of two nested models is refused', async () => {
  const inner = (name: string) => ({
    class_name: 'Sequential',
    config: {
      name,
      layers: [{ class_name: 'Dense', config: { name: 'd', units: 2, use_bias: false, batch_input_shape: [null, 2] } }],
    },
  });
  const json = (names: string[]) => ({
    modelTopology: { class_name: 'Sequential', config: { name: 's', layers: [inner('a'), inner('b')] } },
    weightSpecs: names.map((name) => ({ name, shape: [2, 2], dtype: 'float32' })),
    weightData: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer,
  });
  const { model } = await loadTfjs(json(['s/b/d/kernel', 's/a/d/kernel']));
  assert.equal(
    model.getWeights().map(({ data: values }) => values[0]),
    [5, 1],
  );
  await refuses(
    loadTfjs(json(['d/kernel', 'a/d/kernel'])),
    "the model: its weight 'd/kernel' could be that of its layers 'a/d' and 'b/d'; give them different names and save it again",
  );
  // One whose whole path is there is rather meant than one whose model is not.
  const outer = json(['net/d/kernel', 'net/a/d/kernel']);
  outer.modelTopology.config.layers[1] = inner('b').config.layers[0] as never;
  assert.equal(
    (await loadTfjs(outer)).model.getWeights().map(({ data: values }) => values[0]),
    [5, 1],
  );
});

test('notes are one line without terminal control characters', async () => {
  const files = changed(saveTfjs(small()), (json) =>
    Object.assign(json, {
      trainingConfig: { loss: 'x\u202e', optimizer_config: { class_name: 'SGD', config: {} } },
    }),
  );
  assert.equal((await loadTfjs(files)).notes, [
    'its compile configuration is left out: wasm-cnn has no counterpart of the loss "x\\u202e"; call compile()',
  ]);
});

withTfjs('losses and metrics of two outputs continue there and here', async () => {
  const x = input({ shape: IMAGE });
  const hidden = layers.conv2d({ filters: 4, kernelSize: 3, activation: 'tanh' }).apply(x);
  const a = layers.dense({ units: 3, activation: 'softmax', name: 'a' }).apply(layers.flatten().apply(hidden));
  const b = layers.dense({ units: 1, name: 'b' }).apply(layers.globalAveragePooling2d().apply(hidden));
  const model = functional({ inputs: x, outputs: [a, b] });
  model.compile({
    optimizer: 'adam',
    loss: { a: 'categoricalCrossentropy', b: 'meanSquaredError' },
    metrics: { a: ['accuracy'], b: ['mae'] },
    batchSize: 4,
  });
  const { x: images, y: classes } = data();
  const targets = [classes, examples([1], 8)];
  await model.fit(images, targets, FIT);
  const files = saveTfjs(model);
  const { model: back, notes } = await loadTfjs(files);
  assert.equal(notes, []);
  const there = await loadedByTfjs(files);
  const { history } = await model.fit(images, targets, FIT);
  const { b_mae: error, ...others } = (await back.fit(images, targets, FIT)).history as unknown as Record<
    string,
    number[]
  >;
  assert.equal(others.loss, history.loss);
  assert.equal(others.a_accuracy, history.a_accuracy);
  assert.equal(error ?? others.b_meanAbsoluteError, history.b_mae);
  near(history.loss as number[], (await there.fit(toTf(images), targets.map(toTf) as never, FIT)).history.loss);
  const again = await loadTfjs(await savedByTfjs(there, { includeOptimizer: true }));
  assert.equal(again.notes, []);
});

withTfjs('TF.js loads each loss and metric that is written, and what it has not is said', async () => {
  const said: string[] = [];
  const { warn } = console;
  console.warn = (sentence: string) => void said.push(sentence);
  try {
    const make = (units: number, activation: 'softmax' | 'sigmoid') =>
      sequential({ inputShape: [4], layers: [layers.dense({ units, activation })] });
    const all = [
      ...(['categoricalCrossentropy', 'sparseCategoricalCrossentropy', 'kullbackLeiblerDivergence'] as const).map(
        (loss) =>
          [
            make(3, 'softmax'),
            loss,
            ['accuracy', 'categoricalAccuracy', 'sparseCategoricalAccuracy', 'precision', 'recall'],
          ] as const,
      ),
      [make(1, 'sigmoid'), 'binaryCrossentropy', ['accuracy', 'binaryAccuracy']] as const,
      ...(['meanSquaredError', 'meanAbsoluteError', 'huber'] as const).map(
        (loss) => [make(2, 'sigmoid'), loss, ['mse', 'mae']] as const,
      ),
    ];
    for (const [model, loss, names] of all) {
      model.compile({ optimizer: 'adam', loss, metrics: names });
      await loadedByTfjs(saveTfjs(model));
    }
    assert.equal(
      [...new Set(said)],
      [
        'wasm-cnn: its metric SparseCategoricalAccuracy is left out, as TF.js has none like it',
        'wasm-cnn: its metric Recall is left out, as TF.js has none like it',
        'wasm-cnn: its compile configuration is left out: there is no counterpart of the loss Huber',
      ],
    );
  } finally {
    console.warn = warn;
  }
});

test('a metric of its own kind comes back', async () => {
  const model = small();
  model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy', metrics.precision()] });
  const json = jsonOf(saveTfjs(model)) as unknown as { trainingConfig: object };
  assert.equal(json.trainingConfig, {
    loss: 'categorical_crossentropy',
    optimizer_config: { class_name: 'SGD', config: { learning_rate: 0.01 } },
    metrics: ['accuracy', 'precision'],
  });
});

test.run();
