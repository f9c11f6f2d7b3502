// Threads: any number of them gives the same bits, and one that fails ends the step with a sentence instead of a hang.
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/digits.js';
import { adam, layers, referenceNetwork, sequential, WasmCnnError, type Sequential, type WorkerFactory } from '../../src/index.js';
import { workers } from '../../src/node/workers.js';

const { train } = builtinDigits({ trainCount: 300, testCount: 10, seed: 5 });

async function hashAfterTwoEpochs(model: Sequential, threads: number, batchSize: number): Promise<string> {
  model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize, workers: workers(threads) });
  await model.fit(train.x, train.y, { epochs: 2 });
  const hash = createHash('sha256');
  for (const { data } of model.getWeights()) hash.update(new Uint8Array(data.buffer));
  const { loss } = await model.evaluate(train.x, train.y);
  return `${hash.digest('hex')} ${loss}`;
}

/** No pooling lowering, dropout, a batch that is no multiple of the shards. */
const another = (): Sequential =>
  sequential({
    inputShape: [28, 28, 1],
    layers: [
      layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
      layers.flatten(),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });

test('1, 2, 3, 4 and 7 threads give the same weights and the same loss', async () => {
  for (const [make, batchSize] of [[() => referenceNetwork(), 64], [another, 50]] as const) {
    const one = await hashAfterTwoEpochs(make(), 1, batchSize);
    for (const threads of [2, 3, 4, 7]) assert.is(await hashAfterTwoEpochs(make(), threads, batchSize), one, `${threads} threads`);
  }
});

test('a worker that fails ends the step with one sentence', async () => {
  const good = workers(2);
  // The thread gets a program with an address outside the memory, so its kernel traps.
  const failing: WorkerFactory = {
    threads: 2,
    start(data) {
      const handle = good.start(data);
      return {
        terminate: handle.terminate,
        post({ number, program }) {
          const calls = program.map(({ name, tasks }) => ({ name, tasks: tasks.map(() => [{ kernel: 'clear' as const, args: [2 ** 32 - 8, 100], op: 'fault', pass: 'forward' as const }]) }));
          handle.post({ number, program: calls });
        },
      };
    },
  };
  const model = another();
  try {
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 64, workers: failing });
    for (let i = 0; i < 50; i++) await model.fit(train.x, train.y, { epochs: 1 });
    assert.unreachable('nothing failed');
  } catch (error) {
    assert.instance(error, WasmCnnError, String(error));
    assert.is((error as Error).message, 'worker thread 1 failed; the step is lost, start again from the last saved model');
  }
});

test.run();
