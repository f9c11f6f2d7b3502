// A plan come to life: its memory, the kernels on it, and the programs that run there.
import { refreshProgram, type Program } from '../program.js';
import type { Plan } from '../plan.js';
import { openKernels, type WasmSource } from './kernels.js';
import type { Kernels } from './kernels.generated.js';

/** Anything that makes programs: count and pixels are all that differs between batches. */
type ProgramMaker = () => Program;

export class Engine {
  readonly plan: Plan;
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
  readonly gradients: Float32Array;
  readonly scalars: Float32Array;
  readonly stepKey: Uint32Array;
  /** [batch, inputSize] as bytes and as floats; a batch fills one of them. */
  readonly inputBytes: Uint8Array;
  readonly input: Float32Array;
  readonly output: Float32Array;
  readonly targets: Float32Array;
  readonly losses: Float32Array;
  readonly #kernels: Kernels;
  readonly #linked = new Map<string, LinkedCall[]>();

  constructor(plan: Plan, wasm?: WasmSource) {
    const { kernels, buffer } = openKernels(plan.totalBytes, wasm);
    const floats = (at: number, count: number): Float32Array => new Float32Array(buffer, at, count);
    const trained = plan.training ? plan.parameterCount : 0;
    this.plan = plan;
    this.#kernels = kernels;
    this.weights = floats(plan.params, plan.parameterCount);
    this.slots = plan.slots.map((slot) => floats(slot, plan.parameterCount));
    this.gradients = floats(plan.gradients, trained);
    this.scalars = floats(plan.scalars, 16);
    this.stepKey = new Uint32Array(buffer, plan.stepKey, 1);
    this.inputBytes = new Uint8Array(buffer, plan.inputBytes, plan.inputSize * plan.batchSize);
    this.input = floats(plan.input, plan.inputSize * plan.batchSize);
    this.output = floats(plan.output, plan.outputSize * plan.batchSize);
    this.targets = floats(plan.targets, plan.training ? plan.outputSize * plan.batchSize : 0);
    this.losses = floats(plan.losses, plan.training ? plan.batchSize : 0);
  }

  /** Runs the program called `key`, made at its first use. */
  run(key: string, make: ProgramMaker): void {
    let linked = this.#linked.get(key);
    if (!linked) {
      linked = make().flatMap(({ tasks }) => tasks.flat()).map(({ kernel, args }) => ({ kernel: this.#kernels[kernel] as (...args: number[]) => void, args }));
      this.#linked.set(key, linked);
    }
    for (const { kernel, args } of linked) Reflect.apply(kernel, undefined, args);
  }

  /** To be called after weights were set from outside. */
  refresh(): void {
    this.run('refresh', () => refreshProgram(this.plan));
  }
}

interface LinkedCall {
  readonly kernel: (...args: number[]) => void;
  readonly args: readonly number[];
}
