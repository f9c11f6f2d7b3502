// Losses in whole models against the f64 reference: values, gradients, weights of a sum; forms of targets; files; threads.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/engine/engine.js';
import { adam, layers, loadModel, losses, metrics, sequential, type Sequential, type Shape } from '../../src/index.js';
import { lowerModel } from '../../src/compiler/lower.js';
import { makePlan } from '../../src/compiler/plan.js';
import { buildGraph, signatureOf } from '../../src/model/topology.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { workers } from '../../src/node/threads/workers.js';
import { Session } from '../../src/training/session.js';
import { randomFloats, wide, within } from '../assembly/guardedMemory.js';
import { writeWithoutChecksum } from '../formats/otherTool.js';
import { distance } from '../golden/golden.js';
import { sigmoidBackward, sigmoidForward } from '../reference/activations.js';
import { denseBackwardBias, denseBackwardWeights, denseForward } from '../reference/dense.js';
import * as reference from '../reference/losses.js';
import type { ReferenceLoss } from '../reference/losses.js';
import { softmaxBackward, softmaxForward } from '../reference/softmax.js';
import { weightsHash } from './toy.js';
import { addUp, gradientsOf, meansOf, prepare } from '../../src/training/steps.js';

type End = 'linear' | 'sigmoid' | 'softmax';

interface Case {
  readonly loss: losses.Loss;
  readonly end: End;
  /** Reference for what the model computes with `end`; for a loss from logits, with the matching activation. */
  readonly expected: ReferenceLoss;
  readonly activation?: End;
  readonly units?: number;
  /** Smoothed as the loss should do it. */
  readonly smooth?: (t: number) => number;
  readonly op: string;
}

const CROSS = reference.categoricalCrossEntropy();
const BINARY = reference.binaryCrossEntropy();
const cases: readonly Case[] = [
  { loss: losses.meanSquaredError(), end: 'linear', expected: reference.meanSquaredError, op: 'meanSquaredError' },
  { loss: losses.meanAbsoluteError(), end: 'linear', expected: reference.meanAbsoluteError, op: 'meanAbsoluteError' },
  { loss: losses.huber({ delta: 0.3 }), end: 'sigmoid', expected: reference.huber(0.3), op: 'huber' },
  {
    loss: losses.meanSquaredError(),
    end: 'linear',
    expected: reference.meanSquaredError,
    units: 1,
    op: 'meanSquaredError',
  },
  { loss: losses.binaryCrossentropy(), end: 'sigmoid', expected: BINARY, op: 'sigmoid+binaryCrossentropy' },
  { loss: losses.binaryCrossentropy(), end: 'sigmoid', expected: BINARY, units: 1, op: 'sigmoid+binaryCrossentropy' },
  { loss: losses.binaryCrossentropy(), end: 'softmax', expected: BINARY, op: 'binaryCrossentropy' },
  {
    loss: losses.binaryCrossentropy({ fromLogits: true, labelSmoothing: 0.2 }),
    end: 'linear',
    activation: 'sigmoid',
    expected: BINARY,
    smooth: (t) => 0.8 * t + 0.1,
    op: 'sigmoid+binaryCrossentropy',
  },
  { loss: losses.categoricalCrossentropy(), end: 'softmax', expected: CROSS, op: 'softmax+categoricalCrossentropy' },
  { loss: losses.categoricalCrossentropy(), end: 'sigmoid', expected: CROSS, op: 'categoricalCrossentropy' },
  {
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
    end: 'linear',
    activation: 'softmax',
    expected: CROSS,
    op: 'softmax+categoricalCrossentropy',
  },
  {
    loss: losses.categoricalCrossentropy({ labelSmoothing: 0.3 }),
    end: 'softmax',
    expected: CROSS,
    smooth: (t) => 0.7 * t + 0.3 / 4,
    op: 'softmax+categoricalCrossentropy',
  },
  {
    loss: losses.kullbackLeiblerDivergence(),
    end: 'softmax',
    expected: reference.kullbackLeibler,
    op: 'kullbackLeiblerDivergence',
  },
  {
    loss: losses.categoricalFocalCrossentropy({ alpha: 0.5, gamma: 1.5 }),
    end: 'softmax',
    expected: reference.categoricalCrossEntropy(0.5, 1.5),
    op: 'categoricalFocalCrossentropy',
  },
  {
    loss: losses.categoricalFocalCrossentropy({ fromLogits: true }),
    end: 'linear',
    activation: 'softmax',
    expected: reference.categoricalCrossEntropy(0.25, 2),
    op: 'categoricalFocalCrossentropy',
  },
  {
    loss: losses.binaryFocalCrossentropy({ applyClassBalancing: true, alpha: 0.3 }),
    end: 'sigmoid',
    expected: reference.binaryCrossEntropy(2, 0.3, 0.7),
    op: 'binaryFocalCrossentropy',
  },
];

const INPUTS = 6;

/** Rows of classes add up to 1. */
function targetsFor({ loss, units = 4 }: Case, n: number): Float32Array {
  const t = randomFloats(n * units, 7, 0.05, 0.95);
  if (loss.targets !== 'classes') return t;
  return Float32Array.from(softmaxForward(wide(t), units));
}

function expectedOf(each: Case, model: Sequential, x: Float32Array, t: Float32Array, n: number) {
  const { end, activation = end, expected, units = 4, smooth = (value) => value } = each;
  const sizes = { n, inputs: INPUTS, outputs: units };
  const [w, b] = model.getWeights().map(({ data }) => wide(data)) as [Float64Array, Float64Array];
  const z = denseForward(wide(x), w, b, sizes);
  const y = activation === 'softmax' ? softmaxForward(z, units) : activation === 'sigmoid' ? sigmoidForward(z) : z;
  const { losses: own, dx: dy } = expected(y, wide(t).map(smooth), n, units);
  const dz =
    activation === 'softmax' ? softmaxBackward(dy, y, units) : activation === 'sigmoid' ? sigmoidBackward(dy, y) : dy;
  const loss = own.reduce((sum, value) => sum + value, 0) / n;
  return { loss, gradients: [denseBackwardWeights(dz, wide(x), sizes), denseBackwardBias(dz, sizes)] };
}

const modelFor = ({ end, units = 4 }: Case): Sequential => {
  const model = sequential({ inputShape: [INPUTS], seed: 5, layers: [layers.dense({ units, activation: end })] });
  model.setWeights(model.getWeights().map(({ data, shape }, i) => ({ data: randomFloats(data.length, i), shape })));
  return model;
};

const sessionOf = (model: Sequential, loss: losses.Loss, batchSize: number, weight: number): Session => {
  const graph = buildGraph(model.topology, [{ loss, weight }]);
  const engine = new Engine(makePlan(graph, lowerModel(graph, true), { batchSize, slots: ['m', 'v'], threads: 1 }));
  for (const [j, { data }] of model.getWeights().entries()) engine.weights.set(data, model.parameters[j]!.offset);
  engine.repack();
  const outputs = [{ name: 'output', loss, weight, metrics: [] }];
  const compiled = { optimizer: adam(), outputs, batchSize, numerics: 'exact' } as const;
  return new Session(engine, compiled, signatureOf(model.topology));
};

for (const each of cases)
  test(`${each.loss.name} ${JSON.stringify(each.loss.getConfig())} of ${each.units ?? 4} ${each.end} outputs`, async () => {
    const { loss, units = 4, op } = each;
    for (const [planned, n] of [
      [1, 1],
      [5, 5],
      [33, 33],
      [33, 17],
    ] as const)
      for (const weight of [1, 0.375]) {
        const model = modelFor(each);
        const session = sessionOf(model, loss, planned, weight);
        assert.ok(
          session.engine.plan.ops.some((planned) => planned.op.name === op),
          `${op} computes it`,
        );
        const [x, t] = [randomFloats(n * INPUTS, 3), targetsFor(each, n)];
        const expected = expectedOf(each, model, x, t, n);
        const examples = prepare(session, { data: x, shape: [n, INPUTS] }, { data: t, shape: [n, units] }, 'the test');
        const what = `${n} of ${planned}, weight ${weight}`;
        const logs = meansOf(session, await addUp(session, examples, {}), n);
        within(Math.abs(logs.loss! / weight / expected.loss - 1), 2e-6, `${what}: loss`);
        const gradients = gradientsOf(session, examples);
        for (const [j, { name, offset, size }] of model.parameters.entries()) {
          const own = gradients.subarray(offset, offset + size).map((value) => value / weight);
          within(distance(own, expected.gradients[j]!), 1e-5, `${what}: gradient of ${name}`);
        }
      }
  });

test('a loss of weight 0 has no gradient', () => {
  const model = modelFor(cases[8]!);
  const session = sessionOf(model, losses.categoricalCrossentropy(), 4, 0);
  const examples = prepare(session, { data: randomFloats(24, 1), shape: [4, 6] }, [0, 1, 2, 3], 'the test');
  assert.ok(gradientsOf(session, examples).every((value) => value === 0));
});

test('from logits: bit-identical to a model that ends in the activation', async () => {
  const x = { data: randomFloats(20 * INPUTS, 1), shape: [20, INPUTS] };
  const trained = async (end: End, loss: losses.Loss): Promise<string> => {
    const model = sequential({ inputShape: [INPUTS], seed: 5, layers: [layers.dense({ units: 4, activation: end })] });
    model.compile({ optimizer: 'adam', loss, batchSize: 8 });
    const y =
      loss.targets === 'classes'
        ? Array.from({ length: 20 }, (_, i) => i % 4)
        : { data: randomFloats(80, 2, 0, 1), shape: [20, 4] };
    await model.fit(x, y, { epochs: 3 });
    return weightsHash(model);
  };
  const { categoricalCrossentropy, binaryCrossentropy } = losses;
  assert.is(
    await trained('linear', categoricalCrossentropy({ fromLogits: true })),
    await trained('softmax', categoricalCrossentropy()),
  );
  assert.is(
    await trained('linear', binaryCrossentropy({ fromLogits: true })),
    await trained('sigmoid', binaryCrossentropy()),
  );
});

test('classes of each pixel: labels [n, height, width], the same as rows, and the mean over the pixels', async () => {
  for (const loss of [losses.categoricalCrossentropy(), losses.categoricalFocalCrossentropy({ alpha: 1, gamma: 0 })]) {
    const model = sequential({
      inputShape: [3, 5, 2],
      seed: 1,
      layers: [layers.conv2d({ filters: 3, kernelSize: 1, activation: 'softmax' })],
    });
    model.compile({ optimizer: 'adam', loss, metrics: ['accuracy'], batchSize: 4 });
    const n = 6;
    const x = { data: randomFloats(n * 30, 1), shape: [n, 3, 5, 2] };
    const labels = Int32Array.from({ length: n * 15 }, (_, i) => (i * 7) % 3);
    const rows = new Float32Array(n * 45);
    labels.forEach((label, i) => (rows[3 * i + label] = 1));
    const byIndex = await model.evaluate(x, { data: labels, shape: [n, 3, 5] });
    assert.equal(await model.evaluate(x, { data: labels, shape: [n, 3, 5, 1] }), byIndex);
    assert.equal(await model.evaluate(x, { data: rows, shape: [n, 3, 5, 3] }), byIndex);
    const p = wide((await model.predict(x)).data);
    const { losses: own } = CROSS(p, wide(rows), n, 3);
    within(Math.abs(byIndex.loss! / (own.reduce((a, b) => a + b) / n) - 1), 2e-6, 'loss');
    let right = 0;
    labels.forEach((label, i) => {
      const row = [...p.subarray(3 * i, 3 * i + 3)];
      if (row.indexOf(Math.max(...row)) === label) right++;
    });
    within(Math.abs(byIndex.accuracy! - right / labels.length), 1e-12, 'accuracy');
    const before = byIndex.loss!;
    await model.fit(x, { data: labels, shape: [n, 3, 5] }, { epochs: 30 });
    assert.ok((await model.evaluate(x, { data: rows, shape: [n, 3, 5, 3] })).loss! < before, 'it learns');
  }
});

test('an autoencoder and a regression learn, bit-identically on any number of threads', async () => {
  const x = { data: randomFloats(40 * 32, 1, 0, 1), shape: [40, 4, 4, 2] };
  const run = async (threads: number): Promise<string> => {
    const model = sequential({
      inputShape: [4, 4, 2],
      seed: 2,
      layers: [
        layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
        layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', activation: 'sigmoid' }),
      ],
    });
    const loss = losses.binaryCrossentropy({ labelSmoothing: 0.1 });
    const compile = { optimizer: adam({ learningRate: 0.01 }), loss, metrics: ['mae'], batchSize: 16 };
    model.compile({ ...compile, workers: threads > 1 ? workers(threads) : undefined! });
    const { history } = await model.fit(x, x, { epochs: 8 });
    assert.ok(history.mae!.at(-1)! < history.mae![0]!, 'it learns');
    return weightsHash(model);
  };
  const one = await run(1);
  assert.is(await run(3), one);

  const lengths = Float32Array.from({ length: 40 }, (_, i) =>
    x.data.subarray(32 * i, 32 * i + 32).reduce((a, b) => a + b),
  );
  const regression = sequential({ inputShape: [4, 4, 2], layers: [layers.flatten(), layers.dense({ units: 1 })] });
  regression.compile({
    optimizer: adam({ learningRate: 0.05 }),
    loss: 'mse',
    metrics: ['meanAbsoluteError'],
    batchSize: 10,
  });
  await regression.fit(x, lengths, { epochs: 150 });
  const logs = await regression.evaluate(x, { data: lengths, shape: [40, 1] });
  assert.ok(logs.meanAbsoluteError! < 0.5, `mean absolute error ${logs.meanAbsoluteError}`);
  assert.equal(await regression.evaluate(x, [...lengths]), logs);
});

const outputs = (end: End, units: number): Sequential =>
  sequential({ inputShape: [2], layers: [layers.dense({ units, activation: end, useBias: false })] });

/** The model's figures where its outputs are x itself. */
async function figures(
  end: End,
  x: readonly (readonly number[])[],
  y: readonly number[] | readonly (readonly number[])[],
  loss: string | losses.Loss,
  asked: readonly (string | metrics.Metric)[],
) {
  const units = x[0]!.length;
  const model = sequential({ inputShape: [units], layers: [layers.dense({ units, activation: end, useBias: false })] });
  const identity = Float32Array.from({ length: units * units }, (_, i) => (i % (units + 1) === 0 ? 1 : 0));
  model.setWeights([{ data: identity, shape: [units, units] }]);
  model.compile({ optimizer: 'adam', loss, metrics: asked, batchSize: 2 });
  const rows = Array.isArray(y[0])
    ? { data: Float32Array.from(y.flat()), shape: [x.length, units] as Shape }
    : (y as number[]);
  const { loss: _, ...logs } = await model.evaluate(
    { data: Float32Array.from(x.flat()), shape: [x.length, units] },
    rows,
  );
  return logs;
}

test('accuracy follows from the loss: one sigmoid, several, logits, classes', async () => {
  const binary = { x: [[-1], [2], [3], [-4], [0.5]], y: [0, 1, 0, 0, 0] };
  assert.equal(
    await figures('sigmoid', binary.x, binary.y, 'binaryCrossentropy', ['accuracy', 'acc', 'binaryAccuracy']),
    {
      accuracy: 0.6,
      acc: 0.6,
      binaryAccuracy: 0.6,
    },
  );
  const fromLogits = losses.binaryCrossentropy({ fromLogits: true });
  const strict = metrics.binaryAccuracy({ threshold: 2.5, name: 'strict' });
  assert.equal(await figures('linear', binary.x, binary.y, fromLogits, ['accuracy', strict]), {
    accuracy: 0.6,
    strict: 0.6,
  });
  const labels = {
    x: [
      [-1, 2],
      [3, 4],
    ],
    y: [
      [0, 1],
      [0, 1],
    ],
  };
  assert.equal(await figures('sigmoid', labels.x, labels.y, 'bce', ['accuracy']), { accuracy: 0.75 });
  const classes = {
    x: [
      [1, 2, 3, 0],
      [3, 1, 2, 0],
      [0, 0, 0, 1],
    ],
    y: [1, 1, 3],
  };
  const asked = ['accuracy', 'categoricalAccuracy', metrics.topKCategoricalAccuracy({ k: 2 })];
  assert.equal(await figures('softmax', classes.x, classes.y, 'categoricalCrossentropy', asked), {
    accuracy: 1 / 3,
    categoricalAccuracy: 1 / 3,
    topKCategoricalAccuracy: 2 / 3,
  });
  const numbers = {
    x: [
      [1, 2],
      [3, 5],
    ],
    y: [
      [1, 0],
      [4, 3],
    ],
  };
  assert.equal(await figures('linear', numbers.x, numbers.y, 'huber', ['mse', 'MAE', 'accuracy']), {
    mse: 2.25,
    MAE: 1.25,
    accuracy: 0,
  });
});

test('figures do not depend on the batch size', async () => {
  const logs = [1, 7, 64].map(async (batchSize) => {
    const model = outputs('linear', 3);
    model.compile({ optimizer: 'adam', loss: 'huber', metrics: ['mse', 'mae'], batchSize });
    return model.evaluate(
      { data: randomFloats(100, 1), shape: [50, 2] },
      { data: randomFloats(150, 2), shape: [50, 3] },
    );
  });
  const [first, ...others] = await Promise.all(logs);
  for (const other of others) assert.equal(other, first);
});

test('losses and metrics come back from a file with their options, and from files that have bare names', () => {
  for (const { loss, end, units = 4 } of cases) {
    const model = outputs(end, units);
    const strict = metrics.meanSquaredError({ name: 'other' });
    model.compile({ optimizer: 'adam', loss, metrics: ['mae', strict], batchSize: 3 });
    const { compiled } = loadModel(model.save()).model;
    assert.is(compiled!.outputs[0]!.loss.className, loss.className);
    assert.equal(compiled!.outputs[0]!.loss.getConfig(), loss.getConfig());
    assert.equal(
      compiled!.outputs[0]!.metrics.map(({ name }) => name),
      ['mae', 'other'],
    );
  }
  const model = outputs('sigmoid', 1);
  const top = metrics.binaryAccuracy({ threshold: 0.25 });
  model.compile({ optimizer: 'adam', loss: 'bce', metrics: [top] });
  assert.equal(loadModel(model.save()).model.compiled!.outputs[0]!.metrics[0]!.getConfig(), {
    threshold: 0.25,
    name: 'binaryAccuracy',
  });

  const old = outputs('softmax', 3);
  old.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['acc'] });
  const file = readSafetensors(old.save(), 'it');
  const compile = {
    ...JSON.parse(file.metadata.get('compile')!),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['acc'],
  };
  const metadata = new Map([...file.metadata, ['compile', JSON.stringify(compile)]]);
  const { compiled } = loadModel(writeWithoutChecksum({ ...file, metadata })).model;
  assert.is(compiled!.outputs[0]!.loss.name, 'sparseCategoricalCrossentropy');
  assert.is(compiled!.outputs[0]!.metrics[0]!.name, 'acc');
});

test("Keras' short names", () => {
  for (const [short, name] of Object.entries({
    mse: 'meanSquaredError',
    MSE: 'meanSquaredError',
    mae: 'meanAbsoluteError',
    MAE: 'meanAbsoluteError',
    bce: 'binaryCrossentropy',
    kld: 'kullbackLeiblerDivergence',
  })) {
    const model = outputs('sigmoid', 2);
    model.compile({ optimizer: 'adam', loss: short });
    assert.is(model.compiled!.outputs[0]!.loss.name, name);
  }
});

test.run();
