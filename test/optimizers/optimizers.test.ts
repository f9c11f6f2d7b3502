// Optimizers in training: clipping across pieces, exact resume, threads and background to the same bits, files, and what is refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  layers,
  loadModel,
  optimizers,
  schedules,
  sequential,
  type CompileOptions,
  type Model,
  type Optimizer,
} from '../../src/index.js';
import { background } from '../../src/node/threads/background.js';
import { workers } from '../../src/node/threads/workers.js';
import { refusal } from '../node/refuses.js';
import { randomFloats } from '../assembly/guardedMemory.js';
import { toyExamples, toyModel, weightsHash } from '../model/toy.js';
import { denseModel, make, referenceSteps, runSteps, type Options } from './steps.js';

const { x, y } = toyExamples(40);

async function refuses(action: () => unknown, sentence: RegExp): Promise<void> {
  assert.match(await refusal((async () => action())()), sentence);
}

const everything = { weightDecay: 0.01, excludeFromWeightDecay: ['bias'], useEma: true, emaMomentum: 0.9 };
const KINDS: Readonly<Record<string, () => Optimizer>> = {
  sgd: () => optimizers.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, globalClipnorm: 0.5, ...everything }),
  rmsprop: () => optimizers.rmsprop({ centered: true, momentum: 0.5, clipnorm: 0.3, ...everything }),
  adam: () => adam({ amsgrad: true, clipvalue: 0.01, ...everything }),
  adamw: () => optimizers.adamw({ learningRate: schedules.cosineDecay({ initialLearningRate: 0.01, decaySteps: 9 }) }),
  nadam: () => optimizers.nadam({ learningRate: schedules.warmup({ schedule: 0.01, steps: 3 }) }),
  adagrad: () => optimizers.adagrad({ learningRate: 0.05 }),
  adadelta: () => optimizers.adadelta({ learningRate: 1, clipnorm: 1 }),
  lion: () => optimizers.lion({ ...everything }),
};

function compiled(optimizer: string | Optimizer, more: Partial<CompileOptions> = {}): Model {
  const model = toyModel();
  model.compile({ optimizer, loss: 'categoricalCrossentropy', batchSize: 16, ...more });
  return model;
}

async function trained(model: Model, checkpoints: Uint8Array[] = []): Promise<string> {
  const onSavePoint = (): void => void checkpoints.push(model.save());
  await model.fit(x, y, { epochs: 3, callbacks: [{ onSavePoint }] });
  return weightsHash(model);
}

for (const [name, optimizer] of Object.entries(KINDS)) {
  test(`${name}: resume, threads and the background end bit-identically, and learn`, async () => {
    const checkpoints: Uint8Array[] = [];
    const model = compiled(optimizer());
    const { loss: before } = await model.evaluate(x, y);
    const expected = await trained(model, checkpoints);
    assert.ok((await model.evaluate(x, y)).loss! < before!);
    for (const at of [0, 4, 7, checkpoints.length - 1]) {
      const { model: again } = loadModel(checkpoints[at]!);
      await again.fit(x, y, { resume: true });
      assert.is(weightsHash(again), expected, `resumed at save point ${at}`);
    }
    assert.is(await trained(compiled(optimizer(), { workers: workers(3) })), expected, 'three threads');
    assert.is(
      await trained(compiled(optimizer(), { background: background(), workers: workers(2) })),
      expected,
      'background',
    );
  });

  test(`${name}: by its name with its defaults, and from a file as it was`, () => {
    const named = compiled(name);
    assert.equal(named.compiled!.optimizer.getConfig(), make(name, {}).getConfig());
    const model = compiled(optimizer());
    const again = loadModel(model.save()).model.compiled!.optimizer;
    assert.is(again.className, model.compiled!.optimizer.className);
    assert.equal(again.getConfig(), model.compiled!.optimizer.getConfig());
  });
}

for (const options of [{ clipnorm: 1 }, { globalClipnorm: 1 }, { clipnorm: 1e6 }] as Options[])
  test(`gradients of several pieces, ${JSON.stringify(options)}, on one thread and three`, () => {
    const [inputs, units] = [300, 150];
    const count = (inputs + 1) * units;
    const gradients = [1, 2, 3].map((seed) => randomFloats(count, seed));
    const hashes = [1, 3].map((threads) => {
      const model = denseModel(inputs, units, make('sgd', { learningRate: 1, ...options }), workers(threads));
      const start = model.getWeights().flatMap(({ data }) => [...data]);
      const sizes = { kernel: inputs * units, bias: units };
      const { weights } = referenceSteps('sgd', { learningRate: 1, ...options }, start, gradients, sizes);
      runSteps(model, gradients);
      const found = model.getWeights().flatMap(({ data }) => [...data]);
      const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - weights[2]![i]!)), 0);
      assert.ok(worst < 1e-6, `off by ${worst}`);
      return weightsHash(model);
    });
    assert.is(hashes[0], hashes[1]);
  });

test('adam with its plain options is bit-identical to the earlier adam; amsgrad, decay and the rest are additions', async () => {
  const plain = adam({ learningRate: 0.01 });
  assert.equal([plain.slots, plain.moreKernels], [['m', 'v'], undefined]);
  const same = compiled(adam({ learningRate: 0.01, weightDecay: null, useEma: false }));
  assert.is(await trained(same), await trained(compiled(plain)));
});

test('frozen weights neither decay, nor count in a norm, nor become an average', async () => {
  const model = sequential({
    inputShape: [3],
    layers: [layers.dense({ units: 2, name: 'frozen' }), layers.dense({ units: 2 })],
  });
  model.getLayer('frozen').trainable = false;
  model.compile({ optimizer: optimizers.sgd({ weightDecay: 0.5, globalClipnorm: 0.1, useEma: true }), loss: 'mse' });
  const before = model.getWeights();
  await model.fit(
    { data: randomFloats(24, 1), shape: [8, 3] },
    { data: randomFloats(16, 2), shape: [8, 2] },
    { epochs: 2 },
  );
  const after = model.getWeights();
  assert.equal(after.slice(0, 2), before.slice(0, 2));
  assert.not.equal(after.slice(2), before.slice(2));
});

test('weights that are trained only later have an average from the start', async () => {
  const model = sequential({
    inputShape: [3],
    layers: [layers.dense({ units: 2, name: 'late' }), layers.dense({ units: 2 })],
  });
  model.getLayer('late').trainable = false;
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.001, useEma: true }), loss: 'mse' });
  const data = [
    { data: randomFloats(24, 1), shape: [8, 3] },
    { data: randomFloats(16, 2), shape: [8, 2] },
  ] as const;
  const [before] = model.getWeights();
  await model.fit(...data, { epochs: 2 });
  model.getLayer('late').trainable = true;
  await model.fit(...data, { epochs: 1 });
  const [after] = model.getWeights();
  for (const [i, value] of before!.data.entries()) assert.ok(Math.abs(after!.data[i]! - value) < 0.01);
});

test('a learning rate that is a function of the step, from 0', async () => {
  const steps: number[] = [];
  const rate = (step: number): number => (steps.push(step), 0.01);
  const model = compiled(optimizers.sgd({ learningRate: rate }));
  await model.fit(x, y, {});
  assert.equal([...new Set(steps)].slice(0, 3), [0, 1, 2]);
  await refuses(
    () => model.save(),
    /a function as learning rate cannot be saved; use a schedule of wasm-cnn, or save the model with includeOptimizer: false/,
  );
  const falls = compiled(optimizers.sgd({ learningRate: (step) => 0.1 - step }));
  await refuses(
    () => falls.fit(x, y),
    /the learning rate of step 2 must be a number of at least 0, its schedule gives -0.9/,
  );
});

const bad: readonly (readonly [what: string, make: () => unknown, sentence: RegExp])[] = [
  [
    'an unknown option',
    () => make('sgd', { momentun: 1 }),
    /^sgd has no option 'momentun' \(did you mean 'momentum'\?\); it has learningRate, momentum, nesterov, weightDecay/,
  ],
  [
    'two ways of clipping',
    () => make('sgd', { clipnorm: 1, clipvalue: 1 }),
    /sgd has clipnorm and clipvalue; only one/,
  ],
  ['a clipnorm of 0', () => make('lion', { clipnorm: 0 }), /lion's clipnorm must be a number above 0, or null, got 0/],
  ['a negative decay', () => adam({ weightDecay: -1 }), /adam's weightDecay must be at least 0, or null, got -1/],
  [
    'adamw without decay',
    () => make('adamw', { weightDecay: null }),
    /adamw's weightDecay must be a number; use adam\(\)/,
  ],
  [
    'a text of exclusions',
    () => make('adamw', { excludeFromWeightDecay: 'bias' }),
    /must be an array of parts of weights' names/,
  ],
  ['momentum of 2', () => make('sgd', { momentum: 2 }), /sgd's momentum must lie in \[0, 1\], got 2/],
  ['rho of 1', () => make('rmsprop', { rho: 1 }), /rmsprop's rho must lie in \[0, 1\), got 1/],
  ['emaMomentum of 2', () => make('nadam', { emaMomentum: 2 }), /nadam's emaMomentum must lie in \[0, 1\], got 2/],
  [
    'a schedule of no kind',
    () => make('sgd', { learningRate: { className: 'x' } }),
    /there is no learning-rate schedule 'x'/,
  ],
  [
    'boundaries that fall',
    () => schedules.piecewiseConstantDecay({ boundaries: [3, 2], values: [1, 1, 1] }),
    /each larger than the one before, got 3, 2/,
  ],
  [
    'a value too few',
    () => schedules.piecewiseConstantDecay({ boundaries: [3], values: [1] }),
    /needs 2 values for 1 boundaries, got 1/,
  ],
  [
    'a rate below 0',
    () => schedules.polynomialDecay({ initialLearningRate: 1, decaySteps: 9, endLearningRate: -1 }),
    /endLearningRate must be a number of at least 0, got -1/,
  ],
  [
    'no schedule to warm up',
    () => schedules.warmup({ steps: 3 } as never),
    /the learning rate must be a number above 0, got undefined/,
  ],
];
for (const [what, action, sentence] of bad) test(`refuses ${what}`, () => refuses(action, sentence));

test.run();
