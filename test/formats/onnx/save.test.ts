// Models go to ONNX and come back the same; training continues with the same losses. What onnxruntime made of the file once is recorded.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../../src/base/random.js';
import { loadOnnx, saveOnnx } from '../../../src/formats/onnx/index.js';
import { readOnnxModel } from '../../../src/formats/onnx/proto.js';
import { failing } from '../../../src/formats/onnx/read.js';
import { adam, layers, loadModel, sequential } from '../../../src/index.js';
import { refuses, refusesAtOnce } from '../../node/refuses.js';
import { branches, chain, distance, examplesFor, predicted } from './networks.js';

const recorded = JSON.parse(
  readFileSync(new URL('../../../../test/formats/onnx/recorded.json', import.meta.url), 'utf8'),
) as Record<string, { sha256: string; outputs: { shape: number[]; data: number[] }[] }>;

const files = { chain: () => saveOnnx(chain()), branches: () => saveOnnx(branches()) };
const models = { chain, branches };

for (const name of ['chain', 'branches'] as const) {
  test(`${name}: the file is the one that onnxruntime read, and predicts what it predicted`, async () => {
    const { sha256, outputs } = recorded[name]!;
    assert.is(createHash('sha256').update(files[name]()).digest('hex'), sha256, 'record again: recordOnnx.ts');
    const model = models[name]();
    const own = await predicted(model, examplesFor(model, 2));
    for (const [i, { shape, data }] of outputs.entries())
      assert.ok(distance(own[i]!, { shape, data: Float32Array.from(data) }) < 1e-5);
  });

  for (const dataFormat of ['channelsLast', 'channelsFirst'] as const)
    test(`${name}: saved with ${dataFormat} and loaded again it predicts the same`, async () => {
      const model = models[name]();
      const { model: again, notes } = await loadOnnx(saveOnnx(model, { dataFormat }));
      assert.is(notes.length > 0, dataFormat === 'channelsFirst');
      const x = examplesFor(model, 4);
      const [before, after] = [await predicted(model, x), await predicted(again, x)];
      for (const [i, y] of before.entries()) assert.ok(distance(y, after[i]!) < 1e-6, `${distance(y, after[i]!)}`);
      assert.is(again.topology.calls.length >= model.topology.calls.length, true);
    });
}

test('a layer that is called twice stays one', async () => {
  const { model } = await loadOnnx(saveOnnx(branches()));
  const calls = model.topology.calls.map(({ layer }) => model.topology.layers[layer]!.name);
  const twice = calls.filter((name, i) => calls.indexOf(name) !== i);
  assert.is(twice.length, 2, calls.join());
});

test('training continues with the same losses', async () => {
  const random = new RandomStream(5);
  const make = () =>
    sequential({
      inputShape: [5, 9, 4],
      layers: [
        layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', useBias: false }),
        layers.batchNormalization(),
        layers.relu(),
        layers.maxPooling2d(),
        layers.flatten(),
        layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
  const x = examplesFor(make(), 32)[0]!;
  const y = { shape: [32], data: Int32Array.from({ length: 32 }, () => random.below(3)) };
  const run = async (model: ReturnType<typeof make>) => {
    model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', batchSize: 8 });
    const { history } = await model.fit(x, y, { epochs: 3, shuffle: false });
    return history.loss!;
  };
  const model = make();
  await run(model);
  const { model: again } = await loadOnnx(saveOnnx(model));
  const [first, second] = [
    await run(loadModel(model.save({ includeOptimizer: false })).model as never),
    await run(again as never),
  ];
  for (const [i, loss] of first.entries()) assert.ok(Math.abs(loss - second[i]!) < 1e-6, `${first} and ${second}`);
});

test('kernels of 16 and 8 bits make smaller files that predict nearly the same', async () => {
  const model = sequential({
    inputShape: [8, 8, 16],
    layers: [
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.depthwiseConv2d({ kernelSize: 3 }),
      layers.conv2dTranspose({ filters: 24, kernelSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 20 }),
    ],
  });
  const x = examplesFor(model, 4);
  const [y] = await predicted(model, x);
  const full = saveOnnx(model).length;
  for (const [weights, most, times] of [
    ['float16', 2e-3, 1.9],
    ['int8', 3e-2, 3.5],
  ] as const) {
    const bytes = saveOnnx(model, { weights });
    assert.ok(full / bytes.length > times, `${full} and ${bytes.length}`);
    const { model: again } = await loadOnnx(bytes);
    const [z] = await predicted(again, x);
    const far = distance(y!, z!);
    assert.ok(far > 0 && far < most, `${weights}: ${far}`);
  }
});

test('what an ONNX file cannot hold gets one sentence', async () => {
  const bytes = saveOnnx(chain());
  await refuses(
    loadOnnx(bytes.subarray(0, 1000), { name: 'it' }),
    'it: the file ends in the middle of a field; it is damaged or no ONNX file',
  );
  await refuses(loadOnnx(new Uint8Array(0), { name: 'it' }), 'it: it has no graph; it is damaged or no ONNX file');
  await refuses(
    loadOnnx('model.onnx' as never),
    'loadOnnx needs the bytes of a model file, got "model.onnx"; read a file with fs.readFileSync(path), an address with await (await fetch(address)).arrayBuffer()',
  );
  refusesAtOnce(
    () => loadModel(bytes, { name: 'it' }),
    'it: it is an ONNX file; load it with loadOnnx() of wasm-cnn/formats/onnx',
  );
  refusesAtOnce(
    () => saveOnnx(chain(), { weights: 'int4' as never }),
    "saveOnnx's weights must be 'float32', 'float16', 'int8', got \"int4\"",
  );
  refusesAtOnce(
    () => saveOnnx(chain(), { weight: 'int8' } as never),
    "saveOnnx has no option 'weight' (did you mean 'weights'?); it has weights, dataFormat",
  );
});

test('names and sizes in the file are those of the model', () => {
  const { inputs, outputs, opsets, irVersion } = readOnnxModel(saveOnnx(branches()), failing('it'));
  assert.equal(
    inputs.map(({ name, shape }) => [name, shape]),
    [
      ['left', [null, 6, 7, 3]],
      ['right', [null, 6, 7, 3]],
    ],
  );
  assert.equal(
    outputs.map(({ shape }) => shape),
    [
      [null, 3],
      [null, 6, 7, 12],
    ],
  );
  assert.equal([opsets.get(''), irVersion], [17, 8]);
});

test.run();
