// earlyStopping: when it stops, and what weights are left.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { earlyStopping, loadModel, WasmCnnError, type EarlyStoppingOptions, type Logs } from '../../src/index.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { writeWithoutChecksum } from '../formats/otherTool.js';
import { compiledToy, toyExamples, weightsHash } from '../model/toy.js';

const { x, y } = toyExamples(16);

/** Trains with these scores, an epoch each; gives the epochs that were trained, the best one, and the hash after each epoch and at the end. */
async function run(
  scores: readonly number[],
  options: EarlyStoppingOptions,
): Promise<{ epochs: number; best: number | null; hashes: string[]; end: string }> {
  const model = compiledToy();
  const stopping = earlyStopping({ monitor: 'score', mode: 'min', ...options });
  const hashes: string[] = [];
  const score = (epoch: number, logs: Logs): void => {
    logs.score = scores[epoch]!;
    hashes.push(weightsHash(model));
  };
  const { epoch } = await model.fit(x, y, {
    epochs: scores.length,
    callbacks: [{ logNames: ['score'], onEpochEnd: score }, stopping],
  });
  return { epochs: epoch.length, best: stopping.state.bestEpoch, hashes, end: weightsHash(model) };
}

const cases: readonly [string, readonly number[], EarlyStoppingOptions, number, number | null][] = [
  ['patience 0 stops at the first epoch that is no better', [3, 2, 2, 1], {}, 3, 1],
  ['patience 1 is the same', [3, 2, 2, 1], { patience: 1 }, 3, 1],
  ['patience 2 waits for two', [3, 2, 2, 1, 1, 1, 0], { patience: 2 }, 6, 3],
  ['what improves to the end is not stopped', [3, 2, 1], {}, 3, 2],
  ['minDelta: a little better is not better', [3, 2.9, 2.8, 2.7], { minDelta: 0.5, patience: 2 }, 3, 0],
  ['max: larger is better', [1, 2, 1, 3], { mode: 'max' }, 3, 1],
  ['and with max neither', [3, 3.1, 3.2, 3.3], { minDelta: 0.5, patience: 2, mode: 'max' }, 3, 0],
  ['NaN is no better', [3, NaN, 1], {}, 2, 0],
  ['NaN is no better than nothing', [NaN, 3, 2, 3], { patience: 1 }, 1, null],
  ['and infinity neither', [-Infinity, 3, 2, 3], { patience: 2 }, 4, 2],
];
for (const [name, scores, options, epochs, best] of cases) {
  test(name, async () => {
    const outcome = await run(scores, options);
    assert.equal([outcome.epochs, outcome.best], [epochs, best]);
    assert.is(outcome.end, outcome.hashes.at(-1), 'the last weights stay');
  });
}

test('restoreBestWeights leaves the weights of the best epoch, stopped or not', async () => {
  for (const patience of [1, 9]) {
    const { hashes, end } = await run([3, 1, 2, 2], { patience, restoreBestWeights: true });
    assert.is(end, hashes[1]);
    assert.is.not(end, hashes[2]);
  }
});

test('an accuracy is better when it is larger, a loss when it is smaller', async () => {
  const epochsOf = async (monitor: string, values: readonly number[]): Promise<number> => {
    const { epoch } = await compiledToy().fit(x, y, {
      epochs: values.length,
      callbacks: [
        {
          logNames: [monitor],
          onEpochEnd: (n, logs) => {
            logs[monitor] = values[n]!;
          },
        },
        earlyStopping({ monitor }),
      ],
    });
    return epoch.length;
  };
  assert.is(await epochsOf('val_accuracy', [0.1, 0.2, 0.3]), 3);
  assert.is(await epochsOf('val_binaryAccuracy', [0.1, 0.2, 0.3]), 3);
  assert.is(await epochsOf('val_loss', [0.1, 0.2, 0.3]), 2);
});

test('it starts afresh with each fit', async () => {
  const stopping = earlyStopping({ monitor: 'score', mode: 'min' });
  for (const scores of [
    [1, 2],
    [5, 4, 6],
  ]) {
    const { epoch } = await compiledToy().fit(x, y, {
      epochs: 9,
      callbacks: [
        {
          logNames: ['score'],
          onEpochEnd: (n, logs) => {
            logs.score = scores[n]!;
          },
        },
        stopping,
      ],
    });
    assert.is(epoch.length, scores.length);
  }
  assert.equal([stopping.state.best, stopping.state.bestEpoch], [4, 1]);
});

test("a checkpoint's state that it could not have left is refused before the first step", async () => {
  let bytes = new Uint8Array();
  const options = { monitor: 'loss', patience: 3, restoreBestWeights: true };
  const model = compiledToy();
  await model.fit(x, y, {
    epochs: 2,
    callbacks: [earlyStopping(options), { onEpochEnd: (epoch) => void (epoch === 0 && (bytes = model.save())) }],
  });
  const file = readSafetensors(bytes, 'it');
  const fit = JSON.parse(file.metadata.get('fit')!);
  const name = 'callback:earlyStopping/weights';
  const resumed = async (change: object, weights: number, own: object = {}): Promise<string> => {
    const tensors = new Map(file.tensors);
    tensors.delete(name);
    if (weights >= 0) tensors.set(name, { shape: [weights], data: new Float32Array(weights) });
    const state = { ...fit, callbacks: { earlyStopping: { ...fit.callbacks.earlyStopping, ...change } } };
    const { model: loaded } = loadModel(
      writeWithoutChecksum({ tensors, metadata: new Map([...file.metadata, ['fit', JSON.stringify(state)]]) }),
    );
    return loaded.fit(x, y, { resume: true, callbacks: earlyStopping({ ...options, ...own }) }).then(
      () => 'resumed',
      (error: Error) => error.message,
    );
  };
  const size = model.countParams();
  assert.is(await resumed({}, size), 'resumed');
  const sentence =
    "the checkpoint's state of earlyStopping is not of this model and these options; give fit the same callbacks, or start anew without resume";
  for (const change of [
    { best: 'small' },
    { best: null },
    { bestEpoch: -1 },
    { bestEpoch: null },
    { wait: 0.5 },
    { wait: null },
  ])
    assert.is(await resumed(change, size), sentence, JSON.stringify(change));
  for (const weights of [-1, 0, size - 1, size + 1]) assert.is(await resumed({}, weights), sentence, `${weights}`);
  assert.is(await resumed({}, size, { restoreBestWeights: false }), sentence);
});

test('monitors and options that it refuses', async () => {
  let steps = 0;
  const error = await compiledToy()
    .fit(x, y, {
      callbacks: [
        earlyStopping(),
        {
          onBatchEnd: () => {
            steps++;
          },
        },
      ],
    })
    .catch((reason: unknown) => reason);
  assert.instance(error, WasmCnnError);
  assert.is(steps, 0, 'before the first step');
  assert.is(
    (error as Error).message,
    "earlyStopping monitors 'val_loss', and an epoch has loss, accuracy; give fit validationData, and a validationFreq up to its epochs",
  );
  const wrong: readonly [object, string][] = [
    [{ patience: -1 }, "earlyStopping's patience must be a whole number of at least 0, got -1"],
    [{ minDelta: NaN }, "earlyStopping's minDelta must be a number of at least 0, got NaN"],
    [{ mode: 'up' }, `earlyStopping's mode must be 'auto', 'min' or 'max', got "up"`],
    [
      { restore_best_weights: true },
      "earlyStopping has no option 'restore_best_weights' (did you mean 'restoreBestWeights'?); it has monitor, patience, minDelta, mode, baseline, restoreBestWeights, startFromEpoch, verbose",
    ],
  ];
  for (const [options, sentence] of wrong)
    assert.throws(
      () => earlyStopping(options),
      (thrown: Error) => thrown.message === sentence,
    );
});

test.run();
