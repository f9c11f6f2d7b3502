// Nothing is allocated in a step: JavaScript's heap and WebAssembly's pages stay flat over epochs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/digits/digits.js';
import { referenceNetwork } from '../../src/index.js';
import { workers } from '../../src/node/threads/workers.js';
import { collectGarbage } from './garbage.js';

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

for (const threads of [1, 2]) {
  test(`heap and pages are flat over 10 epochs on ${threads === 1 ? 'one thread' : 'two threads'}`, async () => {
    const { train } = builtinDigits({ trainCount: 600, testCount: 10, seed: 8 });
    const model = referenceNetwork();
    model.compile({
      optimizer: 'adam',
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
      batchSize: 16,
      workers: workers(threads),
    });
    const memory = model.training().engine.weights.buffer;
    const heaps: number[] = [];
    await model.fit(train.x, train.y, {
      epochs: 12,
      validationData: [train.x, train.y],
      callbacks: {
        onEpochEnd: (epoch) => {
          if (epoch > 1) heaps.push(heapBytes());
        },
      },
    });
    // 340 steps and as many batches of validation: a kilobyte that each of them kept would be 680. 60 were seen, in V8's own books.
    const grown = heaps.at(-1)! - heaps[0]!;
    assert.ok(grown <= 200_000, `the heap grew by ${grown} bytes`);
    assert.is(model.training().engine.weights.buffer, memory);
    assert.is(memory.byteLength, Math.ceil(model.plan!.totalBytes / 65536) * 65536);
  });
}

test.run();
