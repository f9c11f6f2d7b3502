// Plan → the kernel calls of a training step; a page has it when the first model there trains.
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
import type { Optimizer } from '../optimizers/optimizer.js';
import { opLabel, stagesOf } from './ops/op.js';
import type { Plan } from './plan.js';
import {
  addresses,
  addressOf,
  emitInputs,
  record,
  repackProgram,
  type Call,
  type Pass,
  type Phase,
  type Program,
  type ProgramOptions,
  type Task,
} from './program.js';

/** Weights of one update task: a multiple of the SIMD width, or workers would meet in one vector. */
const UPDATE_PIECE = 16384;

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

/** Runs of neighboring weights that are trained; each weight alone, where the optimizer wants it. */
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
  return [...shardPhases(plan, options, worker), gradientPhase(plan, options, worker), ...penaltiesPhase(plan)];
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
  return [...segmentGradientsProgram(plan, options, worker), ...statisticsProgram(plan, options, worker)];
}

/** The same without what it does to statistics. */
export function segmentGradientsProgram(plan: Plan, options: ProgramOptions, worker: number): Program {
  return [...shardPhases(plan, options, worker), gradientPhase(plan, options, worker)];
}

/** Statistics move by what a batch has left. */
export function statisticsProgram(plan: Plan, options: ProgramOptions, worker: number): Program {
  return [updatePhase(statisticsTasks(plan, options, worker))];
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
