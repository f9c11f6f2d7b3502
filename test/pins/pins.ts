// What the programs of the test networks are and what they lead to, as hashes: a change of the code that keeps them has changed neither a
// kernel call nor a bit. Addresses are written as the op's name for what is stored there and the bytes into the shard's part of it, so that
// a plan may store things elsewhere.
import { createHash } from 'node:crypto';
import { adam } from '../../src/index.js';
import { opLabel } from '../../src/compiler/ops/op.js';
import type { Plan, PlannedOp, Predicting } from '../../src/compiler/plan.js';
import {
  evaluateProgram,
  predictProgram,
  repackProgram,
  repackToPredictProgram,
  type Call,
  type Pass,
  type Program,
} from '../../src/compiler/program.js';
import { trainProgram } from '../../src/compiler/trainingProgram.js';
import { placeApart, planOf } from '../model/plans.js';
import { makeBatch, networks, toModel, type Network } from '../model/networks.js';
import { weightsHash } from '../model/toy.js';
import { addressArguments } from './addressArguments.js';

export interface Pins {
  /** SHA-256 of the programs of a network by 'batch size × threads'. */
  readonly programs: Readonly<Record<string, string>>;
  /** SHA-256 of its weights after 20 steps of Adam on one batch of 17. */
  readonly weights: string;
}

/** Batch sizes, and threads. */
const SIZES = [
  [1, 1],
  [17, 1],
  [17, 3],
  [33, 3],
  [128, 3],
] as const;
const STEPS = 20;

/** What an address may be the start of, or lie behind: the largest that is not above it is its own. */
type Starts = readonly (readonly [name: string, address: number])[];

/** Starts of what belongs to no op, for the shard at `first`. */
function commonStarts(plan: Plan, first: number): Starts {
  const [[input], [loss]] = [plan.inputs, plan.losses];
  return [
    ['params', plan.params],
    ...plan.slots.map((at, i) => [`slot ${i}`, at] as const),
    ['gradients', plan.gradients],
    ['shard gradients', plan.shardGradients + (4 * plan.shardGradientCount * first) / plan.shardSize],
    ['scalars', plan.scalars],
    ['step', plan.stepKey],
    ['input bytes', input!.bytesAt + first * input!.size],
    ['input', input!.at + 4 * first * input!.size],
    ['targets', loss!.targets.at + 4 * first * loss!.targets.size],
    ['losses', loss!.losses + 4 * first],
  ];
}

/** Starts of what one op reads and writes in a pass. In the forward pass nothing is in the place of its gradients yet. */
function opStarts(plan: Plan, planned: PlannedOp, pass: Pass, first: number, thread: number): Starts {
  const { inputs, outputs, dInputs, dOutputs, memory } = planned;
  const [x, y, dx, dy] = [inputs[0]!, outputs[0]!, dInputs[0]!, dOutputs[0]!];
  const isBack = pass === 'backward' || pass === 'gradient';
  const places = { ...memory, x, y, ...(isBack ? { dx, dy } : {}) };
  return Object.entries(places)
    .filter(([, { at }]) => at > 0)
    .map(([name, { at, perExample, perWorker }]) => [
      name,
      at + first * perExample + (perWorker ? thread * plan.workerBytes : 0),
    ]);
}

/** The same of its further inputs; a target is among them, and has a name of its own. */
function furtherStarts(plan: Plan, { inputs, dInputs }: PlannedOp, pass: Pass, first: number, thread: number): Starts {
  const places = inputs
    .slice(1)
    .flatMap((x, i) => [
      { name: `x${i + 1}`, place: x },
      ...(pass === 'backward' ? [{ name: `dx${i + 1}`, place: dInputs[i + 1]! }] : []),
    ]);
  return places
    .filter(({ place }) => place.at > 0)
    .map(({ name, place: { at, perExample, perWorker } }) => [
      name,
      at + first * perExample + (perWorker ? thread * plan.workerBytes : 0),
    ]);
}

/** 'y + 64': from the start of the shard's part, so that it does not depend on where a plan puts a block, nor on how it is shared. */
function placeOf(starts: Starts, address: number): string {
  const [name, at] = starts.reduce(
    (best, start) => (start[1] <= address && start[1] >= best[1] ? start : best),
    ['none', 0],
  );
  return `${name} + ${address - at}`;
}

function written(
  plan: Plan,
  { ops: planned, shardSize }: Pick<Predicting, 'ops' | 'shardSize'>,
  program: Program,
  thread: number,
): string {
  const ops = new Map(planned.map((each) => [opLabel(each.op), each]));
  const known = new Map<string, Starts>();
  const startsOf = (op: string, pass: Pass, first: number): Starts => {
    const key = `${first} ${pass} ${op}`;
    let starts = known.get(key);
    if (!starts) {
      const planned = ops.get(op);
      starts = [
        ...(planned ? furtherStarts(plan, planned, pass, first, thread) : []),
        ...commonStarts(plan, first),
        ...(planned ? opStarts(plan, planned, pass, first, thread) : []),
      ];
      known.set(key, starts);
    }
    return starts;
  };
  const line = ({ kernel, args, op, pass }: Call, first: number): string => {
    const starts = startsOf(op, pass, first);
    const named = args.map((value, i) =>
      addressArguments.get(kernel)![i] && value !== 0 ? placeOf(starts, value) : value,
    );
    return `${op}, ${pass}: ${kernel}(${named.join(', ')})`;
  };
  return program
    .map(({ name, tasks }) => {
      const firstOf = (task: number): number => (name === 'shards' ? task * shardSize : 0);
      return `${name}\n${tasks.map((task, i) => task.map((call) => line(call, firstOf(i))).join('\n')).join('\n--\n')}`;
    })
    .join('\n====\n');
}

/** The programs of a full batch and of the smallest one, of each thread, for bytes and for floats. */
function programsSha256(network: Network, batchSize: number, threads: number): string {
  const optimizer = adam();
  const model = toModel(network, 1);
  const plan = planOf(model, { batchSize, threads, place: placeApart });
  const hash = createHash('sha256');
  for (let thread = 0; thread < threads; thread++) {
    for (const count of new Set([1, batchSize]))
      for (const pixels of [false, true]) {
        const options = { count, pixels };
        for (const program of [trainProgram(plan, optimizer, options, thread), repackProgram(plan, thread)])
          hash.update(written(plan, plan, program, thread));
        for (const program of [
          evaluateProgram(plan, options, thread),
          predictProgram(plan, options, thread),
          repackToPredictProgram(plan, thread),
        ])
          hash.update(written(plan, plan.predicting, program, thread));
      }
  }
  return hash.digest('hex');
}

async function weightsSha256(network: Network): Promise<string> {
  const model = toModel(network, 1);
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'categoricalCrossentropy', batchSize: 17 });
  const { x, labels } = makeBatch(network, 17, 1);
  await model.fit({ data: x, shape: [17, ...network.inputShape] }, labels, { epochs: STEPS });
  return weightsHash(model);
}

/** By the names of the networks. */
export async function makePins(): Promise<Record<string, Pins>> {
  const pins: Record<string, Pins> = {};
  for (const network of networks) {
    const programs = Object.fromEntries(
      SIZES.map(([batchSize, threads]) => [`${batchSize} × ${threads}`, programsSha256(network, batchSize, threads)]),
    );
    pins[network.name] = { programs, weights: await weightsSha256(network) };
  }
  return pins;
}
