// What the programs of the test networks are and what they lead to, as hashes: a change of the code that keeps them has changed neither a
// kernel call nor a bit. Addresses are written as the name of their block and the bytes into it, so that a plan may lay blocks elsewhere.
import { createHash } from 'node:crypto';
import { adam } from '../../src/index.js';
import { makePlan, type Plan } from '../../src/compiler/plan.js';
import {
  evaluateProgram,
  predictProgram,
  refreshProgram,
  trainProgram,
  type Program,
} from '../../src/compiler/program.js';
import { makeBatch, networks, toModel, type Network } from '../model/networks.js';
import { weightsHash } from '../model/toy.js';
import { addressArguments } from './addressArguments.js';

export interface Pins {
  /** SHA-256 of the programs of a network by 'batch size × threads'. */
  readonly programs: Readonly<Record<string, string>>;
  /** SHA-256 of its weights after 20 steps of Adam on one batch of 17. */
  readonly weights: string;
}

const BATCH_SIZES = [1, 17, 33, 128];
const THREADS = [1, 3];
const STEPS = 20;

function placeOf({ blocks }: Plan, address: number): string {
  const block = blocks.find(({ at, bytes }) => address >= at && address < at + bytes);
  return address === 0 ? 'none' : `${block!.name} + ${address - block!.at}`;
}

function written(plan: Plan, program: Program): string {
  const call = (kernel: string, args: readonly number[]): string =>
    `${kernel}(${args.map((value, i) => (addressArguments.get(kernel)![i] ? placeOf(plan, value) : value)).join(', ')})`;
  return program
    .map(
      ({ name, tasks }) =>
        `${name}\n${tasks.map((task) => task.map(({ kernel, args }) => call(kernel, args)).join('\n')).join('\n--\n')}`,
    )
    .join('\n====\n');
}

/** The programs of a full batch and of the smallest one, of each thread, for bytes and for floats. */
function programsSha256(network: Network, batchSize: number, threads: number): string {
  const optimizer = adam();
  const model = toModel(network, 1);
  model.compile({ optimizer, loss: 'categoricalCrossentropy', batchSize: 1 });
  const plan = makePlan(
    model.plan!.ops.map(({ op }) => op),
    model.parameters,
    { batchSize, slots: optimizer.slots, threads },
  );
  const hash = createHash('sha256');
  for (let thread = 0; thread < threads; thread++) {
    for (const count of new Set([1, batchSize]))
      for (const pixels of [false, true]) {
        const options = { count, pixels };
        for (const program of [
          trainProgram(plan, optimizer, options, thread),
          evaluateProgram(plan, options, thread),
          predictProgram(plan, options, thread),
          refreshProgram(plan, thread),
        ])
          hash.update(written(plan, program));
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
      BATCH_SIZES.flatMap((batchSize) =>
        THREADS.map((threads) => [`${batchSize} × ${threads}`, programsSha256(network, batchSize, threads)]),
      ),
    );
    pins[network.name] = { programs, weights: await weightsSha256(network) };
  }
  return pins;
}
