// Several threads on one program: in each phase every thread takes tasks from a common counter until none is left, then all wait for
// each other. Which thread does which task changes nothing: tasks of a phase touch different memory, and each task's sums have their order.
//
// The control block, 32-bit words in the shared memory:
//   0 ticket: goes up when the main thread starts a program     1 number of that program     2 threads that have arrived
//   3 generation: goes up when all have arrived     4 failed: 1 + the thread     5 beats: finished tasks     16 + phase: next task
//
// All waiting is done here, in JavaScript: Node 20's baseline compiler loses float locals across a wait inside WebAssembly.
import { WasmCnnError } from '../errors.js';
import type { Program } from '../program.js';
import type { Kernels } from './kernels.generated.js';

export const CONTROL_WORDS = 32;
const TICKET = 0;
const PROGRAM = 1;
const ARRIVED = 2;
const GENERATION = 3;
const FAILED = 4;
const BEATS = 5;
const NEXT = 16;

/** Turns of a busy loop before a thread goes to sleep: phases are short, and waking takes longer than most waits. */
const SPINS = 20000;
/** A thread that finishes no task for so long is taken for dead. */
const PATIENCE_MS = 30000;

export interface LinkedCall {
  readonly kernel: (...args: number[]) => void;
  readonly args: readonly number[];
}

/** Phases of tasks of calls, ready to be made. */
export type LinkedProgram = readonly (readonly (readonly LinkedCall[])[])[];

export function link(program: Program, kernels: Kernels): LinkedProgram {
  return program.map(({ tasks }) => tasks.map((calls) => calls.map(({ kernel, args }) => ({ kernel: kernels[kernel] as LinkedCall['kernel'], args }))));
}

export function runTask(calls: readonly LinkedCall[]): void {
  for (const { kernel, args } of calls) Reflect.apply(kernel, undefined, args);
}

export class SharedRun {
  readonly #control: Int32Array;
  readonly #thread: number;
  readonly #threads: number;
  /** The ticket of the last program this thread ran. */
  #seen = 0;

  constructor(control: Int32Array, thread: number, threads: number) {
    this.#control = control;
    this.#thread = thread;
    this.#threads = threads;
  }

  /** The main thread's part: starts program `number` for all, and takes its share of the tasks. */
  run(number: number, program: LinkedProgram): void {
    for (let phase = 0; phase < program.length; phase++) Atomics.store(this.#control, NEXT + phase, 0);
    Atomics.store(this.#control, PROGRAM, number);
    Atomics.add(this.#control, TICKET, 1);
    Atomics.notify(this.#control, TICKET);
    this.#work(program);
  }

  /** A worker's part: runs whatever is started, and returns when it is a program that it does not have yet. */
  serve(programs: ReadonlyMap<number, LinkedProgram>): void {
    for (;;) {
      Atomics.wait(this.#control, TICKET, this.#seen);
      const program = programs.get(Atomics.load(this.#control, PROGRAM));
      if (!program) return;
      this.#seen = Atomics.load(this.#control, TICKET);
      this.#work(program);
    }
  }

  #work(program: LinkedProgram): void {
    for (let phase = 0; phase < program.length; phase++) {
      const tasks = program[phase]!;
      try {
        for (let task = this.#next(phase); task < tasks.length; task = this.#next(phase)) {
          runTask(tasks[task]!);
          Atomics.add(this.#control, BEATS, 1);
        }
      } catch (error) {
        Atomics.store(this.#control, FAILED, 1 + this.#thread);
        this.#release();
        throw error;
      }
      this.#meet();
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

  /** Waits until every thread is here. */
  #meet(): void {
    const generation = Atomics.load(this.#control, GENERATION);
    if (Atomics.add(this.#control, ARRIVED, 1) === this.#threads - 1) this.#release();
    else {
      for (let i = 0; i < SPINS && Atomics.load(this.#control, GENERATION) === generation; i++);
      let beats = -1;
      // A thread that fails marks it before it releases the others, so whoever comes later sees it here.
      while (Atomics.load(this.#control, GENERATION) === generation && Atomics.load(this.#control, FAILED) === 0) {
        if (Atomics.wait(this.#control, GENERATION, generation, PATIENCE_MS) !== 'timed-out') continue;
        if (Atomics.load(this.#control, BEATS) === beats) Atomics.store(this.#control, FAILED, -1);
        beats = Atomics.load(this.#control, BEATS);
      }
    }
    const failed = Atomics.load(this.#control, FAILED);
    if (failed > 0) throw new WasmCnnError(`worker thread ${failed - 1} failed; the step is lost, start again from the last saved model`);
    if (failed < 0) throw new WasmCnnError(`a worker thread has not answered for ${PATIENCE_MS / 1000} s; the step is lost, start again from the last saved model`);
  }
}
