// Runs batches on an engine: copies data in, executes a program, reads losses and outputs back.
import type { Engine } from '../engine/engine.js';
import type { Numerics } from '../engine/build.js';
import { check } from '../base/errors.js';
import { makeTargets, type Labels, type WriteTarget } from './labels.js';
import type { Loss } from '../losses/index.js';
import type { Figure, Metric } from '../metrics/index.js';
import type { Optimizer } from '../optimizers/index.js';
import { makeYield } from '../base/eventLoop.js';
import { evaluateProgram, gradientsProgram, trainProgram, type ProgramOptions } from '../compiler/program.js';
import { makeKey } from '../base/random.js';
import type { Tensor } from '../base/tensor.js';
import { fillInputs, predict, type Signature } from './prediction.js';
import { inputsOf, targetsOf, type Inputs, type Targets } from './inputs.js';
import { ReadWriteLock } from '../base/readWriteLock.js';

/** Means over examples: loss, and each metric by its name. */
export type Logs = Record<string, number>;

/** Checked: a tensor for each input; labels for each loss, and the function that writes them as its targets. */
export interface PreparedExamples {
  readonly xs: readonly Tensor[];
  readonly labels: readonly Labels[];
  readonly count: number;
  readonly writeTargets: readonly WriteTarget[];
}

/** How an output is trained. */
export interface CompiledOutput {
  readonly name: string;
  readonly loss: Loss;
  readonly weight: number;
  readonly metrics: readonly Metric[];
}

/** What compile() was told, as objects. */
export interface Compiled {
  readonly optimizer: Optimizer;
  /** For each output of the model; null for one without loss. */
  readonly outputs: readonly (CompiledOutput | null)[];
  readonly numerics: Numerics;
}

/** What a log is called: of several outputs with its output's name before it. */
function logName({ outputs }: Compiled, output: CompiledOutput, name: string): string {
  return outputs.length > 1 ? `${output.name}_${name}` : name;
}

/** Names of the logs of a step: the whole loss, each output's where there are several, and metrics. */
export function logNames(compiled: Compiled): string[] {
  const several = compiled.outputs.length > 1;
  return [
    'loss',
    ...compiled.outputs.flatMap((output) => {
      if (!output) return [];
      const names = [...(several ? ['loss'] : []), ...output.metrics.map(({ name }) => name)];
      return names.map((name) => logName(compiled, output, name));
    }),
  ];
}

export class Session {
  /** Steps that the optimizer has made. */
  step = 0;
  /** Dropout seed. */
  seed = 0;
  readonly engine: Engine;
  readonly compiled: Compiled | null;
  /** Yields to the event loop; call between batches. */
  readonly yieldToEventLoop = makeYield();
  /** Evaluations and predictions read the weights, steps write them. */
  readonly lock = new ReadWriteLock();
  /** While another thread executes a step, whose weights then replace these. */
  stepsRemotely = false;
  readonly #signature: Signature;
  /** For each loss, what the metrics count on its output, by their names. */
  readonly #figures: readonly (readonly (readonly [name: string, figure: Figure])[])[];

  /** Throws one sentence where a metric does not fit an output. */
  constructor(engine: Engine, compiled: Compiled | null, signature: Signature) {
    this.engine = engine;
    this.compiled = compiled;
    this.#signature = signature;
    this.#figures = engine.plan.losses.map(({ output }) => {
      const judged = compiled!.outputs[output]!;
      return judged.metrics.map((metric) => [
        logName(compiled!, judged, metric.name),
        metric.on({ shape: signature.outputs[output]!.shape, loss: judged.loss }),
      ]);
    });
  }

  get batchSize(): number {
    return this.engine.plan.batchSize;
  }

  /** Rate of the next step. */
  get learningRate(): number {
    return this.compiled!.optimizer.schedule.at(this.step + 1);
  }

  /** Throws unless x are examples of the model's inputs. */
  checkInputs(x: Inputs, who: string): { xs: readonly Tensor[]; count: number } {
    const xs = inputsOf(x, this.#signature.inputs, who);
    return { xs, count: xs[0]!.shape[0]! };
  }

  /** Checks x and y once; what follows trusts them. */
  prepare(x: Inputs, y: Targets, who: string): PreparedExamples {
    const { xs, count } = this.checkInputs(x, who);
    check(count > 0, () => `${who} needs at least one example, got none`);
    const { losses } = this.engine.plan;
    const names = losses.map(({ output }) => this.#signature.outputs[output]!.name);
    const labels = targetsOf(y, names, who);
    const writeTargets = losses.map(({ output }, k) => {
      const { loss } = this.compiled!.outputs[output]!;
      return makeTargets(labels[k]!, count, { shape: this.#signature.outputs[output]!.shape, loss }, who);
    });
    return { xs, labels, count, writeTargets };
  }

  /** Puts examples order[start …], or start … without an order, into the engine's memory. */
  #fill(
    xs: readonly Tensor[],
    order: Uint32Array | null,
    start: number,
    count: number,
    writeTargets: readonly WriteTarget[],
  ): ProgramOptions {
    const { losses } = this.engine.plan;
    const options = fillInputs(this.engine, xs, order, start, count);
    for (const [k, write] of writeTargets.entries()) {
      const { size } = losses[k]!.targets;
      for (let i = 0; i < count; i++)
        write(this.engine.losses[k]!.targets, i * size, order ? order[start + i]! : start + i);
    }
    return options;
  }

  /** One step on examples order[start … start + count), or start … without an order; count ≤ batchSize. Adds the examples' loss and metrics to `totals`. */
  train(examples: PreparedExamples, order: Uint32Array | null, start: number, count: number, totals: Logs): void {
    const { optimizer } = this.compiled!;
    const options = this.#fill(examples.xs, order, start, count, examples.writeTargets);
    const t = this.#beginStep(optimizer);
    this.engine.run(`train ${count} ${options.pixels}`, (worker) =>
      trainProgram(this.engine.plan, optimizer, options, worker),
    );
    this.step = t;
    this.#addTo(totals, count);
  }

  /** Writes what the kernels read about the coming step, and returns its number. */
  #beginStep(optimizer: Optimizer): number {
    const t = this.step + 1;
    const rate = optimizer.schedule.at(t);
    check(
      typeof rate === 'number' && rate >= 0 && rate < Infinity,
      () => `the learning rate of step ${t} must be a number of at least 0, its schedule gives ${rate}`,
    );
    this.engine.scalars.set(optimizer.scalars(t, rate));
    this.engine.stepKey[0] = makeKey(this.seed, 2, t);
    return t;
  }

  /** One step on one batch, on the calling thread alone: what each kernel call took. */
  profile(examples: PreparedExamples, visit: Parameters<Engine['profile']>[1]): void {
    const { optimizer } = this.compiled!;
    const options = this.#fill(examples.xs, null, 0, examples.count, examples.writeTargets);
    this.step = this.#beginStep(optimizer);
    this.engine.profile(trainProgram(this.engine.plan, optimizer, options, 0), visit);
  }

  /** Gradients of one batch, a view that the next step overwrites. */
  gradients(examples: PreparedExamples): Float32Array {
    const { count } = examples;
    const options = this.#fill(examples.xs, null, 0, count, examples.writeTargets);
    this.#beginStep(this.compiled!.optimizer);
    this.engine.run(`gradients ${count} ${options.pixels}`, (worker) =>
      gradientsProgram(this.engine.plan, options, worker),
    );
    return this.engine.gradients;
  }

  /** Example by example, so that a sum over many batches does not depend on their size. */
  #addTo(totals: Logs, count: number): void {
    const { losses, outputs, plan } = this.engine;
    const { compiled } = this;
    for (const [k, { weight, output, targets }] of plan.losses.entries()) {
      const own = losses[k]!;
      let loss = totals.loss ?? 0;
      for (let i = 0; i < count; i++) loss += weight * own.losses[i]!;
      totals.loss = loss;
      if (compiled!.outputs.length > 1) {
        const name = logName(compiled!, compiled!.outputs[output]!, 'loss');
        let sum = totals[name] ?? 0;
        for (let i = 0; i < count; i++) sum += own.losses[i]!;
        totals[name] = sum;
      }
      for (const [name, figure] of this.#figures[k]!) {
        let sum = totals[name] ?? 0;
        for (let i = 0; i < count; i++) sum += figure(outputs[output]!, own.targets, i * targets.size);
        totals[name] = sum;
      }
    }
  }

  means(sums: Logs, count: number): Logs {
    return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
  }

  get inputs(): Signature['inputs'] {
    return this.#signature.inputs;
  }

  /** Adds the loss and the metrics of examples to `totals`; nothing is learned. */
  async addUp({ xs, count, writeTargets }: PreparedExamples, totals: Logs): Promise<Logs> {
    return this.lock.read(async () => {
      for (let start = 0; start < count; start += this.batchSize) {
        const options = this.#fill(xs, null, start, Math.min(this.batchSize, count - start), writeTargets);
        this.engine.predict(`evaluate ${options.count} ${options.pixels}`, (worker) =>
          evaluateProgram(this.engine.plan, options, worker),
        );
        this.#addTo(totals, options.count);
        await this.yieldToEventLoop();
      }
      return totals;
    });
  }

  /** Mean loss and metrics. */
  async evaluate(examples: PreparedExamples): Promise<Logs> {
    return this.means(await this.addUp(examples, {}), examples.count);
  }

  /** [count, …outputShape] of each output. */
  async predict(xs: readonly Tensor[], count: number): Promise<Tensor<Float32Array>[]> {
    return this.lock.read(() => predict(this.engine, this.#signature, xs, count, this.yieldToEventLoop));
  }
}
