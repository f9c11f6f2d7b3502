// Plan → the kernel calls that a worker makes. Pure and printable: a program is data.
//
// A training step has four phases; within a phase the tasks touch different memory, so that any worker may take any task:
//   shards      one task a shard: pixels → forward → loss → backward, gradients of small parameters into the shard's own place
//   gradients   sums over the shards in order, and the gradients made from the whole batch
//   update      the optimizer, over fixed pieces of the parameter run
//   refresh     other orders of the new weights, for the next step
import { kernelNames, type Kernels } from '../engine/kernels.generated.js';
import type { Addresses } from './ops/op.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { opLabel, type Place, type Plan, type PlannedOp } from './plan.js';

export interface Call {
  readonly kernel: keyof Kernels;
  readonly args: readonly number[];
  /** What it belongs to, for people and profiles: 'conv2d+relu of conv2d_1', 'forward'. */
  readonly op: string;
  readonly pass: Pass;
}

export type Pass = 'input' | 'forward' | 'loss' | 'backward' | 'gradient' | 'update' | 'refresh';

export type Task = readonly Call[];

export interface Phase {
  readonly name: 'shards' | 'gradients' | 'update' | 'refresh';
  readonly tasks: readonly Task[];
}

export type Program = readonly Phase[];

/** Parameters of one update task: a multiple of the SIMD width, or workers would meet in one vector. */
const UPDATE_PIECE = 16384;

/** Looks like the kernels, but writes each call down instead of making it. */
function recorder(calls: Call[], op: string, pass: Pass): Kernels {
  return Object.fromEntries(
    kernelNames.map((kernel) => [kernel, (...args: number[]) => void calls.push({ kernel, args, op, pass })]),
  ) as unknown as Kernels;
}

function record(op: string, pass: Pass, emit: (kernels: Kernels) => void): Task {
  const calls: Call[] = [];
  emit(recorder(calls, op, pass));
  return calls;
}

/** Where op finds its data for the shard that starts at example `first`. */
function addresses(
  plan: Plan,
  { op, x, y, dx, dy, parameters, gradients, shardGradients, memory }: PlannedOp,
  first: number,
  batch: number,
  worker: number,
): Addresses {
  const at = (place: Place): number =>
    place.at === 0 ? 0 : place.at + first * place.perExample + (place.perWorker ? worker * plan.workerBytes : 0);
  const shardBytes = 4 * plan.shardGradientCount * (first / plan.shardSize);
  return {
    x: at(x),
    y: at(y),
    dx: at(dx),
    dy: at(dy),
    parameters,
    gradients: op.gradients === 'shards' ? shardGradients.map((gradient) => gradient + shardBytes) : gradients,
    memory: Object.fromEntries(Object.entries(memory).map(([name, place]) => [name, at(place)])),
    targets: plan.targets + 4 * first * plan.outputSize,
    losses: plan.losses + 4 * first,
    stepKey: plan.stepKey,
    first,
    batch,
  };
}

export interface ProgramOptions {
  /** Examples in this batch: all of the plan's, or fewer in the last one. */
  readonly count: number;
  /** The input comes as bytes. */
  readonly pixels: boolean;
}

function shardPhase(
  plan: Plan,
  { count, pixels }: ProgramOptions,
  mode: 'train' | 'evaluate' | 'predict',
  worker: number,
): Phase {
  const tasks: Task[] = [];
  for (let first = 0; first < count; first += plan.shardSize) {
    const n = Math.min(plan.shardSize, count - first);
    const calls: Call[] = [];
    if (pixels)
      calls.push(
        ...record('pixels', 'input', (k) =>
          k.pixelsToFloats(
            plan.input + 4 * first * plan.inputSize,
            plan.inputBytes + first * plan.inputSize,
            n * plan.inputSize,
          ),
        ),
      );
    if (mode === 'train' && plan.shardGradientCount > 0) {
      calls.push(
        ...record('shard gradients', 'backward', (k) =>
          k.clear(
            plan.shardGradients + (4 * plan.shardGradientCount * first) / plan.shardSize,
            plan.shardGradientCount,
          ),
        ),
      );
    }
    const at = plan.ops.map((planned) => addresses(plan, planned, first, count, worker));
    for (const [i, { op }] of plan.ops.entries())
      calls.push(...record(opLabel(op), 'forward', (k) => op.forward(k, at[i]!, n, mode === 'train')));
    const last = plan.ops.at(-1)!.op;
    if (mode !== 'predict') calls.push(...record(opLabel(last), 'loss', (k) => last.loss?.(k, at.at(-1)!, n)));
    if (mode === 'train' && plan.firstTrained >= 0) {
      for (let i = plan.ops.length - 1; i >= plan.firstTrained; i--) {
        const { op } = plan.ops[i]!;
        calls.push(...record(opLabel(op), 'backward', (k) => op.backward(k, at[i]!, n)));
      }
    }
    tasks.push(calls);
  }
  return { name: 'shards', tasks };
}

function gradientPhase(plan: Plan, { count }: ProgramOptions, worker: number): Phase {
  const tasks: Task[] = [];
  const shards = Math.ceil(count / plan.shardSize);
  for (const planned of plan.ops) {
    const { op, gradients, shardGradients } = planned;
    if (op.gradient) {
      const at = addresses(plan, planned, 0, count, worker);
      for (let part = 0; part < (op.gradientParts ?? 1); part++)
        tasks.push(record(opLabel(op), 'gradient', (k) => op.gradient!(k, at, part)));
    }
    for (const [i, from] of shardGradients.entries()) {
      tasks.push(
        record(opLabel(op), 'gradient', (k) =>
          k.sumParts(gradients[i]!, from, op.parameters[i]!.size, shards, plan.shardGradientCount),
        ),
      );
    }
  }
  return { name: 'gradients', tasks: tasks.filter((task) => task.length > 0) };
}

function updatePhase(plan: Plan, optimizer: Optimizer): Phase {
  const tasks: Task[] = [];
  for (let start = 0; start < plan.parameterCount; start += UPDATE_PIECE) {
    const count = Math.min(UPDATE_PIECE, plan.parameterCount - start);
    tasks.push(
      record(optimizer.className, 'update', (k) =>
        optimizer.step(
          k,
          plan.params + 4 * start,
          plan.slots.map((slot) => slot + 4 * start),
          plan.gradients + 4 * start,
          plan.scalars,
          count,
        ),
      ),
    );
  }
  return { name: 'update', tasks };
}

/** Makes the other orders of the weights; also to be run after weights were set from outside. */
export function refreshProgram(plan: Plan, worker: number): Program {
  const tasks: Task[] = [];
  for (const planned of plan.ops) {
    const { op } = planned;
    const at = addresses(plan, planned, 0, 0, worker);
    for (let part = 0; op.refresh && part < (op.refreshParts ?? 1); part++)
      tasks.push(record(opLabel(op), 'refresh', (k) => op.refresh!(k, at, part)));
  }
  return [{ name: 'refresh', tasks: tasks.filter((task) => task.length > 0) }];
}

/** What thread number `worker` runs: all have the same tasks, on scratch memory of their own. */
export function trainProgram(plan: Plan, optimizer: Optimizer, options: ProgramOptions, worker: number): Program {
  return [
    shardPhase(plan, options, 'train', worker),
    gradientPhase(plan, options, worker),
    updatePhase(plan, optimizer),
    ...refreshProgram(plan, worker),
  ];
}

/** The loss of each example (where there are targets), and the outputs. */
export function evaluateProgram(plan: Plan, options: ProgramOptions, worker: number): Program {
  return [shardPhase(plan, options, 'evaluate', worker)];
}

export function predictProgram(plan: Plan, options: ProgramOptions, worker: number): Program {
  return [shardPhase(plan, options, 'predict', worker)];
}
