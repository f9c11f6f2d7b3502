// The memory plan: blocks that do not overlap, gradients in places of their own, and shards that follow from the batch size alone.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sizeOf } from '../../src/base/shape.js';
import type { Place } from '../../src/compiler/buffers.js';
import type { Plan, PlannedOp } from '../../src/compiler/plan.js';
import { networks, toModel, type Network } from '../model/networks.js';
import { placeApart, planOf as planOfModel } from '../model/plans.js';

function planOf(network: Network, batchSize: number, threads = 1): Plan {
  return planOfModel(toModel(network, 1), { batchSize, threads });
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

test('variables are contiguous, and so are the gradients of the weights', () => {
  each((plan, what) => {
    const uses = plan.ops.flatMap(({ op, variables, gradients }) =>
      op.variables.map((variable, i) => {
        const weights = op.variables.filter(({ role }) => role === 'weight');
        return { variable, at: variables[i]!, gradient: gradients[weights.indexOf(variable)] };
      }),
    );
    // Further gradients of a weight that several ops share are stored behind the first gradients of all weights.
    let further = plan.gradients + 4 * plan.weightCount;
    const seen = new Set<object>();
    for (const { variable, at, gradient } of uses) {
      assert.is(at, plan.params + 4 * variable.offset, `${what}: ${variable.name}`);
      if (variable.role === 'statistic') continue;
      const first = !seen.has(variable);
      assert.is(gradient, first ? plan.gradients + 4 * variable.offset : further, `${what}: d${variable.name}`);
      if (!first) further += 4 * variable.size;
      seen.add(variable);
    }
    const bytesOf = (block: string): number => plan.blocks.find(({ name }) => name === block)!.bytes;
    assert.is(bytesOf('params'), 4 * plan.variableCount, what);
    for (const slot of ['m', 'v']) assert.is(bytesOf(slot), 4 * plan.weightCount, what);
    assert.is(bytesOf('gradients'), further - plan.gradients, what);
  });
});

/** Bytes that an op has of a place, for the first shard. */
type Range = readonly [name: string, from: number, to: number];

function rangesOf(
  { op, inputs, outputs, dInputs, dOutputs, memory }: PlannedOp,
  shardSize: number,
  backward: boolean,
): Range[] {
  const range = (name: string, { at, perExample, perWorker }: Place, floats: number, each: boolean): Range[] =>
    at === 0 ? [] : [[name, at, at + 4 * floats * (each && (perExample > 0 || perWorker) ? shardSize : 1)]];
  const sizes = { ...op.memory.saved, ...op.memory.scratch };
  return [
    ...op.outputs.flatMap(({ shape }, i) => range('y', outputs[i]!, sizeOf(shape), true)),
    ...op.inputs.flatMap(({ shape }, i) => range('x', inputs[i]!, sizeOf(shape), true)),
    ...Object.entries(sizes).flatMap(([name, floats]) =>
      range(name, memory[name]!, floats, name in (op.memory.saved ?? {})),
    ),
    ...(backward
      ? [
          ...op.outputs.flatMap(({ shape }, i) => range('dy', dOutputs[i]!, sizeOf(shape), true)),
          ...op.inputs.flatMap(({ shape }, i) => range('dx', dInputs[i]!, sizeOf(shape), true)),
        ]
      : []),
  ];
}

test('what an op reads and writes at one moment never overlaps, but for both ends of an op in place', () => {
  const inPlace = new Set(['xy', 'yx', 'dxdy', 'dydx']);
  each(({ ops, shardSize, timeline }, what) => {
    for (const [i, planned] of ops.entries()) {
      const { inputs, outputs, backwardReads } = planned.op;
      const reads = { x: backwardReads.inputs, y: backwardReads.outputs !== false };
      for (const backward of timeline.backward[i] ? [false, true] : [false]) {
        const alive = rangesOf(planned, shardSize, backward).filter(
          ([name]) => !backward || !(name in reads) || reads[name as 'x' | 'y'],
        );
        for (const [j, [name, from, to]] of alive.entries())
          for (const [other, begin, end] of alive.slice(0, j)) {
            // A value may be read twice.
            if (from >= end || begin >= to || (name === 'x' && other === 'x' && from === begin)) continue;
            assert.ok(
              planned.op.inPlace && inPlace.has(name + other) && from === begin,
              `${what}: ${name} and ${other} of ${planned.op.name}`,
            );
            assert.is(sizeOf(inputs[0]!.shape), sizeOf(outputs[0]!.shape));
          }
      }
    }
  });
});

test('a gradient is where the op that made the value looks for it', () => {
  each(({ ops, timeline }, what) => {
    for (const [i, { op, dInputs, addTo, inputs }] of ops.entries())
      for (const [j, input] of op.inputs.entries()) {
        const maker = ops.findIndex((other) => other.op.outputs.includes(input));
        if (maker < 0) continue;
        assert.equal(inputs[j], ops[maker]!.outputs[0], `${what}: x of ${op.name}`);
        if (timeline.backward[i] && timeline.backward[maker])
          assert.equal(addTo[j] ?? dInputs[j], ops[maker]!.dOutputs[0], `${what}: dx of ${op.name}`);
        else assert.is(dInputs[j]!.at, 0, `${what}: dx of ${op.name} is not needed`);
      }
  });
});

test('each worker has its own scratch memory, whatever the stages of its op', () => {
  each(({ ops }, what) => {
    for (const { op, memory } of ops)
      for (const name of Object.keys(op.memory.scratch ?? {}))
        assert.ok(memory[name]!.perWorker, `${what}: ${name} of ${op.name}`);
  });
});

test('reusing memory takes less than a separate place for each value', () => {
  for (const network of networks) {
    const model = toModel(network, 1);
    const [shared, apart] = [
      planOfModel(model, { batchSize: 32 }),
      planOfModel(model, { batchSize: 32, place: placeApart }),
    ];
    assert.ok(shared.totalBytes <= apart.totalBytes, network.name);
  }
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

test('a model that only predicts has no memory for training', () => {
  const model = toModel(networks.at(-1)!, 1);
  const [predicts, trains] = [planOfModel(model, { batchSize: 8, slots: null }), planOfModel(model, { batchSize: 8 })];
  assert.not(predicts.training);
  assert.ok(predicts.totalBytes < trains.totalBytes);
  assert.equal(
    predicts.blocks.filter(({ name }) => /^(m|v|gradients|targets|losses|shard gradients)$/.test(name)),
    [],
  );
});

test.run();
