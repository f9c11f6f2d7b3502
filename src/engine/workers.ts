// Worker threads: what a host must offer, and what runs in each of them.
import { check } from '../base/errors.js';
import { checkWhole } from '../base/shape.js';
import type { Program } from '../compiler/program.js';
import { instantiate } from './kernels.js';
import { link, patienceOf, ProgramRunner, type LinkedProgram, type PatienceOf } from './programRunner.js';

/** What a new thread is given; all of it can be sent to a thread. */
export interface WorkerStart {
  readonly modules: readonly WebAssembly.Module[];
  readonly memory: WebAssembly.Memory;
  /** Address of the control block, and its size. */
  readonly control: number;
  readonly controlWords: number;
  /** Number of the thread, from 1; 0 is the thread that trains. */
  readonly thread: number;
  /** How many threads can run at once. */
  readonly cores: number;
}

/** Registers a program with the worker. */
export interface WorkerMessage {
  readonly number: number;
  readonly program: Program;
}

/** A started worker, as a {@link WorkerHost} gives it. */
export interface WorkerHandle {
  post(message: WorkerMessage): void;
  terminate(): void;
}

/** A host's threads; makeWorkerFactory() makes what compile() takes of it. */
export interface WorkerHost {
  /** All threads, with the one that trains. */
  readonly threads: number;
  /** How many can run at once; where that is less, none of them waits in a busy loop. Default: all. */
  readonly cores?: number;
  /** Starts one more thread; throws where the host refuses. Calls `ended` when the thread is gone, with the reason in a few words. */
  start(data: WorkerStart, ended: (reason: string) => void): WorkerHandle;
}

/** All that an engine asks of its threads: a WorkerPool. */
export interface Workers {
  readonly threads: number;
  readonly trouble: string | null;
  start(): boolean;
  ready(): Promise<void>;
  register(number: number, make: (thread: number) => Program): void;
  run(number: number, program: LinkedProgram): void;
  end(): void;
}

/** What compile() takes: workers() of `wasm-cnn/node` and of a browser. What threads need in the page comes with it. */
export interface WorkerFactory extends WorkerHost {
  open(data: Omit<WorkerStart, 'thread' | 'cores'>): Workers;
  /** See LinkedPhase.patience. */
  readonly patienceOf: PatienceOf;
}

/** Threads that are allowed on any machine: more on few cores make hardly a step a minute, as each of them is woken for each phase. */
const ALWAYS = 64;

/** The number of threads that were asked for; throws where it is none, or too many for so many cores. */
export function checkThreads(threads: unknown, cores: number): number {
  const asked = checkWhole(threads, 'threads');
  const most = Math.max(ALWAYS, cores);
  check(
    asked <= most,
    `${asked} threads on ${cores} core${cores === 1 ? '' : 's'} would only wait for each other; ask for at most ${most}, or leave the number out for one per core`,
  );
  return asked;
}

/** What a worker thread runs. */
export interface WorkerThread {
  /** Call with each message. Blocks until a program starts that it was not given. */
  receive(message: WorkerMessage): void;
  /** Call when the thread ends by itself, whatever the reason. */
  end(): void;
}

/**
 * What a thread of a host does: a worker script of another host than Node and browsers calls it with what it was started with.
 *
 * @example
 * ```ts
 * import { makeWorker, type WorkerStart } from 'wasm-cnn';
 *
 * // The script of a worker: what starts it sends WorkerStart, then messages.
 * const ready = new Promise<WorkerStart>((resolve) => addEventListener('message', ({ data }) => resolve(data), { once: true }));
 * const worker = makeWorker(await ready);
 * addEventListener('message', ({ data }) => worker.receive(data));
 * ```
 */
export function makeWorker({ modules, memory, control, controlWords, thread, cores }: WorkerStart): WorkerThread {
  const kernels = instantiate(modules, memory);
  const runner = new ProgramRunner(new Int32Array(memory.buffer, control, controlWords), thread, cores);
  const programs = new Map<number, LinkedProgram>();
  return {
    receive({ number, program }) {
      programs.set(number, link(program, kernels, patienceOf));
      // A first message shows that messages arrive.
      if (programs.size === 1) runner.join();
      runner.workerLoop(programs);
    },
    end() {
      // Before it joined, no other thread counted on it.
      if (programs.size > 0) runner.fail();
    },
  };
}
