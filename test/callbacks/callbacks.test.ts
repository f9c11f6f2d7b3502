// What the callbacks do to a fit, and that they do it through interruptions, with any number of threads and in the background.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  csvLogger,
  earlyStopping,
  lambdaCallback,
  learningRateScheduler,
  linearDecay,
  loadModel,
  maxTime,
  metrics,
  modelCheckpoint,
  reduceLROnPlateau,
  swa,
  type Callbacks,
  type Model,
} from '../../src/index.js';
import { background } from '../../src/node/threads/background.js';
import { workers } from '../../src/node/threads/workers.js';
import { compiledToy, toyModel, weightsHash } from '../model/toy.js';
import { warnings } from '../model/warnings.js';
import { refuses } from '../node/refuses.js';
import { resumed, scores, whole, x, y } from './toyFit.js';

/** A text that csvLogger writes. */
function memory(): { text: string; write(text: string, at: number): void } {
  return {
    text: '',
    write(text, at) {
      this.text = this.text.slice(0, at) + text;
    },
  };
}

const falling = [3, 2, 2.5, 2.4, 1, 1.5];
const watched = { monitor: 'score', mode: 'min' } as const;
const kinds: Record<string, () => readonly Callbacks[]> = {
  reduceLROnPlateau: () => [scores(falling), reduceLROnPlateau({ ...watched, patience: 1, factor: 0.5 })],
  learningRateScheduler: () => [learningRateScheduler((epoch, rate) => (epoch === 0 ? rate : rate * 0.7))],
  swa: () => [swa({ startFromEpoch: 2 })],
  'swa of steps': () => [swa({ startFromEpoch: 1, updateFreq: 2 })],
  'earlyStopping with a baseline': () => [
    scores(falling),
    earlyStopping({ ...watched, patience: 2, baseline: 2.2, startFromEpoch: 1, restoreBestWeights: true }),
  ],
  'all at once': () => [
    scores(falling),
    learningRateScheduler((_, rate) => rate * 0.9),
    reduceLROnPlateau({ ...watched, patience: 1, cooldown: 1 }),
    modelCheckpoint({ ...watched, saveBestOnly: true, save: () => {} }),
    csvLogger({ write: () => {} }),
    swa({ startFromEpoch: 1 }),
  ],
};
for (const [name, callbacks] of Object.entries(kinds))
  test(`${name}: bit-identical from every save point, on threads and in the background`, async () => {
    const { files, ...ended } = await whole(6, callbacks);
    for (const [i, bytes] of files.entries()) assert.equal(await resumed(bytes, callbacks), ended, `save point ${i}`);
    assert.equal(await resumed(files[5]!, callbacks, { workers: workers(2) }), ended, 'on two threads');
    const model = toyModel();
    model.compile({
      ...{ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 16 },
      background: background(),
    });
    assert.equal(await whole(6, callbacks, model), { files, ...ended }, 'in the background');
    assert.equal(await resumed(files[5]!, callbacks, { background: background() }), ended, 'resumed there');
  });

test('a learning rate set by a callback acts like that of an optimizer created with it', async () => {
  const compiled = (learningRate: number): Model => {
    const model = toyModel();
    model.compile({ optimizer: adam({ learningRate }), loss: 'categoricalCrossentropy', batchSize: 16 });
    return model;
  };
  const set = compiled(0.001);
  await set.fit(x, y, { epochs: 2, callbacks: learningRateScheduler(() => 0.02) });
  const made = compiled(0.02);
  await made.fit(x, y, { epochs: 2 });
  assert.is(weightsHash(set), weightsHash(made));
  assert.is(set.learningRate, 0.02);
  assert.is(loadModel(set.save()).model.learningRate, 0.02, 'and goes with the file');
  await set.fit(x, y, { epochs: 1 });
  await made.fit(x, y, { epochs: 1 });
  assert.is(weightsHash(set), weightsHash(made), 'and stays');
});

test('learningRateScheduler is called once per epoch, and both log the rate, which is in the history', async () => {
  const asked: [number, number][] = [];
  const logged: number[] = [];
  const { history } = await compiledToy().fit(x, y, {
    epochs: 3,
    callbacks: [
      learningRateScheduler((epoch, rate) => {
        asked.push([epoch, rate]);
        return rate / 2;
      }),
      { onEpochEnd: (_, logs) => void logged.push(logs['learningRate']!) },
    ],
  });
  assert.equal(asked, [
    [0, 0.001],
    [1, 0.0005],
    [2, 0.00025],
  ]);
  assert.equal(logged, [0.0005, 0.00025, 0.000125]);
  assert.equal(history.learningRate, logged);
});

test('modelCheckpoint with saveBestOnly saves only the best epochs, also across an interruption', async () => {
  const values = [3, 2, 2.5, 1.9, 2.4, 1];
  const saved: number[] = [];
  const callbacks = (): readonly Callbacks[] => [
    scores(values),
    modelCheckpoint({ ...watched, saveBestOnly: true, save: (_, step) => void saved.push(step / 3) }),
  ];
  const { files } = await whole(6, callbacks);
  assert.equal(saved, [1, 2, 4, 6]);
  saved.length = 0;
  // In the middle of epoch 3.
  await resumed(files[10]!, callbacks);
  assert.equal(saved, [4, 6]);
  saved.length = 0;
  const least = { ...watched, saveBestOnly: true, initialValueThreshold: 1.95 };
  await whole(6, () => [scores(values), modelCheckpoint({ ...least, save: (_, step) => void saved.push(step / 3) })]);
  assert.equal(saved, [4, 6]);
});

test('two of them, under two names', async () => {
  const saved: string[] = [];
  const best = (mode: 'min' | 'max'): Callbacks =>
    modelCheckpoint({ monitor: 'score', mode, name: mode, saveBestOnly: true, save: () => void saved.push(mode) });
  await whole(3, () => [scores([2, 3, 1]), best('min'), best('max')]);
  assert.equal(saved, ['min', 'max', 'max', 'min']);
});

test('csvLogger: one line per epoch, none twice after an interruption', async () => {
  const file = memory();
  const callbacks = (): readonly Callbacks[] => [
    scores([1, 2, 3]),
    csvLogger({ write: (text, at) => file.write(text, at) }),
  ];
  const { files, history } = await whole(3, callbacks);
  const { text } = file;
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  assert.equal(rows[0], ['epoch', 'accuracy', 'loss', 'score']);
  assert.equal(
    rows.slice(1).map((row) => row.map(Number)),
    [0, 1, 2].map((i) => [i, history.history['accuracy']![i]!, history.history['loss']![i]!, i + 1]),
  );
  // Killed with a line that no checkpoint knows of.
  await resumed(files[5]!, callbacks);
  assert.is(file.text, text);
});

test('csvLogger has columns for what the first epoch is not validated on', async () => {
  const file = memory();
  const callbacks = csvLogger({ write: (text, at) => file.write(text, at) });
  await compiledToy().fit(x, y, { epochs: 2, validationData: [x, y], validationFreq: 2, callbacks });
  const [header, first, second] = file.text.split('\n').map((line) => line.split(','));
  assert.equal(header, ['epoch', 'accuracy', 'loss', 'val_accuracy', 'val_loss']);
  assert.equal(first!.slice(3), ['NA', 'NA']);
  assert.ok(second!.slice(3).every((cell) => Number(cell) > 0));
});

test('a fit that resumes is refused other options of what watches a figure; a checkpoint of before has none', async () => {
  const save = (): void => {};
  const sentence = (who: string): string =>
    `the checkpoint's state of ${who} is not of this model and these options; give fit the same callbacks, or start anew without resume`;
  const monitor = 'score';
  for (const [who, made, ...others] of [
    [
      'earlyStopping',
      earlyStopping({ monitor, mode: 'max', patience: 5 }),
      earlyStopping({ monitor: 'loss', patience: 5 }),
      earlyStopping({ monitor, mode: 'min', patience: 5 }),
      earlyStopping({ monitor, mode: 'max', patience: 4 }),
    ],
    [
      'reduceLROnPlateau',
      reduceLROnPlateau({ monitor, mode: 'max', factor: 0.5 }),
      reduceLROnPlateau({ monitor, mode: 'max', factor: 0.1 }),
      reduceLROnPlateau({ monitor: 'loss', factor: 0.5 }),
    ],
    [
      'modelCheckpoint',
      modelCheckpoint({ monitor, mode: 'max', saveBestOnly: true, save }),
      modelCheckpoint({ monitor: 'loss', saveBestOnly: true, save }),
    ],
  ] as const) {
    const { files } = await whole(4, () => [scores([1, 2, 3, 4]), made]);
    for (const other of others) {
      const { model } = loadModel(files[7]!);
      const callbacks = [scores([1, 2, 3, 4]), other];
      await refuses(model.fit(x, y, { resume: true, verbose: 0, callbacks }), sentence(who));
    }
    await resumed(files[7]!, () => [scores([1, 2, 3, 4]), made]);
    const { settings, ...before } = made.state as { settings?: string };
    assert.type(settings, 'string');
    made.checkState!(before, compiledToy(16));
  }
});

test('csvLogger quotes values that contain its separator', async () => {
  const file = memory();
  await compiledToy().fit(x, y, {
    callbacks: [
      { logNames: ['a;"b"'], onEpochEnd: (_, logs) => void (logs['a;"b"'] = 1) },
      csvLogger({ separator: ';', write: (text, at) => file.write(text, at) }),
    ],
  });
  assert.match(file.text, /^epoch;"a;""b""";accuracy;loss\n0;1;/);
});

test('swa leaves the mean of the weights of its epochs, or of every so many steps', async () => {
  for (const [updateFreq, isDue] of [
    [undefined, (_: number, ends: boolean) => ends],
    ['batch', (_: number, ends: boolean) => !ends],
    [3, (step: number, ends: boolean) => !ends && step % 3 === 0],
  ] as const) {
    const model = compiledToy();
    const each: number[][] = [];
    let epoch = 0;
    const keep = (ends: boolean): void => {
      if (epoch > 0 && isDue(model.step, ends)) each.push(model.getWeights().flatMap(({ data }) => [...data]));
    };
    const watch: Callbacks = {
      onEpochBegin: (at) => void (epoch = at),
      onBatchEnd: () => keep(false),
      onEpochEnd: () => keep(true),
    };
    await model.fit(x, y, {
      epochs: 4,
      callbacks: [watch, swa({ startFromEpoch: 1, ...(updateFreq && { updateFreq }) })],
    });
    assert.ok(each.length > 1, `${updateFreq}`);
    const mean = each[0]!.map((_, i) => each.reduce((sum, weights) => sum + weights[i]!, 0) / each.length);
    const found = model.getWeights().flatMap(({ data }) => [...data]);
    // A rounding to f32 each time.
    const near = (value: number, i: number): boolean =>
      Math.abs(value - mean[i]!) <= 1e-7 * each.length * Math.max(Math.abs(mean[i]!), 0.1);
    assert.ok(found.every(near), `${updateFreq}`);
  }
});

test('swa and earlyStopping warn where training ends before their first epoch', async () => {
  const late = (startFromEpoch: number): Promise<string[]> =>
    warnings(() => {
      const callbacks = [swa({ startFromEpoch }), earlyStopping({ monitor: 'loss', startFromEpoch })];
      return compiledToy().fit(x, y, { epochs: 3, callbacks });
    });
  assert.equal(await late(3), [
    'wasm-cnn: swa averaged nothing: training ended before its startFromEpoch, 3',
    'wasm-cnn: earlyStopping watched no epoch: training ended before its startFromEpoch, 3',
  ]);
  assert.equal(await late(2), []);
  const rare = swa({ startFromEpoch: 1, updateFreq: 1000 });
  assert.equal(await warnings(() => compiledToy().fit(x, y, { epochs: 3, callbacks: [rare] })), [
    'wasm-cnn: swa averaged nothing: training ended before a step that is a multiple of its updateFreq, 1000',
  ]);
  const stopped = warnings(async () => {
    const stop = new AbortController();
    const callbacks = [
      swa({ startFromEpoch: 2 }),
      earlyStopping({ monitor: 'loss', startFromEpoch: 2 }),
      { onEpochEnd: () => stop.abort() },
    ];
    await compiledToy()
      .fit(x, y, { epochs: 3, callbacks, signal: stop.signal })
      .catch(() => null);
  });
  assert.equal(await stopped, []);
});

test('maxTime ends fit after the step that reaches it, and continues counting after an interruption', async () => {
  const model = compiledToy();
  const slow: Callbacks = { onBatchEnd: () => new Promise((resolve) => setTimeout(resolve, 60)) };
  const { epoch } = await model.fit(x, y, { epochs: 50, callbacks: [slow, maxTime({ seconds: 0.2 })] });
  assert.ok(epoch.length < 50 && model.step >= 1 && model.step <= 5, `${model.step} steps`);
  const limited = maxTime({ seconds: 1000 });
  limited.onTrainBegin!(model);
  limited.state = { seconds: 999.9999 };
  model.stopTraining = false;
  await new Promise((resolve) => setTimeout(resolve, 5));
  limited.onBatchEnd!(0, { loss: 0 });
  assert.is(model.stopTraining, true);
});

test("mode 'auto' follows from the metric", async () => {
  const compiled = (): Model => {
    const model = toyModel();
    const named = [metrics.auc({ name: 'area' }), metrics.f1Score(), metrics.meanAbsoluteError({ name: 'error' })];
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: named });
    return model;
  };
  const epochs = async (monitor: string, values: readonly number[]): Promise<number> => {
    const given: Callbacks = { onEpochEnd: (epoch, logs) => void (logs[monitor] = values[epoch]!) };
    const { epoch } = await compiled().fit(x, y, {
      epochs: values.length,
      validationData: [x, y],
      callbacks: [given, earlyStopping({ monitor })],
    });
    return epoch.length;
  };
  for (const monitor of ['area', 'val_area', 'val_f1Score_2']) assert.is(await epochs(monitor, [1, 2, 3]), 3, monitor);
  for (const monitor of ['loss', 'val_error']) assert.is(await epochs(monitor, [1, 2, 3]), 2, monitor);
  await refuses(
    compiledToy().fit(x, y, { callbacks: [scores([1]), earlyStopping({ monitor: 'score' })] }),
    "earlyStopping does not know whether a larger 'score' is better; give it mode: 'max' or 'min'",
  );
});

test('a monitor that does not exist is answered with the nearest, before the first step', async () => {
  for (const [monitor, sentence] of [
    ['acc', "an epoch has loss, accuracy, val_loss, val_accuracy; did you mean 'accuracy'?"],
    ['val_acc', "an epoch has loss, accuracy, val_loss, val_accuracy; did you mean 'val_accuracy'?"],
    ['valLoss', "an epoch has loss, accuracy, val_loss, val_accuracy; did you mean 'val_loss'?"],
  ] as const)
    for (const [who, callback] of [
      ['earlyStopping', earlyStopping({ monitor })],
      ['reduceLROnPlateau', reduceLROnPlateau({ monitor })],
      ['modelCheckpoint', modelCheckpoint({ monitor, saveBestOnly: true, save: () => {} })],
    ] as const) {
      const model = compiledToy();
      const given = who === 'reduceLROnPlateau' ? ', learningRate' : '';
      await refuses(
        model.fit(x, y, { validationData: [x, y], callbacks: callback }),
        `${who} monitors '${monitor}', and ${sentence.replace('val_accuracy;', `val_accuracy${given};`)}`,
      );
      assert.is(model.step, 0);
    }
});

test('a non-finite figure of a callback stays out of the history, and the checkpoint can be read', async () => {
  const { history, files } = await whole(3, () => [scores([1, NaN, 3])]);
  assert.equal(history.history.score, [1, 3]);
  for (const file of files) loadModel(file);
});

test('a monitor of missing validation data asks for them, whatever its name', async () => {
  await refuses(
    compiledToy().fit(x, y, { callbacks: earlyStopping({ monitor: 'val_acc' }) }),
    "earlyStopping monitors 'val_acc', and an epoch has loss, accuracy; give fit validationData, and a validationFreq up to its epochs",
  );
});

test('a rate that comes from a schedule is not set', async () => {
  for (const callback of [reduceLROnPlateau({ monitor: 'loss' }), learningRateScheduler(() => 1)]) {
    const model = toyModel();
    const optimizer = adam({ learningRate: linearDecay({ peak: 0.1, totalSteps: 10 }) });
    model.compile({ optimizer, loss: 'categoricalCrossentropy' });
    await refuses(
      model.fit(x, y, { callbacks: callback }),
      'the learning rate cannot be set, as it comes from a schedule; give Adam a number',
    );
    assert.is(model.step, 0);
  }
});

test('lambdaCallback is checked where it is made', async () => {
  const epochs: number[] = [];
  await compiledToy().fit(x, y, { callbacks: lambdaCallback({ onEpochEnd: (epoch) => void epochs.push(epoch) }) });
  assert.equal(epochs, [0]);
  assert.throws(
    () => lambdaCallback({ onEpochStart: () => {} } as never),
    /^fit has no callback 'onEpochStart'; it has onTrainBegin, /,
  );
});

const save = (): void => {};
const refused: readonly [() => unknown, string][] = [
  [() => reduceLROnPlateau({ factor: 1 }), "reduceLROnPlateau's factor must lie between 0 and 1, got 1"],
  [
    () => reduceLROnPlateau({ patience: -1 }),
    "reduceLROnPlateau's patience must be a whole number of at least 0, got -1",
  ],
  [
    () => reduceLROnPlateau({ cooldown: 0.5 }),
    "reduceLROnPlateau's cooldown must be a whole number of at least 0, got 0.5",
  ],
  [() => reduceLROnPlateau({ minLr: -1 }), "reduceLROnPlateau's minLr must be a number of at least 0, got -1"],
  [() => reduceLROnPlateau({ verbose: 2 as never }), "reduceLROnPlateau's verbose must be 0 or 1, got 2"],
  [
    () => reduceLROnPlateau({ min_lr: 0 } as never),
    "reduceLROnPlateau has no option 'min_lr' (did you mean 'minLr'?); it has monitor, factor, patience, verbose, mode, minDelta, cooldown, minLr",
  ],
  [
    () => learningRateScheduler(0.1 as never),
    'learningRateScheduler needs a function of the epoch and the learning rate, got 0.1',
  ],
  [() => earlyStopping({ baseline: NaN }), "earlyStopping's baseline must be a finite number or null, got NaN"],
  [
    () => earlyStopping({ startFromEpoch: -1 }),
    "earlyStopping's startFromEpoch must be a whole number of at least 0, got -1",
  ],
  [
    () => earlyStopping({ restoreBestWeights: 1 as never }),
    "earlyStopping's restoreBestWeights must be true or false, got 1",
  ],
  [() => earlyStopping({ monitor: 5 as never }), "earlyStopping's monitor must be a name in the logs, got 5"],
  [
    () => modelCheckpoint({ save, monitor: 'loss' }),
    "modelCheckpoint's monitor is for saveBestOnly: true; give it, or leave monitor out",
  ],
  [
    () => modelCheckpoint({ save, saveBestOnly: true, saveFreq: 5 }),
    "modelCheckpoint's saveBestOnly needs saveFreq 'epoch', as epochs have the figures, got 5",
  ],
  [
    () => modelCheckpoint({ save, saveBestOnly: true, initialValueThreshold: Infinity }),
    "modelCheckpoint's initialValueThreshold must be a finite number or null, got Infinity",
  ],
  [
    () => csvLogger({ write: 'log.csv' as never }),
    'csvLogger needs write, a function that keeps a text, got "log.csv"; csvFile(path) of wasm-cnn/node gives one',
  ],
  [
    () => csvLogger({ write: save, separator: '.' }),
    `csvLogger's separator must be one character that no number and no line has, got "."`,
  ],
  [() => maxTime({ seconds: 0 }), "maxTime's seconds must be a number above 0, got 0"],
  [
    () => swa({ startFromEpoch: 1, updateFreq: 0 }),
    "swa's updateFreq must be 'epoch', 'batch' or a number of batches, got 0",
  ],
  [() => swa({} as never), "swa's startFromEpoch must be a whole number of at least 0, got undefined"],
];
for (const [make, sentence] of refused)
  test(sentence, () => {
    assert.throws(make, (error: Error) => error.message === sentence || assert.is(error.message, sentence));
  });

test('a schedule that gives no rate ends fit before the step', async () => {
  await refuses(
    compiledToy().fit(x, y, { callbacks: learningRateScheduler(() => NaN) }),
    "learningRateScheduler's schedule must give epoch 1 a number above 0, got NaN",
  );
});

test("a checkpoint's state that a callback could not have left is refused", () => {
  const model = compiledToy();
  for (const [callback, states] of [
    [reduceLROnPlateau(), [{ best: 'x' }, { wait: -1 }, { cooldownCounter: 0.5 }]],
    [learningRateScheduler(() => 1), [{ epoch: -1 }, { epoch: 'x' }]],
    [modelCheckpoint({ save, saveBestOnly: true }), [{ best: NaN }]],
    [csvLogger({ write: save }), [{ columns: 5 }, { columns: [5] }, { bytes: -1 }]],
    [maxTime({ seconds: 1 }), [{ seconds: -1 }, { seconds: NaN }]],
    [
      swa({ startFromEpoch: 0 }),
      [
        { count: 1 },
        { weights: [] },
        { count: -1 },
        { settings: swa({ startFromEpoch: 0, updateFreq: 2 }).state.settings },
      ],
    ],
  ] as const) {
    callback.checkState!(callback.state as never, model);
    for (const state of states)
      assert.throws(
        () => callback.checkState!({ ...callback.state, ...state }, model),
        /^the checkpoint's state of \w+ is not of this model and these options; give fit the same callbacks/,
      );
  }
});

test.run();
