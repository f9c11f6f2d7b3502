// Runs batches on an engine: copies data in, executes a program, reads losses and outputs back.
import type { Engine } from '../engine/engine.js';
import type { Numerics } from '../engine/build.js';
import { check } from '../base/errors.js';
import { makeTargets, type Labels, type WriteTarget } from './labels.js';
import type { Loss } from '../losses/index.js';
import type { Figure, Metric, Tally } from '../metrics/index.js';
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

/** What is added up over examples, by the same names: sums of what has a mean, counts of a {@link Tally}. Empty before the first example. */
export type Totals = Record<string, number | number[]>;

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

export class Session {
  /** Steps that the optimizer has made. */
  step = 0;
  /** Dropout seed. */
  seed = 0;
  /** In place of what the optimizer's schedule says, if anything. */
  learningRate: number | null = null;
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
  readonly #figures: readonly (readonly (readonly [name: string, figure: Figure | Tally])[])[];

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

  /** Learning rate of step t, from 1. */
  rateOf(t: number): number {
    return this.learningRate ?? this.compiled!.optimizer.schedule.at(t);
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
  train(examples: PreparedExamples, order: Uint32Array | null, start: number, count: number, totals: Totals): void {
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
    const rate = this.rateOf(t);
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

  /** Of no examples: a name for all that is added up. */
  emptyTotals(): Totals {
    const totals: Totals = { loss: 0 };
    for (const [k, { output }] of this.engine.plan.losses.entries()) {
      const { outputs } = this.compiled!;
      if (outputs.length > 1) totals[logName(this.compiled!, outputs[output]!, 'loss')] = 0;
      for (const [name, figure] of this.#figures[k]!)
        totals[name] = typeof figure === 'function' ? 0 : new Array<number>(figure.size).fill(0);
    }
    return totals;
  }

  /** Names of the logs of a step: the whole loss, each output's where there are several, and metrics. */
  get logNames(): string[] {
    return Object.keys(this.means(this.emptyTotals(), 1));
  }

  /** Example by example, so that a sum over many batches does not depend on their size. */
  #addTo(totals: Totals, count: number): void {
    const { losses, outputs, plan } = this.engine;
    if (totals.loss === undefined) Object.assign(totals, this.emptyTotals());
    const add = (name: string, of: (example: number) => number): void => {
      let sum = totals[name] as number;
      for (let i = 0; i < count; i++) sum += of(i);
      totals[name] = sum;
    };
    for (const [k, { weight, output, targets: port }] of plan.losses.entries()) {
      const { losses: values, targets } = losses[k]!;
      const { compiled } = this;
      add('loss', (i) => weight * values[i]!);
      if (compiled!.outputs.length > 1) add(logName(compiled!, compiled!.outputs[output]!, 'loss'), (i) => values[i]!);
      for (const [name, figure] of this.#figures[k]!)
        if (typeof figure === 'function') add(name, (i) => figure(outputs[output]!, targets, i * port.size));
        else
          for (let i = 0; i < count; i++)
            figure.add(totals[name] as number[], outputs[output]!, targets, i * port.size);
    }
  }

  means(totals: Totals, count: number): Logs {
    const logs: Logs = {};
    for (const [name, sum] of Object.entries(totals)) {
      if (typeof sum === 'number') logs[name] = sum / count;
      else {
        const tally = this.#figures.flat().find(([own]) => own === name)![1] as Tally;
        const { endings = [''] } = tally;
        for (const [i, figure] of tally.figures(sum).entries()) logs[name + endings[i]!] = figure;
      }
    }
    return logs;
  }

  get inputs(): Signature['inputs'] {
    return this.#signature.inputs;
  }

  /** Adds the loss and the metrics of examples to `totals`; nothing is learned. */
  async addUp({ xs, count, writeTargets }: PreparedExamples, totals: Totals): Promise<Totals> {
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
