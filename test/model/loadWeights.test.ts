// Model.loadWeights: by order and by name, what it skips, and everything that does not fit in one sentence.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.js';
import { input, layers, model, sequential, type Model } from '../../src/index.js';
import { writeWithoutChecksum } from '../formats/otherTool.js';
import { refuses } from '../node/refuses.js';

interface Sizes {
  readonly units?: number;
  readonly seed?: number;
  readonly names?: readonly [string, string, string];
}

function network({ units = 3, seed = 1, names = ['conv', 'norm', 'head'] }: Sizes = {}): Model {
  const made = sequential({
    inputShape: [4, 4, 2],
    seed,
    layers: [
      layers.conv2d({ filters: 5, kernelSize: 3, name: names[0] }),
      layers.batchNormalization({ name: names[1] }),
      layers.flatten(),
      layers.dense({ units, name: names[2], biasInitializer: 'randomNormal' }),
    ],
  });
  return made;
}

const bitsOf = (given: Model): unknown =>
  given.getWeights().map(({ data }) => Buffer.from(data.buffer).toString('hex'));

test("a saved file's weights, whatever the layers are called, compiled or not, with the optimizer's state left out", async () => {
  const saved = network({ seed: 5 });
  saved.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  await saved.fit(
    { data: new Float32Array(32).fill(0.5), shape: [1, 4, 4, 2] },
    { data: new Float32Array(3), shape: [1, 3] },
    { epochs: 1 },
  );
  for (const names of [undefined, ['a', 'b', 'c']] as const) {
    const made = network({ names });
    if (names) made.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    assert.not.equal(bitsOf(made), bitsOf(saved));
    assert.equal(await made.loadWeights(saved.save()), { missing: [], unexpected: [], mismatched: [] });
    assert.equal(bitsOf(made), bitsOf(saved));
  }
  const fromArchive = network();
  await fromArchive.loadWeights(saved.pack());
  assert.equal(bitsOf(fromArchive), bitsOf(saved));
});

test('layers come in the order of the description, also where a tool sorted the tensors', async () => {
  const saved = network({ seed: 5, names: ['z', 'y', 'x'] });
  const { tensors, metadata } = readSafetensors(saved.save(), 'it');
  const sorted = new Map([...tensors].sort(([a], [b]) => (a < b ? -1 : 1)));
  const made = network();
  await made.loadWeights(writeWithoutChecksum({ tensors: sorted, metadata }));
  assert.equal(bitsOf(made), bitsOf(saved));
});

test('by name: the layers that both have, and the rest is reported', async () => {
  const saved = network({ seed: 5 });
  const x = input({ shape: [4, 4, 2] });
  const made = model({
    inputs: x,
    outputs: layers
      .dense({ units: 2, name: 'new' })
      .apply(layers.flatten().apply(layers.conv2d({ filters: 5, kernelSize: 3, name: 'conv' }).apply(x))),
  });
  const before = made.getWeights();
  assert.equal(await made.loadWeights(saved.save(), { byName: true }), {
    missing: ['new'],
    unexpected: ['norm', 'head'],
    mismatched: [],
  });
  const after = made.getWeights();
  assert.equal(after.slice(0, 2), saved.getWeights().slice(0, 2));
  assert.equal(after.slice(2), before.slice(2));
});

test('what is no file of weights is refused by the name of the function', () =>
  refuses(
    network().loadWeights('weights.safetensors' as never),
    'loadWeights needs the bytes of a model file, got "weights.safetensors"; read a file with fs.readFileSync(path), an address with await (await fetch(address)).arrayBuffer()',
  ));

test('a layer of another shape: refused, or kept with skipMismatch', async () => {
  const saved = network({ seed: 5, units: 7 });
  const made = network();
  const before = bitsOf(made);
  for (const byName of [false, true])
    await refuses(
      made.loadWeights(saved.save(), { byName, name: 'w.safetensors' }),
      'w.safetensors: head needs kernel [20, 3], the file has [20, 7]; give loadWeights { skipMismatch: true } to leave such layers as they are',
    );
  assert.equal(bitsOf(made), before, 'nothing was loaded');
  assert.equal((await made.loadWeights(saved.save(), { skipMismatch: true })).mismatched, ['head']);
  assert.equal(made.getWeights().slice(0, 2), saved.getWeights().slice(0, 2));
  assert.equal(made.getWeights().slice(-4, -2), network().getWeights().slice(-4, -2));
});

test('one sentence lists everything that does not fit', async () => {
  const conv = (filters: number, useBias: boolean): Model =>
    sequential({
      inputShape: [4, 4, 1],
      layers: [
        layers.conv2d({ filters, kernelSize: 3, useBias, name: 'a' }),
        layers.flatten(),
        layers.dense({ units: 2, name: 'b' }),
      ],
    });
  await refuses(
    conv(3, false).loadWeights(conv(4, true).save()),
    'the file of weights: a needs kernel, the file has kernel, bias; b needs kernel [12, 2], the file has [16, 2]; give loadWeights { skipMismatch: true } to leave such layers as they are',
  );
});

test('files of other models', async () => {
  const made = network();
  const two = sequential({ inputShape: [2], layers: [layers.dense({ units: 2, name: 'other' })] });
  await refuses(
    made.loadWeights(two.save()),
    'the file of weights: it has 1 layers with weights, the model has 3; give loadWeights { byName: true } where only layers of the same names are meant',
  );
  await refuses(
    made.loadWeights(two.save(), { byName: true }),
    'the file of weights: none of its layers (other) has the name of one of the model (conv, norm, head); it is a file of another model',
  );
  const tensors = new Map([['features.0.weight', { shape: [1], data: Float32Array.of(1) }]]);
  await refuses(
    made.loadWeights(writeSafetensors({ tensors, metadata: new Map() })),
    "the file of weights: its tensors have other names (features.0.weight) than 'layer/kernel', as those of PyTorch have; load them with loadTorch() of wasm-cnn/formats/torch",
  );
  await refuses(
    made.loadWeights(two.save(), { by_name: true } as never),
    "loadWeights has no option 'by_name' (did you mean 'byName'?); it has byName, skipMismatch, name",
  );
  const nan = readSafetensors(network().save(), 'it');
  nan.tensors.get('head/bias')!.data[1] = NaN;
  await refuses(
    made.loadWeights(writeSafetensors({ tensors: nan.tensors, metadata: new Map() })),
    "the file of weights: head: the tensor 'bias' holds NaN or infinite numbers; take an earlier file",
  );
});

test.run();
