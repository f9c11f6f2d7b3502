// The memory plan: blocks that do not overlap, gradients in places of their own, and shards that follow from the batch size alone.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adam } from '../../src/index.js';
import { makePlan, type Plan } from '../../src/compiler/plan.js';
import { sizeOf } from '../../src/base/shape.js';
import { networks, toModel, type Network } from '../model/networks.js';

function planOf(network: Network, batchSize: number, threads = 1): Plan {
  const model = toModel(network, 1);
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 1 });
  return makePlan(
    model.plan!.ops.map(({ op }) => op),
    model.parameters,
    { batchSize, slots: adam().slots, threads },
  );
}

const each = (check: (plan: Plan, what: string) => void): void => {
  for (const network of networks)
    for (const batchSize of [1, 5, 17, 128, 200])
      for (const threads of [1, 3]) {
        check(planOf(network, batchSize, threads), `${network.name}, batch ${batchSize}, ${threads} threads`);
      }
};

test('blocks are 64-byte aligned, in order, do not overlap, and the last one ends the memory', () => {
  each(({ blocks, totalBytes }, what) => {
    // Address 0 means "none".
    let end = 64;
    for (const { name, at, bytes } of blocks) {
      assert.is(at % 64, 0, `${what}: ${name} at ${at}`);
      assert.is(at, end, `${what}: ${name} begins where the block before ended`);
      assert.ok(bytes > 0, `${what}: ${name}`);
      end = Math.ceil((at + bytes) / 64) * 64;
    }
    assert.is(totalBytes, end, what);
  });
});

test('parameters lie one after another, and so do their gradients', () => {
  each((plan, what) => {
    const of = (addresses: 'parameters' | 'gradients'): number[] => plan.ops.flatMap((planned) => planned[addresses]);
    const offsets = plan.ops.flatMap(({ op }) => op.parameters.map(({ offset }) => 4 * offset));
    assert.equal(
      of('parameters'),
      offsets.map((offset) => plan.params + offset),
      what,
    );
    assert.equal(
      of('gradients'),
      offsets.map((offset) => plan.gradients + offset),
      what,
    );
    assert.equal(
      plan.blocks
        .filter(({ name }) => name === 'params' || name === 'gradients' || name === 'm' || name === 'v')
        .map(({ bytes }) => bytes),
      Array<number>(4).fill(4 * plan.parameterCount),
      what,
    );
  });
});

test('an op never reads and writes gradients of activations in one place, unless it works in place', () => {
  each(({ ops, firstTrained }, what) => {
    for (const [i, { op, x, y, dx, dy }] of ops.entries()) {
      if (i <= firstTrained) assert.is(dx.at, 0, `${what}: nobody needs dx of ${op.name}`);
      else assert.is(dx.at === dy.at, x.at === y.at, `${what}: dx and dy of ${op.name}`);
      if (i > 0 && i > firstTrained)
        assert.equal(dx, ops[i - 1]!.dy, `${what}: dx of ${op.name} is dy of the op before`);
    }
  });
});

test('activations of the whole batch have places of their own, but for ops in place; no output that is needed is overwritten', () => {
  each(({ ops, batchSize }, what) => {
    let end = 0;
    let needed = false;
    for (const { op, x, y } of ops) {
      assert.is(y.perExample, 4 * sizeOf(op.covers.at(-1)!.output), `${what}: ${op.name}`);
      if (x.at === y.at)
        assert.ok(op.inPlace === 'view' || (op.inPlace === 'overwrites' && !needed), `${what}: ${op.name}`);
      else {
        assert.ok(y.at >= end, `${what}: output of ${op.name}`);
        end = y.at + batchSize * y.perExample;
        needed = op.needsOutput === true;
      }
    }
  });
});

test('shards follow from the batch size, not from the threads: at most 16 examples, 8 shards where there can be', () => {
  const shards = [1, 5, 8, 9, 17, 33, 128, 200].map((batchSize) =>
    [1, 2, 3].map((threads) => planOf(networks[0]!, batchSize, threads).shardSize),
  );
  assert.equal(
    shards,
    [1, 1, 1, 2, 3, 5, 16, 16].map((size) => [size, size, size]),
  );
});

test('the same model gets the same plan; more threads only add scratch memory at the end', () => {
  const network = networks.at(-1)!;
  assert.equal(planOf(network, 32).blocks, planOf(network, 32).blocks);
  const [one, three] = [planOf(network, 32, 1), planOf(network, 32, 3)];
  assert.equal(three.blocks.slice(0, -1), one.blocks.slice(0, -1));
  assert.is(three.blocks.at(-1)!.bytes, 3 * one.blocks.at(-1)!.bytes);
});

test('a model that only predicts has no place for what training needs', () => {
  const model = toModel(networks.at(-1)!, 1);
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 8 });
  const ops = model.plan!.ops.map(({ op }) => op);
  const plan = makePlan(ops, model.parameters, { batchSize: 8, slots: null, threads: 1 });
  assert.not(plan.training);
  assert.ok(plan.totalBytes < model.plan!.totalBytes);
  assert.equal(
    plan.blocks.filter(({ name }) => /^(m|v|gradients|targets|losses|shard gradients)$| dy$/.test(name)),
    [],
  );
});

test.run();
