// Batch normalization in models: what carries a model carries its moving statistics, and nothing depends on threads or on how it runs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  earlyStopping,
  input,
  layers,
  loadModel,
  model,
  sequential,
  type CompileOptions,
  type FitOptions,
  type Model,
  type Tensor,
} from '../../src/index.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { background } from '../../src/node/threads/background.js';
import { workers } from '../../src/node/threads/workers.js';
import { toyExamples, weightsHash } from './toy.js';

const { activation, batchNormalization, conv2d, dense, dropout, flatten, maxPooling2d } = layers;
const relu = (): layers.Layer => activation({ activation: 'relu' });
/** Batches of 16, 16 and 1: the last one has one shard of one example. */
const { x, y } = toyExamples(33);
const validation = toyExamples(12, 2);
const options = { epochs: 3, seed: 7, batchSize: 16 } as const;

/** Five batch normalizations: of pixels, of a one-channel convolution, of one that Winograd computes, of a plain one, of features; and dropout. */
function normalized(seed = 1): Model {
  return sequential({
    seed,
    inputShape: [6, 6, 1],
    layers: [
      batchNormalization({ name: 'first' }),
      conv2d({ filters: 8, kernelSize: 3, padding: 'same', useBias: false }),
      batchNormalization({ momentum: 0.9 }),
      relu(),
      conv2d({ filters: 8, kernelSize: 3 }),
      batchNormalization({ momentum: 0.8 }),
      relu(),
      maxPooling2d(),
      conv2d({ filters: 5, kernelSize: 2, useBias: false }),
      batchNormalization(),
      dropout({ rate: 0.2 }),
      flatten(),
      dense({ units: 12, useBias: false }),
      batchNormalization({ name: 'last' }),
      relu(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  });
}

function compiled(more: Partial<CompileOptions> = {}, made = normalized()): Model {
  made.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 16, ...more });
  return made;
}

const statistics = (made: Model): Tensor<Float32Array>[] =>
  made.getWeights().filter((_, i) => made.parameters[i]!.role === 'statistic');
const valuesOf = (tensors: readonly Tensor<Float32Array>[]): number[][] => tensors.map(({ data }) => [...data]);

interface Ended {
  readonly weights: string;
  readonly slots: readonly number[][];
  readonly losses: unknown;
  readonly predicted: readonly number[];
}

async function ended(made: Model, more: FitOptions = options): Promise<Ended> {
  const { history } = await made.fit(x, y, more);
  return {
    weights: weightsHash(made),
    slots: [...made.optimizerSlots.values()].map((slot) => [...slot]),
    losses: history,
    predicted: [...(await made.predict(validation.x)).data],
  };
}

test('getWeights: gamma, beta, moving mean and variance in layer order; gradients() has those of the weights', async () => {
  const made = compiled();
  const names = made.parameters.map(({ name }) => name);
  assert.equal(names.slice(0, 5), [
    'first/gamma',
    'first/beta',
    'first/movingMean',
    'first/movingVariance',
    'conv2d/kernel',
  ]);
  assert.equal(valuesOf(made.getWeights().slice(0, 4)), [[1], [0], [0], [1]], 'first values');
  const before = valuesOf(made.getWeights());
  const gradients = await made.gradients(x, y);
  assert.equal(
    gradients.map(({ shape }) => shape),
    made.parameters.filter(({ role }) => role === 'weight').map(({ shape }) => [...shape]),
  );
  await made.evaluate(x, y);
  assert.equal(valuesOf(made.getWeights()), before, 'neither changes anything');
  await made.trainOnBatch(x, y);
  // The mean takes a bias away again: its gradient is 0.
  for (const [i, values] of valuesOf(made.getWeights()).entries())
    assert.is(String(values) === String(before[i]), names[i] === 'conv2d_1/bias', names[i]);
});

test('initial weights of later layers are the same as without statistics', () => {
  const weights = (...before: layers.Layer[]) =>
    sequential({ inputShape: [5], seed: 3, layers: [...before, dense({ units: 4 })] }).getWeights();
  const [, , kernel] = weights(dense({ units: 5, useBias: false }), dense({ units: 4, useBias: false }));
  const behind = weights(batchNormalization({ center: false }), dense({ units: 4, useBias: false }));
  assert.equal([...behind.at(-2)!.data], [...kernel!.data]);
});

test('any number of threads, in the background or here: bit-identical', async () => {
  const expected = await ended(compiled());
  for (const threads of [2, 3])
    assert.equal(await ended(compiled({ workers: workers(threads) })), expected, `${threads}`);
  assert.equal(await ended(compiled({ background: background() })), expected, 'background');
  assert.equal(
    await ended(compiled({ background: background(), workers: workers(3) })),
    expected,
    'background, 3 threads',
  );
});

test('twelve batch normalizations on three threads: more phases than a step of a chain has', async () => {
  const deep = (): Model =>
    sequential({
      inputShape: [6, 6, 1],
      layers: [
        ...Array.from({ length: 12 }, () => [
          conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false }),
          batchNormalization(),
          relu(),
        ]).flat(),
        flatten(),
        dense({ units: 4, activation: 'softmax' }),
      ],
    });
  const one = compiled({}, deep());
  const three = compiled({ workers: workers(3) }, deep());
  assert.is(one.plan!.timeline.phases.at(-1), 12 + 12 + 3);
  const short = { epochs: 1, batchSize: 16 };
  assert.equal(await ended(three, short), await ended(one, short));
});

test('a model that was compiled, one that only predicts, and any batch size: the same outputs, bit for bit', async () => {
  for (const trainable of [true, false]) {
    const [trained, only] = [normalized(), normalized()];
    for (const made of [trained, only])
      for (const { layer } of made.layers) if (layer.kind === 'batchNormalization') layer.trainable = trainable;
    compiled({}, trained);
    await trained.fit(x, y, { epochs: 2 });
    only.setWeights(trained.getWeights());
    const expected = await trained.predict(x);
    assert.equal(await only.predict(x), expected, 'only predicts');
    for (const batchSize of [1, 7, 64]) {
      const other = compiled({ batchSize }, normalized());
      other.setWeights(trained.getWeights());
      assert.equal(await other.predict(x), expected, `batches of ${batchSize}`);
    }
  }
});

test('a file has statistics without slots, and what was loaded resumes bit-identically from any save point', async () => {
  const checkpoints: Uint8Array[] = [];
  const onSavePoint = (): void => void checkpoints.push(saving.save());
  const saving = compiled();
  const expected = await ended(saving, { ...options, callbacks: { onSavePoint } });
  assert.equal(await ended(compiled()), expected, 'saving changes nothing');
  const names = [...readSafetensors(checkpoints[2]!, 'the file').tensors.keys()].filter((name) =>
    name.startsWith('first/'),
  );
  assert.equal(
    names.sort(),
    ['beta', 'beta/m', 'beta/v', 'gamma', 'gamma/m', 'gamma/v', 'movingMean', 'movingVariance'].map(
      (name) => `first/${name}`,
    ),
  );
  // In the middle of an epoch, before its last batch of one example, at its end.
  for (const point of [2, 3, 5]) {
    const { model: loaded } = loadModel(checkpoints[point]!);
    assert.equal(await ended(loaded, { resume: true }), expected, `save point ${point}`);
  }
  const { model: elsewhere } = loadModel(checkpoints[2]!, { background: background(), workers: workers(2) });
  assert.equal(await ended(elsewhere, { resume: true }), expected, 'in the background');
});

test("earlyStopping's restoreBestWeights brings the statistics of the best epoch back", async () => {
  const made = compiled();
  const seen: number[][][] = [];
  const { epoch, history } = await made.fit(x, y, {
    ...options,
    epochs: 6,
    validationData: [validation.x, validation.y],
    // What is better is worse, so that the first epoch is the best one.
    callbacks: [
      earlyStopping({ monitor: 'loss', mode: 'max', patience: 2, restoreBestWeights: true }),
      { onEpochEnd: () => void seen.push(valuesOf(made.getWeights())) },
    ],
  });
  assert.is(epoch.length, 3);
  assert.ok(history.loss![0]! > history.loss![2]!);
  assert.equal(valuesOf(made.getWeights()), seen[0]);
});

test('frozen: nothing in it changes, here and in the background; after unfreezing it does from the next fit on', async () => {
  for (const more of [{}, { background: background() }]) {
    const made = normalized();
    const frozen = made.layers.filter(({ layer }) => layer.kind === 'batchNormalization');
    for (const { layer } of frozen) layer.trainable = false;
    compiled(more, made);
    const own = (): string =>
      String(
        made.parameters.map(({ name }, i) => (/gamma|beta|moving/.test(name) ? [...made.getWeights()[i]!.data] : '')),
      );
    const before = own();
    const { history } = await made.fit(x, y, options);
    assert.is(own(), before);
    assert.ok(history.loss!.at(-1)! < history.loss![0]!, 'the others learn');
    // Nothing random but dropout: without it a step's loss is that of evaluate().
    for (const { layer } of frozen) layer.trainable = true;
    await made.fit(x, y, { epochs: 1 });
    assert.is.not(own(), before);
  }
});

test('a frozen layer computes in training what it computes outside', async () => {
  const made = compiled(
    {},
    sequential({
      inputShape: [6, 6, 1],
      layers: [
        conv2d({ filters: 8, kernelSize: 3 }),
        batchNormalization({ trainable: false, movingMeanInitializer: 'ones' }),
        relu(),
        flatten(),
        batchNormalization({ trainable: false }),
        dense({ units: 4, activation: 'softmax' }),
      ],
    }),
  );
  const { loss } = await made.evaluate(x, y);
  assert.is((await made.trainOnBatch(x, y)).loss, loss);
});

test('a convolution and its batch normalization can be frozen separately: the gradients of the frozen one are 0', async () => {
  for (const trainable of [true, false]) {
    const made = compiled(
      {},
      sequential({
        inputShape: [6, 6, 1],
        layers: [
          conv2d({ filters: 4, kernelSize: 3 }),
          conv2d({ filters: 5, kernelSize: 3, trainable }),
          batchNormalization({ trainable: !trainable }),
          flatten(),
          dense({ units: 4, activation: 'softmax' }),
        ],
      }),
    );
    const gradients = await made.gradients(x, y);
    const weights = made.parameters.filter(({ role }) => role === 'weight');
    for (const [i, { name, trainable: learns }] of weights.entries()) {
      // The mean takes a bias away again.
      const zero = !learns || (name === 'conv2d_1/bias' && !trainable);
      assert.is(
        gradients[i]!.data.every((each) => each === 0),
        zero,
        name,
      );
    }
  }
});

test('statistics are those of the whole batch, whatever its shards, and of the examples that it has', async () => {
  const data = Float32Array.from({ length: 11 * 2 }, (_, i) => (i % 2 ? i * i : i) / 10);
  for (const count of [11, 3, 1]) {
    const made = compiled(
      { batchSize: 11 },
      sequential({
        inputShape: [2],
        layers: [batchNormalization({ momentum: 0 }), dense({ units: 2, activation: 'softmax' })],
      }),
    );
    await made.trainOnBatch({ data: data.subarray(0, 2 * count), shape: [count, 2] }, new Uint8Array(count));
    for (const c of [0, 1]) {
      const column = data.subarray(0, 2 * count).filter((_, i) => i % 2 === c);
      const mean = column.reduce((sum, value) => sum + value, 0) / count;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
      const [movingMean, movingVariance] = statistics(made).map(({ data: values }) => values[c]!) as [number, number];
      assert.ok(Math.abs(movingMean - mean) <= 1e-6 * (1 + mean), `mean of ${count}: ${movingMean}, not ${mean}`);
      assert.ok(
        Math.abs(movingVariance - variance) <= 1e-6 * (1 + variance),
        `variance of ${count}: ${movingVariance}, not ${variance}`,
      );
    }
  }
});

test('constant channels train to finite weights', async () => {
  const made = compiled();
  const black = { data: new Uint8Array(33 * 36), shape: [33, 6, 6, 1] };
  await made.fit(black, y, { epochs: 3 });
  assert.ok(made.getWeights().every(({ data }) => data.every(Number.isFinite)));
});

test('applied twice it has one set of weights: gradients add up, and its statistics move call by call, on any thread', async () => {
  const make = (more: Partial<CompileOptions>): Model => {
    const shared = batchNormalization({ momentum: 0.5 });
    const from = input({ shape: [6, 6, 1] });
    const convolve = (tensor: typeof from) =>
      shared.apply(conv2d({ filters: 8, kernelSize: 3, padding: 'same', useBias: false }).apply(tensor));
    const head = dense({ units: 4, activation: 'softmax' }).apply(flatten().apply(convolve(convolve(from))));
    return compiled(more, model({ inputs: from, outputs: head, seed: 2 }));
  };
  const one = make({});
  const expected = await ended(one);
  for (const threads of [2, 3]) assert.equal(await ended(make({ workers: workers(threads) })), expected, `${threads}`);

  // Against two layers of the same weights.
  const [twice, apart] = [
    make({}),
    compiled(
      {},
      sequential({
        inputShape: [6, 6, 1],
        layers: [0, 1]
          .flatMap(() => [
            conv2d({ filters: 8, kernelSize: 3, padding: 'same', useBias: false }),
            batchNormalization({ momentum: 0.5 }),
          ])
          .concat(flatten(), dense({ units: 4, activation: 'softmax' })),
      }),
    ),
  ];
  const index = (made: Model, name: string): number => made.parameters.findIndex((each) => each.name === name);
  const give = (name: string): Tensor<Float32Array> =>
    twice.getWeights()[index(twice, name.replace('batchNormalization_1', 'batchNormalization'))]!;
  apart.setWeights(apart.parameters.map(({ name }) => give(name)));
  const weightsOf = (made: Model) => made.parameters.filter(({ role }) => role === 'weight');
  const [sums, each] = [await twice.gradients(x, y), await apart.gradients(x, y)];
  for (const part of ['gamma', 'beta']) {
    const of = (made: Model, gradients: readonly Tensor<Float32Array>[], layer: string) =>
      gradients[weightsOf(made).findIndex(({ name }) => name === `${layer}/${part}`)]!.data;
    const [a, b] = [of(apart, each, 'batchNormalization'), of(apart, each, 'batchNormalization_1')];
    assert.equal(
      [...of(twice, sums, 'batchNormalization')],
      [...a].map((value, i) => Math.fround(value + b[i]!)),
      part,
    );
  }
  const old = statistics(twice).map(({ data }) => data);
  for (const made of [twice, apart]) await made.trainOnBatch(x, y);
  const [own1, own2] = [statistics(apart).slice(0, 2), statistics(apart).slice(2)];
  for (const [i, { data }] of statistics(twice).entries())
    for (const [c, value] of data.entries()) {
      // Half of the way to the first call's, then half of that to the second's.
      const [first, second] = [own1, own2].map((list) => 2 * list[i]!.data[c]! - old[i]![c]!) as [number, number];
      const expectedValue = (old[i]![c]! + first) / 4 + second / 2;
      assert.ok(
        Math.abs(value - expectedValue) < 1e-6 * (1 + Math.abs(expectedValue)),
        `statistic ${i}: ${value}, not ${expectedValue}`,
      );
    }
});

test.run();
