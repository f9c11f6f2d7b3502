// A model's engine with what it was compiled to: predicts, and knows where training is. steps.ts trains on it.
import type { Engine } from '../engine/engine.js';
import type { Numerics } from '../engine/build.js';
import type { Loss } from '../losses/index.js';
import type { Figure, Metric, Tally } from '../metrics/index.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { makeYield } from '../base/eventLoop.js';
import type { Tensor } from '../base/tensor.js';
import { predict, type Signature } from './prediction.js';
import { inputsOf, type Inputs } from './inputs.js';
import { ReadWriteLock } from '../base/readWriteLock.js';

/** Means over examples: loss, and each metric by its name. */
export interface Logs extends Record<string, number> {
  loss: number;
}

/** What is added up over examples, by the same names: sums of what has a mean, counts of a {@link Tally}. Empty before the first example. */
export type Totals = Record<string, number | number[]>;

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
  /** Of fit(), unless it is told another one. */
  readonly batchSize: number;
  readonly numerics: Numerics;
}

/** What a log is called: of several outputs with its output's name before it. */
export function logName({ outputs }: Compiled, output: CompiledOutput, name: string): string {
  return outputs.length > 1 ? `${output.name}_${name}` : name;
}

export class Session {
  /** Steps that the optimizer has made. */
  step = 0;
  /** Dropout seed. */
  seed = 0;
  /** Rate in place of the optimizer's schedule, if any. */
  learningRate: number | null = null;
  readonly engine: Engine;
  readonly compiled: Compiled | null;
  /** Yields to the event loop; call between batches. */
  readonly yieldToEventLoop = makeYield();
  /** Evaluations and predictions read the weights, steps write them. */
  readonly lock = new ReadWriteLock();
  /** While another thread executes a step, whose weights then replace these. */
  stepsRemotely = false;
  readonly signature: Signature;
  /** For each loss, what the metrics count on its output, by their names. */
  readonly figures: readonly (readonly (readonly [name: string, figure: Figure | Tally])[])[];

  /** Throws one sentence where a metric does not fit an output. */
  constructor(engine: Engine, compiled: Compiled | null, signature: Signature) {
    this.engine = engine;
    this.compiled = compiled;
    this.signature = signature;
    this.figures = engine.plan.losses.map(({ output }) => {
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
    const xs = inputsOf(x, this.signature.inputs, who);
    return { xs, count: xs[0]!.shape[0]! };
  }

  get inputs(): Signature['inputs'] {
    return this.signature.inputs;
  }

  /** [count, …outputShape] of each output. */
  async predict(xs: readonly Tensor[], count: number): Promise<Tensor<Float32Array>[]> {
    return this.lock.read(() => predict(this.engine, this.signature, xs, count, this.yieldToEventLoop));
  }
}
