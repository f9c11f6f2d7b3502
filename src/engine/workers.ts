// Worker threads: what a host must offer, and what runs in each of them.
import type { Program } from '../program.js';
import { instantiate } from './kernels.js';
import { CONTROL_WORDS, link, SharedRun, type LinkedProgram } from './sharedRun.js';

/** What a new thread is given; all of it can be sent to a thread. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the control block. */
  readonly control: number;
  /** From 1; 0 is the thread that trains. */
  readonly thread: number;
  readonly threads: number;
}

/** A program that the thread shall know from now on. */
export interface WorkerMessage {
  readonly number: number;
  readonly program: Program;
}

export interface WorkerHandle {
  post(message: WorkerMessage): void;
  terminate(): void;
}

/** A host's threads: `wasm-cnn/node` has one for worker_threads. */
export interface WorkerFactory {
  /** All threads, with the one that trains. */
  readonly threads: number;
  start(data: WorkerStart): WorkerHandle;
}

/** What a worker thread runs: give it each message. It blocks until there is a program that it was not given. */
export function makeWorker({ module, memory, control, thread, threads }: WorkerStart): (message: WorkerMessage) => void {
  const kernels = instantiate(module, memory);
  const run = new SharedRun(new Int32Array(memory.buffer, control, CONTROL_WORDS), thread, threads);
  const programs = new Map<number, LinkedProgram>();
  return ({ number, program }) => {
    programs.set(number, link(program, kernels));
    run.serve(programs);
  };
}
