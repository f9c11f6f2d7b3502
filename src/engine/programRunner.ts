// Several threads on one program: in each phase every thread takes tasks from a common counter until none is left, then all wait for
// each other. Which thread does which task changes nothing: tasks of a phase touch different memory, and each task's sums have their order.
//
// Nor does it matter how many they are, so a program runs on the threads that are there. A thread that is up joins: it takes the next
// rank. The main thread starts a program with a ticket and the number of ranks that take part, both in one word, so that no thread can
// see the one without the other; a worker that joins later idles until the next program.
//
// The control block, 32-bit words in the shared memory:
//   0 start: ticket · 1024 + threads that take part     1 number of the program     2 joined: the ranks given away
//   3 threads that have arrived     4 generation: goes up when all have     5 failed: 1 + the thread, or minus the seconds of silence     6 heartbeat: finished calls
//   16 + phase: next task
//
// All waiting is done here, in JavaScript: Node 20's baseline compiler loses float locals across a wait inside WebAssembly.
import { WasmCnnError } from '../base/errors.js';
import type { Call, Program } from '../compiler/program.js';
import type { Kernels } from './kernels.generated.js';
import { largestCost } from '../compiler/costs.js';

const START = 0;
const PROGRAM = 1;
const JOINED = 2;
const ARRIVED = 3;
const GENERATION = 4;
const FAILED = 5;
const HEARTBEAT = 6;
const NEXT = 16;

const TICKET_SHIFT = 10;
/** What fits beside the ticket. */
export const MOST_THREADS = (1 << TICKET_SHIFT) - 1;

/**
 * Turns of a busy loop before a thread goes to sleep: phases are short, and waking takes longer than most waits. Where there are fewer
 * cores than threads it sleeps at once, as its turns would be taken from the thread that it waits for.
 */
const SPINS = 20000;
/**
 * After so many waits of a second in which no thread finished a kernel call, one is taken for dead, unless the phase has a call that may
 * take longer. They are counted, not measured: a machine that slept, or a process that was stopped, wakes with one wait behind it.
 */
const PATIENCE_SECONDS = 30;
/** Flops and bytes a second that a thread does at the very least: in an emulator, or where it shares its core with fifty. */
const SLOWEST = 1e8;

export interface LinkedCall {
  readonly kernel: (...args: number[]) => void;
  readonly args: readonly number[];
}

export interface LinkedPhase {
  /** Each a row of calls. */
  readonly tasks: readonly (readonly LinkedCall[])[];
  /** Seconds without a finished call after which a thread is taken for dead. */
  readonly patience: number;
}

/** Ready to be run. */
export type LinkedProgram = readonly LinkedPhase[];

/** Seconds of {@link LinkedPhase.patience} for these calls. */
export type PatienceOf = (calls: readonly Call[]) => number;

export const patienceOf: PatienceOf = (calls) =>
  calls.reduce((most, call) => Math.max(most, Math.ceil(largestCost(call) / SLOWEST)), PATIENCE_SECONDS);

/** `patience`: {@link patienceOf}, where there are threads that wait. */
export function link(program: Program, kernels: Kernels, patience: PatienceOf = () => 0): LinkedProgram {
  return program.map(({ tasks }) => ({
    tasks: tasks.map((calls) =>
      calls.map(({ kernel, args }) => ({ kernel: kernels[kernel] as LinkedCall['kernel'], args })),
    ),
    patience: patience(tasks.flat()),
  }));
}

function runCall({ kernel, args }: LinkedCall): void {
  Reflect.apply(kernel, undefined, args);
}

/** Runs on the calling thread, task after task. */
export function runAlone(program: LinkedProgram): void {
  for (const { tasks } of program) for (const calls of tasks) for (const call of calls) runCall(call);
}

/** One thread's view of the control block. */
export class ProgramRunner {
  readonly #control: Int32Array;
  readonly #thread: number;
  readonly #cores: number;
  /** The main thread's is 0. */
  #rank = 0;
  /** The last start that this thread is done with. */
  #seen = 0;

  /** `thread`: 0 is the main one; `cores`: how many threads can run at once. */
  constructor(control: Int32Array, thread: number, cores = Infinity) {
    this.#control = control;
    this.#thread = thread;
    this.#cores = cores;
  }

  /** Workers that have joined. */
  get joined(): number {
    return Atomics.load(this.#control, JOINED);
  }

  /** The main thread's part: starts program `number` on the threads that are there, and takes its share of the tasks. */
  run(number: number, program: LinkedProgram): void {
    this.#checkFailed();
    for (let phase = 0; phase < program.length; phase++) Atomics.store(this.#control, NEXT + phase, 0);
    Atomics.store(this.#control, PROGRAM, number);
    const threads = 1 + this.joined;
    this.#seen = (((this.#seen >> TICKET_SHIFT) + 1) << TICKET_SHIFT) | threads;
    Atomics.store(this.#control, START, this.#seen);
    Atomics.notify(this.#control, START);
    this.#work(program, threads);
  }

  /** A worker says that it is up: it is counted on from the next start on. */
  join(): void {
    this.#rank = Atomics.add(this.#control, JOINED, 1) + 1;
  }

  /** A worker's part: runs each program that is started, and returns when it is one that it does not have yet. */
  workerLoop(programs: ReadonlyMap<number, LinkedProgram>): void {
    for (;;) {
      Atomics.wait(this.#control, START, this.#seen);
      const start = Atomics.load(this.#control, START);
      const threads = start & MOST_THREADS;
      if (start !== this.#seen && this.#rank < threads) {
        // Nothing else is started before this thread has done its part, so this is still the program of that start.
        const program = programs.get(Atomics.load(this.#control, PROGRAM));
        if (!program) return;
        this.#work(program, threads);
      }
      this.#seen = start;
    }
  }

  /** Says that a thread is lost, and wakes those that wait for it. The first one to be lost is the one that is named. */
  fail(thread = this.#thread): void {
    Atomics.compareExchange(this.#control, FAILED, 0, 1 + thread);
    this.#release();
  }

  #work(program: LinkedProgram, threads: number): void {
    for (let phase = 0; phase < program.length; phase++) {
      const { tasks, patience } = program[phase]!;
      try {
        for (let task = this.#next(phase); task < tasks.length; task = this.#next(phase)) {
          for (const call of tasks[task]!) {
            runCall(call);
            Atomics.add(this.#control, HEARTBEAT, 1);
          }
        }
      } catch (error) {
        this.fail();
        throw error;
      }
      this.#barrier(threads, patience);
    }
  }

  #next(phase: number): number {
    return Atomics.add(this.#control, NEXT + phase, 1);
  }

  #release(): void {
    Atomics.store(this.#control, ARRIVED, 0);
    Atomics.add(this.#control, GENERATION, 1);
    Atomics.notify(this.#control, GENERATION);
  }

  /** Returns once every thread that takes part has arrived. */
  #barrier(threads: number, patience: number): void {
    const generation = Atomics.load(this.#control, GENERATION);
    if (Atomics.add(this.#control, ARRIVED, 1) === threads - 1) this.#release();
    else this.#waitWhile(generation, threads, patience);
    this.#checkFailed();
  }

  #waitWhile(generation: number, threads: number, patience: number): void {
    for (
      let i = threads > this.#cores ? SPINS : 0;
      i < SPINS && Atomics.load(this.#control, GENERATION) === generation;
      i++
    );
    let heartbeat = Atomics.load(this.#control, HEARTBEAT);
    let silence = 0;
    // A thread that fails marks it before it releases the others, so a later thread sees it here.
    while (Atomics.load(this.#control, GENERATION) === generation && Atomics.load(this.#control, FAILED) === 0) {
      if (Atomics.wait(this.#control, GENERATION, generation, 1000) !== 'timed-out') continue;
      const latest = Atomics.load(this.#control, HEARTBEAT);
      silence = latest === heartbeat ? silence + 1 : 0;
      heartbeat = latest;
      if (silence === patience) Atomics.compareExchange(this.#control, FAILED, 0, -silence);
    }
  }

  #checkFailed(): void {
    const failed = Atomics.load(this.#control, FAILED);
    if (failed === 0) return;
    const thread = failed === 1 ? 'the training thread' : `worker thread ${failed - 1}`;
    const what = failed < 0 ? `a worker thread has not answered for ${-failed} s` : `${thread} failed`;
    throw new WasmCnnError(`${what}; the step is lost, start again from the last saved model`);
  }
}
