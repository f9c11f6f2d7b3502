// What a question of the bench gets, and how it gives its figures.
import { check } from '../../src/base/errors.js';
import type { HashedDataset } from '../../src/node/dataset/datasetSha256.js';
import { inBench } from '../benchFolder.js';
import type { Entry, Outcome } from '../contest.js';
import { OURS, type Figure, type Unit } from '../figures.js';
import type { Peers } from '../peers.js';

export interface Question {
  readonly rounds: number;
  readonly peers: Peers;
  readonly dataset: HashedDataset;
  /** What the user gave as --data. */
  readonly data: string | undefined;
  /** For files that are needed until the end of the bench. */
  readonly folder: string;
  readonly log: (line: string) => void;
}

/** A figure of each contestant. A peer may fail, wasm-cnn may not. */
export function figuresOf<Round>(
  measure: string,
  unit: Unit,
  outcomes: readonly Outcome<Round>[],
  valueOf: (round: Round) => number,
): Figure[] {
  return outcomes.map(({ entry: { contestant, threads }, rounds, failure }) => {
    const figure = { measure, contestant, threads, unit };
    if (failure === undefined) return { ...figure, rounds: rounds.map(valueOf) };
    check(!contestant.startsWith(OURS), `${measure}: ${contestant} failed: ${failure}`);
    return { ...figure, rounds: [], failure };
  });
}

/** A contestant in JavaScript: compiled ones are ours, the others lie in bench/ where their packages are found. */
export function inNode(contestant: string, threads: number, file: string, task: object): Entry {
  return { contestant, threads, command: [process.execPath, file], task };
}

/** PyTorch on this many threads and no more, with a malloc that keeps what it has: without that it spends a third of its time in the kernel. */
export function inPyTorch({ python }: Peers, threads: number, task: object): Entry {
  const env = {
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: '1',
    MALLOC_TOP_PAD_: '268435456',
    MALLOC_MMAP_THRESHOLD_: '1073741824',
    MALLOC_TRIM_THRESHOLD_: '4294967296',
  };
  return {
    contestant: 'PyTorch',
    threads,
    command: [python, inBench('contestants/pytorch.py')],
    env,
    task: { ...task, threads },
  };
}
