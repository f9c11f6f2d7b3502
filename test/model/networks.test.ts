// Whole models against the f64 reference: outputs, loss and every gradient, in batches that are whole, partial, and of many shards.
import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/engine/engine.js';
import { adam, layers, losses, sequential, type Model } from '../../src/index.js';
import { lower, type Choose } from '../../src/compiler/lower.js';
import { lowerConv2dOneChannel } from '../../src/compiler/ops/conv2dOneChannel.js';
import { lowerConv2dPoolOneChannel, lowerConv2dPoolWinograd } from '../../src/compiler/ops/conv2dPool.js';
import { lowerConv2dWinograd } from '../../src/compiler/ops/conv2dWinograd.js';
import type { Lowering } from '../../src/compiler/ops/op.js';
import type { NodeLowering } from '../../src/graph/graph.js';
import { buildGraph, signatureOf } from '../../src/model/topology.js';
import { Session } from '../../src/training/session.js';
import { buildNames, readBuild, within } from '../assembly/guardedMemory.js';
import { distance } from '../golden/golden.js';
import { opsOf, planOf } from './plans.js';
import { expectBatch, networks, toModel, type Expectation, type Network } from './networks.js';
import { gradientsOf, prepare } from '../../src/training/steps.js';

/** Examples that memory is planned for, and examples in the batch. */
const batches = [
  [1, 1],
  [17, 1],
  [5, 5],
  [16, 16],
  [17, 17],
  [33, 33],
  [33, 17],
  [200, 33],
] as const;
/** The debug build asserts what kernels are given: a batch of several shards, and one that is not full. */
const debugBatches = [
  [17, 17],
  [33, 17],
] as const;
/** About five times the worst that was seen: 3e-7, 3e-7, and 3e-6 of the largest element (a bias: 33 examples × 49 positions that nearly cancel). */
const limits = { probabilities: 2e-6, loss: 2e-6, gradients: 1.5e-5, statistics: 2e-6 };
const SEED = 3;

/** The same for every build and every choice of lowerings. */
const expectations = new Map<string, Expectation>();

function expected(network: Network, model: Model, n: number): Expectation {
  const key = `${network.name} ${n}`;
  if (!expectations.has(key)) expectations.set(key, expectBatch(network, model, n));
  return expectations.get(key)!;
}

for (const build of buildNames) {
  for (const network of networks) {
    test(`${network.name} (${build} build)`, async () => {
      for (const [planned, n] of build === 'debug' ? debugBatches : batches) {
        const model = toModel(network, SEED);
        model.wasm = readBuild(build);
        model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', batchSize: planned });
        const { batch, inference, training } = expected(network, model, n);
        const x = { data: batch.x, shape: [n, ...network.inputShape] };
        const what = `${n} of ${planned} examples`;
        const weights = model.parameters.filter(({ role }) => role === 'weight');

        for (const [i, { data }] of (await model.gradients(x, batch.labels)).entries()) {
          within(distance(data, training.gradients[i]!), limits.gradients, `${what}: gradient of ${weights[i]!.name}`);
        }
        within(
          distance((await model.predict(x)).data, inference.probabilities),
          limits.probabilities,
          `${what}: probabilities`,
        );
        within(
          Math.abs((await model.evaluate(x, batch.labels)).loss! / inference.loss - 1),
          limits.loss,
          `${what}: loss`,
        );
        within(
          Math.abs((await model.trainOnBatch(x, batch.labels)).loss! / training.loss - 1),
          limits.loss,
          `${what}: loss of a step`,
        );
        const moved = model.getWeights().filter((_, i) => model.parameters[i]!.role === 'statistic');
        for (const [i, { data }] of moved.entries())
          within(distance(data, training.statistics[i]!), limits.statistics, `${what}: statistic ${i}`);
      }
    });
  }
}

/** All that there are. */
const ops = new URL('../../src/compiler/ops/', import.meta.url);
const files: object[] = await Promise.all(
  readdirSync(ops)
    .filter((name) => name.endsWith('.js'))
    .map((name) => import(new URL(name, ops).href)),
);
const all = files
  .flatMap((file) => Object.entries(file))
  .filter(([name]) => /^lower[A-Z]/.test(name) && name !== 'lowerBy')
  .map(([, lowering]) => lowering as Lowering);

test('every lowering computes at least one of these networks, or a loss', () => {
  assert.ok(all.length > 25, 'they were found');
  const taken = new Set<NodeLowering>();
  const spies: Choose = (lowerings) =>
    lowerings.map((lowering): NodeLowering => (node, graph) => {
      const op = lowering(node, graph);
      if (op) taken.add(lowering);
      return op;
    });
  for (const network of networks) opsOf(toModel(network, SEED), true, spies);
  const { topology } = sequential({ inputShape: [2], layers: [layers.dense({ units: 1, activation: 'sigmoid' })] });
  for (const loss of [losses.binaryCrossentropy({ labelSmoothing: 0.1 }), losses.huber()])
    lower(buildGraph(topology, [{ loss, weight: 1 }]), true, spies);
  assert.equal(
    all.filter((lowering) => !taken.has(lowering)).map(({ name }) => name),
    [],
  );
});

const pooled: readonly Lowering[] = [lowerConv2dPoolOneChannel, lowerConv2dPoolWinograd];
/** What the model would do if it did not have these lowerings. */
const without =
  (left: readonly NodeLowering[]): Choose =>
  (lowerings) =>
    lowerings.filter((lowering) => !left.includes(lowering));
const choices: readonly [string, Choose][] = [
  ['without the lowerings that take a pool in', without(pooled)],
  ['without any special lowering', without([...pooled, lowerConv2dOneChannel, lowerConv2dWinograd])],
];
const opNames = (network: Network, chosen?: Choose): string =>
  opsOf(toModel(network, SEED), true, chosen)
    .map(({ name }) => name)
    .join();

for (const [i, [choice, chosen]] of choices.entries()) {
  const before = choices[i - 1]?.[1];
  for (const network of networks.filter((each) => opNames(each, chosen) !== opNames(each, before))) {
    test(`${network.name}, ${choice}`, async () => {
      const model = toModel(network, SEED);
      const { inputShape } = network;
      for (const [planned, n] of [
        [16, 16],
        [33, 17],
      ] as const) {
        const { batch, inference, training } = expected(network, model, n);
        const engine = new Engine(planOf(model, { batchSize: planned }, chosen));
        const session = new Session(
          engine,
          {
            optimizer: adam(),
            outputs: [{ name: 'output', loss: losses.categoricalCrossentropy(), weight: 1, metrics: [] }],
            batchSize: planned,
            numerics: 'exact',
          },
          signatureOf(model.topology),
        );
        session.seed = SEED;
        for (const [j, { data }] of model.getWeights().entries()) engine.weights.set(data, model.parameters[j]!.offset);
        engine.repack();

        const x = { data: batch.x, shape: [n, ...inputShape] };
        const what = `${n} of ${planned} examples`;
        const gradients = gradientsOf(session, prepare(session, x, batch.labels, 'the test'));
        const weights = model.parameters.filter(({ role }) => role === 'weight');
        for (const [j, { name, offset, size }] of weights.entries()) {
          within(
            distance(gradients.subarray(offset, offset + size), training.gradients[j]!),
            limits.gradients,
            `${what}: gradient of ${name}`,
          );
        }
        within(
          distance((await session.predict([x], n))[0]!.data, inference.probabilities),
          limits.probabilities,
          `${what}: probabilities`,
        );
      }
    });
  }
}

test.run();
