// The thread that trains, and the workers it has started. A program runs on those that are up: at first on this thread alone, soon on
// all, and where the host gives no workers it stays at one. The bits are the same.
import { WasmCnnError } from '../errors.js';
import type { Program } from '../program.js';
import { CONTROL_WORDS, SharedRun, type LinkedProgram } from './sharedRun.js';
import type { WorkerFactory, WorkerHandle, WorkerStart } from './workers.js';

/** So long after their start, gather() waits no more for workers that are not up. */
const GATHER_MS = 5000;

function checkMayWait(control: Int32Array): void {
  try {
    // Comes back at once, as -1 is not what stands there.
    Atomics.wait(control, 0, -1);
  } catch {
    throw new WasmCnnError('a page may not wait for threads; train in the background or in a worker');
  }
}

export class Team {
  readonly #shared: SharedRun;
  readonly #workers: WorkerHandle[] = [];
  readonly #deadline = performance.now() + GATHER_MS;
  /** Workers that are up or may still come. */
  #alive = 0;
  #trouble: string | null = null;

  constructor(factory: WorkerFactory, start: Omit<WorkerStart, 'thread'>) {
    const control = new Int32Array(start.memory.buffer, start.control, CONTROL_WORDS);
    this.#shared = new SharedRun(control, 0);
    try {
      checkMayWait(control);
      for (let thread = 1; thread < factory.threads; thread++) {
        this.#workers.push(factory.start({ ...start, thread }, (reason) => this.#ended(thread, reason)));
        this.#alive++;
      }
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
    }
  }

  #ended(thread: number, reason: string): void {
    this.#alive--;
    this.#trouble = reason;
    // Which of them have joined is not known, but this one has where more have than are left.
    if (this.#shared.joined > this.#alive) this.#shared.fail(thread);
  }

  /** Threads that are up, with this one: what starts now runs on them. */
  get threads(): number {
    return 1 + this.#shared.joined;
  }

  /** Why some are not up, or null while they may be on their way. */
  get trouble(): string | null {
    return this.#trouble ?? (performance.now() < this.#deadline ? null : `not up after ${GATHER_MS / 1000} s`);
  }

  /** Waits until all workers are up, or cannot be expected any more. One that comes later takes part from then on. */
  async gather(): Promise<void> {
    while (this.#shared.joined < this.#alive && performance.now() < this.#deadline) await new Promise<void>((resolve) => void setTimeout(resolve, 1));
  }

  /** Makes a program known to the workers; `make` gives each thread's form of it. */
  learn(number: number, make: (thread: number) => Program): void {
    for (const [i, worker] of this.#workers.entries()) worker.post({ number, program: make(i + 1) });
  }

  run(number: number, program: LinkedProgram): void {
    this.#shared.run(number, program);
  }

  end(): void {
    for (const worker of this.#workers) worker.terminate();
  }
}
