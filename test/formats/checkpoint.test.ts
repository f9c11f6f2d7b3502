// A saved model is the model: weights, optimizer, counters; training resumes from it bit-identically.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  input,
  layers,
  linearDecay,
  loadModel,
  model as graphModel,
  sequential,
  WasmCnnError,
  type Model,
  type Tensor,
} from '../../src/index.js';
import { RandomStream } from '../../src/base/random.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { writeWithoutChecksum } from './otherTool.js';
import { refusesAtOnce } from '../node/refuses.js';

/** Every kind of layer, dropout among them: its masks depend on the step, which must be saved. */
function network(seed = 4): Model {
  const model = sequential({
    seed,
    name: 'every-kind',
    inputShape: [10, 9, 1],
    layers: [
      layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.maxPooling2d(),
      layers.conv2d({
        filters: 5,
        kernelSize: [2, 3],
        strides: [1, 2],
        useBias: false,
        kernelInitializer: 'heUniform',
        name: 'named',
      }),
      layers.activation({ activation: 'tanh' }),
      layers.flatten(),
      layers.dropout({ rate: 0.25 }),
      layers.dense({ units: 6, activation: 'sigmoid' }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  const learningRate = linearDecay({ peak: 0.01, totalSteps: 20, warmupSteps: 3, end: 0.001 });
  model.compile({
    optimizer: adam({ learningRate, beta1: 0.8, epsilon: 1e-6 }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize: 12,
  });
  return model;
}

const random = new RandomStream(11);
const x: Tensor<Float32Array> = {
  data: Float32Array.from({ length: 40 * 90 }, () => random.between(-1, 1)),
  shape: [40, 10, 9, 1],
};
const y = Uint8Array.from({ length: 40 }, () => random.below(3));

function weightsOf(model: Model): number[][] {
  return model.getWeights().map(({ data }) => [...new Uint32Array(data.buffer)]);
}

function refuses(bytes: Uint8Array, sentence: string | RegExp): void {
  try {
    loadModel(bytes, { name: 'it' });
    assert.unreachable('it was read');
  } catch (error) {
    assert.instance(error, WasmCnnError, String(error));
    if (typeof sentence === 'string') assert.is((error as Error).message, sentence);
    else assert.match((error as Error).message, sentence);
  }
}

test('saving, loading and training further is bit-identical to never having stopped', async () => {
  const whole = network();
  await whole.fit(x, y, { epochs: 4 });
  const half = network();
  await half.fit(x, y, { epochs: 2 });
  const { model: resumed } = loadModel(half.save());
  assert.is(resumed.step, 8);
  await resumed.fit(x, y, { epochs: 4, initialEpoch: 2 });
  assert.equal(weightsOf(resumed), weightsOf(whole));
  assert.equal([...resumed.optimizerSlots.get('v')!], [...whole.optimizerSlots.get('v')!]);

  const [one, other] = [network(), network()];
  for (const model of [one, other])
    await model.trainOnBatch({ data: x.data.subarray(0, 900), shape: [10, 10, 9, 1] }, y.subarray(0, 10));
  const { model: loaded } = loadModel(other.save());
  for (const model of [one, loaded])
    await model.trainOnBatch({ data: x.data.subarray(900, 1800), shape: [10, 10, 9, 1] }, y.subarray(10, 20));
  assert.equal(weightsOf(loaded), weightsOf(one));
});

test('a model that lost its state differs: the test above can fail', async () => {
  const whole = network();
  await whole.fit(x, y, { epochs: 4 });
  const half = network();
  await half.fit(x, y, { epochs: 2 });
  const { model } = loadModel(half.save({ includeOptimizer: false }));
  assert.is(model.plan, null);
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'categoricalCrossentropy', batchSize: 12 });
  await model.fit(x, y, { epochs: 4, initialEpoch: 2 });
  assert.not.equal(weightsOf(model), weightsOf(whole));
});

test('everything that describes the model comes back, and facts with it', async () => {
  const model = network(2 ** 40 + 5);
  const { model: loaded, facts } = loadModel(model.save({ facts: { seed: 3, list: [1, null] } }));
  assert.equal(
    [loaded.name, loaded.seed, loaded.inputShape, loaded.outputShape],
    ['every-kind', 2 ** 40 + 5, [10, 9, 1], [3]],
  );
  assert.equal(
    loaded.layers.map(({ name, layer }) => [name, layer.className, layer.getConfig()]),
    model.layers.map(({ name, layer }) => [name, layer.className, layer.getConfig()]),
  );
  assert.equal(loaded.compiled!.optimizer.getConfig(), model.compiled!.optimizer.getConfig());
  assert.equal(facts, { seed: 3, list: [1, null] });
  assert.equal([...(await loaded.predict(x)).data], [...(await model.predict(x)).data]);
  assert.equal(loadModel(model.save()).facts, undefined);
  assert.equal([...loaded.save()], [...model.save()], 'saved again it is the same file');
});

test('a model that was never compiled can be saved and loaded', async () => {
  const model = sequential({ inputShape: [4], layers: [layers.dense({ units: 2 })] });
  const { model: loaded } = loadModel(model.save());
  assert.is(loaded.compiled, null);
  assert.equal(weightsOf(loaded), weightsOf(model));
});

test('facts are anything that JSON holds', () => {
  for (const facts of [null, 0, 'text', false, [1], {}])
    assert.equal(loadModel(network().save({ facts })).facts, facts);
});

test('a file that claims billions of steps resumes at once', async () => {
  const file = readSafetensors(network().save(), 'it');
  const compile = { ...JSON.parse(file.metadata.get('compile')!), step: 2 ** 31 };
  const { model } = loadModel(
    writeWithoutChecksum({ ...file, metadata: new Map([...file.metadata, ['compile', JSON.stringify(compile)]]) }),
  );
  const began = performance.now();
  await model.trainOnBatch({ data: x.data.subarray(0, 900), shape: [10, 10, 9, 1] }, y.subarray(0, 10));
  assert.ok(performance.now() - began < 2000);
});

test('a description of 200,000 layers is refused, not built', () => {
  const file = readSafetensors(network().save(), 'it');
  const layers = Array.from({ length: 200_000 }, (_, i) => ({ className: 'Flatten', name: `f${i}`, config: {} }));
  const began = process.cpuUsage();
  refuses(
    writeWithoutChecksum({
      ...file,
      metadata: new Map([
        ...file.metadata,
        ['model', JSON.stringify({ ...JSON.parse(file.metadata.get('model')!), layers })],
      ]),
    }),
    "it: its description ('model') does not make a model: a model has at most 1000 layers; leave some out",
  );
  const { user, system } = process.cpuUsage(began);
  assert.ok(user + system < 5e6, `${user + system} µs of the processor`);
});

test("a callback's numbers must be finite, too, and it must be the checkpoint's", async () => {
  let bytes = new Uint8Array();
  const model = network();
  await model.fit(x, y, {
    callbacks: { name: 'mine', state: { best: Float32Array.of(1, 2) }, onBatchEnd: () => void (bytes = model.save()) },
  });
  const file = readSafetensors(bytes, 'it');
  const changed = (name: string, value: number): Uint8Array =>
    writeWithoutChecksum({
      ...file,
      tensors: new Map([...file.tensors, [name, { shape: [1], data: Float32Array.of(value) }]]),
    });
  refuses(
    changed('callback:mine/best', NaN),
    "it: the tensor 'callback:mine/best' holds NaN or infinite numbers; take an earlier file",
  );
  refuses(
    changed('callback:other/best', 1),
    "it: the tensor 'callback:other/best' belongs to nothing in its description; it is a file of another model",
  );
  assert.equal(
    [
      ...(
        loadModel(changed('callback:mine/__proto__', 7)).model.fitState!().callbacks.mine as Record<
          string,
          Float32Array
        >
      ).best!,
    ],
    [1, 2],
  );
});

test('a variance in a file is at least 0', () => {
  const file = readSafetensors(sequential({ inputShape: [1], layers: [layers.batchNormalization()] }).save(), 'it');
  const negative = ['batchNormalization/movingVariance', { shape: [1], data: Float32Array.of(-0.5) }] as const;
  refuses(
    writeWithoutChecksum({ ...file, tensors: new Map([...file.tensors, negative]) }),
    'it needs values of at least 0 in batchNormalization/movingVariance, got -0.5 at 0',
  );
});

test('a model that is no longer finite is not saved, and the sentence says since when, if known', async () => {
  const broken = (where: string): RegExp =>
    new RegExp(
      `^the model cannot be saved: conv2d/kernel holds NaN or infinite numbers${where}; go back to an earlier file, and lower the learning rate or check the data$`,
    );
  const model = network();
  const breakIt = (): void => void (model.training().engine.weights[0] = NaN);
  const refusal = (work: () => unknown): Promise<string> =>
    Promise.resolve()
      .then(work)
      .then(
        () => 'it was saved',
        (error: Error) => error.message,
      );
  const batches = (at: number, action: 'onBatchEnd' | 'onEpochEnd'): object => ({
    [action]: () => void (model.step === at && (breakIt(), model.save())),
  });
  assert.match(
    await refusal(() => model.fit(x, y, { epochs: 3, callbacks: batches(6, 'onBatchEnd') })),
    broken(' after epoch 2, step 2 \\(learning rate 0\\.00\\d+\\)'),
  );
  assert.match(await refusal(() => model.save()), broken(' after step 6 \\(learning rate 0\\.00\\d+\\)'));
  model.setWeights(network().getWeights());
  assert.match(
    await refusal(() => model.fit(x, y, { callbacks: batches(10, 'onEpochEnd') })),
    broken(' after epoch 1, step 4 \\(learning rate 0\\.00\\d+\\)'),
  );
  const untrained = network();
  untrained.training().engine.weights[0] = Infinity;
  assert.match(await refusal(() => untrained.save()), broken(''));
});

test('files of other models and damaged descriptions are refused', () => {
  const file = readSafetensors(network().save(), 'it');
  const change = (key: string, value: string): Uint8Array =>
    writeWithoutChecksum({ ...file, metadata: new Map([...file.metadata, [key, value]]) });
  const model = JSON.parse(file.metadata.get('model')!);
  refuses(
    change('format', 'wasm-cnn 3'),
    "it: its format is \"wasm-cnn 3\", this version reads 'wasm-cnn 1' and 'wasm-cnn 2'; it was not saved by wasm-cnn",
  );
  refuses(
    change('model', '{'),
    "it: its metadata 'model' is missing or no JSON; it is damaged or was not saved by wasm-cnn",
  );
  refuses(change('model', '{}'), "it: its description ('model') does not make a model: layers are missing");
  refuses(
    change('model', JSON.stringify({ ...model, layers: [{ className: 'constructor', name: 'a', config: {} }] })),
    "it: its description ('model') does not make a model: there is no layer 'constructor' in this version of wasm-cnn; docs/layers.md lists those that there are",
  );
  refuses(
    change('model', JSON.stringify({ ...model, layers: [null] })),
    "it: its description ('model') does not make a model: a layer is no object with className, name and config",
  );
  refuses(
    change('model', JSON.stringify({ ...model, inputShape: [1e9, 1e9, 1] })),
    "it: its description ('model') does not make a model: the input shape must be an array of whole numbers above 0, fewer than 1073741824 values in all, got [1000000000,1000000000,1]",
  );
  refuses(
    change('model', JSON.stringify({ ...model, inputShape: [20000, 20000, 1] })),
    "it: its description ('model') does not make a model: conv2d makes [20000, 20000, 8] values of one example, and WebAssembly's memory holds fewer than 1073741824; make the input or the layer smaller",
  );
  const huge = change('model', JSON.stringify({ ...model, inputShape: [9000, 9000, 1] }));
  refuses(huge, 'it: its description needs 303547877 parameters, its tensors hold 1401; it is damaged');
  refuses(
    change('compile', JSON.stringify({ ...JSON.parse(file.metadata.get('compile')!), step: -1 })),
    "it: its description ('compile') does not make a model: step must be a whole number of at least 0, got -1",
  );
  refuses(
    change('compile', JSON.stringify({ ...JSON.parse(file.metadata.get('compile')!), loss: '__proto__' })),
    "it: its description ('compile') does not make a model: there is no loss '__proto__'; there is categoricalCrossentropy, sparseCategoricalCrossentropy, binaryCrossentropy, meanSquaredError, meanAbsoluteError, huber, kullbackLeiblerDivergence, categoricalFocalCrossentropy, binaryFocalCrossentropy; in a bundle write others as losses.huber()",
  );
  const compile = JSON.parse(file.metadata.get('compile')!);
  for (const [changes, sentence] of [
    [
      { loss: { className: 'constructor', config: {} } },
      /there is no loss 'constructor'; there is CategoricalCrossentropy, /,
    ],
    [{ loss: 5 }, /the loss is no object with className and config$/],
    [{ loss: { className: 'Huber', config: { delta: -1 } } }, /huber's delta must be a number above 0, got -1$/],
    [{ metrics: 5 }, /metrics is no list$/],
    [{ metrics: [null] }, /a metric is no object with className and config$/],
    [{ metrics: [{ className: 'toString', config: {} }] }, /there is no metric 'toString'; there is Accuracy, /],
  ] as const)
    assert.throws(
      () => loadModel(change('compile', JSON.stringify({ ...compile, ...changes })), { name: 'it' }),
      sentence,
    );
  const compiled = (changes: object): Uint8Array => change('compile', JSON.stringify({ ...compile, ...changes }));
  refuses(
    compiled({ step: 2 ** 31 + 1 }),
    "it: its description ('compile') does not make a model: step must be at most 2147483648, got 2147483649",
  );
  refuses(
    compiled({ optimizer: undefined }),
    "it: its description ('compile') does not make a model: optimizer is no object with className and config",
  );
  for (const [learningRate, what] of [
    [{ at: 1 }, 'object'],
    [[], 'array'],
    [[0.1], 'array'],
  ] as const) {
    refuses(
      compiled({ optimizer: { ...compile.optimizer, config: { learningRate } } }),
      `it: its description ('compile') does not make a model: the learning rate must be a number above 0, a schedule or a function of the step, got an ${what}`,
    );
  }
  refuses(
    change('compile', '[]'),
    "it: its description ('compile') does not make a model: optimizer is no object with className and config",
  );
  refuses(
    change('model', JSON.stringify({ ...model, name: 5 })),
    "it: its description ('model') does not make a model: sequential needs its name as one line of at most 200 characters, got 5",
  );
  refuses(
    change('model', JSON.stringify({ ...model, layers: [{ className: ['Flatten'], name: 'a', config: {} }] })),
    "it: its description ('model') does not make a model: there is no layer 'Flatten' in this version of wasm-cnn; docs/layers.md lists those that there are",
  );
  refuses(
    change('model', JSON.stringify({ ...model, layers: [{ className: 'Flatten', name: 5, config: {} }] })),
    "it: its description ('model') does not make a model: a layer's name is made of up to 200 letters, digits, _ . and -, got 5",
  );
  refuses(
    change('facts', '{'),
    "it: its metadata 'facts' is missing or no JSON; it is damaged or was not saved by wasm-cnn",
  );
  const tensors = new Map(file.tensors);
  const put = (name: string, value: number): Uint8Array => {
    const { shape, data } = file.tensors.get(name)!;
    return writeWithoutChecksum({
      ...file,
      tensors: new Map([...file.tensors, [name, { shape, data: data.map((each, i) => (i === 1 ? value : each)) }]]),
    });
  };
  refuses(
    put('dense/kernel/v', -1e-9),
    "it: its description ('compile') does not make a model: the optimizer's v holds numbers below 0",
  );
  for (const bad of [NaN, Infinity, -Infinity]) {
    refuses(
      put('dense/kernel', bad),
      "it: the tensor 'dense/kernel' holds NaN or infinite numbers; take an earlier file",
    );
    refuses(
      put('dense/kernel/m', bad),
      "it: the tensor 'dense/kernel/m' holds NaN or infinite numbers; take an earlier file",
    );
  }
  loadModel(put('dense/kernel/m', -1e-9));
  refuses(
    writeWithoutChecksum({
      ...file,
      tensors: new Map([...file.tensors, ['dense/kernel/w', file.tensors.get('dense/bias')!]]),
    }),
    "it: the tensor 'dense/kernel/w' belongs to nothing in its description; it is a file of another model",
  );
  refuses(
    writeWithoutChecksum({
      ...file,
      tensors: new Map([...file.tensors, ['dense/kernel', { shape: [6, 90], data: new Float32Array(540) }]]),
    }),
    /^it: the tensor 'dense\/kernel' has shape \[6,90\], the model needs \[\d+,6\]; it is a file of another model$/,
  );
  tensors.delete('dense/kernel/m');
  refuses(
    writeWithoutChecksum({ ...file, tensors }),
    "it: the tensor 'dense/kernel/m' is missing; it is a file of another model",
  );
});

test('a model that loadModel() could not rebuild is not saved', async () => {
  const dense = layers.dense({ units: 2 });
  for (const [layer, why] of [
    [{ ...dense, className: 'Mine' }, "there is no layer 'Mine'"],
    [{ ...dense, make: undefined as never }, "there is no layer 'Dense'"],
    [{ ...dense, getConfig: () => ({ units: 0 }) }, "dense's units must be a whole number of at least 1, got 0"],
  ] as const)
    refusesAtOnce(
      () => sequential({ inputShape: [4], layers: [layer] }).save(),
      `the model cannot be saved: loadModel() could not make the layer 'dense' again (${why}); use what wasm-cnn has`,
    );
  const save = (optimizer: ReturnType<typeof adam>): (() => Uint8Array) => {
    const model = sequential({ inputShape: [4], layers: [layers.dense({ units: 2, activation: 'softmax' })] });
    model.compile({ optimizer, loss: 'categoricalCrossentropy' });
    return () => model.save();
  };
  const advice = 'use what wasm-cnn has, or save it with includeOptimizer: false';
  refusesAtOnce(
    save(adam({ learningRate: { at: () => 0.001, getConfig: () => ({ className: 'mine' }) } })),
    `the model cannot be saved: loadModel() could not make its optimizer again (there is no learning-rate schedule 'mine'; there is cosineDecay, cosineDecayRestarts, exponentialDecay, inverseTimeDecay, linearDecay, oneCycle, piecewiseConstantDecay, polynomialDecay, warmup); ${advice}`,
  );
  refusesAtOnce(
    save({ ...adam(), className: 'Mine' }),
    `the model cannot be saved: loadModel() could not make its optimizer again (there is no optimizer 'Mine'; there is adadelta, adagrad, adam, adamw, lion, nadam, rmsprop, sgd; in a bundle write others as adam()); ${advice}`,
  );
});

test('a description whose layers do not form a graph is refused', async () => {
  const from = input({ shape: [3] });
  const shared = layers.dense({ units: 3 });
  const made = graphModel({ inputs: from, outputs: shared.apply(shared.apply(from)) });
  const file = readSafetensors(made.save(), 'it');
  assert.is(file.metadata.get('format'), 'wasm-cnn 2');
  const config = JSON.parse(file.metadata.get('model')!);
  const change = (changed: object): Uint8Array =>
    writeWithoutChecksum({
      ...file,
      metadata: new Map([...file.metadata, ['model', JSON.stringify({ ...config, ...changed })]]),
    });
  const says = (sentence: string): string => `it: its description ('model') does not make a model: ${sentence}`;
  const call = (inputs: unknown, layer = 0): object => ({ layer, inputs });
  const cases: [object, string][] = [
    [{ calls: [call([2]), call([1])] }, 'call 0 takes what no input and no call before it makes: a graph has no cycle'],
    [{ calls: [call([])] }, 'call 0 takes what no input and no call before it makes: a graph has no cycle'],
    [{ calls: [call([0]), call([1], 7)] }, 'call 1 is of no layer, or has no inputs'],
    [{ calls: [call(0)] }, 'call 0 is of no layer, or has no inputs'],
    [{ calls: [null] }, 'inputs, calls or outputs are missing'],
    [{ inputs: undefined }, 'inputs, calls or outputs are missing'],
    [{ calls: [], outputs: [{ name: 'x', tensor: 0 }] }, 'a layer is never called'],
    [{ outputs: [{ name: 'x', tensor: 5 }] }, 'an output is made by no input and no call'],
    [{ outputs: [{ name: 'x', tensor: 1 }] }, 'a call is needed for no output'],
    [
      { calls: [call([0, 0]), call([1])] },
      'dense takes one input, got 2; join them first, e.g. with add() or concatenate()',
    ],
  ];
  for (const [changed, sentence] of cases) refuses(change(changed), says(sentence));
});

test.run();
