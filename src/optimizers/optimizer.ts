// The contract of an optimizer: what it keeps beside each weight, and the kernel that makes a step.
import type { Kernels } from '../engine/kernels.generated.js';
import type { Schedule } from '../schedules/schedule.js';

export interface Optimizer {
  /** Keras' class name, e.g. 'Adam'. */
  readonly className: string;
  /** Floats kept for each weight, in order, e.g. ['m', 'v']. */
  readonly slots: readonly string[];
  /** Those of them that are never below 0. */
  readonly nonNegative: readonly string[];
  readonly schedule: Schedule;
  /** The numbers of step t (from 1) at this learning rate, which the kernel reads as f32. Always as many. */
  scalars(t: number, learningRate: number): readonly number[];
  /** Emits the step of `count` weights; slots are addresses in the order of {@link slots}. */
  step(
    kernels: Kernels,
    weights: number,
    slots: readonly number[],
    gradients: number,
    scalars: number,
    count: number,
  ): void;
  /** The options that make it again. */
  getConfig(): Record<string, unknown>;
}
