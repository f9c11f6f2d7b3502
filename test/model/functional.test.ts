// Models of branches: inputs, layers applied to each other, shared layers, nested models, outputs of layers as features.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cloneModel,
  input,
  layers,
  loadModel,
  model,
  sequential,
  type Model,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index.js';
import { loadModel as loadPredictor } from '../../src/predict/index.js';
import { refuses } from '../node/refuses.js';

const data = Float32Array.from({ length: 12 * 6 }, (_, i) => ((i * 37) % 29) / 29 - 0.4);
const x: Tensor = { data, shape: [12, 6] };
const labels = Array.from({ length: 12 }, (_, i) => i % 3);
const compile = (made: Model): void => made.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
const head = (features: SymbolicTensor): SymbolicTensor =>
  layers.dense({ units: 3, activation: 'softmax' }).apply(features);
const bitsOf = (made: Model): number[][] => made.getWeights().map((each) => [...each.data]);

test('a sequential model may begin with input(), as in Keras', () => {
  const dense = (): layers.Layer => layers.dense({ units: 3 });
  const begun = sequential({ layers: [input({ shape: [6] }), dense()] });
  const added = sequential();
  added.add(input({ shape: [6] }));
  added.add(dense());
  for (const made of [begun, added]) {
    assert.equal(bitsOf(made), bitsOf(sequential({ inputShape: [6], layers: [dense()] })));
    assert.throws(() => made.add(input({ shape: [6] })), /^a layer is made by a function of layers/);
  }
});

test('a chain of applied layers is bit-identical to the sequential model', async () => {
  const make = (): layers.Layer[] => [
    layers.dense({ units: 5, activation: 'relu' }),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ];
  const chain = sequential({ inputShape: [6], layers: make(), seed: 4 });
  const from = input({ shape: [6] });
  const graph = model({ inputs: from, outputs: make().reduce((tensor, layer) => layer.apply(tensor), from), seed: 4 });
  for (const made of [chain, graph]) {
    compile(made);
    await made.fit(x, labels, { epochs: 3, batchSize: 5 });
  }
  assert.equal(bitsOf(graph), bitsOf(chain));
  assert.equal(await graph.predict(x), await chain.predict(x));
  assert.equal(graph.plan!.blocks, chain.plan!.blocks);
});

test('a layer that is applied twice has one set of weights, whose gradients add up', async () => {
  const shared = layers.dense({ units: 6 });
  const from = input({ shape: [6] });
  const twice = model({ inputs: from, outputs: head(shared.apply(shared.apply(from))) });
  const apart = sequential({
    inputShape: [6],
    layers: [layers.dense({ units: 6 }), layers.dense({ units: 6 }), layers.dense({ units: 3, activation: 'softmax' })],
  });
  const [kernel, bias, kernel3, bias3] = twice.getWeights();
  apart.setWeights([kernel!, bias!, kernel!, bias!, kernel3!, bias3!]);
  assert.is(twice.countParams(), 6 * 6 + 6 + 6 * 3 + 3);
  for (const made of [twice, apart]) compile(made);
  const [gradients, each] = [await twice.gradients(x, labels), await apart.gradients(x, labels)];
  for (const i of [0, 1])
    assert.equal(
      [...gradients[i]!.data],
      [...each[2 + i]!.data].map((value, j) => Math.fround(Math.fround(value) + each[i]!.data[j]!)),
    );
  assert.equal([...gradients[2]!.data], [...each[4]!.data]);
});

test("a layer's output is the input of another model, which sees what training changes", async () => {
  const base = sequential({
    inputShape: [6],
    layers: [layers.dense({ units: 4, activation: 'relu', name: 'features' })],
  });
  base.add(layers.dense({ units: 3, activation: 'softmax' }));
  compile(base);
  const extractor = model({ inputs: base.inputs, outputs: base.getLayer('features').output });
  const before = await extractor.predict(x);
  await base.fit(x, labels, { epochs: 2 });
  const after = await extractor.predict(x);
  assert.not.equal([...after.data], [...before.data]);
  compile(base);
  await base.fit(x, labels, { epochs: 2 });
  assert.not.equal(await extractor.predict(x), after, 'after as many steps of another fit');
  const [kernel, bias] = base.getWeights();
  const alone = sequential({ inputShape: [6], layers: [layers.dense({ units: 4, activation: 'relu' })] });
  alone.setWeights([kernel!, bias!]);
  assert.equal(await extractor.predict(x), await alone.predict(x));
  extractor.setWeights([{ ...kernel!, data: kernel!.data.map(() => 0) }, bias!]);
  assert.equal(
    [...base.getWeights()[0]!.data],
    [...kernel!.data].map(() => 0),
    'and the other way round',
  );
});

test('a nested model shares its weights, under its name', async () => {
  const from = input({ shape: [6] });
  const inner = model({
    inputs: from,
    outputs: layers.dense({ units: 4, activation: 'tanh' }).apply(from),
    name: 'inner',
  });
  const outside = input({ shape: [6] });
  const outer = model({ inputs: outside, outputs: head(inner.apply(outside)) });
  assert.equal(
    outer.layers.map(({ name }) => name),
    ['inner.dense', 'dense_1'],
  );
  inner.trainable = false;
  const first = bitsOf(inner);
  compile(outer);
  await outer.fit(x, labels, { epochs: 2 });
  assert.equal(bitsOf(inner), first, 'what is not trainable stays');
  inner.trainable = true;
  await outer.fit(x, labels, { epochs: 1 });
  assert.not.equal(bitsOf(inner), first, 'and is trained from the next fit on');
});

test('a model of branches is saved and loaded, with its optimizer, and resumes bit-identically', async () => {
  const from = input({ shape: [6], name: 'pixels' });
  const shared = layers.dense({ units: 6, activation: 'tanh', trainable: false });
  const made = model({ inputs: from, outputs: head(shared.apply(shared.apply(from))), name: 'twice', seed: 3 });
  compile(made);
  await made.fit(x, labels, { epochs: 2, batchSize: 5 });
  const { model: loaded } = loadModel(made.save());
  assert.equal(loaded.topology.calls, made.topology.calls);
  assert.equal(
    loaded.layers.map(({ name, trainable }) => [name, trainable]),
    [
      ['dense', false],
      ['dense_1', true],
    ],
  );
  assert.equal(await loaded.predict(x), await made.predict(x));
  for (const each of [made, loaded]) await each.fit(x, labels, { epochs: 1, batchSize: 5 });
  assert.equal(bitsOf(loaded), bitsOf(made));
});

test('a value that is two outputs has two losses', async () => {
  const from = input({ shape: [6] });
  const size = layers.dense({ units: 1 }).apply(from);
  // Dropout of rate 0 computes nothing either.
  const made = model({ inputs: from, outputs: [size, size, layers.dropout({ rate: 0 }).apply(size)] });
  made.compile({ optimizer: 'adam', loss: ['mse', 'mae', 'huber'], metrics: ['mae'], lossWeights: [1, 0.5, 0.25] });
  const sizes = [1, 2, 3].map((scale): Tensor => ({
    data: data.subarray(0, 12).map((each) => scale * each),
    shape: [12, 1],
  }));
  const logs = await made.evaluate(x, sizes);
  const predicted = (await made.predict<Tensor<Float32Array>[]>(x))[0]!.data;
  const mean = (of: (x: number, t: number) => number, scale: number): number =>
    predicted.reduce((sum, each, i) => sum + of(each, scale * data[i]!), 0) / 12;
  const absolute = (a: number, b: number): number => Math.abs(a - b);
  const [names, expected] = [
    ['dense_loss', 'dense_mae', 'dense_1_loss', 'dense_1_mae', 'dropout_mae'],
    [mean((a, b) => (a - b) ** 2, 1), mean(absolute, 1), mean(absolute, 2), mean(absolute, 2), mean(absolute, 3)],
  ];
  for (const [i, name] of names.entries())
    assert.ok(Math.abs(logs[name]! - expected[i]!) < 1e-6, `${name} is ${logs[name]}, not ${expected[i]}`);
});

test('several inputs and outputs, with a loss and a weight each, or without', async () => {
  const [a, b] = [input({ shape: [6], name: 'a' }), input({ shape: [4], name: 'b' })];
  const shared = layers.dense({ units: 5, activation: 'tanh', name: 'shared' });
  const features = shared.apply(a);
  const kind = layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(features);
  const size = layers.dense({ units: 1, name: 'size' }).apply(features);
  const idle = layers.dense({ units: 2, name: 'idle' }).apply(b);
  const made = model({ inputs: [a, b], outputs: [kind, size, idle] });
  made.compile({
    optimizer: 'adam',
    loss: { kind: 'categoricalCrossentropy', size: 'mse', idle: null },
    lossWeights: { size: 0.5 },
    metrics: { kind: ['accuracy'] },
  });
  const other: Tensor = { data: data.subarray(0, 48), shape: [12, 4] };
  const sizes: Tensor = { data: data.subarray(5, 17), shape: [12, 1] };
  const inputs = { b: other, a: x };
  const before = made.getWeights().map((each) => [...each.data]);
  const { history } = await made.fit(inputs, { kind: labels, size: sizes }, { epochs: 2, batchSize: 5 });
  assert.equal(Object.keys(history), ['loss', 'kind_loss', 'kind_accuracy', 'size_loss']);
  for (const [epoch, loss] of history.loss!.entries())
    assert.ok(Math.abs(loss - history.kind_loss![epoch]! - 0.5 * history.size_loss![epoch]!) < 1e-9);
  const after = made.getWeights().map((each) => [...each.data]);
  assert.equal(
    made.parameters.map(({ name }, i) => [name, before[i]!.join() === after[i]!.join()]).filter(([, same]) => same),
    [
      ['idle/kernel', true],
      ['idle/bias', true],
    ],
    'what no loss depends on stays',
  );
  const predictions = await made.predict<Tensor[]>([x, other]);
  assert.equal(
    predictions.map(({ shape }) => shape),
    [
      [12, 3],
      [12, 1],
      [12, 2],
    ],
  );
  const { model: loaded } = loadModel(made.save());
  for (const each of [made, loaded]) await each.fit([x, other], [labels, sizes], { epochs: 1, batchSize: 5 });
  assert.equal(bitsOf(loaded), bitsOf(made));
  const [gradient] = await made.gradients(inputs, [labels, sizes]);
  const parts = await Promise.all(
    [
      { kind: 'categoricalCrossentropy', size: null, idle: null },
      { kind: null, size: 'mse', idle: null },
    ].map(async (loss) => {
      const part = loadModel(made.save({ includeOptimizer: false })).model;
      part.compile({ optimizer: 'adam', loss });
      return (await part.gradients(inputs, loss.kind ? labels : sizes))[0]!;
    }),
  );
  for (const [i, value] of gradient!.data.entries())
    assert.ok(Math.abs(value - parts[0]!.data[i]! - 0.5 * parts[1]!.data[i]!) < 1e-6, `gradient ${i}`);
  const compileWith = (loss: never): void => made.compile({ optimizer: 'adam', loss });
  await refused(
    () => compileWith({ kind: 'mse', color: 'mse' } as never),
    "compile's loss: 'color' is no output of the model; its outputs are kind, size, idle",
  );
  await refused(
    () => compileWith(['mse', 'mse'] as never),
    'compile needs its loss for 3 outputs (kind, size, idle), got 2',
  );
  await refused(
    () => compileWith([null, null, null] as never),
    'compile needs a loss that weighs more than 0 for one output; there is kind, size, idle',
  );
  await refused(() => made.predict({ data, shape: [12, 6] }), 'predict needs x as 2 tensors, for a, b, got 1');
});

const refused = (make: () => unknown, sentence: string): Promise<void> =>
  refuses(Promise.resolve().then(make), sentence);

test('one sentence for each invalid graph', async () => {
  const [a, b] = [input({ shape: [6], name: 'a' }), input({ shape: [6], name: 'b' })];
  const dense = layers.dense({ units: 6 });
  await refused(
    () => model({ inputs: a, outputs: dense.apply(b) }),
    "model's outputs depend on the input 'b' [6] that is not among its inputs; add it there",
  );
  await refused(
    () => model({ inputs: [a, a], outputs: dense.apply(a) }),
    'model has the same input twice; leave one out',
  );
  await refused(
    () => model({ inputs: dense.apply(a), outputs: dense.apply(a) }),
    'model needs inputs that input() returned, got the output of a layer',
  );
  await refused(
    () => model({ inputs: a, outputs: [] }),
    "model needs its outputs as what input() or a layer's apply() returned, or an array of them, got an array",
  );
  await refused(
    () => dense.apply([a, b]),
    'dense takes one input, got 2; join them first, e.g. with add() or concatenate()',
  );
  await refused(
    () => dense.apply({} as never),
    "dense's apply needs what input() or another layer's apply() returned, got an object",
  );
  const c = input({ shape: [3] });
  await refused(
    () => model({ inputs: [a, c], outputs: [dense.apply(a), dense.apply(c)] }),
    'dense was applied to other shapes before and its weights fit those, got [3]; use another layer there',
  );
  await refused(
    () => sequential({ inputShape: [6], layers: [dense] }).getLayer('conv'),
    "the model has no layer 'conv'; there is dense",
  );
});

const block = (name?: string, seed?: number): Model => {
  const from = input({ shape: [6] });
  return model({
    inputs: from,
    outputs: layers.dense({ units: 4, activation: 'tanh' }).apply(from),
    ...(name !== undefined && { name }),
    ...(seed !== undefined && { seed }),
  });
};
const joined = (a: Model, b: Model, seed = 9): Model => {
  const from = input({ shape: [6] });
  return model({ inputs: from, outputs: head(layers.add().apply([a.apply(from), b.apply(from)])), seed });
};

test('blocks without a seed begin with the weights of the model that they are part of, each with its own', () => {
  const whole = joined(block('left'), block('right'));
  const [left, , right] = bitsOf(whole);
  assert.is.not(left![0], right![0]);
  assert.equal(bitsOf(cloneModel(whole)), bitsOf(whole));
  assert.equal(bitsOf(joined(block('left'), block('right'))), bitsOf(whole));
  const [a, b] = [block('a', 3), block('b', 3)];
  const seeded = joined(a, b);
  assert.equal(bitsOf(seeded).slice(0, 4), [...bitsOf(a), ...bitsOf(b)], 'a seed of its own stays');
  const used = block('used');
  const before = bitsOf(used);
  assert.equal(bitsOf(joined(used, block('other'))).slice(0, 2), before, 'what was seen stays');
  const later = block('later');
  const around = joined(later, block('other'));
  assert.equal(bitsOf(later), bitsOf(around).slice(0, 2));
});

test('blocks without a name have layers with numbers', () => {
  const names = joined(block(), block()).layers.map(({ name }) => name);
  assert.equal(names, ['model.dense', 'model.dense_1', 'add', 'dense_2']);
});

test('generated names avoid given names', () => {
  const inputs = [input({ shape: [6], name: 'input_1' }), input({ shape: [6] }), input({ shape: [6] })];
  const made = model({ inputs, outputs: head(layers.add().apply(inputs)) });
  assert.equal(
    made.topology.inputs.map(({ name }) => name),
    ['input_1', 'input', 'input_2'],
  );
});

test('a graph with a cycle is refused', async () => {
  const from = input({ shape: [3] });
  const first = layers.relu().apply(from);
  const second = layers.relu().apply(first);
  (first.source!.inputs as SymbolicTensor[])[0] = second;
  await refused(
    () => model({ inputs: from, outputs: second }),
    'model needs layers without a cycle, but an output of relu depends on itself',
  );
});

test('the names of one input and one output stay in the file, and in a clone', async () => {
  const from = input({ shape: [6], name: 'pixels' });
  const graph = model({
    inputs: from,
    outputs: layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(from),
  });
  const chain = sequential({
    layers: [input({ shape: [6], name: 'pixels' }), layers.dense({ units: 3, activation: 'softmax' })],
  });
  assert.is(chain.inputs[0]!.name, 'pixels');
  for (const [made, output] of [
    [graph, 'kind'],
    [chain, 'output'],
  ] as const) {
    const predictions = await made.predict({ pixels: x });
    made.compile({ optimizer: 'adam', loss: { [output]: 'categoricalCrossentropy' } });
    let file = made.save();
    await made.fit(
      { pixels: x },
      { [output]: labels },
      { epochs: 2, callbacks: { onEpochBegin: () => void (file = made.save()) } },
    );
    const { model: loaded } = loadModel(file);
    assert.instance(loaded, made.constructor as never);
    await loaded.fit({ pixels: x }, { [output]: labels }, { resume: true });
    assert.equal(bitsOf(loaded as Model), bitsOf(made));
    assert.equal(loaded.save(), made.save());
    assert.equal(
      await (await loadPredictor(made.save())).model.predict({ pixels: x }),
      await made.predict({ pixels: x }),
    );
    const again = cloneModel(made);
    assert.equal(await again.predict({ pixels: x }), predictions);
  }
});

test('one input and one output have names, too; those of several are all there, and no others', async () => {
  const from = input({ shape: [6], name: 'pixels' });
  const kind = layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(from);
  const one = model({ inputs: from, outputs: kind });
  const compileOne = (more: object): void =>
    one.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', ...more });
  compileOne({ loss: { kind: 'categoricalCrossentropy' }, lossWeights: { kind: 2 }, metrics: { kind: ['accuracy'] } });
  const { loss } = await one.trainOnBatch({ pixels: x }, { kind: labels });
  const same = cloneModel(one);
  compile(same);
  assert.ok(Math.abs(loss! - 2 * (await same.trainOnBatch(x, labels)).loss!) < 1e-6);
  assert.equal(await one.predict({ pixels: x }), await one.predict(x));
  await refuses(one.predict({ colors: x }), "the model has no input 'colors'; there is pixels");
  await refuses(
    one.trainOnBatch(x, {} as never),
    'trainOnBatch needs y as an array or an object of kind, got one of nothing',
  );
  await refuses(
    one.trainOnBatch(x, { size: labels }),
    'trainOnBatch needs y as an array or an object of kind, got one of size',
  );
  const size = layers.dense({ units: 1, name: 'size' }).apply(from);
  const two = model({ inputs: from, outputs: [kind, size] });
  const compileTwo = (more: object): void =>
    two.compile({ optimizer: 'adam', loss: { kind: 'mse', size: null }, ...more });
  await refused(
    () => compileTwo({ loss: { kind: 'mse' } }),
    "compile's loss has none for size; give it one, or null, with which it is not trained",
  );
  await refused(
    () => compileTwo({ lossWeights: { size: 5 } }),
    "compile's lossWeights has size, whose loss is null; leave it out",
  );
  await refused(
    () => compileTwo({ metrics: { size: ['mae'] } }),
    "compile's metrics has size, whose loss is null; leave it out",
  );
  compileTwo({});
  const y: Tensor = { data: new Float32Array(36), shape: [12, 3] };
  await two.trainOnBatch(x, { kind: y });
  await refuses(two.trainOnBatch(x, { kind: y, size: y }), "trainOnBatch's y has 'size', and what has a loss is kind");
});

test('a last layer trained on features computed once is bit-identical to one trained in the frozen network', async () => {
  const pixels: Tensor = {
    data: Uint8Array.from({ length: 12 * 8 * 8 * 3 }, (_, i) => (i * 53) % 251),
    shape: [12, 8, 8, 3],
  };
  const network = (): Model => {
    const from = input({ shape: [8, 8, 3] });
    const wide = layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same' }).apply(from);
    const normalized = layers.batchNormalization().apply(wide);
    const features = layers.globalAveragePooling2d().apply(layers.activation({ activation: 'relu' }).apply(normalized));
    return model({ inputs: from, outputs: head(features) });
  };
  const options = { epochs: 3, batchSize: 5 };
  const whole = network();
  for (const { layer } of whole.layers.slice(0, -1)) layer.trainable = false;
  compile(whole);
  await whole.fit(pixels, labels, options);

  const parts = network();
  const body = model({ inputs: parts.inputs, outputs: parts.layers.at(-2)!.output });
  const features = input({ shape: body.outputShape });
  const last = model({ inputs: features, outputs: parts.layers.at(-1)!.layer.apply(features) as SymbolicTensor });
  compile(last);
  await last.fit(await body.predict(pixels), labels, options);
  assert.equal(bitsOf(parts), bitsOf(whole));
});

test.run();
