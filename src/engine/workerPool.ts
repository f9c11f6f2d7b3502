// The thread that trains, and the workers it has started. A program runs on those that are up: at first on this thread alone, soon on
// all, and where the host gives no workers it stays at one. Results are bit-identical.
import { WasmCnnError } from '../base/errors.js';
import { isError } from '../base/options.js';
import { now } from '../base/eventLoop.js';
import type { Program } from '../compiler/program.js';
import { patienceOf, runAlone, ProgramRunner, type LinkedProgram } from './programRunner.js';
import type { WorkerFactory, WorkerHandle, WorkerHost, Workers, WorkerStart } from './workers.js';

/** So long after their start, ready() waits no more for workers that are not up. */
const READY_MS = 5000;

function checkMayWait(control: Int32Array): void {
  try {
    // Returns at once, as the word is not -1.
    Atomics.wait(control, 0, -1);
  } catch {
    throw new WasmCnnError("a page's main thread may not block; train in the background or in a worker");
  }
}

class WorkerPool implements Workers {
  readonly #host: WorkerHost;
  readonly #data: Omit<WorkerStart, 'thread' | 'cores'>;
  readonly #control: Int32Array;
  readonly #cores: number;
  readonly #runner: ProgramRunner;
  readonly #workers: WorkerHandle[] = [];
  #started = false;
  #over = false;
  #deadline = Infinity;
  /** Workers that are up or may still come. */
  #alive = 0;
  #trouble: string | null = null;

  constructor(host: WorkerHost, data: Omit<WorkerStart, 'thread' | 'cores'>) {
    this.#host = host;
    this.#data = data;
    this.#control = new Int32Array(data.memory.buffer, data.control, data.controlWords);
    this.#cores = host.cores ?? Infinity;
    this.#runner = new ProgramRunner(this.#control, 0, this.#cores);
  }

  /** Starts the workers, the first time that it is called, and says whether it was. They know no program yet. */
  start(): boolean {
    if (this.#started || this.#over) return false;
    this.#started = true;
    this.#deadline = now() + READY_MS;
    try {
      checkMayWait(this.#control);
      for (let thread = 1; thread < this.#host.threads; thread++) {
        this.#workers.push(
          this.#host.start({ ...this.#data, thread, cores: this.#cores }, (reason) => this.#ended(thread, reason)),
        );
        this.#alive++;
      }
    } catch (error) {
      this.#trouble = isError(error) ? error.message : String(error);
    }
    return true;
  }

  #ended(thread: number, reason: string): void {
    if (this.#over) return;
    this.#alive--;
    this.#trouble = reason;
    // Which of them have joined is not known, but this one has where more have than are left.
    if (this.#runner.joined > this.#alive) this.#runner.fail(thread);
  }

  /** Threads that are up, with this one: what starts now runs on them. */
  get threads(): number {
    return this.#over ? 1 : 1 + this.#runner.joined;
  }

  /** Why some are not up, or null while they may be on their way. */
  get trouble(): string | null {
    return this.#trouble ?? (now() < this.#deadline ? null : `not up after ${READY_MS / 1000} s`);
  }

  /** Waits until all workers are up, or no more can be expected. One that comes later takes part from then on. */
  async ready(): Promise<void> {
    while (!this.#over && this.#runner.joined < this.#alive && now() < this.#deadline)
      await new Promise<void>((resolve) => void setTimeout(resolve, 1));
  }

  /** Registers a program with the workers that are started; `make` returns each thread's form of it. */
  register(number: number, make: (thread: number) => Program): void {
    for (const [i, worker] of this.#workers.entries()) worker.post({ number, program: make(i + 1) });
  }

  run(number: number, program: LinkedProgram): void {
    if (this.#over) runAlone(program);
    else this.#runner.run(number, program);
  }

  /** Ends the workers, or sees to it that none is started; may be called again. What is run afterwards runs on this thread. */
  end(): void {
    this.#over = true;
    this.#trouble ??= 'the threads were ended';
    for (const worker of this.#workers) worker.terminate();
    this.#workers.length = 0;
  }
}

/**
 * For compile({ workers }), with a host's way to start threads.
 *
 * @example
 * ```ts
 * import { makeWorkerFactory } from 'wasm-cnn';
 *
 * const workers = makeWorkerFactory({
 *   threads: 2,
 *   start(data, ended) {
 *     const worker = new Worker('worker.js', { type: 'module' });
 *     worker.addEventListener('error', ({ message }) => ended(message));
 *     worker.postMessage(data);
 *     return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
 *   },
 * });
 * ```
 */
export function makeWorkerFactory(host: WorkerHost): WorkerFactory {
  return { ...host, open: (data) => new WorkerPool(host, data), patienceOf };
}
