// fit: it learns, and its callbacks, history, validation and stopping are Keras'.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { epochOrder } from '../../src/training/batches.js';
import { builtinDigits } from '../../src/data/digits/digits.js';
import {
  adam,
  layers,
  referenceNetwork,
  sequential,
  WasmCnnError,
  type Callbacks,
  type Logs,
} from '../../src/index.js';
import { refuses } from '../node/refuses.js';
import { compiledToy, toyExamples, weightsHash } from './toy.js';

const { x, y } = toyExamples(40);

test('a small task is learned', async () => {
  const model = compiledToy();
  model.compile({
    optimizer: adam({ learningRate: 0.01 }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize: 8,
  });
  const many = toyExamples(200);
  const { history } = await model.fit(many.x, many.y, { epochs: 10 });
  const other = toyExamples(100, 2);
  const { loss, accuracy } = await model.evaluate(other.x, other.y);
  assert.ok(history.loss!.at(-1)! < history.loss![0]! / 3, history.loss!.join(' '));
  assert.ok(loss! < 0.3 && accuracy! > 0.9, `loss ${loss}, accuracy ${accuracy}`);
});

test('history: one value of each name per epoch, and with validation data val_ of each', async () => {
  const names = ['loss', 'accuracy', 'val_loss', 'val_accuracy'];
  const model = compiledToy();
  const { epoch, history } = await model.fit(x, y, { epochs: 3, validationData: [x, y] });
  assert.equal(epoch, [0, 1, 2]);
  assert.equal(Object.keys(history), names);
  for (const name of names)
    assert.ok(
      history[name]!.length === 3 && history[name]!.every((value) => value >= 0 && value < 100),
      `${name} ${history[name]}`,
    );
  const { loss, accuracy } = await model.evaluate(x, y);
  assert.equal([history.val_loss![2], history.val_accuracy![2]], [loss, accuracy]);

  const plain = await compiledToy().fit(x, y);
  assert.equal(Object.keys(plain.history), ['loss', 'accuracy']);
  assert.equal(plain.epoch, [0]);
  const later = await model.fit(x, y, { initialEpoch: 3, epochs: 5 });
  assert.equal(later.epoch, [3, 4]);
  const none = await model.fit(x, y, { initialEpoch: 5, epochs: 5 });
  assert.equal(none, { epoch: [], history: {} });
});

test('queries by callbacks change nothing that is learned', async () => {
  const hashes: string[] = [];
  for (const asked of [false, true]) {
    const model = compiledToy();
    // A seed other than the model's.
    await model.fit(x, y, { seed: 5, callbacks: { onBatchEnd: () => (asked ? model.evaluate(x, y) : undefined) } });
    hashes.push(weightsHash(model));
  }
  assert.is(hashes[1], hashes[0]);
});

test('validation changes nothing that is learned', async () => {
  const [plain, validated] = [compiledToy(), compiledToy()];
  await plain.fit(x, y, { epochs: 2 });
  await validated.fit(x, y, { epochs: 2, validationData: [x, y] });
  assert.is(weightsHash(validated), weightsHash(plain));
});

test('the last batch may be smaller, and losses are means over examples', async () => {
  const options = { shuffle: false } as const;
  const counts: number[] = [];
  const means: number[] = [];
  const model = compiledToy(16);
  const { history } = await model.fit(x, y, {
    ...options,
    callbacks: {
      onBatchEnd: (batch, logs) => {
        counts.push(batch);
        means.push(logs.loss!);
      },
    },
  });
  assert.equal(counts, [0, 1, 2]);

  const steps = compiledToy(16);
  let [sum, seen] = [0, 0];
  for (const size of [16, 16, 8]) {
    const part = { data: x.data.subarray(36 * seen, 36 * (seen + size)), shape: [size, 6, 6, 1] };
    const { loss } = await steps.trainOnBatch(part, y.subarray(seen, seen + size));
    sum += size * loss!;
    seen += size;
    // f64 sums in another order.
    assert.ok(Math.abs(sum / seen / means.shift()! - 1) <= 1e-12, `after ${seen} examples`);
  }
  assert.ok(Math.abs(sum / 40 / history.loss![0]! - 1) <= 1e-12);
  assert.is(weightsHash(steps), weightsHash(model));
  assert.is(model.step, 3);
});

test('callbacks are called in order, in turn, and waited for', async () => {
  const calls: string[] = [];
  const listener = (name: string) => {
    const note = (event: string) => async (number?: number) => {
      // What comes first takes longest: a test that does not wait gets another order.
      await new Promise((resolve) => setTimeout(resolve, event.endsWith('begins') ? 10 : 1));
      calls.push(`${name} ${event}${number === undefined ? '' : ` ${number}`}`);
    };
    return {
      onTrainBegin: () => note('train begins')(),
      onEpochBegin: note('epoch begins'),
      onBatchEnd: note('batch ends'),
      onEpochEnd: note('epoch ends'),
      onTrainEnd: note('train ends'),
    };
  };
  await compiledToy(20).fit(x, y, { epochs: 2, callbacks: [listener('a'), listener('b')] });
  const expected = [
    'train begins',
    'epoch begins 0',
    'batch ends 0',
    'batch ends 1',
    'epoch ends 0',
    'epoch begins 1',
    'batch ends 0',
    'batch ends 1',
    'epoch ends 1',
    'train ends',
  ];
  assert.equal(
    calls,
    expected.flatMap((event) => [`a ${event}`, `b ${event}`]),
  );
});

test("a callback's error ends fit with that error", async () => {
  const error = await compiledToy()
    .fit(x, y, { callbacks: { onBatchEnd: () => Promise.reject(new Error('mine')) } })
    .catch((reason: unknown) => reason);
  assert.is((error as Error).message, 'mine');
});

test('logs of epochs: the same as in the history', async () => {
  const seen: Logs[] = [];
  const { history } = await compiledToy().fit(x, y, {
    epochs: 2,
    validationData: [x, y],
    callbacks: { onEpochEnd: (_epoch, logs) => seen.push(logs) },
  });
  assert.equal(Object.keys(seen[0]!), Object.keys(history));
  for (const name of Object.keys(history))
    assert.equal(
      seen.map((logs) => logs[name]),
      history[name],
    );
});

test('stopTraining ends after the current batch; the next fit trains again', async () => {
  const model = compiledToy(8);
  let batches = 0;
  let ended = 0;
  const { epoch, history } = await model.fit(x, y, {
    epochs: 5,
    callbacks: {
      onBatchEnd: () => {
        if (++batches === 7) model.stopTraining = true;
      },
      onTrainEnd: () => {
        ended++;
      },
    },
  });
  assert.equal([batches, model.step, epoch, history.loss!.length, ended], [7, 7, [0, 1], 2, 1]);
  await model.fit(x, y);
  assert.is(model.step, 12);
});

test('an aborted signal ends fit after the current step, with its reason; every callback had its save point', async () => {
  const [model, stop, points] = [compiledToy(), new AbortController(), [] as number[]];
  const abort: Callbacks = {
    onBatchEnd: () => {
      if (model.step === 2) stop.abort(new Error('enough'));
    },
  };
  const count: Callbacks = {
    onSavePoint: () => {
      points.push(model.step);
    },
  };
  const ending = (): Promise<unknown> =>
    model
      .fit(x, y, { epochs: 2, signal: stop.signal, callbacks: [abort, count] })
      .catch((thrown: Error) => thrown.message);
  assert.is(await ending(), 'enough');
  assert.equal([model.step, points], [2, [0, 1, 2]]);
  assert.is(await ending(), 'enough', 'aborted before it began');
  assert.is(model.step, 2);
  await refuses(model.fit(x, y, { signal: 'stop' as never }), `fit's signal must be an AbortSignal, got "stop"`);
});

test('stopTraining at the end of an epoch', async () => {
  const model = compiledToy(8);
  const { epoch } = await model.fit(x, y, {
    epochs: 5,
    callbacks: {
      onEpochEnd: (number) => {
        model.stopTraining = number === 1;
      },
    },
  });
  assert.equal(epoch, [0, 1]);
});

test('stopTraining before the first batch of an epoch: the epoch is in no history', async () => {
  const model = compiledToy(8);
  const { epoch, history } = await model.fit(x, y, {
    epochs: 5,
    callbacks: {
      onEpochBegin: (number) => {
        model.stopTraining = number === 1;
      },
    },
  });
  assert.is(model.step, 5);
  assert.is(history.loss!.length, epoch.length);
});

test('each epoch has its own order, a pure function of seed and epoch', () => {
  const order = (seed: number, epoch: number, shuffle = true): string => epochOrder(50, seed, epoch, shuffle).join(' ');
  const inOrder = Array.from({ length: 50 }, (_, i) => i).join(' ');
  assert.is(new Set([inOrder, order(1, 0), order(1, 1), order(1, 2), order(2, 0), order(2, 1)]).size, 6);
  assert.is(order(1, 1), order(1, 1));
  assert.is(order(1, 1, false), inOrder);
  assert.equal([...epochOrder(50, 1, 1, true)].sort((a, b) => a - b).join(' '), inOrder);
});

test('fit shuffles each epoch again unless asked not to', async () => {
  const run = async (options: object): Promise<string> => {
    const model = sequential({
      inputShape: [6, 6, 1],
      layers: [layers.flatten(), layers.dense({ units: 4, activation: 'softmax' })],
    });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 8 });
    // The second epoch alone: its order counts, nothing else.
    await model.fit(x, y, { epochs: 2, initialEpoch: 1, ...options });
    return weightsHash(model);
  };
  const order = epochOrder(40, 5, 1, true);
  const inThatOrder = {
    x: {
      data: Uint8Array.from({ length: 40 * 36 }, (_, i) => x.data[36 * order[Math.floor(i / 36)]! + (i % 36)]!),
      shape: x.shape,
    },
    y: [...order].map((example) => y[example]!),
  };
  const model = sequential({
    inputShape: [6, 6, 1],
    layers: [layers.flatten(), layers.dense({ units: 4, activation: 'softmax' })],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 8 });
  await model.fit(inThatOrder.x, inThatOrder.y, { shuffle: false });
  assert.is(await run({ seed: 5 }), weightsHash(model));
  assert.is.not(await run({ shuffle: false }), weightsHash(model));
});

test('a refused call plans nothing', async () => {
  const model = compiledToy(8);
  const { plan } = model;
  const many = { data: new Uint8Array(8), shape: [1000, 6, 6, 1] };
  for (const work of [
    () => model.trainOnBatch(many, y),
    () => model.gradients(x, [1]),
    () => model.fit(x, y, { batchSize: 7, epochs: 0 }),
    () => model.fit(x, y, { batchSize: 7, oops: 1 } as object),
  ]) {
    assert.instance(
      await work().then(
        () => undefined,
        (reason: unknown) => reason,
      ),
      WasmCnnError,
    );
    assert.is(model.plan, plan);
  }
});

test('timers are on time while a model trains, evaluates and predicts', async () => {
  const model = referenceNetwork({ inputShape: [28, 28, 1] });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 128 });
  const {
    train: { x, y },
  } = builtinDigits({ trainCount: 2000, testCount: 1 });
  let last = performance.now();
  let worst = 0;
  const timer = setInterval(() => {
    worst = Math.max(worst, performance.now() - last - 50);
    last = performance.now();
  }, 50);
  const lateness = async (work: () => Promise<unknown>): Promise<number> => {
    [worst, last] = [0, performance.now()];
    await work();
    return Math.max(worst, performance.now() - last - 50);
  };
  // A step takes 30 ms; all of a work 200 and more.
  try {
    for (const work of [
      () => model.fit(x, y),
      () => model.fit(x, y, { validationData: [x, y] }),
      () => model.evaluate(x, y),
      () => model.predict(x),
    ]) {
      // A busy machine may be late by itself, but not three times in a row.
      const late = Math.min(await lateness(work), await lateness(work), await lateness(work));
      assert.ok(late <= 100, `${late} ms late: ${work}`);
    }
  } finally {
    clearInterval(timer);
  }
});

test.run();
