// Plan → the kernel calls that a worker makes. Pure and printable: a program is data.
//
// A training step of a chain has four phases, or five; within a phase the tasks touch different memory, so that any worker may take any task:
//   shards      one task a shard: pixels → forward → loss → backward, gradients of small weights into the shard's own place
//   gradients   sums over the shards in order, and the gradients made from the whole batch
//   penalties   slopes of the penalties on weights, where there are any
//   norms       sums over gradients that the optimizer clips, where it does
//   update      the optimizer, over fixed pieces of the run of weights; moving statistics
//   constraints weights that have one are brought back to it
//   repack      packed copies of the new weights, for the next step
// An op of several stages (batch normalization needs sums over all shards) splits 'shards' in as many phases more, each way.
import { sizeOf } from '../base/shape.js';
import type { Kernels } from '../engine/kernels.generated.js';
import { trainedOf, weightsOf, type Variable } from '../graph/variable.js';
import { opLabel, stagesOf, type Addresses } from './ops/op.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import type { Place } from './buffers.js';
import type { Plan, PlannedOp } from './plan.js';

export interface Call {
  readonly kernel: keyof Kernels;
  readonly args: readonly number[];
  /** What it belongs to, for people and profiles: 'conv2d+relu of conv2d_1', 'forward'. */
  readonly op: string;
  readonly pass: Pass;
}

export type Pass = 'input' | 'forward' | 'loss' | 'backward' | 'gradient' | 'update' | 'repack';

export type Task = readonly Call[];

export interface Phase {
  readonly name: 'shards' | 'gradients' | 'penalties' | 'norms' | 'update' | 'constraints' | 'repack';
  readonly tasks: readonly Task[];
}

export type Program = readonly Phase[];

/** Weights of one update task: a multiple of the SIMD width, or workers would meet in one vector. */
const UPDATE_PIECE = 16384;

/** What is being written down; nothing else runs meanwhile. */
let current: { readonly calls: Call[]; readonly op: string; readonly pass: Pass } = {
  calls: [],
  op: '',
  pass: 'input',
};

/** Looks like the kernels, but writes each call down instead of making it. One for all: there are many kernels, and more ops. */
const recorder = new Proxy({} as Record<string, (...args: number[]) => void>, {
  get: (made, kernel: keyof Kernels) =>
    (made[kernel] ??= (...args) => void current.calls.push({ kernel, args, op: current.op, pass: current.pass })),
}) as unknown as Kernels;

function record(op: string, pass: Pass, emit: (kernels: Kernels) => void): Call[] {
  current = { calls: [], op, pass };
  emit(recorder);
  return current.calls;
}

/** A place's address for the shard that starts at example `first`; 0 for none. */
function addressOf({ workerBytes }: Plan, place: Place, first: number, worker: number): number {
  return place.at === 0 ? 0 : place.at + first * place.perExample + (place.perWorker ? worker * workerBytes : 0);
}

/** Where an op finds its data for the shard that starts at example `first`. */
function addresses(
  plan: Plan,
  planned: PlannedOp,
  first: number,
  { count: batch, from = 0, of = batch }: Pick<ProgramOptions, 'count' | 'from' | 'of'>,
  worker: number,
): Addresses {
  const at = (place: Place): number => addressOf(plan, place, first, worker);
  const [inputs, outputs] = [planned.inputs.map(at), planned.outputs.map(at)];
  const [dInputs, dOutputs] = [planned.dInputs.map(at), planned.dOutputs.map(at)];
  const shard = first / plan.shardSize;
  const shardGradientBytes = 4 * plan.shardGradientCount;
  return {
    ...{ inputs, outputs, dInputs, dOutputs, x: inputs[0]!, y: outputs[0]!, dx: dInputs[0]!, dy: dOutputs[0]! },
    variables: planned.variables,
    gradients:
      planned.op.gradients === 'shards'
        ? planned.shardGradients.map((gradient) => gradient + shard * shardGradientBytes)
        : planned.gradients,
    memory: Object.fromEntries(Object.entries(planned.memory).map(([name, place]) => [name, at(place)])),
    stepKey: plan.stepKey,
    ...{
      first,
      batch,
      stepFirst: from + first,
      stepExamples: of,
      shard,
      shards: Math.ceil(batch / plan.shardSize),
      shardGradientBytes,
    },
  };
}

export interface ProgramOptions {
  /** Examples in this batch: all of the plan's, or fewer in the last one. */
  readonly count: number;
  /** The inputs come as bytes; for several, one of them may. */
  readonly pixels: boolean | readonly boolean[];
  /** Of a step of several batches: examples before this batch (default 0), and all of the step (default: these). */
  readonly from?: number;
  readonly of?: number;
  /** Whether the examples have weights, in a training step. */
  readonly weighted?: boolean;
}

/** Makes a shard's inputs floats, where they came as bytes. */
function emitInputs(plan: Plan, pixels: ProgramOptions['pixels'], first: number, n: number): Call[] {
  return plan.inputs.flatMap(({ at, bytesAt, size, raw }, i) =>
    pixels === true || (pixels !== false && pixels[i])
      ? record('pixels', 'input', (k) =>
          k[raw ? 'bytesToFloats' : 'pixelsToFloats'](at + 4 * first * size, bytesAt + first * size, n * size),
        )
      : [],
  );
}

/** The shards' part of a training step. */
function shardPhases(plan: Plan, options: ProgramOptions, worker: number): Phase[] {
  const { count, pixels, weighted } = options;
  const { forward, backward, gradient, phases } = plan.timeline;
  const tasks: Call[][][] = Array.from({ length: phases[gradient]! }, () => []);
  for (let first = 0; first < count; first += plan.shardSize) {
    const n = Math.min(plan.shardSize, count - first);
    const calls = tasks.map((): Call[] => []);
    for (const shardCalls of calls.keys()) tasks[shardCalls]!.push(calls[shardCalls]!);
    const emit = (moment: number, op: string, pass: Pass, call: (kernels: Kernels) => void): void => {
      calls[phases[moment]!]!.push(...record(op, pass, call));
    };
    calls[0]!.push(...emitInputs(plan, pixels, first, n));
    if (plan.shardGradientCount > 0) {
      const shardGradients = plan.shardGradients + (4 * plan.shardGradientCount * first) / plan.shardSize;
      emit(0, 'shard gradients', 'backward', (k) => k.clear(shardGradients, plan.shardGradientCount));
    }
    const at = plan.ops.map((planned) => addresses(plan, planned, first, options, worker));
    for (const [i, { op }] of plan.ops.entries()) {
      for (const [stage, emitStage] of stagesOf(op.forward).entries())
        emit(forward[i]![0] + stage, opLabel(op), 'forward', (k) => emitStage(k, at[i]!, n));
      emit(forward[i]![1], opLabel(op), 'loss', (k) => op.loss?.(k, at[i]!, n));
    }
    for (let i = plan.ops.length - 1; i >= 0; i--) {
      const { op, addTo, exampleWeights } = plan.ops[i]!;
      if (!backward[i]) continue;
      for (const [stage, emitStage] of stagesOf(op.backward).entries())
        emit(backward[i]![0] + stage, opLabel(op), 'backward', (k) => emitStage(k, at[i]!, n));
      const { dx } = at[i]!;
      if (weighted && exampleWeights && dx)
        emit(backward[i]![1], opLabel(op), 'backward', (k) =>
          k.weighExamples(dx, exampleWeights + 4 * first, n, sizeOf(op.inputs[0]!.shape)),
        );
      for (const [j, place] of addTo.entries()) {
        if (!place) continue;
        const sum = addressOf(plan, place, first, worker);
        const size = n * sizeOf(op.inputs[j]!.shape);
        emit(backward[i]![1], opLabel(op), 'backward', (k) => k.add(sum, sum, at[i]!.dInputs[j]!, size));
      }
    }
  }
  return tasks.map((each) => ({ name: 'shards', tasks: each }));
}

/** A task a shard: all that predicts, with the losses where they are asked for. */
function predictingPhase(plan: Plan, { count, pixels }: ProgramOptions, worker: number, losses: boolean): Phase {
  const { ops, shardSize } = plan.predicting;
  const tasks: Task[] = [];
  for (let first = 0; first < count; first += shardSize) {
    const n = Math.min(shardSize, count - first);
    const calls = emitInputs(plan, pixels, first, n);
    for (const planned of ops) {
      const { op } = planned;
      const at = addresses(plan, planned, first, { count }, worker);
      for (const emit of stagesOf(op.forward)) calls.push(...record(opLabel(op), 'forward', (k) => emit(k, at, n)));
      if (losses) calls.push(...record(opLabel(op), 'loss', (k) => op.loss?.(k, at, n)));
    }
    tasks.push(calls);
  }
  return { name: 'shards', tasks };
}

/** Gradients of all weights: those of one that several ops have are added in their order, in one task. */
function gradientPhase(plan: Plan, { count }: ProgramOptions, worker: number): Phase {
  const shards = Math.ceil(count / plan.shardSize);
  const given = new Set<Variable>();
  const sharing = new Map<Variable, Call[]>();
  const tasks: Call[][] = [];
  const owners = new Map<Variable, number>();
  for (const { op } of plan.ops) for (const weight of op.variables) owners.set(weight, (owners.get(weight) ?? 0) + 1);
  for (const [i, planned] of plan.ops.entries()) {
    const { op, gradients, shardGradients } = planned;
    const weights = weightsOf(op.variables);
    if (!plan.timeline.backward[i] || trainedOf(weights).length === 0) continue;
    /** A task of its own, unless other ops have the weight, too. */
    const add = (weight: Variable, emit: (kernels: Kernels) => void): void => {
      const calls = record(opLabel(op), 'gradient', emit);
      const before = sharing.get(weight);
      if (before) before.push(...calls);
      else {
        tasks.push(calls);
        if (owners.get(weight)! > 1) sharing.set(weight, calls);
      }
    };
    if (op.gradient) {
      const at = addresses(plan, planned, 0, { count }, worker);
      for (let part = 0; part < (op.gradientParts ?? 1); part++) add(weights[0]!, (k) => op.gradient!(k, at, part));
    }
    for (const [j, from] of shardGradients.entries()) {
      const { size, trainable } = weights[j]!;
      if (trainable) add(weights[j]!, (k) => k.sumParts(gradients[j]!, from, size, shards, plan.shardGradientCount));
    }
    // An op of two layers may have weights of which one is frozen.
    for (const [j, weight] of weights.entries()) {
      if (!weight.trainable) continue;
      const sum = plan.gradients + 4 * weight.offset;
      // gradient() makes those of all its weights, so they are shared by the same ops.
      if (gradients[j] !== sum)
        add(op.gradient ? weights[0]! : weight, (k) => k.add(sum, sum, gradients[j]!, weight.size));
      given.add(weight);
    }
  }
  // No loss depends on it, or it is not trained.
  for (const weight of weightsOf(plan.variables)) {
    if (!given.has(weight))
      tasks.push(record(weight.name, 'gradient', (k) => k.clear(plan.gradients + 4 * weight.offset, weight.size)));
  }
  return { name: 'gradients', tasks: tasks.filter((task) => task.length > 0) };
}

/** Runs of neighbouring weights that are trained; each weight alone, where the optimizer wants it. */
function trainedRuns({ variables }: Plan, { byWeight }: Optimizer): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (const { offset, size } of trainedOf(variables)) {
    const last = runs.at(-1);
    if (last?.end === offset && !byWeight) last.end += size;
    else runs.push({ start: offset, end: offset + size });
  }
  return runs;
}

/** What rules of trained weights ask for, a task a weight; no phase without any. */
function weightPhase(
  { variables }: Plan,
  name: 'penalties' | 'constraints',
  emit: (kernels: Kernels, weight: Variable) => void,
): Phase[] {
  const tasks = trainedOf(variables)
    .map((weight) => record(weight.name, 'update', (k) => emit(k, weight)))
    .filter((task) => task.length > 0);
  return tasks.length > 0 ? [{ name, tasks }] : [];
}

/** What the optimizer needs of all gradients before it begins. */
function normPhases(plan: Plan, { className, beforeUpdate }: Optimizer): Phase[] {
  const tasks = beforeUpdate?.(plan).map((emit) => record(className, 'update', emit));
  return tasks ? [{ name: 'norms', tasks }] : [];
}

/** The optimizer, over pieces of the weights. */
function optimizerTasks(plan: Plan, optimizer: Optimizer): Task[] {
  const tasks: Task[] = [];
  for (const { start, end } of trainedRuns(plan, optimizer)) {
    for (let from = start; from < end; from += UPDATE_PIECE) {
      const slots = plan.slots.map((slot) => slot + 4 * from);
      const [weights, gradients] = [plan.params + 4 * from, plan.gradients + 4 * from];
      const size = Math.min(UPDATE_PIECE, end - from);
      tasks.push(
        record(optimizer.className, 'update', (k) =>
          optimizer.step(k, weights, slots, gradients, plan.scalars, size, plan, from),
        ),
      );
    }
  }
  return tasks;
}

/** What moves statistics: those that several ops have, by one after another. */
function statisticsTasks(plan: Plan, { count }: ProgramOptions, worker: number): Task[] {
  const tasks: Call[][] = [];
  const moving = new Map<Variable | undefined, Call[]>();
  for (const planned of plan.ops) {
    const { op } = planned;
    if (!op.updateStatistics) continue;
    const at = addresses(plan, planned, 0, { count }, worker);
    const calls = record(opLabel(op), 'update', (k) => op.updateStatistics!(k, at));
    const statistic = op.variables.find(({ role }) => role === 'statistic');
    const before = moving.get(statistic);
    if (before) before.push(...calls);
    else {
      tasks.push(calls);
      moving.set(statistic, calls);
    }
  }
  return tasks;
}

function updatePhase(tasks: readonly Task[]): Phase {
  return { name: 'update', tasks: tasks.filter((task) => task.length > 0) };
}

function repackPhase(plan: Plan, ops: readonly PlannedOp[], worker: number): Phase {
  const tasks: Task[] = [];
  for (const planned of ops) {
    const { op } = planned;
    const at = addresses(plan, planned, 0, { count: 0 }, worker);
    for (let part = 0; op.repack && part < (op.repackParts ?? 1); part++)
      tasks.push(record(opLabel(op), 'repack', (k) => op.repack!(k, at, part)));
  }
  return { name: 'repack', tasks: tasks.filter((task) => task.length > 0) };
}

/** Makes the other orders of the weights; also to be run after weights were set from outside. */
export function repackProgram(plan: Plan, worker: number): Program {
  return [repackPhase(plan, plan.ops, worker)];
}

/** Makes those that only predictions need; to be run before the first one after steps. */
export function repackToPredictProgram(plan: Plan, worker: number): Program {
  return [repackPhase(plan, plan.predicting.repacked, worker)];
}

/** The penalties on weights, in their gradients. */
function penaltiesPhase(plan: Plan): Phase[] {
  return weightPhase(plan, 'penalties', (k, { regularizer, offset, size }) =>
    regularizer?.addSlopes(k, plan.gradients + 4 * offset, plan.params + 4 * offset, size),
  );
}

function constraintsPhase(plan: Plan): Phase[] {
  return weightPhase(plan, 'constraints', (k, { constraint, offset, shape }) =>
    constraint?.apply(k, plan.params + 4 * offset, shape),
  );
}

/** A training step up to its gradients: nothing that lasts is changed. */
export function gradientsProgram(plan: Plan, options: ProgramOptions, worker: number): Program {
  return [
    ...shardPhases(plan, options, worker),
    gradientPhase(plan, options, worker),
    ...penaltiesPhase(plan),
  ];
}

/** What thread number `worker` runs: all have the same tasks, on scratch memory of their own. */
export function trainProgram(plan: Plan, optimizer: Optimizer, options: ProgramOptions, worker: number): Program {
  return [
    ...gradientsProgram(plan, options, worker),
    ...normPhases(plan, optimizer),
    updatePhase([...optimizerTasks(plan, optimizer), ...statisticsTasks(plan, options, worker)]),
    ...constraintsPhase(plan),
    ...repackProgram(plan, worker),
  ];
}

/** One of several batches of a step: their gradients, without penalties, are added up between these programs. */
export function segmentProgram(plan: Plan, options: ProgramOptions, worker: number): Program {
  return [
    ...shardPhases(plan, options, worker),
    gradientPhase(plan, options, worker),
    updatePhase(statisticsTasks(plan, options, worker)),
  ];
}

/** The end of a step whose gradients are there; `penalties`: but for those. */
export function updateProgram(plan: Plan, optimizer: Optimizer, worker: number, penalties: boolean): Program {
  return [
    ...(penalties ? penaltiesPhase(plan) : []),
    ...normPhases(plan, optimizer),
    updatePhase(optimizerTasks(plan, optimizer)),
    ...constraintsPhase(plan),
    ...repackProgram(plan, worker),
  ];
}

/** The loss of each example (where there are targets), and the outputs. */
export function evaluateProgram(plan: Plan, options: ProgramOptions, worker: number): Program {
  return [predictingPhase(plan, options, worker, true)];
}

export function predictProgram(plan: Plan, options: ProgramOptions, worker: number): Program {
  return [predictingPhase(plan, options, worker, false)];
}
