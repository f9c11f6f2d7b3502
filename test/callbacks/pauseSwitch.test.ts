// pauseSwitch: fit waits, continues, changes nothing, and can be ended while it waits.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pauseSwitch, type Callbacks } from '../../src/index.js';
import { compiledToy, toyExamples, weightsHash } from '../model/toy.js';

const { x, y } = toyExamples(40);
// 3 steps an epoch.
const options = { epochs: 2, seed: 7 } as const;
const moment = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 30));

test('fit waits at a batch while it is paused, and ends bit-identically', async () => {
  const plain = compiledToy();
  await plain.fit(x, y, options);
  const model = compiledToy();
  const held = pauseSwitch();
  const steps: number[] = [];
  const watch: Callbacks = {
    onBatchEnd: () => {
      if (model.step === 2 || model.step === 4) held.pause();
    },
  };
  const trained = model.fit(x, y, { ...options, callbacks: [watch, held] });
  while (model.step < 6) {
    do await moment();
    while (!held.paused && model.step < 6);
    steps.push(model.step);
    assert.is(held.paused, model.step < 6);
    held.resume();
    if (model.step === 4) await trained;
  }
  assert.equal(steps, [2, 4]);
  assert.is(weightsHash(model), weightsHash(plain));
});

test('an abort ends a paused fit, and one that is paused afterwards', async () => {
  for (const pauseLater of [false, true]) {
    const [model, held, stop, reason] = [compiledToy(), pauseSwitch(), new AbortController(), new Error('enough')];
    const abort = (): void => {
      stop.abort(reason);
      if (pauseLater) held.pause();
    };
    const watch: Callbacks = { onBatchEnd: () => void (pauseLater ? abort() : (held.pause(), setTimeout(abort, 30))) };
    const error = await model
      .fit(x, y, { ...options, signal: stop.signal, callbacks: [watch, held] })
      .catch((thrown: unknown) => thrown);
    assert.is(error, reason);
    assert.is(model.step, 1);
  }
});

test.run();
