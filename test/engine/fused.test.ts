// numerics: 'fused': another build with bits of its own, the same for any number of threads, and as near to the exact ones as rounding is.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/digits/digits.js';
import {
  adam,
  layers,
  sequential,
  WasmCnnError,
  type Background,
  type Numerics,
  type Tensor,
} from '../../src/index.js';
import { background } from '../../src/node/threads/background.js';
import { enableFused } from '../../src/node/threads/fused.js';
import { workers } from '../../src/node/threads/workers.js';

enableFused();
const { train } = builtinDigits({ trainCount: 200, testCount: 10, seed: 6 });

async function trained(
  numerics: Numerics,
  threads = 1,
  epochs = 1,
  thread: Background | null = null,
): Promise<Tensor<Float32Array>[]> {
  const model = sequential({
    inputShape: [28, 28, 1],
    layers: [
      layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d(),
      layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.conv2d({ filters: 5, kernelSize: 3, strides: 2 }),
      layers.flatten(),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: adam(),
    loss: 'categoricalCrossentropy',
    batchSize: 64,
    numerics,
    workers: workers(threads),
    background: thread,
  });
  await model.fit(train.x, train.y, { epochs });
  return model.getWeights();
}

test('fused is bit-identical on 1, 2 and 3 threads', async () => {
  const one = await trained('fused', 1, 2);
  for (const threads of [2, 3]) assert.equal(await trained('fused', threads, 2), one, `${threads} threads`);
});

test('a thread that trains for this one has its kernels', async () =>
  assert.equal(await trained('fused', 2, 1, background()), await trained('fused')));

test('fused is not exact, and near it', async () => {
  const [exact, fused] = [await trained('exact'), await trained('fused')];
  assert.not.equal(fused, exact);
  let worst = 0;
  for (const [i, { data }] of exact.entries())
    for (const [j, value] of data.entries()) worst = Math.max(worst, Math.abs(value - fused[i]!.data[j]!));
  // Four steps of Adam of 0.001 each: a gradient near 0 may change its sign, which costs twice the step.
  assert.ok(worst <= 0.002, `off by ${worst}`);
});

test('an unknown name is refused', () => {
  const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 2, activation: 'softmax' })] });
  try {
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', numerics: 'fast' as Numerics });
    assert.unreachable('it was taken');
  } catch (error) {
    assert.instance(error, WasmCnnError);
    assert.is((error as Error).message, "compile's numerics must be 'exact' or 'fused', got \"fast\"");
  }
});

test.run();
