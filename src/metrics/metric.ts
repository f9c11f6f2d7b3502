// The contract of a metric: a figure of each example, whose mean over the examples is what people see.
import { check, isPrintable } from '../base/errors.js';
import { describe } from '../base/options.js';
import type { Shape } from '../base/shape.js';
import type { Loss } from '../losses/loss.js';

/** What a metric judges. */
export interface Judged {
  /** Shape of one example of the output and of its target. */
  readonly shape: Shape;
  /** What it is trained by; its targets are what the metric compares with, classes as one-hot rows. */
  readonly loss: Pick<Loss, 'name' | 'targets' | 'fromLogits'>;
}

/** The figure of the example whose output and target begin at `at`. */
export type Figure = (outputs: Float32Array, targets: Float32Array, at: number) => number;

export interface Metric {
  /** Keras' class name: 'BinaryAccuracy'. */
  readonly className: string;
  /** What logs call it. */
  readonly name: string;
  /** Throws one sentence where it does not understand the output or its targets. */
  on(judged: Judged): Figure;
  /** The options that make it again; plain JSON. */
  getConfig(): Record<string, unknown>;
}

/** Options that every metric has. */
export interface MetricOptions {
  /** What logs call it; default: the metric's own. */
  name?: string;
}

export function checkMetricName(name: unknown, metric: string): asserts name is string {
  check(
    typeof name === 'string' && name !== '' && isPrintable(name),
    () => `${metric}'s name must be one line of at most 200 characters, got ${describe(name)}`,
  );
  check(
    name !== 'loss' && !name.startsWith('val_'),
    () => `${metric}'s name must not be 'loss' or begin with 'val_', which logs need themselves, got '${name}'`,
  );
}
