// Executes the programs of a plan; owns the memory, the kernel instance and the worker pool.
import { check, WasmCnnError } from '../base/errors.js';
import { now } from '../base/eventLoop.js';
import type { Plan, Port } from '../compiler/plan.js';
import { repackProgram, repackToPredictProgram, type Call, type Program } from '../compiler/program.js';
import { instantiate, isShared, openKernels, type KernelsChoice } from './kernels.js';
import type { Kernels } from './kernels.generated.js';
import { link, MOST_THREADS, runAlone, type LinkedProgram } from './programRunner.js';
import type { WorkerFactory, Workers } from './workers.js';

export interface EngineOptions extends Omit<KernelsChoice, 'threads'> {
  /** Threads to run on; without them everything runs on the calling thread. */
  readonly workers?: WorkerFactory | undefined;
  /** Compiles the kernels when something is run: where another thread makes the steps, that may be never. */
  readonly later?: boolean;
}

/** How many threads there are. */
export interface Threads {
  readonly asked: number;
  /** Those that are up: what starts now runs on them. */
  readonly running: number;
  /** Why they are fewer; null where they are not, or where the others are not started yet or still starting. */
  readonly trouble: string | null;
}

interface Known {
  readonly number: number;
  readonly program: LinkedProgram;
  /** Whether no phase has work for two threads: then the others are not even woken. */
  readonly alone: boolean;
  /** Each thread's form of it. */
  readonly make: (thread: number) => Program;
}

/**
 * About what a thread takes in Node. A garbage collector sees none of it, only an engine's few objects, so it would let hundreds of
 * forgotten threads pile up before it looks; for each of them it is shown a buffer, which takes no memory as it is never written.
 */
const THREAD_BYTES = 16 << 20;

/** Ends the workers of engines that have been garbage-collected, where the host can tell. */
const abandoned =
  typeof FinalizationRegistry === 'undefined' ? null : new FinalizationRegistry<Workers>((pool) => pool.end());

export class Engine {
  readonly plan: Plan;
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
  readonly gradients: Float32Array;
  readonly scalars: Float32Array;
  readonly stepKey: Uint32Array;
  /** Each [batch, …], as bytes and as floats; a batch fills one of them. */
  readonly inputs: readonly { readonly bytes: Uint8Array; readonly floats: Float32Array }[];
  readonly outputs: readonly Float32Array[];
  /** [batch, …], [batch] and [batch] of each output that is compared. */
  readonly losses: readonly {
    readonly targets: Float32Array;
    readonly losses: Float32Array;
    readonly weights: Float32Array;
  }[];
  /** [batch] each: what is added to the loss of each example. */
  readonly penalties: readonly Float32Array[];
  /** See THREAD_BYTES. */
  threadBytes: readonly ArrayBuffer[] = [];
  readonly #instantiate: () => Kernels;
  #instance: Kernels | null = null;
  readonly #known = new Map<string, Known>();
  readonly #asked: number;
  readonly #workers: WorkerFactory | undefined;
  /** How often weights were set from outside. */
  edits = 0;
  /** Packed weights are out of date: all of them, and those that only predictions need. */
  #stale = false;
  #staleToPredict = false;
  /** Null where one thread was asked for, or no memory can be shared. */
  readonly #pool: Workers | null = null;
  /** The sentence of a run that failed, or null. */
  #failure: string | null = null;

  constructor(plan: Plan, { wasm, numerics, workers, moreKernels, later = false }: EngineOptions = {}) {
    this.#asked = workers?.threads ?? 1;
    check(
      this.#asked <= MOST_THREADS,
      `training needs at most ${MOST_THREADS} threads, got ${this.#asked}; ask for fewer`,
    );
    const kernels = openKernels(plan, { wasm, numerics, moreKernels, threads: this.#asked });
    const { memory } = kernels;
    const { buffer } = memory;
    const floats = (at: number, count: number): Float32Array => new Float32Array(buffer, at, count);
    this.plan = plan;
    this.#workers = workers;
    this.#instantiate = () => instantiate(kernels.modules, memory);
    if (!later) this.#instance = this.#instantiate();
    this.weights = floats(plan.params, plan.variableCount);
    this.slots = plan.slots.map((slot) => floats(slot, plan.weightCount));
    this.gradients = floats(plan.gradients, plan.training ? plan.weightCount : 0);
    this.scalars = floats(plan.scalars, 16);
    this.stepKey = new Uint32Array(buffer, plan.stepKey, 1);
    const port = ({ at, size }: Port): Float32Array => floats(at, size * plan.batchSize);
    this.inputs = plan.inputs.map((input) => ({
      bytes: new Uint8Array(buffer, input.bytesAt, input.size * plan.batchSize),
      floats: port(input),
    }));
    this.outputs = plan.outputs.map(port);
    const ofEach = (at: number): Float32Array => floats(at, plan.batchSize);
    this.losses = plan.losses.map(({ targets, losses, weights }) => ({
      targets: port(targets),
      losses: ofEach(losses),
      weights: ofEach(weights),
    }));
    this.penalties = plan.penalties.map(ofEach);
    if (workers && this.#asked > 1 && isShared(memory)) {
      const { modules } = kernels;
      this.#pool = workers.open({ modules, memory, control: plan.control, controlWords: plan.controlWords });
      abandoned?.register(this, this.#pool);
    }
  }

  get #kernels(): Kernels {
    return (this.#instance ??= this.#instantiate());
  }

  get threads(): Threads {
    const [asked, running] = [this.#asked, this.#pool?.threads ?? 1];
    const trouble = this.#pool ? this.#pool.trouble : 'this host has no memory that threads can share';
    return { asked, running, trouble: running === asked ? null : trouble };
  }

  /** Starts the threads and waits until they are up, some seconds at most. What runs before that is as right, on fewer threads. */
  async ready(): Promise<void> {
    this.#startThreads();
    await this.#pool?.ready();
  }

  #startThreads(): void {
    if (!this.#pool?.start()) return;
    this.threadBytes = Array.from({ length: this.#asked - 1 }, () => new ArrayBuffer(THREAD_BYTES));
    for (const { number, make } of this.#known.values()) this.#pool.register(number, make);
  }

  /** Ends the threads; may be called again. What is run afterwards runs on the calling thread, with bit-identical results. */
  end(): void {
    this.#pool?.end();
    this.threadBytes = [];
  }

  /**
   * Runs the program called `key`, of a step; `make` returns each thread's form of it at its first use. Threads are started where there is
   * work for two.
   */
  run(key: string, make: (thread: number) => Program): void {
    this.#repack();
    this.#staleToPredict = true;
    this.#runOnThreads(this.#know(key, make));
  }

  /** Runs a program that predicts. */
  predict(key: string, make: (thread: number) => Program): void {
    this.#repack();
    if (this.#staleToPredict)
      this.#run(this.#know('repack to predict', (thread) => repackToPredictProgram(this.plan, thread)));
    this.#staleToPredict = false;
    this.#runOnThreads(this.#know(key, make));
  }

  #runOnThreads(known: Known): void {
    if (!known.alone) this.#startThreads();
    this.#run(known);
  }

  #know(key: string, make: (thread: number) => Program): Known {
    let known = this.#known.get(key);
    if (!known) {
      const program = link(make(0), this.#kernels, this.#workers?.patienceOf);
      known = { number: this.#known.size, program, alone: program.every(({ tasks }) => tasks.length <= 1), make };
      this.#known.set(key, known);
      this.#pool?.register(known.number, make);
    }
    return known;
  }

  #run({ number, program, alone }: Known): void {
    this.#guard(() => (this.#pool && !alone ? this.#pool.run(number, program) : runAlone(program)));
  }

  /** Throws after a failed run: the memory then holds no step's results, and must not be read again. */
  checkAlive(): void {
    if (this.#failure !== null) throw new WasmCnnError(this.#failure);
  }

  #guard(work: () => void): void {
    this.checkAlive();
    try {
      work();
    } catch (error) {
      // A thread that is lost has its sentence; what else comes out of a kernel is a trap.
      this.#failure =
        error instanceof WasmCnnError
          ? error.message
          : `a kernel failed on the training thread (${(error as Error).message}); the step is lost, start again from the last saved model`;
      this.end();
      throw new WasmCnnError(this.#failure, { cause: error });
    }
  }

  /** Runs a program on the calling thread alone, call by call, and says how long each took. */
  profile(program: Program, visit: (call: Call, milliseconds: number, memory: Float32Array) => void): void {
    this.#repack();
    this.#staleToPredict = true;
    const memory = new Float32Array(this.weights.buffer, 0, Math.floor(this.weights.buffer.byteLength / 4));
    for (const call of program.flatMap(({ tasks }) => tasks.flat())) {
      const began = now();
      this.#guard(() => Reflect.apply(this.#kernels[call.kernel] as (...args: number[]) => void, undefined, call.args));
      visit(call, now() - began, memory);
    }
  }

  /** Call after weights were set from outside. */
  repack(): void {
    this.repackLater();
    if (this.#instance) this.#repack();
  }

  /** The same where they may be set again before anything runs. */
  repackLater(): void {
    this.edits++;
    this.#stale = true;
    this.#staleToPredict = true;
  }

  #repack(): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#run(this.#know('repack', (thread) => repackProgram(this.plan, thread)));
  }
}
