// One owner at a time: while fit() is under way nothing else trains or replaces what it trains, and what only looks changes nothing.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, type CompileOptions, type FitOptions, type Model, profile } from '../../src/index.js';
import { restoreOptimizer } from '../../src/model/restoreOptimizer.js';
import { background } from '../../src/node/threads/background.js';
import { refuses, refusesAtOnce } from '../node/refuses.js';
import { toyExamples, toyModel, weightsHash } from './toy.js';

const { x, y } = toyExamples(40);
const other = toyExamples(100, 2);
const options: FitOptions = { epochs: 2, seed: 7 };

function compiled(more: Partial<CompileOptions> = {}): Model {
  const model = toyModel();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: 16, ...more });
  return model;
}

const busy = (who: string): string =>
  `${who} cannot be called while fit() of the same model is under way; await fit() first, or end it with stopTraining or its signal`;

/** Fits with `act` after the second batch; gives what the model and its last save point are then. */
async function trained(model: Model, act: () => unknown = () => {}): Promise<unknown> {
  let last: Uint8Array | undefined;
  const { history } = await model.fit(x, y, {
    ...options,
    callbacks: [
      {
        onBatchEnd: async () => {
          if (model.step === 2) await act();
        },
        onSavePoint: () => {
          last = model.save();
        },
      },
    ],
  });
  const { model: saved } = loadModel(last!);
  return {
    history,
    weights: weightsHash(model),
    step: model.step,
    saved: weightsHash(saved),
    savedStep: saved.step,
    resumable: saved.fitState !== null,
  };
}

for (const [where, more] of [
  ['on the calling thread', {}],
  ['in the background', { background: background() }],
] as const) {
  test(`a second fit is refused, ${where}, and the first does not notice`, async () => {
    const expected = await trained(compiled(more));
    const model = compiled(more);
    const first = trained(model);
    await refuses(model.fit(other.x, other.y), busy('fit'));
    assert.equal(await first, expected);
    await model.fit(x, y);
  });

  test(`training or replacing the model is refused in a callback, ${where}`, async () => {
    const expected = await trained(compiled(more));
    for (const [who, act] of [
      ['fit', (model: Model) => model.fit(x, y)],
      ['fit', (model: Model) => model.fit(x, y, { batchSize: 8 })],
      ['trainOnBatch', (model: Model) => model.trainOnBatch(x, y)],
      ['trainOnBatch', (model: Model) => model.trainOnBatch(other.x, other.y)],
      ['compile', async (model: Model) => model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' })],
    ] as const) {
      const model = compiled(more);
      assert.equal(await trained(model, () => refuses(act(model), busy(who))), expected, who);
    }
  });

  test(`calls that only read change nothing, larger batches too, awaited or not, ${where}`, async () => {
    const expected = await trained(compiled(more));
    for (const [what, act] of Object.entries<(model: Model) => unknown>({
      gradients: (model) => model.gradients(x, y),
      'gradients of more than a batch': (model) => model.gradients(other.x, other.y),
      profile: (model) => profile(model, x, y, 1),
      'profile of more than a batch': (model) => profile(model, other.x, other.y, 1),
      evaluate: (model) => model.evaluate(other.x, other.y),
      'predict, not awaited': (model) => void model.predict(other.x),
      'the slots, written to': (model) => model.optimizerSlots.get('m')!.fill(1),
    })) {
      const model = compiled(more);
      assert.equal(await trained(model, () => act(model)), expected, what);
    }
  });

  test(`what restoreOptimizer() changes in a callback is not lost, ${where}`, async () => {
    const model = compiled(more);
    const restore = (): void =>
      restoreOptimizer(
        model,
        model.step,
        new Map([...model.optimizerSlots].map(([name, slot]) => [name, slot.map((value) => value / 2)])),
      );
    const here = compiled();
    const expected = await trained(here, () =>
      restoreOptimizer(
        here,
        here.step,
        new Map([...here.optimizerSlots].map(([name, slot]) => [name, slot.map((value) => value / 2)])),
      ),
    );
    assert.equal(await trained(model, restore), expected);
    assert.not.equal(expected, await trained(compiled()));
  });

  test(`an evaluation that is not awaited sees the weights of one step, ${where}`, async () => {
    const model = compiled({ ...more, batchSize: 1 });
    const many = toyExamples(4000, 3);
    let [expected, evaluation]: [unknown, Promise<unknown> | undefined] = [null, undefined];
    await model.fit(x, y, {
      epochs: 1,
      callbacks: {
        async onBatchEnd(batch) {
          if (batch !== 3) return;
          expected = await model.evaluate(many.x, many.y);
          evaluation = model.evaluate(many.x, many.y);
        },
      },
    });
    assert.equal(await evaluation, expected);
  });
}

test('one trainOnBatch at a time: no step is lost where it is not awaited', async () => {
  const wanted = (who: string): string =>
    `${who} cannot be called while trainOnBatch() of the same model is under way; await trainOnBatch() first`;
  const between = (who: string): string =>
    `${who} cannot be called while a step of the same model is under way; await trainOnBatch() first, or call it in a callback of fit()`;
  for (const [sentence, act] of [
    [wanted('trainOnBatch'), (model) => model.trainOnBatch(x, y)],
    // A larger batch has a plan of its own.
    [wanted('trainOnBatch'), (model) => model.trainOnBatch(other.x, other.y)],
    [wanted('fit'), (model) => model.fit(x, y, { batchSize: 8 })],
    [wanted('compile'), async (model) => model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' })],
    [between('setWeights'), async (model) => model.setWeights(model.getWeights())],
    [between('restoreOptimizer'), async (model) => restoreOptimizer(model, 0, model.optimizerSlots)],
  ] as readonly (readonly [string, (model: Model) => Promise<unknown>])[]) {
    const [model, alone] = [compiled(), compiled()];
    const evaluation = model.evaluate(other.x, other.y);
    const first = model.trainOnBatch(x, y);
    await refuses(act(model), sentence);
    await Promise.all([first, evaluation]);
    await alone.trainOnBatch(x, y);
    assert.equal([model.step, weightsHash(model)], [1, weightsHash(alone)]);
    await model.trainOnBatch(other.x, other.y);
  }
});

test('setting anything during a step in the background is refused, not lost', async () => {
  const model = compiled({ background: background() });
  let refused = 0;
  const timer = setInterval(() => {
    try {
      model.setWeights(model.getWeights());
    } catch (error) {
      assert.match(
        (error as Error).message,
        /^setWeights cannot be called while a step of the same model is under way; /,
      );
      refused++;
    }
  }, 0);
  await model.fit(x, y, { epochs: 200 });
  clearInterval(timer);
  assert.ok(refused > 0);
  model.setWeights(model.getWeights());
});

test('gradients and profile leave the plan as it was', async () => {
  const model = compiled();
  const { plan } = model;
  const [first] = await model.gradients(other.x, other.y);
  profile(model, other.x, other.y, 1);
  assert.is(model.plan, plan);
  assert.equal([model.step, weightsHash(model)], [0, weightsHash(toyModel())]);
  const large = compiled({ batchSize: 100 });
  assert.equal((await large.gradients(other.x, other.y))[0], first);
});

test('restoreOptimizer refuses slots that are not its own', () => {
  const model = compiled();
  assert.throws(
    () => restoreOptimizer(model, 1, new Map()),
    /^restoreOptimizer needs m, v of \d+ numbers each, as optimizerSlots gives them, got m of none$/,
  );
  assert.throws(() => restoreOptimizer(model, 1, new Map([['m', new Float32Array(3)]])), /got m of 3$/);
});

test('a callback with state belongs to one fit at a time', async () => {
  const { earlyStopping, modelCheckpoint, pauseSwitch } = await import('../../src/index.js');
  for (const [callback, name] of [
    [earlyStopping({ monitor: 'loss' }), 'earlyStopping'],
    [modelCheckpoint({ save: () => {} }), 'with onTrainBegin'],
    [pauseSwitch(), 'with onTrainBegin'],
  ] as const) {
    const first = compiled().fit(x, y, { callbacks: callback });
    await refuses(
      compiled().fit(x, y, { callbacks: [{}, callback] }),
      `fit's callback ${name} is in use by another fit; give each fit one of its own`,
    );
    await first;
    await compiled().fit(x, y, { callbacks: callback });
  }
  const log = { onEpochEnd: () => {} };
  await Promise.all([compiled().fit(x, y, { callbacks: log }), compiled().fit(x, y, { callbacks: log })]);
});

test('weights are not set while they are read, nor shapes and histories from outside', async () => {
  const model = compiled({ batchSize: 1 });
  const many = toyExamples(4000, 3);
  const predicted = model.predict(many.x);
  refusesAtOnce(
    () => model.setWeights(model.getWeights()),
    'setWeights cannot be called while predict() or evaluate() of the same model is under way; await it first, or use setWeightsInTurn()',
  );
  await predicted;
  model.setWeights(model.getWeights());
  const inputShape = [6, 6, 1];
  const { sequential } = await import('../../src/index.js');
  const shaped = sequential({ inputShape });
  inputShape[0] = 9;
  (shaped.inputShape as number[])[1] = 9;
  assert.equal(shaped.inputShape, [6, 6, 1]);
  const { history } = await compiled().fit(x, y, {
    epochs: 2,
    callbacks: {
      onTrainBegin: (trained) => {
        model.fitState = (trained as Model).fitState;
      },
      onEpochEnd: () => {
        model.fitState!().history.epoch.push(7);
      },
    },
  });
  assert.is(history.loss!.length, 2);
});

test('a fit whose data change meanwhile is refused', async () => {
  for (const more of [{}, { background: background() }]) {
    for (const change of [
      (data: ReturnType<typeof toyExamples>) => {
        data.x.data[5] = 9;
      },
      (data: ReturnType<typeof toyExamples>) => {
        data.y[3] = (data.y[3]! + 1) % 4;
      },
    ]) {
      const data = toyExamples(40);
      await refuses(
        compiled(more).fit(data.x, data.y, {
          epochs: 2,
          callbacks: {
            onEpochEnd: (epoch) => {
              if (epoch === 0) change(data);
            },
          },
        }),
        "fit's data changed while it trained; give arrays that nothing else writes to",
      );
    }
  }
});

test('a fit that is ended by its signal has the best weights, too', async () => {
  const { earlyStopping } = await import('../../src/index.js');
  const model = compiled();
  const stop = new AbortController();
  const hashes: string[] = [];
  const scores = [3, 1, 2, 2];
  const callbacks = [
    {
      logNames: ['score'],
      onEpochEnd(epoch: number, logs: Record<string, number>) {
        logs['score'] = scores[epoch]!;
        hashes.push(weightsHash(model));
        if (epoch === 3) stop.abort(new Error('enough'));
      },
    },
    earlyStopping({ monitor: 'score', mode: 'min', patience: 9, restoreBestWeights: true }),
  ];
  await model.fit(x, y, { epochs: 9, signal: stop.signal, callbacks }).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, 'enough'),
  );
  assert.is(weightsHash(model), hashes[1]);
});

test('the best weights come back after a prediction that is under way when fit ends', async () => {
  const { earlyStopping } = await import('../../src/index.js');
  for (const more of [{}, { background: background() }]) {
    const model = compiled(more);
    const hashes: string[] = [];
    let [last, predicted]: ArrayLike<number>[] = [[], []];
    let predicting: Promise<unknown> = Promise.resolve();
    const beside = {
      logNames: ['score'],
      onEpochEnd(epoch: number, logs: Record<string, number>) {
        logs['score'] = [3, 1, 2][epoch]!;
        hashes.push(weightsHash(model));
      },
      async onTrainEnd() {
        last = (await model.predict(x)).data;
        predicting = model.predict(x).then(({ data }) => (predicted = data));
      },
    };
    const best = earlyStopping({ monitor: 'score', mode: 'min', patience: 9, restoreBestWeights: true });
    await model.fit(x, y, { epochs: 3, callbacks: [beside, best] });
    await predicting;
    assert.equal(predicted, last, 'of the last weights');
    assert.is(weightsHash(model), hashes[1]);
  }
});

test('logs and files name a metric as it was requested', async () => {
  const model = compiled({ metrics: ['acc'] });
  const { history } = await model.fit(x, y, { validationData: [x, y] });
  assert.equal(Object.keys(history), ['loss', 'acc', 'val_loss', 'val_acc']);
  assert.equal(
    loadModel(model.save()).model.compiled!.outputs[0]!.metrics.map(({ name }) => name),
    ['acc'],
  );
  refusesAtOnce(
    () => compiled({ metrics: ['acc', 'acc'] }),
    "compile's metrics name one twice: acc, acc; leave one out",
  );
});

test.run();
