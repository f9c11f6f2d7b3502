// A model on its engine: fills batches in, runs a step, reads losses and metrics out.
import { copyExamples, inOrder } from './batches.js';
import type { Engine } from '../engine/engine.js';
import type { Numerics } from '../engine/kernels.js';
import { check } from '../base/errors.js';
import { makeTargets, type Labels, type WriteTarget } from './labels.js';
import type { Loss } from '../losses/index.js';
import type { Metric } from '../metrics/index.js';
import type { Optimizer } from '../optimizers/index.js';
import { makePause } from '../base/pause.js';
import { evaluateProgram, predictProgram, trainProgram, type ProgramOptions } from '../compiler/program.js';
import { makeKey } from '../base/random.js';
import { formatBatchShape, formatShape, sameShape, type Shape } from '../base/shape.js';
import { checkTensor, isBytes, type Tensor } from '../base/tensor.js';
import { Turns } from '../base/turns.js';

/** Means over examples: loss, and each metric by its name. */
export type Logs = Record<string, number>;

export interface Examples {
  readonly x: Tensor;
  readonly count: number;
  readonly writeTarget: WriteTarget;
}

/** What compile() was told, as objects. */
export interface Compiled {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly metrics: readonly Metric[];
  readonly numerics: Numerics;
}

export class Trainer {
  /** Steps that the optimizer has made. */
  step = 0;
  /** Of dropout. */
  seed = 0;
  readonly engine: Engine;
  readonly compiled: Compiled | null;
  /** Between two batches. */
  readonly pause = makePause();
  /** Evaluations and predictions read the weights, steps write them. */
  readonly turns = new Turns();
  readonly #inputShape: Shape;
  readonly #outputShape: Shape;

  constructor(engine: Engine, compiled: Compiled | null, inputShape: Shape, outputShape: Shape) {
    this.engine = engine;
    this.compiled = compiled;
    this.#inputShape = inputShape;
    this.#outputShape = outputShape;
  }

  get batchSize(): number {
    return this.engine.plan.batchSize;
  }

  /** Rate of the next step. */
  get learningRate(): number {
    return this.compiled!.optimizer.schedule.at(this.step + 1);
  }

  /** Throws unless x are examples of the model's shape; gives how many. */
  checkInput(x: Tensor, who: string): number {
    const inputShape = this.#inputShape;
    checkTensor(x, `${who}'s x`);
    const [n, ...example] = x.shape;
    check(
      sameShape(example, inputShape),
      () => `${who} needs x ${formatBatchShape(inputShape)}, got ${formatShape(x.shape)}`,
    );
    return n!;
  }

  /** Checks x and y once; what follows trusts them. */
  examples(x: Tensor, y: Labels, who: string): Examples {
    const count = this.checkInput(x, who);
    check(count > 0, () => `${who} needs at least one example, got none`);
    return { x, count, writeTarget: makeTargets(y, count, this.engine.plan.outputSize, who) };
  }

  /** Puts examples order[start …] into the engine's memory. */
  #fill(x: Tensor, order: Uint32Array, start: number, count: number, writeTarget: WriteTarget | null): ProgramOptions {
    const { inputSize, outputSize } = this.engine.plan;
    const pixels = isBytes(x.data);
    copyExamples(pixels ? this.engine.inputBytes : this.engine.input, x.data, inputSize, order, start, count);
    if (writeTarget)
      for (let i = 0; i < count; i++) writeTarget(this.engine.targets, i * outputSize, order[start + i]!);
    return { count, pixels };
  }

  /** One step on examples order[start … start + count), count ≤ batchSize. Adds the examples' loss and metrics to `totals`. */
  train(examples: Examples, order: Uint32Array, start: number, count: number, totals: Logs): void {
    const { optimizer } = this.compiled!;
    const options = this.#fill(examples.x, order, start, count, examples.writeTarget);
    const t = this.#beginStep(optimizer);
    this.engine.run(`train ${count} ${options.pixels}`, (worker) =>
      trainProgram(this.engine.plan, optimizer, options, worker),
    );
    this.step = t;
    this.#addTo(totals, count);
  }

  /** Writes what the kernels read of the coming step, and gives its number. */
  #beginStep(optimizer: Optimizer): number {
    const t = this.step + 1;
    const rate = optimizer.schedule.at(t);
    check(
      rate >= 0 && rate < Infinity,
      () => `the learning rate of step ${t} must be a number of at least 0, its schedule gives ${rate}`,
    );
    this.engine.scalars.set(optimizer.scalars(t, rate));
    this.engine.stepKey[0] = makeKey(this.seed, 2, t);
    return t;
  }

  /** One step on one batch, on the calling thread alone: what each kernel call took. */
  profile(examples: Examples, visit: Parameters<Engine['profile']>[1]): void {
    const { optimizer } = this.compiled!;
    const options = this.#fill(examples.x, inOrder(examples.count), 0, examples.count, examples.writeTarget);
    this.step = this.#beginStep(optimizer);
    this.engine.profile(trainProgram(this.engine.plan, optimizer, options, 0), visit);
  }

  /** Gradients of one batch, a view that the next step overwrites: a training step without its last two phases. */
  gradients(examples: Examples): Float32Array {
    const { count } = examples;
    const order = inOrder(count);
    const options = this.#fill(examples.x, order, 0, count, examples.writeTarget);
    this.#beginStep(this.compiled!.optimizer);
    this.engine.run(`gradients ${count} ${options.pixels}`, (worker) =>
      trainProgram(this.engine.plan, this.compiled!.optimizer, options, worker).slice(0, 2),
    );
    return this.engine.gradients;
  }

  /** Example by example, so that a sum over many batches does not depend on their size. */
  #addTo(totals: Logs, count: number): void {
    const { losses, output, targets, plan } = this.engine;
    let loss = totals.loss ?? 0;
    for (let i = 0; i < count; i++) loss += losses[i]!;
    totals.loss = loss;
    for (const { name, sum } of this.compiled!.metrics)
      totals[name] = (totals[name] ?? 0) + sum(output, targets, count, plan.outputSize);
  }

  means(sums: Logs, count: number): Logs {
    return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
  }

  async evaluate({ x, count, writeTarget }: Examples): Promise<Logs> {
    return this.turns.read(async () => {
      const order = inOrder(count);
      const totals: Logs = {};
      for (let start = 0; start < count; start += this.batchSize) {
        const options = this.#fill(x, order, start, Math.min(this.batchSize, count - start), writeTarget);
        this.engine.run(`evaluate ${options.count} ${options.pixels}`, (worker) =>
          evaluateProgram(this.engine.plan, options, worker),
        );
        this.#addTo(totals, options.count);
        await this.pause();
      }
      return this.means(totals, count);
    });
  }

  async predict(x: Tensor): Promise<Tensor<Float32Array>> {
    const count = this.checkInput(x, 'predict');
    const { outputSize } = this.engine.plan;
    const data = await this.turns.read(async () => {
      const order = inOrder(count);
      const outputs = new Float32Array(count * outputSize);
      for (let start = 0; start < count; start += this.batchSize) {
        const options = this.#fill(x, order, start, Math.min(this.batchSize, count - start), null);
        this.engine.run(`predict ${options.count} ${options.pixels}`, (worker) =>
          predictProgram(this.engine.plan, options, worker),
        );
        outputs.set(this.engine.output.subarray(0, options.count * outputSize), start * outputSize);
        await this.pause();
      }
      return outputs;
    });
    return { data, shape: [count, ...this.#outputShape] };
  }
}
