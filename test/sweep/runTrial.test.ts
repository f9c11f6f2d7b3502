// A trial is a pure function: run once, in rungs, killed and resumed, on threads or in the background, it ends in the same weights.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adam, earlyStopping, layers, sequential, swa, type Model } from '../../src/index.js';
import { builtinDigits } from '../../src/data/index.js';
import { background, workers } from '../../src/node/index.js';
import {
  folderStore,
  sweep,
  type CheckpointStore,
  type Config,
  type SweepOptions,
  type TrialForm,
} from '../../src/node/sweep/index.js';
import { WasmCnnError } from '../../src/base/errors.js';
import { sha256Of } from '../../src/base/sha256.js';
import { weightsBytes } from '../../src/recipes/identity.js';
import { memoryStore } from '../../src/sweep/store.js';
import { warnings } from '../model/warnings.js';
import { temporaryFolder } from '../node/temporaryFolder.js';
import { refuses, refusesAtOnce } from '../node/refuses.js';

const data = builtinDigits({ trainCount: 240, testCount: 20 });

function model({ learningRate = 0.01, filters = 4 }: Config, { inputShape, classes, seed }: TrialForm): Model {
  const net = sequential({
    inputShape,
    seed,
    layers: [
      layers.conv2d({ filters: Number(filters), kernelSize: 3, strides: 2, activation: 'relu' }),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });
  net.compile({
    optimizer: adam({ learningRate: Number(learningRate) }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize: 32,
  });
  return net;
}

const options: SweepOptions = {
  name: 'test',
  data,
  epochs: 4,
  space: { learningRate: [0.002, 0.01], seed: { repeat: 2 } },
  model,
};

test('the table is the same at every run, in memory, in a folder, with checkpoints each step or none, three at a time', async () => {
  const { sha256, rows, settings, best } = await sweep(options).run();
  assert.is(rows.length, 4);
  assert.is(new Set(rows.map(({ weightsSha256 }) => weightsSha256)).size, 4);
  assert.ok(rows.every(({ status, epochs }) => status === 'finished' && epochs === 4));
  assert.is(settings.length, 2);
  assert.ok(best!.model.countParams() > 0);
  const store = folderStore(temporaryFolder());
  assert.is((await sweep(options).run({ store, saveEvery: 0 })).sha256, sha256);
  assert.is((await sweep(options).run({ store })).sha256, sha256, 'found by its checkpoints');
  assert.is((await sweep(options).run({ saveEvery: 1000, workers: await workers(2) })).sha256, sha256);
  assert.is((await sweep(options).run({ concurrency: 3 })).sha256, sha256);
});

test('a promoted trial has the weights of one that was never paused', async () => {
  const halving = { ...options, search: { kind: 'halving', trials: 2, rungs: [1, 2, 4] } } as const;
  const plain = await sweep(options).run();
  const { rows } = await sweep(halving).run();
  const last = rows.filter(({ epochs }) => epochs === 4);
  assert.is(last.length, 2);
  for (const row of last) assert.ok(plain.rows.some(({ weightsSha256 }) => weightsSha256 === row.weightsSha256));
});

test('the best model has the weights of its row where the end of the fit sets them: averages, or the best ones', async () => {
  const averaged: SweepOptions['model'] = (config, form) => {
    const net = model(config, form) as Model;
    const optimizer = adam({ learningRate: 0.01, useEma: true });
    net.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 32 });
    return net;
  };
  const best = { monitor: 'loss', mode: 'max', patience: 1, restoreBestWeights: true } as const;
  const plain = (await sweep({ ...options, space: { learningRate: [0.01] } }).run()).rows[0]!.weightsSha256;
  for (const [what, changed] of Object.entries({
    useEma: { model: averaged },
    swa: { fit: () => ({ callbacks: swa({ startFromEpoch: 1 }) }) },
    'the best weights': { fit: () => ({ callbacks: earlyStopping(best) }) },
  })) {
    const study = sweep({ ...options, space: { learningRate: [0.01] }, ...changed });
    const store = folderStore(temporaryFolder());
    for (let again = 0; again < 2; again++) {
      const { rows, best } = await study.run({ store });
      assert.is(await sha256Of(weightsBytes(best!.model)), rows[0]!.weightsSha256, what);
      assert.is.not(rows[0]!.weightsSha256, plain, what);
    }
  }
});

test('a trial that is stopped at every step and resumed elsewhere ends in the same weights', async () => {
  const study = sweep(options);
  const [trial] = (await study.plan()).trials;
  const task = { ...trial!, until: 4 };
  const whole = await study.trial(task);
  const store = memoryStore();
  let stops = 0;
  for (;;) {
    const controller = new AbortController();
    const stopping: CheckpointStore = {
      ...store,
      async put(id, bytes, step) {
        await store.put(id, bytes, step);
        controller.abort(new Error('stopped'));
      },
    };
    try {
      assert.equal(await study.trial(task, { store: stopping, saveEvery: 0, signal: controller.signal }), whole);
      break;
    } catch (error) {
      assert.is((error as Error).message, 'stopped');
      stops++;
    }
  }
  assert.ok(stops > 10, `it was stopped ${stops} times`);
});

test('a best model whose weights no checkpoint has is none, and run() says so', async () => {
  const study = sweep({ ...options, space: { learningRate: [0.01] } });
  const whole = await study.run();
  const store = memoryStore();
  let puts = 0;
  const full: CheckpointStore = {
    ...store,
    put: (...args) => (puts++ < 3 ? store.put(...args) : Promise.reject(new Error('no room'))),
  };
  const lines = await warnings(async () => {
    const { best, sha256 } = await study.run({ store: full, saveEvery: 0 });
    assert.equal([best, sha256], [null, whole.sha256]);
  });
  assert.match(lines.join(), 'test has no best model: no checkpoint has the weights of the best trial');
  const again = await study.run({ store });
  assert.is(await sha256Of(weightsBytes(again.best!.model)), whole.rows[0]!.weightsSha256);
});

test('a trial that is interrupted and cannot keep its checkpoint fails with the reason', async () => {
  const study = sweep(options);
  const [trial] = (await study.plan()).trials;
  const controller = new AbortController();
  const full: CheckpointStore = {
    ...memoryStore(),
    put() {
      controller.abort(new WasmCnnError('stopped'));
      return Promise.reject(new WasmCnnError('no room'));
    },
  };
  await refuses(
    study.trial({ ...trial!, until: 4 }, { store: full, saveEvery: 0, signal: controller.signal }),
    'no room',
  );
});

test('a damaged checkpoint is put aside, and the trial has the result of one from its seed', async () => {
  const study = sweep(options);
  const [trial] = (await study.plan()).trials;
  const whole = await study.trial({ ...trial!, until: 2 });
  const folder = temporaryFolder();
  for (const store of [memoryStore(), folderStore(folder)]) {
    await store.put(trial!.id, Uint8Array.of(1, 2, 3), 999);
    const lines: string[] = [];
    assert.equal(await study.trial({ ...trial!, until: 2 }, { store, log: (line) => lines.push(line) }), whole);
    assert.match(lines.join(), /^the checkpoint of trial-\w+.*; it is put aside, and the trial starts again$/);
    assert.equal(await study.trial({ ...trial!, until: 2 }, { store }), whole);
  }
  assert.ok(readdirSync(folder).includes(`${trial!.id}-999.safetensors.damaged`));
});

test('a trial that is further than asked, be it within the next epoch, has no hash of other weights', async () => {
  const study = sweep(options);
  const [trial] = (await study.plan()).trials;
  const store = memoryStore();
  const controller = new AbortController();
  let puts = 0;
  const stopping: CheckpointStore = {
    ...store,
    async put(...args) {
      await store.put(...args);
      // 220 images in batches of 32: the ninth step is of the second epoch.
      if (++puts === 10) controller.abort(new WasmCnnError('stopped'));
    },
  };
  const how = { store: stopping, saveEvery: 0, signal: controller.signal };
  await refuses(study.trial({ ...trial!, until: 4 }, how), 'stopped');
  const { scores, weightsSha256 } = await study.trial({ ...trial!, until: 1 }, { store });
  assert.equal(scores, (await study.trial({ ...trial!, until: 1 })).scores);
  assert.is(weightsSha256, null);
});

test('an older checkpoint that comes late is dropped', async () => {
  for (const store of [memoryStore(), folderStore(temporaryFolder())]) {
    const id = `trial-${'0'.repeat(32)}`;
    assert.is(await store.get(id), null);
    await store.put(id, Uint8Array.of(2), 20);
    await store.put(id, Uint8Array.of(1), 10);
    assert.equal(await store.get(id), Uint8Array.of(2));
    await store.put(id, Uint8Array.of(3), 30);
    assert.equal(await store.get(id), Uint8Array.of(3));
  }
});

test('NaN is a result, an invalid setting is another, and the rest continues', async () => {
  const space = { learningRate: [0.01, 1e30], filters: [4, 0] };
  const { rows, settings } = await sweep({ ...options, epochs: 2, space }).run();
  assert.equal(
    rows.map(({ config, status }) => [config['filters'], config['learningRate'], status]),
    [
      [4, 0.01, 'finished'],
      [4, 1e30, 'diverged'],
      [0, 0.01, 'failed'],
      [0, 1e30, 'failed'],
    ],
  );
  assert.equal(settings[0]!.config, { filters: 4, learningRate: 0.01 });
});

test('why a trial failed stands in the log and its row, and in a warning where no other has a score', async () => {
  const lines: string[] = [];
  const [zero, most] = [{ filters: [0] }, { filters: [0, 4] }];
  const warned = await warnings(async () => {
    const { rows } = await sweep({ ...options, epochs: 1, space: zero }).run({ log: (line) => lines.push(line) });
    assert.match(rows[0]!.reason!, /filters must be a whole number of at least 1, got 0/);
  });
  assert.is(lines.length, 1);
  assert.match(lines[0]!, /^trial-\w+ to epoch 1: failed: .*filters must be a whole number of at least 1, got 0/);
  assert.is(warned.length, 1);
  assert.match(warned[0]!, /^wasm-cnn: no trial of test has a score; the first that failed: .*filters must be/);
  assert.equal(await warnings(() => sweep({ ...options, epochs: 1, space: most }).run()), []);
});

test('a function that throws, or returns no model, makes a failed trial', async () => {
  for (const [model, reason] of [
    [() => undefined, "the sweep's model(config, form) must return a compiled model, got undefined"],
    [() => Promise.reject(new TypeError('no such layer')), "the sweep's model(config, form) fails: no such layer"],
  ] as const)
    await warnings(async () => {
      const { rows } = await sweep({ ...options, epochs: 1, space: { seed: [1] }, model: model as never }).run();
      assert.is(rows[0]!.reason, reason);
    });
});

test('a checkpoint folder that is a file gets a sentence', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await refuses(
    sweep({ ...options, epochs: 1 }).run({ store: folderStore(join(file, 'checkpoints')) }),
    `cannot read ${join(file, 'checkpoints')}: a part of the path is a file, not a folder; check the path`,
  );
});

test('folds: each image is held out once, and a setting has their mean', async () => {
  const { rows, settings } = await sweep({ ...options, epochs: 1, folds: 3, space: { learningRate: [0.01] } }).run();
  assert.equal(
    rows.map(({ fold }) => fold),
    [0, 1, 2],
  );
  assert.is(new Set(rows.map(({ weightsSha256 }) => weightsSha256)).size, 3);
  assert.is(settings[0]!.trials, 3);
  assert.ok(settings[0]!.deviation! > 0);
});

test('a trial in the background is the same', async () => {
  const study = sweep({ ...options, space: { learningRate: [0.01] } });
  const inBackground = sweep({
    ...options,
    space: { learningRate: [0.01] },
    model(config, form) {
      const net = model(config, form);
      net.compile({ ...compiledAgain(net), background: background() });
      return net;
    },
  });
  const [here, there] = [await study.run(), await inBackground.run()];
  assert.is(there.rows[0]!.weightsSha256, here.rows[0]!.weightsSha256);
});

/** What model() compiles, once more. */
function compiledAgain({ compiled }: Model) {
  return {
    optimizer: compiled!.optimizer,
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize: 32,
  } as const;
}

test('fit options of a setting are followed, and kept by its checkpoint', async () => {
  const study = (mixUp: number) =>
    sweep({
      ...options,
      epochs: 2,
      space: { learningRate: [0.01] },
      version: `${mixUp}`,
      fit: () => (mixUp > 0 ? { mixUp } : {}),
    });
  const [plain, mixed] = [await study(0).run(), await study(0.2).run()];
  assert.is.not(plain.rows[0]!.weightsSha256, mixed.rows[0]!.weightsSha256);
  const halving = sweep({
    ...options,
    epochs: 2,
    space: { learningRate: [0.01] },
    version: '0.2',
    search: { kind: 'halving', trials: 1, rungs: [1, 2] },
    fit: () => ({ mixUp: 0.2 }),
  });
  assert.is((await halving.run()).rows[0]!.weightsSha256, mixed.rows[0]!.weightsSha256);
});

test('fused numerics are another training, and the kind of processor is a part of what they are', async () => {
  const one = { ...options, epochs: 1, space: { seed: [1] } };
  const [exact, fused] = [sweep(one), sweep({ ...one, numerics: 'fused' })];
  assert.is((await exact.plan()).basis.numerics, 'exact');
  assert.match((await fused.plan()).basis.numerics, /^fused [0-9a-f]{12}$/);
  const withFused = sweep({
    ...one,
    numerics: 'fused',
    model(config, form) {
      const net = model(config, form);
      net.compile({ ...compiledAgain(net), numerics: form.numerics });
      return net;
    },
  });
  const [a, b] = [await exact.run(), await withFused.run()];
  assert.is(b.rows[0]!.status, 'finished');
  assert.is.not(a.rows[0]!.weightsSha256, b.rows[0]!.weightsSha256);
});

test('the seed of a setting is that of its model and its order', async () => {
  const { rows } = await sweep({ ...options, epochs: 1, space: { seed: [1, 2] } }).run();
  assert.is.not(rows[0]!.weightsSha256, rows[1]!.weightsSha256);
});

test('bad options are refused at once, a figure that is not logged by the first trial', async () => {
  refusesAtOnce(
    () => sweep({ ...options, modle: 1 } as never),
    "sweep has no option 'modle' (did you mean 'model'?); it has name, space, search, epochs, folds, splitSeed, maximize, minimize, numerics, data, version, model, fit",
  );
  refusesAtOnce(
    () => sweep({ ...options, model: undefined } as never),
    'sweep needs model, a function (config, form) that makes a compiled model, got undefined',
  );
  refusesAtOnce(
    () => sweep({ ...options, data: 'digits' } as never),
    'sweep needs data, as openDataset() gives them, got "digits"',
  );
  await refuses(
    sweep(options).run({ saveevery: 1 } as never),
    "a sweep's run has no option 'saveevery' (did you mean 'saveEvery'?); it has workers, signal, saveEvery, concurrency, store, log",
  );
  await refuses(
    sweep(options).run({ concurrency: 0 }),
    "a sweep's concurrency must be a whole number of at least 1, got 0",
  );
  const { rows } = await sweep({ ...options, epochs: 1, maximize: 'val_acc', space: { seed: [1] } }).run();
  assert.is(rows[0]!.status, 'failed');
  const [trial] = (await sweep({ ...options, epochs: 1, maximize: 'val_acc' }).plan()).trials;
  const { reason } = await sweep({ ...options, epochs: 1, maximize: 'val_acc' }).trial({ ...trial!, until: 1 });
  assert.is(
    reason,
    "there is no figure 'val_acc' to compare trials by; an epoch has loss, accuracy, val_loss, val_accuracy",
  );
});

test.run();
