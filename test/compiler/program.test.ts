// Programs: every address lies in a block of the plan, no call writes beside its blocks, and the order of a phase's tasks, or the
// thread that takes them, changes no bit.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { moreModule } from '../../src/engine/modules/more.generated.js';
import { builtinModules, instantiate, openMemory } from '../../src/engine/kernels.js';
import type { Kernels } from '../../src/engine/kernels.generated.js';
import { adam } from '../../src/index.js';
import { opLabel } from '../../src/compiler/ops/op.js';
import type { Plan } from '../../src/compiler/plan.js';
import {
  evaluateProgram,
  predictProgram,
  repackProgram,
  repackToPredictProgram,
  type Call,
  type Program,
  type Task,
} from '../../src/compiler/program.js';
import { trainProgram } from '../../src/compiler/trainingProgram.js';
import { RandomStream } from '../../src/base/random.js';
import { planOf } from '../model/plans.js';
import { networks, toModel } from '../model/networks.js';
import { addressArguments } from '../pins/addressArguments.js';

const THREADS = 3;
const optimizer = adam();

function* callsOf(program: Program): Generator<Call> {
  for (const { tasks } of program) for (const task of tasks) yield* task;
}

test('every kernel declares its addresses as usize', () => {
  const kernels = builtinModules(false, 'exact', [moreModule]).flatMap((module) => WebAssembly.Module.exports(module));
  assert.ok(kernels.length > 100, 'the kernels were found');
  for (const { name } of kernels)
    assert.ok(
      addressArguments.get(name)?.some((isAddress) => isAddress),
      name,
    );
});

test('every kernel is in every bundle, or in the module that its op brings', () => {
  const namesOf = (modules: readonly WebAssembly.Module[]): readonly string[] =>
    modules.flatMap((module) => WebAssembly.Module.exports(module).map(({ name }) => name));
  const [core, withMore] = [namesOf(builtinModules(false)), namesOf(builtinModules(false, 'exact', [moreModule]))];
  for (const network of networks) {
    const plan = planOf(toModel(network, 1), { batchSize: 17, threads: 1 });
    const brings = new Set([
      ...plan.ops.filter(({ op }) => op.moreKernels).map(({ op }) => opLabel(op)),
      // Calls for a weight's rules have its name.
      ...plan.variables
        .filter(({ regularizer, constraint }) => regularizer?.moreKernels ?? constraint?.moreKernels)
        .map(({ name }) => name),
    ]);
    const options = { count: 17, pixels: true };
    for (const program of [trainProgram(plan, optimizer, options, 0), predictProgram(plan, options, 0)])
      for (const { kernel, op } of callsOf(program))
        assert.ok((brings.has(op) ? withMore : core).includes(kernel), `${network.name}: ${kernel} of ${op}`);
  }
});

for (const [batchSize, count] of [
  [1, 1],
  [17, 17],
  [33, 20],
] as const) {
  test(`every address of every program lies in a block: ${count} of ${batchSize} examples`, () => {
    for (const network of networks) {
      const plan = planOf(toModel(network, 1), { batchSize, threads: THREADS });
      const starts = plan.blocks.map(({ at }) => at);
      const inBlock = (address: number): boolean => {
        // The last block that does not begin behind it.
        let [low, high] = [0, starts.length];
        while (high - low > 1) {
          const middle = (low + high) >> 1;
          if (starts[middle]! <= address) low = middle;
          else high = middle;
        }
        return address >= starts[low]! && address < starts[low]! + plan.blocks[low]!.bytes;
      };
      for (let thread = 0; thread < THREADS; thread++)
        for (const pixels of [false, true]) {
          const options = { count, pixels };
          const programs = [
            trainProgram(plan, optimizer, options, thread),
            evaluateProgram(plan, options, thread),
            predictProgram(plan, options, thread),
            repackProgram(plan, thread),
            repackToPredictProgram(plan, thread),
          ];
          for (const { kernel, args, op } of programs.flatMap((program) => [...callsOf(program)])) {
            if (args.length !== addressArguments.get(kernel)!.length)
              assert.unreachable(`${network.name}: ${args.length} arguments of ${kernel} of ${op}`);
            args.forEach((value, i) => {
              const good = addressArguments.get(kernel)![i] && value !== 0 ? inBlock(value) : Number.isFinite(value);
              if (!good) assert.unreachable(`${network.name}: argument ${i} of ${kernel} of ${op} is ${value}`);
            });
          }
        }
    }
  });
}

/** A memory on which a few steps are made; the tasks of each phase run in the order and on the threads that `choose` says. */
class Bench {
  readonly #plan: Plan;
  readonly #kernels: Kernels;
  readonly #bytes: Uint8Array;

  constructor(plan: Plan, filling: number) {
    const memory = openMemory(plan.totalBytes, false, 'a test');
    this.#plan = plan;
    this.#kernels = instantiate(builtinModules(false, 'exact', [moreModule]), memory);
    this.#bytes = new Uint8Array(memory.buffer).fill(filling);
    const random = new RandomStream(7);
    const fill = (at: number, length: number, value: (i: number) => number): void =>
      new Float32Array(memory.buffer, at, length).forEach((_, i, floats) => {
        floats[i] = value(i);
      });
    fill(plan.params, plan.weightCount, () => random.between(-0.5, 0.5));
    // Statistics: a variance is above 0.
    fill(plan.params + 4 * plan.weightCount, plan.variableCount - plan.weightCount, () => random.between(0.5, 1));
    for (const slot of plan.slots) fill(slot, plan.weightCount, () => 0);
    for (const { at, size } of plan.inputs) fill(at, size * plan.batchSize, () => random.between(-1, 1));
    for (const { targets } of plan.losses)
      fill(targets.at, targets.size * plan.batchSize, (i) => (i % targets.size === 1 ? 1 : 0));
    new Uint32Array(memory.buffer, plan.stepKey, 1)[0] = 99;
    new Float32Array(memory.buffer, plan.scalars, 16).set(optimizer.scalars(1, 0.01));
  }

  run(
    programs: readonly Program[],
    choose: (tasks: number) => readonly (readonly [task: number, thread: number])[],
  ): void {
    for (let phase = 0; phase < programs[0]!.length; phase++) {
      for (const [task, thread] of choose(programs[0]![phase]!.tasks.length))
        this.#runTask(programs[thread]![phase]!.tasks[task]!);
    }
  }

  #runTask(task: Task): void {
    for (const { kernel, args } of task) (this.#kernels[kernel] as (...args: readonly number[]) => void)(...args);
  }

  /** The bits of weights, slots, losses and outputs. */
  result(count: number): Uint8Array {
    const { params, slots, variableCount, weightCount, losses, outputs } = this.#plan;
    const parts = [
      [params, variableCount],
      ...slots.map((slot) => [slot, weightCount]),
      ...losses.map((loss) => [loss.losses, count]),
      ...outputs.map(({ at, size }) => [at, count * size]),
    ] as [number, number][];
    return Uint8Array.from(parts.flatMap(([at, floats]) => [...this.#bytes.subarray(at, at + 4 * floats)]));
  }

  /** Bytes that belong to no block, with what they hold. */
  *outside(): Generator<readonly [at: number, byte: number]> {
    let end = 0;
    for (const { at, bytes } of [...this.#plan.blocks, { at: this.#bytes.length, bytes: 0 }]) {
      for (let i = end; i < at; i++) yield [i, this.#bytes[i]!];
      end = at + bytes;
    }
  }
}

const inOrder = (tasks: number) => Array.from({ length: tasks }, (_, task) => [task, 0] as const);
const backwards = (tasks: number) =>
  inOrder(tasks)
    .reverse()
    .map(([task]) => [task, task % THREADS] as const);
const shuffled = (tasks: number) => {
  const random = new RandomStream(3);
  const order = Array.from({ length: tasks }, (_, task) => task);
  random.shuffle(order);
  return order.map((task) => [task, random.below(THREADS)] as const);
};

test('any order of the tasks, on any thread, on any memory: bit-identical, and nothing written outside the blocks', () => {
  for (const network of networks)
    for (const [batchSize, count] of [
      [17, 17],
      [33, 20],
    ] as const) {
      const plan = planOf(toModel(network, 1), { batchSize, threads: THREADS });
      const options = { count, pixels: false };
      const steps = Array.from({ length: THREADS }, (_, thread) => [
        ...repackProgram(plan, thread),
        ...trainProgram(plan, optimizer, options, thread),
        ...repackToPredictProgram(plan, thread),
        ...evaluateProgram(plan, options, thread),
      ]);
      let expected: Uint8Array | undefined;
      // The filling is a NaN where it is read before it was written.
      for (const [choose, filling] of [
        [inOrder, 0xff],
        [backwards, 0],
        [shuffled, 0xff],
      ] as const) {
        const bench = new Bench(plan, filling);
        bench.run(steps, choose);
        const result = bench.result(count);
        expected ??= result;
        assert.is(Buffer.compare(result, expected), 0, `${network.name}, ${count} of ${batchSize}: ${choose.name}`);
        for (const [at, byte] of bench.outside())
          if (byte !== filling) assert.unreachable(`${network.name}: byte ${at} belongs to no block and was written`);
        assert.ok(
          new Float32Array(result.slice().buffer).every(Number.isFinite),
          `${network.name}: something is no number`,
        );
      }
    }
});

test.run();
