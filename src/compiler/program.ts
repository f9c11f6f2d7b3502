// Plan → the kernel calls that a worker makes. Pure and printable: a program is data. Those of training steps: trainingProgram.ts
import type { Kernels } from '../engine/kernels.generated.js';
import { opLabel, stagesOf, type Addresses } from './ops/op.js';
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

export function record(op: string, pass: Pass, emit: (kernels: Kernels) => void): Call[] {
  current = { calls: [], op, pass };
  emit(recorder);
  return current.calls;
}

/** A place's address for the shard that starts at example `first`; 0 for none. */
export function addressOf({ workerBytes }: Plan, place: Place, first: number, worker: number): number {
  return place.at === 0 ? 0 : place.at + first * place.perExample + (place.perWorker ? worker * workerBytes : 0);
}

/** Addresses of an op's data for the shard that starts at example `first`. */
export function addresses(
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
  /** Examples before this batch in a step of several (default 0), and in the whole step (default: this batch's). */
  readonly from?: number;
  readonly of?: number;
  /** Whether the examples have weights, in a training step. */
  readonly weighted?: boolean;
}

/** Makes a shard's inputs floats, where they came as bytes. */
export function emitInputs(plan: Plan, pixels: ProgramOptions['pixels'], first: number, n: number): Call[] {
  return plan.inputs.flatMap(({ at, bytesAt, size, raw }, i) =>
    pixels === true || (pixels !== false && pixels[i])
      ? record('pixels', 'input', (k) =>
          k[raw ? 'bytesToFloats' : 'pixelsToFloats'](at + 4 * first * size, bytesAt + first * size, n * size),
        )
      : [],
  );
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

/** The loss of each example (where there are targets), and the outputs. */
export function evaluateProgram(plan: Plan, options: ProgramOptions, worker: number): Program {
  return [predictingPhase(plan, options, worker, true)];
}

export function predictProgram(plan: Plan, options: ProgramOptions, worker: number): Program {
  return [predictingPhase(plan, options, worker, false)];
}
