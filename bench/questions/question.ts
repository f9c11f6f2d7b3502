// What a question of the bench gets, and how it gives its figures.
import { check } from '../../src/base/errors.js';
import type { TestedDataset } from '../../src/data/dataset.js';
import type { HashedDataset } from '../../src/node/dataset/datasetSha256.js';
import { inBench } from '../benchFolder.js';
import type { Entry, Outcome } from '../contest.js';
import { KERAS, OURS, PYTORCH, type Figure, type Unit } from '../figures.js';
import type { Peers } from '../peers.js';

export interface Question {
  readonly rounds: number;
  readonly peers: Peers;
  readonly dataset: HashedDataset & TestedDataset;
  /** What the user gave as --data. */
  readonly data: string | undefined;
  /** For files that are needed until the end of the bench. */
  readonly folder: string;
  readonly log: (line: string) => void;
  /** Versions of what takes part, which a question may add to. */
  readonly versions: Map<string, string>;
}

/** A figure of each contestant. A peer may fail, wasm-cnn may not. */
export function figuresOf<Round>(
  measure: string,
  unit: Unit,
  outcomes: readonly Outcome<object, Round>[],
  valueOf: (round: Round) => number,
): Figure[] {
  return outcomes.map(({ entry: { contestant, node, threads }, rounds, failure }) => {
    const figure = { measure, contestant, ...(node && { node }), threads, unit };
    if (failure === undefined) return { ...figure, rounds: rounds.map(valueOf) };
    check(!contestant.startsWith(OURS), `${measure}: ${contestant} failed: ${failure}`);
    return { ...figure, rounds: [], failure };
  });
}

/** wasm-cnn, in a compiled script, on each Node. */
export function onEachNode({ nodes }: Peers, contestant: string, threads: number, file: string, task: object): Entry[] {
  return nodes.map(({ name, program }) => ({
    contestant,
    node: name,
    threads,
    command: [program, file],
    task: { ...task, threads },
  }));
}

/** A peer in JavaScript, on the newest Node; its script lies in bench/, where its packages are found. */
export function inNode({ nodes }: Peers, contestant: string, file: string, task: object): Entry {
  return { contestant, threads: 1, command: [nodes.at(-1)!.program, inBench(`contestants/${file}`)], task };
}

/** A malloc that keeps what it has: without that PyTorch spends a third of its time in the kernel. */
export const KEEPING_MALLOC = {
  MALLOC_TOP_PAD_: '268435456',
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '4294967296',
};

/** PyTorch on this many threads and no more. */
export function inPyTorch({ pythons }: Peers, contestant: string, threads: number, task: object): Entry {
  const env = { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: '1', ...KEEPING_MALLOC };
  return {
    contestant,
    threads,
    command: [pythons.get(PYTORCH)!, inBench('contestants/pytorch.py')],
    env,
    task: { compile: false, bfloat16: false, ...task, threads },
  };
}

export function inKeras({ pythons }: Peers, threads: number, task: object): Entry {
  return {
    contestant: KERAS,
    threads,
    command: [pythons.get(KERAS)!, inBench('contestants/kerasTensorFlow.py')],
    task: { ...task, threads },
  };
}
