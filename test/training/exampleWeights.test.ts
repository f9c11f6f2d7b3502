// What regularizers, constraints and weights of examples do to a fit: the same bits by whichever way and on however many threads, and after a resume.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cloneModel,
  constraints,
  input,
  layers,
  loadModel,
  model as functional,
  optimizers,
  regularizers,
  sequential,
  type Callbacks,
  type CompileOptions,
  type FitOptions,
  type Model,
  type Tensor,
} from '../../src/index.js';
import { background } from '../../src/node/threads/background.js';
import { workers } from '../../src/node/threads/workers.js';
import { loadModel as loadPredictor } from '../../src/predict/index.js';
import { classes, toyExamples, weightsHash } from '../model/toy.js';
import { refusal, refuses } from '../node/refuses.js';

const { x, y } = toyExamples(40);
const validation = toyExamples(12, 2);
const sampleWeight = Float32Array.from({ length: 40 }, (_, i) => (i % 5) / 2);
const classWeight = { 1: 3, 2: 0.5 };
const options: FitOptions = {
  epochs: 3,
  seed: 7,
  validationData: [validation.x, validation.y, sampleWeight.slice(0, 12)],
};

const ruled = (): Model =>
  sequential({
    inputShape: [6, 6, 1],
    layers: [
      layers.conv2d({
        ...{ filters: 4, kernelSize: 3, activation: 'relu', kernelRegularizer: 'l2', activityRegularizer: 'l1' },
        kernelConstraint: constraints.maxNorm({ maxValue: 0.7, axis: [0, 1, 2] }),
      }),
      layers.flatten(),
      layers.dense({ units: 9, biasRegularizer: regularizers.l1l2({ l1: 0.1 }), kernelConstraint: 'nonNeg' }),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });

function compiled(model = ruled(), more: Partial<CompileOptions> = {}): Model {
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 16, ...more });
  return model;
}

async function trained(more: FitOptions = {}, how: Partial<CompileOptions> = {}): Promise<readonly unknown[]> {
  const model = compiled(ruled(), how);
  const { history } = await model.fit(x, y, { ...options, ...more });
  return [weightsHash(model), history];
}

test('threads and the background are bit-identical to one thread, with weights of examples and of classes', async () => {
  for (const more of [{ sampleWeight }, { classWeight }]) {
    const alone = await trained(more);
    assert.equal(await trained(more, { workers: workers(3) }), alone);
    assert.equal(await trained(more, { background: background() }), alone);
    assert.is.not((await trained())[0], alone[0]);
  }
});

test('weights of 1 are bit-identical to none, and class weights to the same example weights', async () => {
  assert.equal(await trained({ sampleWeight: new Array<number>(40).fill(1) }), await trained());
  assert.equal(await trained({ classWeight: {} }), await trained());
  const byClass = Array.from(y, (label) => (classWeight as Record<number, number>)[label] ?? 1);
  assert.equal(
    await trained({ sampleWeight: { data: Float32Array.from(byClass), shape: [40] } }),
    await trained({ classWeight }),
  );
  const oneHot = new Float32Array(40 * classes).map((_, i) => (i % classes === y[Math.floor(i / classes)] ? 1 : 0));
  const model = compiled();
  await model.fit(x, { data: oneHot, shape: [40, classes] }, { ...options, classWeight });
  assert.is(weightsHash(model), (await trained({ classWeight }))[0]);
});

test('an example that weighs 2 is the same as two of them, one of 0 as none', async () => {
  const row = (...rows: number[]): Tensor => ({
    data: Float32Array.from(rows.flatMap((first) => [first, 1, -first])),
    shape: [rows.length, 3],
  });
  const make = (): Model => {
    const model = sequential({ inputShape: [3], layers: [layers.dense({ units: 3, activation: 'softmax' })], seed: 3 });
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0.5 }), loss: 'categoricalCrossentropy', batchSize: 8 });
    return model;
  };
  const [weighed, repeated] = [make(), make()];
  await weighed.fit(row(1, 2, 3, 4), [0, 1, 2, 2], { sampleWeight: [2, 1, 0, 1], shuffle: false });
  await repeated.fit(row(1, 1, 2, 4), [0, 0, 1, 2], { shuffle: false });
  for (const [i, { data }] of weighed.getWeights().entries())
    for (const [j, value] of data.entries())
      assert.ok(Math.abs(value - repeated.getWeights()[i]!.data[j]!) <= 1e-6, `${value}`);
});

test('a generator gives its weights, a source is weighed by class and by name, and evaluate weighs', async () => {
  const batch = (from: number, to: number) =>
    [
      { data: x.data.subarray(36 * from, 36 * to), shape: [to - from, 6, 6, 1] },
      y.subarray(from, to),
      sampleWeight.subarray(from, to),
    ] as const;
  const given = compiled();
  await given.fit(() => [batch(0, 16), batch(16, 32), batch(32, 40)], { epochs: 2, seed: 7 });
  const held = compiled();
  await held.fit(x, y, { epochs: 2, seed: 7, shuffle: false, sampleWeight });
  assert.is(weightsHash(given), weightsHash(held));

  const source = {
    count: 40,
    shape: [6, 6, 1],
    classNames: ['a', 'b', 'c', 'd'],
    read(order: Uint32Array, start: number, count: number, into: { x: Uint8Array | Float32Array; y: Float32Array }) {
      for (let i = 0; i < count; i++) {
        const example = order[start + i]!;
        into.x.set(x.data.subarray(36 * example, 36 * (example + 1)), 36 * i);
        into.y[i] = y[example]!;
      }
    },
  };
  const named = compiled();
  await named.fit(source, { epochs: 2, seed: 7, classWeight: { b: 3, c: 0.5 } });
  const numbered = compiled();
  await numbered.fit(x, y, { epochs: 2, seed: 7, classWeight });
  assert.is(weightsHash(named), weightsHash(numbered));
  await refuses(
    compiled().fit(source, { classWeight: { e: 3 } }),
    "fit's classWeight has 'e', which is no class; classes are a, b, c, d",
  );

  const [all, weighed] = [await named.evaluate(x, y), await named.evaluate(x, y, { sampleWeight })];
  assert.is(weighed.accuracy, all.accuracy);
  const p = (await named.predict(x)).data;
  const penalties = await penaltiesOf(named);
  const loss = sampleWeight.reduce((sum, w, i) => sum - w * Math.log(p[i * classes + y[i]!]!), 0) / 40;
  assert.ok(Math.abs(weighed.loss! - loss - penalties) <= 1e-5, `${weighed.loss} and ${loss + penalties}`);
});

/** What its regularizers add, from its weights and its first layer's outputs. */
async function penaltiesOf(model: Model): Promise<number> {
  const [kernel, , , bias] = model.getWeights().map(({ data }) => [...data]);
  const inner = functional({ inputs: model.inputs[0]!, outputs: model.layers[0]!.output });
  const outputs = (await inner.predict(x)).data;
  return (
    0.01 * kernel!.reduce((sum, value) => sum + value * value, 0) +
    0.1 * bias!.reduce((sum, value) => sum + Math.abs(value), 0) +
    (0.01 * [...outputs].reduce((sum, value) => sum + Math.abs(value), 0)) / 40
  );
}

test('gradients that are accumulated have penalties once; what is held out has its weights', async () => {
  const plain = { optimizer: optimizers.sgd({ learningRate: 0.05 }), batchSize: 20 };
  const own = (): Model => {
    const [first, ...rest] = ruled().layers.map(({ layer }) => layer);
    return sequential({ inputShape: [6, 6, 1], layers: [first!, ...rest.filter(({ kind }) => kind !== 'dropout')] });
  };
  const [whole, cut] = [compiled(own(), plain), compiled(own(), plain)];
  const one = await whole.fit(x, y, { sampleWeight, epochs: 2, batchSize: 40 });
  const several = await cut.fit(x, y, { sampleWeight, epochs: 2, batchSize: 10, gradientAccumulationSteps: 4 });
  for (const [i, loss] of several.history.loss!.entries()) assert.ok(Math.abs(loss - one.history.loss![i]!) <= 1e-6);
  for (const [i, { data }] of cut.getWeights().entries())
    for (const [j, value] of data.entries()) assert.ok(Math.abs(value - whole.getWeights()[i]!.data[j]!) <= 1e-6);

  const rows = (from: number, to: number): Tensor => ({
    data: x.data.subarray(36 * from, 36 * to),
    shape: [to - from, 6, 6, 1],
  });
  const [split, given] = [compiled(), compiled()];
  const options = { epochs: 2, seed: 3 };
  const held = await split.fit(x, y, {
    ...{ ...options, sampleWeight, validationSplit: 0.25, validationSplitMode: 'tail' },
  });
  const apart = await given.fit(rows(0, 30), y.slice(0, 30), {
    ...{ ...options, sampleWeight: sampleWeight.slice(0, 30) },
    validationData: [rows(30, 40), y.slice(30), sampleWeight.slice(30)],
  });
  assert.equal(held, apart);
  assert.is(weightsHash(split), weightsHash(given));
});

test('gradients have the slopes of penalties, and applying them is a step', async () => {
  const plain = { optimizer: optimizers.sgd({ learningRate: 0.05 }), batchSize: 40 };
  const [stepped, applied] = [compiled(ruled(), plain), compiled(ruled(), plain)];
  const gradients = await applied.gradients(x, y);
  await applied.applyGradients(gradients);
  await stepped.trainOnBatch(x, y);
  assert.is(weightsHash(applied), weightsHash(stepped));
});

test('a step of a custom loop uses weights as fit does, and so do its gradients', async () => {
  const plain = { optimizer: optimizers.sgd({ learningRate: 0.05 }), batchSize: 40 };
  for (const weights of [{ sampleWeight }, { classWeight }]) {
    const [fitted, stepped, applied] = [compiled(ruled(), plain), compiled(ruled(), plain), compiled(ruled(), plain)];
    const { history } = await fitted.fit(x, y, { ...weights, shuffle: false });
    assert.is((await stepped.trainOnBatch(x, y, weights)).loss, history.loss![0]);
    assert.is(weightsHash(stepped), weightsHash(fitted));
    await applied.applyGradients(await applied.gradients(x, y, weights));
    assert.is(weightsHash(applied), weightsHash(fitted));
  }
  const model = compiled(ruled(), plain);
  const before = weightsHash(model);
  const gradients = await model.gradients(x, y, { sampleWeight: new Array<number>(40).fill(0) });
  assert.ok(
    gradients[0]!.data.some((slope) => slope !== 0),
    'penalties stay where no example counts',
  );
  assert.is(weightsHash(model), before);
  assert.equal(await model.testOnBatch(x, y, { sampleWeight }), await model.evaluate(x, y, { sampleWeight }));
});

test('null is no weights, as in Keras', async () => {
  const none = null as unknown as undefined;
  assert.equal(await trained({ sampleWeight: none, classWeight: none }), await trained());
  const model = compiled();
  await model.fit(() => [[x, y, none]] as never, { batchSize: 40 });
  const plain = compiled();
  await plain.fit(() => [[x, y]] as never, { batchSize: 40 });
  assert.is(weightsHash(model), weightsHash(plain));
  assert.equal(await model.evaluate(x, y, { sampleWeight: none }), await model.evaluate(x, y));
});

test('each output has weights of its own, or all have the same', async () => {
  const make = (): Model => {
    const image = input({ shape: [6, 6, 1] });
    const flat = layers.flatten().apply(image);
    const outputs = ['one', 'two'].map((name) =>
      layers.dense({ name, units: classes, activation: 'softmax' }).apply(flat),
    );
    const model = functional({ inputs: image, outputs, seed: 4 });
    model.compile({
      ...{ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'categoricalCrossentropy', lossWeights: [1, 0.5] },
      batchSize: 16,
    });
    return model;
  };
  const fit = async (given: FitOptions['sampleWeight'], more: FitOptions = {}): Promise<readonly [string, unknown]> => {
    const model = make();
    const { history } = await model.fit(
      x,
      { one: y, two: y },
      { seed: 1, ...more, ...(given && { sampleWeight: given }) },
    );
    return [weightsHash(model), history];
  };
  const ones = new Array<number>(40).fill(1);
  const own = await fit([sampleWeight, ones]);
  assert.equal(await fit({ two: ones, one: sampleWeight }), own);
  assert.equal(await fit(sampleWeight), await fit([sampleWeight, sampleWeight]));
  assert.is.not((await fit(sampleWeight))[0], own[0]);
  const { loss, one_loss: one, two_loss: two } = own[1] as Record<string, number[]>;
  assert.ok(Math.abs(loss![0]! - one![0]! - 0.5 * two![0]!) <= 1e-12);
  await refuses(
    make().fit(x, [y, y], { classWeight }),
    "fit's classWeight is for a model of one loss, this one has 2; use sampleWeight",
  );
});

test('a fit resumes exactly with its weights, and with no others', async () => {
  const files: Uint8Array[] = [];
  const save: Callbacks = {
    onSavePoint: () => {
      files.push(model.save());
    },
  };
  const model = compiled();
  const { history } = await model.fit(x, y, { ...options, sampleWeight, callbacks: save });
  for (const file of [files[2]!, files[4]!]) {
    const { model: again } = loadModel(file);
    const { validationData } = options;
    const resumed = await again.fit(x, y, { resume: true, sampleWeight, ...(validationData && { validationData }) });
    assert.equal(resumed.history, history);
    assert.is(weightsHash(again), weightsHash(model));
    assert.match(
      await refusal(loadModel(file).model.fit(x, y, { resume: true, ...(validationData && { validationData }) })),
      /^fit's data are not the checkpoint's/,
    );
  }
});

test('rules are saved, cloned, and left out where a model only predicts', async () => {
  const model = compiled();
  const [conv, , second] = model.layers.map(({ layer }) => layer.getConfig());
  assert.equal(conv!.kernelRegularizer, { className: 'L2', config: { l2: 0.01 } });
  assert.equal(conv!.activityRegularizer, { className: 'L1', config: { l1: 0.01 } });
  assert.equal(conv!.kernelConstraint, { className: 'MaxNorm', config: { maxValue: 0.7, axis: [0, 1, 2] } });
  assert.equal(second!.biasRegularizer, { className: 'L1L2', config: { l1: 0.1, l2: 0 } });
  assert.equal(second!.kernelConstraint, { className: 'NonNeg', config: {} });
  const file = model.save();
  const loaded = loadModel(file).model;
  for (const again of [loaded, cloneModel(model)])
    assert.equal(
      again.layers.map(({ layer }) => layer.getConfig()),
      model.layers.map(({ layer }) => layer.getConfig()),
    );
  await model.fit(x, y, options);
  await loaded.fit(x, y, options);
  assert.is(weightsHash(loaded), weightsHash(model));
  const predictor = (await loadPredictor(file)).model;
  const before = loadModel(file).model;
  assert.equal((await predictor.predict(x)).data, (await before.predict(x)).data);
});

test('a constraint holds after every step; what is frozen keeps its weights and counts nothing', async () => {
  const model = compiled(ruled(), { optimizer: optimizers.sgd({ learningRate: 1 }) });
  const norms: number[] = [];
  await model.fit(x, y, {
    callbacks: {
      onBatchEnd() {
        const [kernel, , matrix] = model.getWeights().map(({ data }) => data);
        for (let filter = 0; filter < 4; filter++)
          norms.push(Math.sqrt(kernel!.reduce((sum, value, i) => (i % 4 === filter ? sum + value * value : sum), 0)));
        assert.ok(matrix!.every((value) => value >= 0));
      },
    },
  });
  assert.ok(Math.max(...norms) <= 0.7 + 1e-6 && Math.max(...norms) > 0.69, `${Math.max(...norms)}`);

  const make = (l2: number): Model =>
    compiled(
      sequential({
        inputShape: [6, 6, 1],
        layers: [
          layers.flatten(),
          layers.dense({
            units: 5,
            trainable: false,
            kernelRegularizer: regularizers.l2({ l2 }),
            kernelConstraint: 'nonNeg',
          }),
          layers.dense({ units: classes, activation: 'softmax' }),
        ],
      }),
    );
  const [with1, without] = [make(1), make(0)];
  const first = with1.getWeights()[0];
  assert.equal(await with1.fit(x, y, options), await without.fit(x, y, options));
  assert.equal(with1.getWeights()[0], first);
});

test.run();
