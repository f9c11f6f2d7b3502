// fit, evaluate on sources and generators: the bits of arrays, here and in the background, nothing read twice, nothing left reading.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, type Background, type Callbacks, type Model, type Source, type Tensor } from '../../src/index.js';
import { background } from '../../src/node/threads/background.js';
import { compiledToy, toyExamples, weightsHash } from '../model/toy.js';

const { x, y } = toyExamples(40);
const held = toyExamples(12, 2);
const options = { epochs: 3, seed: 7 } as const;
const size = x.data.length / 40;
const shape = x.shape.slice(1);
/** The work fails with a sentence that begins so. */
async function begins(work: Promise<unknown>, sentence: string): Promise<void> {
  const message = await work.then(
    () => 'nothing fails',
    (error: Error) => error.message,
  );
  assert.is(message.slice(0, sentence.length), sentence);
}

/** The toy is compiled for batches of so many. */
const BATCH = 16;

interface Counted extends Source {
  readonly reads: string[];
  /** Calls of read that have not ended. */
  pending: number;
}

function sourceOf({ x, y }: { x: Tensor; y: ArrayLike<number> }, more: Partial<Source> = {}): Counted {
  return {
    reads: [],
    pending: 0,
    count: x.shape[0]!,
    shape,
    sha256: () => 'the same',
    async read(order, start, count, into) {
      this.reads.push(`${start}+${count}`);
      this.pending++;
      // Later reads end earlier.
      await new Promise((resolve) => setTimeout(resolve, 8 - (this.reads.length % 4) * 2));
      for (let i = 0; i < count; i++) {
        const example = order[start + i]!;
        into.x.set(x.data.subarray(example * size, (example + 1) * size), i * size);
        into.y[i] = y[example]!;
      }
      this.pending--;
    },
    ...more,
  };
}

const slice = (from: number, to: number): readonly [Tensor, number[]] => [
  { data: x.data.slice(from * size, to * size), shape: [to - from, ...shape] },
  Array.from(y).slice(from, to),
];

async function* batches(): AsyncGenerator<readonly [Tensor, number[]]> {
  for (let at = 0; at < 40; at += BATCH) yield slice(at, Math.min(40, at + BATCH));
}

async function arrays(shuffle = true): Promise<{ model: Model; history: unknown }> {
  const model = compiledToy();
  const history = await model.fit(x, y, { ...options, shuffle, validationData: [held.x, held.y] });
  return { model, history };
}

for (const [where, thread] of [
  ['on the calling thread', () => null],
  ['in the background', background],
] as const) {
  const compiled = (): Model => {
    const model = compiledToy();
    (model as { background: Background | null }).background = thread();
    return model;
  };

  test(`a source gives the weights and the history of the same arrays, ${where}`, async () => {
    const expected = await arrays();
    const model = compiled();
    const [source, validation] = [sourceOf({ x, y }), sourceOf(held)];
    const history = await model.fit(source, { ...options, validationData: validation });
    assert.equal(history, expected.history);
    assert.is(weightsHash(model), weightsHash(expected.model));
    const epoch = ['0+16', '16+16', '32+8'];
    assert.equal(source.reads, [...epoch, ...epoch, ...epoch]);
    assert.equal(validation.reads, ['0+12', '0+12', '0+12']);
    assert.equal(await model.evaluate(sourceOf(held)), await model.evaluate(held.x, held.y));
  });

  test(`a generator gives the weights of arrays in its order, ${where}`, async () => {
    const expected = await arrays(false);
    const model = compiled();
    const history = await model.fit(batches, { ...options, validationData: batches });
    assert.is(weightsHash(model), weightsHash(expected.model));
    assert.equal(history.history.loss, (expected.history as typeof history).history.loss);
    assert.equal(await model.evaluate(batches), await model.evaluate(x, y));
    assert.ok(x.data.length > 0, 'nothing of the caller was sent away');
  });

  test(`a generator's batches may be of any size where they are only evaluated, ${where}`, async () => {
    const model = compiled();
    const whole = () => [slice(0, 40)].values();
    const { history } = await model.fit(batches, { ...options, epochs: 1, validationData: whole });
    const expected = await model.evaluate(x, y);
    assert.equal([history.val_loss, history.val_accuracy], [[expected.loss], [expected.accuracy]]);
    assert.equal(await model.evaluate(whole), expected);
  });
}

test('batches are read while a step runs, two ahead', async () => {
  const source = sourceOf({ x, y });
  const seen: number[] = [];
  const callback: Callbacks = { onBatchEnd: () => void seen.push(source.reads.length) };
  await compiledToy().fit(source, { ...options, epochs: 1, callbacks: callback });
  assert.equal(seen, [3, 3, 3]);
});

test('a run that is stopped or fails leaves nothing reading', async () => {
  for (const end of ['stop', 'fail'] as const) {
    const model = compiledToy();
    const source = sourceOf({ x, y });
    const callback: Callbacks = {
      onBatchEnd() {
        if (end === 'fail') throw new Error('the callback fails');
        model.stopTraining = true;
      },
    };
    await model.fit(source, { ...options, callbacks: callback }).catch(() => {});
    assert.is(source.pending, 0);
    assert.is(model.step, 1);
  }
});

test('a generator: stepsPerEpoch batches per epoch, which continue in the next', async () => {
  const given: number[] = [];
  function* endless(): Generator<readonly [Tensor, number[]]> {
    for (let i = 0; ; i++) {
      given.push(i);
      yield slice(i % 10, (i % 10) + 4);
    }
  }
  const model = compiledToy();
  const { epoch } = await model.fit(endless(), { epochs: 3, stepsPerEpoch: 2 });
  assert.equal(epoch, [0, 1, 2]);
  assert.is(model.step, 6);
  assert.equal(given, [0, 1, 2, 3, 4, 5]);
  await begins(
    compiledToy().fit(batches(), { epochs: 2 }),
    "fit's generator gives no batch in an epoch; give a function that returns a generator for each epoch",
  );
});

test('gradientAccumulationSteps takes so many batches of a generator for a step, bit-identical to arrays', async () => {
  const weights = Array.from({ length: 40 }, (_, i) => (i < 8 ? 1 : (i % 3) / 2));
  const more = { epochs: 2, seed: 7, gradientAccumulationSteps: 3, mixUp: 0.3 } as const;
  const held = compiledToy(8);
  const { history } = await held.fit(x, y, { ...more, shuffle: false, sampleWeight: weights });
  // Batches of 8; the first one has no weights, and the last step of an epoch two of them.
  const five = () =>
    [0, 8, 16, 24, 32].map((at) =>
      at === 0 ? slice(0, 8) : [...slice(at, at + 8), weights.slice(at, at + 8)],
    ) as never;
  for (const how of [null, background()]) {
    const given = compiledToy(8);
    given.background = how;
    assert.equal((await given.fit(five, more)).history, history);
    assert.is(given.step, 4);
    assert.is(weightsHash(given), weightsHash(held));
  }
  const limited = compiledToy(8);
  await limited.fit(five, { ...more, stepsPerEpoch: 1 });
  assert.is(limited.step, 2);
  await begins(
    compiledToy(8).fit(() => [slice(0, 9)] as never, more),
    "fit's generator gives a batch of 9, more than the batchSize of 8",
  );
  const [image, labels] = slice(0, 8);
  const floats = { ...image, data: Float32Array.from(image.data, (byte) => byte / 255) };
  const mixed = [image, floats].map((each) => [each, labels]) as never;
  await begins(
    compiledToy(8).fit(() => mixed, more),
    "fit's generator gives Uint8Array [n, 6, 6, 1] and Float32Array [n, 6, 6, 1] in the batches of one step",
  );
  const forms = [labels, { data: Float32Array.from(labels), shape: [8] }].map((each) => [image, each]) as never;
  await begins(
    compiledToy(8).fit(() => forms, more),
    "fit's generator gives y as arrays and as tensors in the batches of one step; give it in one form",
  );
});

test('a generator that writes each batch into the same arrays: the bits of new ones', async () => {
  const reusing = (): Iterable<readonly [Tensor, Float32Array]> => {
    const [xs, ys] = [new Float32Array(8 * size), new Float32Array(8)];
    function* all(): Generator<readonly [Tensor, Float32Array]> {
      for (let at = 0; at < 40; at += 8) {
        xs.set(x.data.subarray(at * size, (at + 8) * size));
        ys.set(Array.from(y).slice(at, at + 8));
        yield [{ data: xs, shape: [8, ...shape] }, ys];
      }
    }
    return all();
  };
  const fresh = function* (): Generator<readonly [Tensor, number[]]> {
    for (let at = 0; at < 40; at += 8) {
      const [{ data, shape }, labels] = slice(at, at + 8);
      yield [{ data: Float32Array.from(data), shape }, labels];
    }
  };
  for (const more of [{}, { gradientAccumulationSteps: 2, batchSize: 8 }]) {
    const [mine, its] = [compiledToy(), compiledToy()];
    const own = await mine.fit(reusing, { ...more, validationData: reusing });
    assert.equal(own, await its.fit(fresh, { ...more, validationData: fresh }));
    assert.is(weightsHash(mine), weightsHash(its));
    assert.equal(await mine.evaluate(reusing), await its.evaluate(fresh));
  }
});

test('a generator with fewer batches than stepsPerEpoch is refused, and the steps so far remain', async () => {
  const whole = compiledToy();
  await whole.fit(batches, { epochs: 1 });
  const count = whole.step;
  for (const [given, epoch] of [
    [batches, 1],
    [batches(), 1],
    [twice(), 2],
  ] as const) {
    const model = compiledToy();
    const steps = epoch === 1 ? count + 2 : 2 * count - 1;
    await begins(
      model.fit(given, { epochs: 3, stepsPerEpoch: steps }),
      `fit's generator ends after ${epoch === 1 ? count : 1} of the ${steps} batches of an epoch; the model keeps what it has learned; lower stepsPerEpoch, or give a function that returns a generator for each epoch`,
    );
    assert.is(model.step, epoch * count);
    if (epoch === 1) assert.equal(model.getWeights(), whole.getWeights());
  }
});

async function* twice(): AsyncGenerator<readonly [Tensor, number[]]> {
  yield* batches();
  yield* batches();
}

test('a generator that is not read to its end is closed', async () => {
  let ended = 0;
  async function* counted(): AsyncGenerator<readonly [Tensor, number[]]> {
    try {
      yield* batches();
    } finally {
      ended++;
    }
  }
  await compiledToy().fit(counted, { epochs: 3, stepsPerEpoch: 1 });
  assert.is(ended, 3);
});

test('a source with a SHA-256 resumes in mid-epoch, bit-identical; with another one it is refused', async () => {
  const expected = compiledToy();
  await expected.fit(sourceOf({ x, y }), options);
  const model = compiledToy();
  let file: Uint8Array | null = null;
  const callback: Callbacks = {
    onSavePoint() {
      if (model.step === 4) file = model.save();
    },
  };
  await model.fit(sourceOf({ x, y }), { ...options, callbacks: callback });
  const resumed = loadModel(file!).model;
  const source = sourceOf({ x, y });
  await resumed.fit(source, { resume: true });
  assert.is(weightsHash(resumed), weightsHash(expected));
  assert.equal(source.reads, ['16+16', '32+8', '0+16', '16+16', '32+8']);

  const other = sourceOf({ x, y }, { sha256: () => 'another' });
  await begins(loadModel(file!).model.fit(other, { resume: true }), "fit's data are not the checkpoint's");
});

test('data without a SHA-256 can be trained on, but neither saved as a checkpoint nor resumed', async () => {
  const { sha256: _, ...nameless } = sourceOf({ x, y });
  const model = compiledToy();
  let file: Uint8Array | null = null;
  const callback: Callbacks = {
    onSavePoint() {
      file ??= model.save();
    },
  };
  await model.fit(nameless, { ...options, callbacks: callback });
  await begins(loadModel(file!).model.fit(x, y, { resume: true }), 'fit has nothing to resume');

  const checkpoint: Callbacks = {
    onSavePoint() {
      file = model.save();
    },
  };
  await model.fit(x, y, { ...options, callbacks: checkpoint });
  for (const data of [nameless, batches])
    await begins(loadModel(file!).model.fit(data, { resume: true }), 'fit cannot resume with a generator, or with');
});

test('a source whose data changed during training gets a sentence', async () => {
  let number = 0;
  const source = sourceOf({ x, y }, { sha256: () => String(number++) });
  await begins(compiledToy().fit(source, options), "fit's data changed while it trained");
});

test('faults of a source or a generator get one sentence, and nothing is learned', async () => {
  const model = compiledToy();
  const before = weightsHash(model);
  const fails = async (data: unknown, sentence: string, more = {}): Promise<void> =>
    begins(model.fit(data as Source, { ...options, ...more }), sentence);
  const source = sourceOf({ x, y });
  await fails({ ...source, count: 0 }, "fit's source needs a count of at least 1, got 0");
  await fails({ ...source, shape: undefined }, 'fit needs x [n, 6, 6, 1], and its source gives [n, ]');
  await fails({ ...source, dtype: 'f16' }, "fit's source has dtype 'f16'; it must be 'uint8' or 'float32'");
  await fails({ ...source, shape: [2, 2, 2] }, 'fit needs x [n, 6, 6, 1], and its source gives [n, 2, 2, 2]');
  const broken = { ...source, read: () => Promise.reject(new Error('picture 3 is broken')) };
  await fails(broken, 'picture 3 is broken');
  await fails(
    { ...source, read: (_: unknown, __: unknown, ___: unknown, into: { y: Float32Array }) => void into.y.fill(99) },
    'fit: label 99 of example 0 is no class',
  );
  await fails(source, "fit's stepsPerEpoch is 4, and 40 examples make 3 steps of 16; ask for fewer", {
    stepsPerEpoch: 4,
  });
  await fails(() => 3, 'fit needs a generator of batches [x, y], or a function that returns one, got 3');
  await fails(() => [1, 2].values(), "fit's generator must give batches [x, y] or [x, y, sampleWeight], got number");
  await fails(() => [slice(0, 20)].values(), "fit's generator gives a batch of 20, more than the batchSize of 16");
  assert.is(weightsHash(model), before);
});

test.run();
