// The contract of an optimizer: what it keeps beside each weight, and the kernels that make a step.
import type { Kernels } from '../engine/kernels.generated.js';
import type { ModuleText } from '../engine/moduleText.js';
import type { Variable } from '../graph/variable.js';
import type { Schedule } from '../schedules/schedule.js';

/** What a plan has for an optimizer: the weights, and addresses of their gradients and of its own scratch memory. */
export interface UpdatePlan {
  readonly variables: readonly Variable[];
  readonly gradients: number;
  readonly scratch: number;
}

/** An optimizer, as the functions of `optimizers` make it. */
export interface Optimizer {
  /** Keras' class name, e.g. 'Adam'. */
  readonly className: string;
  /** Floats kept for each weight, in order, e.g. ['m', 'v']. */
  readonly slots: readonly string[];
  /** Those of them that are never below 0. */
  readonly nonNegative: readonly string[];
  readonly schedule: Schedule;
  /** The module of its kernels that are not in every bundle. */
  readonly moreKernels?: ModuleText;
  /** Whether no call of {@link step} may span two weights. */
  readonly byWeight?: boolean;
  /** First values of the slots, which are 0 already; `weights` are those of the model, and statistics behind them. */
  begin?(slots: readonly Float32Array[], weights: Float32Array): void;
  /** The numbers of step t (from 1) at this learning rate, which the kernels read as f32. Always as many, at most 16. */
  scalars(t: number, learningRate: number): readonly number[];
  /** Floats of scratch memory, where it needs some. */
  scratch?(variables: readonly Variable[]): number;
  /** Tasks between the gradients and the update, side by side: each emits its calls. */
  beforeUpdate?(plan: UpdatePlan): readonly ((kernels: Kernels) => void)[];
  /** Emits the step of `count` weights, of which the first is number `from` of all; slots are addresses in the order of {@link Optimizer.slots}. */
  step(
    kernels: Kernels,
    weights: number,
    slots: readonly number[],
    gradients: number,
    scalars: number,
    count: number,
    plan: UpdatePlan,
    from: number,
  ): void;
  /** The slot with which fit() ends as the weights: their moving average. */
  readonly average?: string;
  /** The options that make it again. */
  getConfig(): Record<string, unknown>;
}

/** What compile() knows optimizers by. */
export type OptimizerName = 'adadelta' | 'adagrad' | 'adam' | 'adamw' | 'lion' | 'nadam' | 'rmsprop' | 'sgd';

/** Optimizers by their names, in lower case, beside those that every page loads: a page knows those that it imports. */
export const named: Record<string, (options?: never) => Optimizer> = {};

/** Each of their files calls it. */
export function register(optimizers: Partial<Record<OptimizerName, (options?: never) => Optimizer>>): void {
  Object.assign(named, optimizers);
}
