// fit in the background: the steps of another thread are those of the calling one, to the last bit, whatever the callbacks do.
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { restoreOptimizer } from '../../src/model/restoreOptimizer.js';
import { makeBackground } from '../../src/training/background/background.js';
import {
  earlyStopping,
  loadModel,
  referenceNetwork,
  type Background,
  type Callbacks,
  type CompileOptions,
  type FitOptions,
  type Model,
} from '../../src/index.js';
import { builtinDigits } from '../../src/data/digits/digits.js';
import { background } from '../../src/node/threads/background.js';
import { workers } from '../../src/node/threads/workers.js';
import { toyExamples, toyModel, weightsHash } from '../model/toy.js';
import { refuses, refusesAtOnce } from '../node/refuses.js';

const { x, y } = toyExamples(40);
const validation = toyExamples(12, 2);
// 3 steps an epoch, the last of 8 examples.
const options = { epochs: 3, seed: 7, validationData: [validation.x, validation.y] } as const;

function compiled(more: Partial<CompileOptions> = {}): Model {
  const model = toyModel();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 16, ...more });
  return model;
}

interface Ended {
  readonly history: unknown;
  readonly weights: string;
  readonly step: number;
  /** SHA-256 of the file of each save point. */
  readonly hashes: readonly string[];
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function trained(
  model: Model,
  more: FitOptions = {},
  callbacks: readonly Callbacks[] = [],
  files: Uint8Array[] = [],
): Promise<Ended> {
  const save: Callbacks = {
    onSavePoint: () => {
      files.push(model.save());
    },
  };
  const history = await model.fit(x, y, { ...options, ...more, callbacks: [...callbacks, save] });
  return { history, weights: weightsHash(model), step: model.step, hashes: files.map(hash) };
}

/** Both must end the same. */
async function same(more: FitOptions, callbacks: (model: Model) => readonly Callbacks[] = () => []): Promise<void> {
  const [here, there] = [compiled(), compiled({ background: background() })];
  const expected = await trained(here, more, callbacks(here));
  const got = await trained(there, more, callbacks(there));
  assert.equal(got, expected);
  assert.ok(expected.hashes.length > 1);
}

test('weights, history and every checkpoint are the same', () => same({}));
test('another batch size and no shuffling', () => same({ batchSize: 12, shuffle: false }));
test('early stopping gives back the best weights', () =>
  same({ epochs: 12 }, () => [earlyStopping({ patience: 1, restoreBestWeights: true })]));
test('stopTraining ends it after the current batch', () =>
  same({}, (model) => [
    {
      onBatchEnd: () => {
        model.stopTraining = model.step === 4;
      },
    },
  ]));

test('the next step and the validation see what a callback changes in the model', () =>
  same({}, (model) => {
    const shrink = (): void =>
      model.setWeights(
        model.getWeights().map(({ data, shape }) => ({ data: data.map((weight) => weight / 2), shape })),
      );
    // After the last batch of an epoch, and within one.
    return [
      {
        onBatchEnd: () => {
          if (model.step === 3 || model.step === 5) shrink();
        },
      },
      {
        onEpochEnd: () => {
          if (model.step === 6) restoreOptimizer(model, 2, model.optimizerSlots);
        },
      },
    ];
  }));

test('the calling thread takes no second engine, and one at its first prediction', async () => {
  const { Module, Instance, Memory } = WebAssembly;
  const made: string[] = [];
  const counting = <Made extends abstract new (...args: never[]) => object>(constructor: Made): Made =>
    new Proxy(constructor, {
      construct(target, args, newTarget) {
        made.push(target.name);
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
  Object.assign(WebAssembly, { Module: counting(Module), Instance: counting(Instance), Memory: counting(Memory) });
  try {
    const [here, there] = [compiled(), compiled({ background: background() })];
    const expected = await trained(here);
    made.length = 0;
    there.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 16 });
    there.setWeights(there.getWeights());
    assert.equal(await trained(there), expected);
    assert.equal(made, ['Memory'], 'a place for what the other thread has learned');
    const [{ data }, again] = [await there.predict(x), await here.predict(x)];
    assert.equal(data, again.data);
    assert.equal(made, ['Memory', 'Instance']);
  } finally {
    Object.assign(WebAssembly, { Module, Instance, Memory });
  }
});

test('its checkpoints resume on the calling thread, and the other way round', async () => {
  const files: Uint8Array[] = [];
  const expected = await trained(compiled(), {}, [], files);
  const bytes = files[5]!;
  for (const how of [{ background: background() }, {}]) {
    const { model } = loadModel(bytes, how);
    await model.fit(x, y, { validationData: options.validationData, resume: true });
    assert.is(weightsHash(model), expected.weights);
  }
});

test('several threads in the background, and a model that says how many', async () => {
  const model = compiled({ background: background(), workers: workers(3) });
  assert.equal(model.threads, { asked: 3, running: 1, trouble: null });
  assert.is((await trained(model)).weights, (await trained(compiled())).weights);
  assert.equal(model.threads, { asked: 3, running: 3, trouble: null });
});

test('meanwhile the calling thread is free to predict', async () => {
  const { train } = builtinDigits({ trainCount: 1000, testCount: 1 });
  const model = referenceNetwork({ inputShape: [28, 28, 1] });
  // One step a second or so, on the calling thread too long for any timer.
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 1000, background: background() });
  const one = { data: train.x.data.subarray(0, 784), shape: [1, 28, 28, 1] };
  const outputs = new Set<string>();
  let [ticks, late, last] = [0, 0, performance.now()];
  const timer = setInterval(() => {
    late = Math.max(late, performance.now() - last - 20);
    [last, ticks] = [performance.now(), ticks + 1];
    void model.predict(one).then(({ data }) => outputs.add(data.join()));
  }, 20);
  await model.fit(train.x, train.y, { epochs: 3 });
  clearInterval(timer);
  assert.ok(ticks >= 3 && late < 100, `${ticks} ticks, ${late} ms late`);
  assert.ok(outputs.size >= 2, 'with the weights that were learned so far');
});

test('an abort ends it after the current step', async () => {
  const [model, stop] = [compiled({ background: background() }), new AbortController()];
  const error = await model
    .fit(x, y, {
      ...options,
      signal: stop.signal,
      callbacks: {
        onBatchEnd: () => {
          if (model.step === 2) stop.abort(new Error('enough'));
        },
      },
    })
    .catch((thrown: Error) => thrown);
  assert.is((error as Error).message, 'enough');
  assert.is(model.step, 2);
  await model.fit(x, y, options);
  assert.is(model.step, 11, 'and the next fit continues from there');
});

/** A background whose thread dies with the given order. */
function dyingBackground(order: number): Background {
  return makeBackground((answered, ended) => {
    const thread = new Worker(new URL('../../src/node/threads/trainingThread.js', import.meta.url));
    thread.on('message', answered).on('exit', () => ended('it was killed'));
    let orders = 0;
    return {
      post(message, transfer) {
        if (orders++ === order) void thread.terminate();
        else thread.postMessage(message, transfer);
      },
      terminate: () => void thread.terminate(),
    };
  });
}

test('a thread that dies is one sentence, and the model keeps what it had learned', async () => {
  for (const [order, steps] of [
    [1, 0],
    [3, 2],
  ] as const) {
    const model = compiled({ background: dyingBackground(order) });
    await refuses(
      model.fit(x, y, options),
      'the training thread is gone (it was killed); resume from the last saved model, or compile with background: null to train on the calling thread',
    );
    assert.is(model.step, steps);
    assert.ok(model.save().length > 0);
  }
});

test('if the thread does not start, training runs without the background and warns once', async () => {
  const refused = makeBackground(() => {
    throw new Error('no threads here');
  });
  const expected = await trained(compiled());
  const warned: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void warned.push(text);
  try {
    for (const [background, trouble] of [
      [refused, 'no threads here'],
      [dyingBackground(0), 'it was killed'],
    ] as const) {
      for (let fits = 0; fits < 2; fits++) {
        const model = compiled({ background, workers: workers(2) });
        assert.equal(await trained(model), expected);
        assert.equal(model.threads, { asked: 2, running: 1, trouble });
      }
      assert.is(
        warned.pop(),
        `wasm-cnn: fit trains on the calling thread, as the background does not start (${trouble}); with background: null it does so without this warning`,
      );
      assert.equal(warned, []);
    }
  } finally {
    console.warn = warn;
  }
});

test('errors are the same as on the calling thread', async () => {
  const model = compiled({ background: background() });
  await refuses(model.fit(x, [1, 2], options), 'fit has 40 examples but 2 labels; give one label per example');
  refusesAtOnce(
    () => compiled({ background: background as never }),
    "compile's background must be what background() of wasm-cnn/node gives, or null, got the function background",
  );
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', background: null });
  assert.is(model.background, null);
});

test.run();
