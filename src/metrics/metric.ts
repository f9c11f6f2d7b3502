// The contract of a metric: what it makes of each example, and of all of them.
import { check, isPrintable } from '../base/errors.js';
import { checkOptions, describe } from '../base/options.js';
import type { Shape } from '../base/shape.js';
import type { Loss } from '../losses/loss.js';

/** What a metric judges. */
export interface Judged {
  /** Shape of one example of the output and of its target. */
  readonly shape: Shape;
  /** What it is trained by; its targets are what the metric compares with, classes as one-hot rows. */
  readonly loss: Pick<Loss, 'name' | 'targets' | 'fromLogits'>;
}

/** The figure of the example whose output and target begin at `at`; the mean over the examples is what people see. */
export type Figure = (outputs: Float32Array, targets: Float32Array, at: number) => number;

/** Counts over all examples, for what is no mean of theirs. */
export interface Tally {
  /** How many counts there are; they begin with 0. */
  readonly size: number;
  /** Endings of the names of its figures in logs; default: one figure, under the metric's own name. */
  readonly endings?: readonly string[];
  /** Adds the example whose output and target begin at `at`. */
  add(counts: number[], outputs: Float32Array, targets: Float32Array, at: number): void;
  /** A finite figure for each ending, of any number of examples, none too. */
  figures(counts: readonly number[]): readonly number[];
}

/** A metric, as the functions of `metrics` make it. */
export interface Metric {
  /** Keras' class name: 'BinaryAccuracy'. */
  readonly className: string;
  /** What logs call it. */
  readonly name: string;
  /** Whether more is better ('max') or less; what callbacks with mode 'auto' go by. */
  readonly direction?: 'min' | 'max';
  /** Throws one sentence where it does not understand the output or its targets. */
  on(judged: Judged): Figure | Tally;
  /** The options that make it again; plain JSON. */
  getConfig(): Record<string, unknown>;
  /** Makes it again of what getConfig() gave. Missing on what a file cannot hold, as a function of your own. */
  readonly make?: (config: never) => Metric;
}

/** A metric as files hold it; those of the first version have its name alone. */
export type SavedMetric = string | { readonly className: string; readonly config: object };

/** Options that every metric has. */
export interface MetricOptions {
  /** What logs call it; default: the metric's own. */
  name?: string;
}

/** Metrics by the names that compile() takes. */
export const named: Record<string, (options: { name: string }) => Metric> = {};

/** Metrics of files that not every page loads: a page knows by name those that it imports. */
export type RegisteredMetric =
  'auc' | 'f1Score' | 'meanIoU' | 'precision' | 'recall' | 'sparseTopKCategoricalAccuracy' | 'topKCategoricalAccuracy';

export function register(metrics: Partial<Record<RegisteredMetric, (options: { name: string }) => Metric>>): void {
  Object.assign(named, metrics);
}

/** Throws unless the options are of these names, beside `name`; returns what logs call the metric. */
export function metricName(options: MetricOptions, known: readonly string[], own: string): string {
  checkOptions(options, [...known, 'name'], own);
  const { name = own } = options;
  checkMetricName(name, own);
  return name;
}

export function checkMetricName(name: unknown, metric: string): asserts name is string {
  check(
    typeof name === 'string' && name !== '' && isPrintable(name),
    () => `${metric}'s name must be one line of at most 200 characters, got ${describe(name)}`,
  );
  check(
    name !== 'loss' && !name.startsWith('val_'),
    () => `${metric}'s name must not be 'loss' or begin with 'val_', got '${name}'`,
  );
}
