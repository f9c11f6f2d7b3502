// Ops that predict: they keep nothing, their memory is what is alive at once, the weights are packed when they have changed, and the
// examples that go through them together change no bit.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sizeOf } from '../../src/base/shape.js';
import type { Plan } from '../../src/compiler/plan.js';
import { predictProgram } from '../../src/compiler/program.js';
import { Engine } from '../../src/engine/engine.js';
import type { Value } from '../../src/graph/graph.js';
import { layers, loadModel, sequential, type Model, type Sequential } from '../../src/index.js';
import { networks as benchNetworks } from '../../src/networks/index.js';
import { workers } from '../../src/node/index.js';
import { RandomStream } from '../../src/base/random.js';
import { networks, toModel } from '../model/networks.js';
import { planOf } from '../model/plans.js';

/** Most bytes that are alive at once where each value lives from its maker to its last reader, beside the op's own scratch memory. */
function aliveBytes({ predicting: { ops, shardSize }, inputs, outputs, losses }: Plan): number {
  const ports = new Set([...inputs, ...outputs, ...losses.map(({ targets }) => targets)].map(({ at }) => at));
  const spans = new Map<Value, [from: number, to: number]>();
  for (const [i, planned] of ops.entries()) {
    for (const [j, value] of planned.op.outputs.entries())
      if (!ports.has(planned.outputs[j]!.at)) spans.set(value, [i, i]);
    for (const value of planned.op.inputs) if (spans.has(value)) spans.get(value)![1] = i;
  }
  const aligned = (floats: number): number => Math.ceil((4 * floats) / 64) * 64;
  const sum = (sizes: object | undefined): number =>
    Object.values(sizes ?? {}).reduce((bytes: number, floats: number) => bytes + aligned(floats), 0);
  return Math.max(
    ...ops.map(({ op }, i) => {
      const alive = [...spans].filter(([, [from, to]]) => from <= i && i <= to);
      const values = alive.reduce((bytes, [{ shape }]) => bytes + aligned(shardSize * sizeOf(shape)), 0);
      return Math.max(values + sum(op.memory.scratch), sum(op.memory.repackScratch));
    }),
  );
}

test('scratch memory is little more than what is live at once, and nothing is kept', () => {
  const models = [
    ...networks.map((network) => toModel(network, 1)),
    ...Object.values(benchNetworks).map((make) => make()),
  ];
  for (const model of models) {
    const plan = planOf(model, { batchSize: 4, slots: null });
    const [alive, scratch] = [aliveBytes(plan), plan.workerBytes - 64];
    // Places of several sizes leave gaps.
    assert.ok(scratch <= 1.25 * alive, `${model.name}: ${scratch} bytes for ${alive}`);
    for (const name of ['batch', 'gradients', 'shard gradients', 'm', 'v'])
      assert.not(
        plan.blocks.some((block) => block.name === name),
        `${model.name} has ${name}`,
      );
    for (const { op } of plan.predicting.ops)
      for (const name of ['transposed', 'flipped', 'wT', 'argmax', 'dwT'])
        if (op.name !== 'conv2dTranspose')
          assert.not(name in { ...op.memory.packed, ...op.memory.saved, ...op.memory.scratch }, `${op.name}: ${name}`);
  }
});

/** Outputs for n examples. */
function predicted(model: Model, n: number, predictingShard: number): Float32Array {
  const plan = planOf(model, { batchSize: n, slots: null, predictingShard });
  assert.is(plan.predicting.shardSize, Math.min(n, predictingShard));
  const engine = new Engine(plan);
  for (const [i, { data }] of model.getWeights().entries()) engine.weights.set(data, model.parameters[i]!.offset);
  engine.repack();
  const random = new RandomStream(5);
  for (const { floats } of engine.inputs)
    floats.forEach((_, i) => {
      floats[i] = random.uniform() < 0.4 ? 0 : random.between(-1, 1);
    });
  engine.predict('predict', (thread) => predictProgram(plan, { count: n, pixels: false }, thread));
  return engine.outputs[0]!.slice();
}

test('examples one at a time are bit-identical to many at once', () => {
  for (const network of networks) {
    const model = toModel(network, 1);
    const expected = predicted(model, 7, 7);
    for (const shard of [1, 2, 3])
      assert.is(
        Buffer.compare(Buffer.from(predicted(model, 7, shard).buffer), Buffer.from(expected.buffer)),
        0,
        network.name,
      );
  }
});

/** Runs `work` with the names of all kernels that are called. */
async function callsOf<Result>(work: (calls: string[]) => Promise<Result>): Promise<Result> {
  const calls: string[] = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function counted(module: WebAssembly.Module, imports: WebAssembly.Imports) {
    const kernels = new Instance(module, imports).exports as Record<string, (...args: number[]) => void>;
    const entries = Object.entries(kernels).map(([name, kernel]) => [
      name,
      (...args: number[]): void => {
        calls.push(name);
        kernel(...args);
      },
    ]);
    return { exports: Object.fromEntries(entries) as unknown };
  } as unknown as typeof Instance;
  try {
    return await work(calls);
  } finally {
    WebAssembly.Instance = Instance;
  }
}

const small = (): Sequential =>
  sequential({
    inputShape: [8, 8, 4],
    seed: 1,
    layers: [
      layers.conv2d({ filters: 8, kernelSize: 3, useBias: false }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({ units: 20 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
const examples = (n: number) => ({
  data: Float32Array.from({ length: n * 256 }, (_, i) => (i % 11) / 11),
  shape: [n, 8, 8, 4],
});
const isPacking = (kernel: string): boolean => /Panels|Filters|transpose|scaleColumns/.test(kernel);

test('weights are packed once for any number of predictions, and again when they have changed', async () => {
  await callsOf(async (calls) => {
    const model = small();
    const packings = async (n: number): Promise<number> => {
      calls.length = 0;
      await model.predict(examples(n));
      return calls.filter(isPacking).length;
    };
    assert.ok((await packings(1)) > 0, 'at first');
    for (const n of [1, 40, 1]) assert.is(await packings(n), 0, `${n} examples`);
    model.setWeights(model.getWeights());
    assert.ok(calls.filter(isPacking).length > 0, 'new weights');
    assert.is(await packings(1), 0, 'after them');
  });
});

test('steps fold no normalization; the first prediction after them does, once', async () => {
  await callsOf(async (calls) => {
    const model = small();
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 16 });
    calls.length = 0;
    for (let step = 0; step < 3; step++) await model.trainOnBatch(examples(2), [0, 1]);
    assert.not(calls.includes('scaleColumns'), 'steps');
    await model.evaluate(examples(40), new Uint8Array(40));
    await model.predict(examples(40));
    assert.is(calls.filter((kernel) => kernel === 'scaleColumns').length, 1);
    assert.is(calls.filter((kernel) => kernel === 'batchNormSums').length, 3, 'of the three steps alone');
  });
});

test('a model that is loaded to predict shares a large batch among the threads that loadModel was given', async () => {
  const bytes = small().save();
  const [{ model: alone }, { model: shared }] = [loadModel(bytes), loadModel(bytes, { workers: workers(2) })];
  assert.equal(await shared.predict(examples(1)), await alone.predict(examples(1)));
  assert.is(shared.threads.running, 1, 'one image starts none');
  const expected = await alone.predict(examples(300));
  assert.equal(await shared.predict(examples(300)), expected);
  while (shared.threads.running < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await shared.predict(examples(300)), expected);
});

test('one image wakes no other thread', async () => {
  const model = small();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 16, workers: workers(2) });
  const { engine } = model.training();
  await engine.ready();
  const start = new Int32Array(engine.weights.buffer, engine.plan.control, 1);
  const many = await model.predict(examples(16));
  const before = start[0];
  assert.ok(before! !== 0, 'many images are shared');
  const one = await model.predict(examples(1));
  assert.is(start[0], before, 'one image is not');
  assert.equal(one.data, many.data.subarray(0, 3));
  engine.end();
});

test.run();
