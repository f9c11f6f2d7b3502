// Exact resume: a fit that resumes from a checkpoint, made anywhere, ends bit-identical to one that never stopped.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  earlyStopping,
  loadModel,
  modelCheckpoint,
  WasmCnnError,
  type Callbacks,
  type FitOptions,
  type History,
  type LoadOptions,
  type Model,
} from '../../src/index.js';
import { workers } from '../../src/node/threads/workers.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { writeWithoutChecksum } from '../formats/otherTool.js';
import { refuses } from '../node/refuses.js';
import { compiledToy, toyExamples, weightsHash } from './toy.js';

const { x, y } = toyExamples(40);
const validation = toyExamples(12, 2);
// 3 steps an epoch, the last of 8 examples.
const options = { epochs: 3, seed: 7, validationData: [validation.x, validation.y] } as const;

interface Ended {
  readonly weights: string;
  readonly slots: readonly number[][];
  readonly step: number;
  readonly history: History;
}

function ended(model: Model, history: History): Ended {
  return {
    weights: weightsHash(model),
    slots: [...model.optimizerSlots.values()].map((slot) => [...slot]),
    step: model.step,
    history,
  };
}

/** Never stopped; with a checkpoint at every save point, in `checkpoints`. */
async function whole(
  callbacks: readonly Callbacks[] = [],
  checkpoints: Uint8Array[] = [],
  more: FitOptions = {},
): Promise<Ended> {
  const model = compiledToy(16);
  const save: Callbacks = {
    onSavePoint: () => {
      checkpoints.push(model.save());
    },
  };
  return ended(model, await model.fit(x, y, { ...options, ...more, callbacks: [save, ...callbacks] }));
}

async function resumed(bytes: Uint8Array, more: FitOptions = {}, how: LoadOptions = {}): Promise<Ended> {
  const { model } = loadModel(bytes, how);
  return ended(model, await model.fit(x, y, { validationData: options.validationData, resume: true, ...more }));
}

const checkpoints: Uint8Array[] = [];
let expected: Ended;
test.before(async () => {
  expected = await whole([], checkpoints);
});

test('from every save point: weights, optimizer, step and history are those of a run that never stopped', async () => {
  // Before the first step, after each of 9, and after each of 3 epochs.
  assert.is(checkpoints.length, 13);
  for (const [i, bytes] of checkpoints.entries()) assert.equal(await resumed(bytes), expected, `save point ${i}`);
});

test('checkpoints change nothing', async () => {
  const model = compiledToy(16);
  assert.equal(ended(model, await model.fit(x, y, options)), expected);
});

test('with other numbers of threads, from the middle of an epoch', async () => {
  for (const threads of [2, 3])
    assert.equal(await resumed(checkpoints[5]!, {}, { workers: workers(threads) }), expected, `${threads} threads`);
});

test('a resume of a resume of a resume, one step at a time', async () => {
  const stop = new Error('stop');
  let bytes = checkpoints[0]!;
  for (let step = 1; step <= 9; step++) {
    const { model } = loadModel(bytes);
    const interrupt: Callbacks = {
      onSavePoint() {
        if (model.step === step) {
          bytes = model.save();
          throw stop;
        }
      },
    };
    const error = await model
      .fit(x, y, { validationData: options.validationData, resume: true, callbacks: interrupt })
      .catch((reason: unknown) => reason);
    assert.is(error, stop);
  }
  assert.equal(await resumed(bytes), expected);
});

test('a batch size that fit chose, and no shuffling', async () => {
  const points: Uint8Array[] = [];
  const more = { batchSize: 12, shuffle: false };
  const never = await whole([], points, more);
  assert.is.not(never.weights, expected.weights);
  for (const bytes of [points[2]!, points[9]!]) assert.equal(await resumed(bytes), never);
});

test('saved again before it resumes it is the same file', () => {
  for (const bytes of checkpoints) assert.equal([...loadModel(bytes).model.save()], [...bytes]);
});

test('early stopping and its best weights survive, from every save point', async () => {
  // A score that is best in epoch 1 and worse in 2 and 3.
  const scores = [2, 1, 3, 3, 0];
  const callbacks = (): Callbacks[] => [
    {
      logNames: ['score'],
      onEpochEnd: (epoch, logs) => {
        logs.score = scores[epoch]!;
      },
    },
    earlyStopping({ monitor: 'score', mode: 'min', patience: 2, restoreBestWeights: true }),
  ];
  const points: Uint8Array[] = [];
  const [, stopping] = callbacks();
  const never = await whole([callbacks()[0]!, stopping!], points, { epochs: 5 });
  assert.equal(never.history.epoch, [0, 1, 2, 3]);
  assert.is(never.weights, weightsHash(loadModel(points[8]!).model), 'the weights after epoch 1');
  assert.is(points.length, 1 + 4 * 4);
  for (const [i, bytes] of points.entries())
    assert.equal(await resumed(bytes, { callbacks: callbacks() }), never, `save point ${i}`);
});

test('a fit that a callback ended in the middle of an epoch ends there again', async () => {
  const points: Uint8Array[] = [];
  const model = compiledToy(16);
  const never = ended(
    model,
    await model.fit(x, y, {
      ...options,
      callbacks: [
        {
          onBatchEnd: () => {
            model.stopTraining = model.step === 5;
          },
        },
        {
          onSavePoint: () => {
            points.push(model.save());
          },
        },
      ],
    }),
  );
  assert.equal(never.history.epoch, [0, 1]);
  for (const bytes of points.slice(-2)) assert.equal(await resumed(bytes), never);
});

test('more epochs than the checkpoint asked for are those of a longer run', async () => {
  assert.equal(await resumed(checkpoints[6]!, { epochs: 4 }), await whole([], [], { epochs: 4 }));
});

test("modelCheckpoint saves before the first step, at its frequency, and once more when fit's signal is aborted", async () => {
  const steps = async (saveFreq: 'epoch' | number): Promise<number[]> => {
    const saved: number[] = [];
    await compiledToy(16).fit(x, y, {
      epochs: 2,
      callbacks: modelCheckpoint({
        saveFreq,
        save: async (_bytes, step) => {
          saved.push(step);
        },
      }),
    });
    return saved;
  };
  assert.equal(await steps('epoch'), [0, 3, 6]);
  assert.equal(await steps(2), [0, 2, 4, 6]);
  assert.equal(await steps(4), [0, 4]);

  const stop = new AbortController();
  const [saved, model, reason] = [new Map<number, Uint8Array>(), compiledToy(16), new Error('enough')];
  const error = await model
    .fit(x, y, {
      ...options,
      signal: stop.signal,
      callbacks: [
        {
          onBatchEnd: () => {
            if (model.step === 4) stop.abort(reason);
          },
        },
        modelCheckpoint({
          facts: { run: 3 },
          save: (bytes, step) => {
            saved.set(step, bytes);
          },
        }),
      ],
    })
    .catch((thrown: unknown) => thrown);
  assert.is(error, reason);
  assert.equal([[...saved.keys()], model.step], [[0, 3, 4], 4]);
  assert.equal(loadModel(saved.get(4)!).facts, { run: 3 });
  assert.equal(await resumed(saved.get(4)!), expected);
});

test('a resumed fit needs the options of the checkpoint', async () => {
  const { model } = loadModel(checkpoints[4]!);
  const go = (more: object, data = x): Promise<unknown> =>
    model.fit(data, y, { validationData: options.validationData, resume: true, ...more });
  await refuses(go({ seed: 8 }), "fit's seed is 8, the checkpoint's is 7; leave it out, or start anew without resume");
  await refuses(
    go({ batchSize: 8 }),
    "fit's batchSize is 8, the checkpoint's is 16; leave it out, or start anew without resume",
  );
  await refuses(
    go({ shuffle: false }),
    "fit's shuffle is false, the checkpoint's is true; leave it out, or start anew without resume",
  );
  await refuses(
    go({ initialEpoch: 1 }),
    "fit's initialEpoch comes from the checkpoint; leave it out, or start anew without resume",
  );
  await refuses(
    go({ callbacks: earlyStopping() }),
    'fit has the callbacks with a state [earlyStopping], the checkpoint has []; give fit the same',
  );
  const few = toyExamples(39);
  await refuses(
    model.fit(few.x, few.y, { resume: true }),
    'fit has 39 examples, the checkpoint was trained on 40; resume with the same data',
  );
  const other = { ...x, data: Uint8Array.from(x.data) };
  other.data[1439]! ^= 1;
  const notIts = (promise: Promise<unknown>): Promise<void> =>
    promise.then(
      () => assert.unreachable('it went on'),
      (error: Error) =>
        assert.match(
          error.message,
          /^fit's data are not the checkpoint's: SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}; resume with the same x, y, weights and validationData$/,
        ),
    );
  await notIts(go({}, other));
  await notIts(go({ validationData: undefined }));
  await notIts(
    model.fit(x, [...y.subarray(0, 39), (y[39]! + 1) % 4], { validationData: options.validationData, resume: true }),
  );
  // Nothing of that did harm; labels may come in another kind of array.
  assert.equal(
    ended(model, await model.fit(x, [...y], { validationData: options.validationData, resume: true })),
    expected,
  );
});

test('a given dataSha256 replaces hashing the data', async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto')!;
  const noDigest = { subtle: { digest: () => assert.unreachable('something is hashed') } };
  const [given, other] = ['ab'.repeat(32), 'cd'.repeat(32)];
  const checkpoints: Uint8Array[] = [];
  const expected = await whole();
  Object.defineProperty(globalThis, 'crypto', { value: noDigest, configurable: true });
  try {
    assert.equal(await whole([], checkpoints, { dataSha256: given }), expected);
    assert.is(loadModel(checkpoints[4]!).model.fitState!().dataSha256, given);
    assert.equal(await resumed(checkpoints[4]!, { dataSha256: given }), expected);
  } finally {
    Object.defineProperty(globalThis, 'crypto', own);
  }
  for (const dataSha256 of [undefined, other])
    assert.match(
      await resumed(checkpoints[4]!, { dataSha256 }).then(
        () => 'it went on',
        (error: Error) => error.message,
      ),
      `not ${given}; resume with the same x, y, weights and validationData`,
    );
  await refuses(resumed(checkpoints[4]!, { dataSha256: 'AB' }), "fit's dataSha256 is no SHA-256 of 64 digits");
});

test('numerics are those of the checkpoint', async () => {
  const file = readSafetensors(checkpoints[4]!, 'it');
  const state = { ...JSON.parse(file.metadata.get('fit')!), numerics: 'fused' };
  const { model } = loadModel(
    writeWithoutChecksum({ ...file, metadata: new Map([...file.metadata, ['fit', JSON.stringify(state)]]) }),
  );
  await refuses(
    model.fit(x, y, { resume: true }),
    "the checkpoint was trained with numerics 'fused', the model was loaded with 'exact'; give loadModel() the same",
  );
});

test('without a checkpoint there is nothing to resume', async () => {
  const sentence =
    'fit has nothing to resume: give it the model that loadModel() makes of a checkpoint, not compiled again; a fit on a generator leaves none';
  await refuses(compiledToy().fit(x, y, { resume: true }), sentence);
  const compiled = loadModel(checkpoints[4]!).model;
  compiled.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  await refuses(compiled.fit(x, y, { resume: true }), sentence);
  const trained = loadModel(checkpoints[4]!).model;
  await trained.trainOnBatch(x, y);
  await refuses(trained.fit(x, y, { resume: true }), sentence);
  const after = compiledToy();
  await after.fit(x, y);
  await refuses(loadModel(after.save()).model.fit(x, y, { resume: true }), sentence);
  await refuses(
    loadModel(checkpoints[4]!).model.fit(x, y, { resume: 'latest' } as object),
    `fit's resume must be true or false, got "latest"`,
  );
});

test('a damaged state is refused when it is read', () => {
  const file = readSafetensors(checkpoints[5]!, 'it');
  const state = JSON.parse(file.metadata.get('fit')!);
  const cases: readonly [object, string][] = [
    [{ epochs: 0 }, 'epochs must be a whole number of at least 1, got 0'],
    [{ epoch: -1 }, 'epoch must be a whole number of at least 0, got -1'],
    [{ batchSize: 1.5 }, 'batchSize must be a whole number of at least 1, got 1.5'],
    [{ seen: 17 }, 'seen must be a whole number of batches of 16, or all 40 examples, got 17'],
    [{ seen: 48 }, 'seen must be a whole number of batches of 16, or all 40 examples, got 48'],
    [{ seed: null }, 'seed must be a whole number of at least 0, got null'],
    [{ shuffle: 1 }, 'shuffle must be true or false'],
    [{ stopTraining: undefined }, 'stopTraining must be true or false'],
    [{ numerics: 'fast' }, "numerics must be 'exact' or 'fused'"],
    [{ dataSha256: 'abc' }, 'dataSha256 is no SHA-256'],
    [{ totals: { loss: '3' } }, 'totals must be finite numbers'],
    [{ history: [] }, 'history must have epoch and history'],
    [{ history: { epoch: [0], history: { loss: [1, 2] } } }, "history's loss must have 1 numbers"],
    [{ history: { epoch: [0], history: { loss: [null] } } }, "history's loss must have 1 numbers"],
    [{ callbacks: { a: 1 } }, 'callbacks must hold an object each'],
  ];
  for (const [change, sentence] of cases) {
    const metadata = new Map([...file.metadata, ['fit', JSON.stringify({ ...state, ...change })]]);
    try {
      loadModel(writeWithoutChecksum({ ...file, metadata }), { name: 'it' });
      assert.unreachable(`${sentence}: it was read`);
    } catch (error) {
      assert.instance(error, WasmCnnError, String(error));
      assert.is((error as Error).message, `it: its description ('fit') does not make a model: ${sentence}`);
    }
  }
});

test('a model with NaN in it is not saved', () => {
  const model = compiledToy();
  model.training().engine.weights[0] = NaN;
  assert.throws(
    () => model.save(),
    (error: Error) =>
      error.message ===
      'the model cannot be saved: conv2d/kernel holds NaN or infinite numbers; go back to an earlier file, and lower the learning rate or check the data',
  );
});

test.run();
