// The contract of a metric, and every metric by its name.
import { check } from '../base/errors.js';

export interface Metric {
  readonly name: string;
  /** The sum over n examples; outputs and targets are [n, width]. Its mean over the examples is what people see. */
  sum(outputs: Float32Array, targets: Float32Array, n: number, width: number): number;
}

/** Index of the first largest of values[start … start + width). */
export function argmax(values: ArrayLike<number>, start: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/** Of a share that was measured on n examples. */
export function standardError(share: number, n: number): number {
  return Math.sqrt((share * (1 - share)) / n);
}

/** Share of the examples whose most probable class is the label. */
const accuracy: Metric['sum'] = (outputs, targets, n, width) => {
  let right = 0;
  for (let i = 0; i < n; i++) if (argmax(outputs, i * width, width) === argmax(targets, i * width, width)) right++;
  return right;
};

/** A metric is logged by the name that it was asked for, as in TF.js. */
const metrics: Record<string, Metric> = {
  accuracy: { name: 'accuracy', sum: accuracy },
  acc: { name: 'acc', sum: accuracy },
};

export function makeMetric(name: string): Metric {
  const metric = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  check(metric !== undefined, () => `there is no metric '${name}'; there is ${Object.keys(metrics).join(', ')}`);
  return metric;
}
