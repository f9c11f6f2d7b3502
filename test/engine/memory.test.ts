// Nothing is allocated in a step: JavaScript's heap and WebAssembly's pages stay flat over epochs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/digits/digits.js';
import { networks, referenceNetwork } from '../../src/index.js';
import { workers } from '../../src/node/threads/workers.js';
import { collectGarbage } from './garbage.js';

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const { train: digits } = builtinDigits({ trainCount: 600, testCount: 10, seed: 8 });
/** The middle of some of them, as a residual network of their whole size would take its time. */
const middles = {
  x: { data: digits.x.data.filter((_, i) => i < 100 * 784 && isMiddle(i % 784)), shape: [100, 8, 8, 1] },
  y: digits.y.subarray(0, 100),
};

function isMiddle(pixel: number): boolean {
  return [Math.floor(pixel / 28), pixel % 28].every((at) => at >= 10 && at < 18);
}

for (const [name, make, train, threads] of [
  ['the reference network', referenceNetwork, digits, 1],
  ['the reference network', referenceNetwork, digits, 2],
  ['a residual network', () => networks.resnet20({ inputShape: [8, 8, 1] }), middles, 2],
] as const) {
  test(`heap and pages are flat over 10 epochs of ${name} on ${threads === 1 ? 'one thread' : 'two threads'}`, async () => {
    const model = make();
    model.compile({
      optimizer: 'adam',
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
      batchSize: train === digits ? 16 : 4,
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
    // 34 steps an epoch and as many batches of validation: a kilobyte that each of them kept would be 68 in every epoch. V8's own books grow
    // by some 300 in one of them, when its compilers have optimized what runs.
    const growth = heaps.slice(1).map((bytes, epoch) => bytes - heaps[epoch]!);
    const usual = growth.sort((a, b) => a - b)[growth.length >> 1]!;
    assert.ok(usual <= 20_000, `the heap grew by ${growth.join(', ')} bytes`);
    assert.is(model.training().engine.weights.buffer, memory);
    assert.is(memory.byteLength, Math.ceil(model.plan!.totalBytes / 65536) * 65536);
  });
}

test.run();
