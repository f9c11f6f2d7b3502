// Losses in plain f64, with their slopes by the predictions: Keras' formulas.
import { sigmoidForward } from './activations.js';

/** Loss of each example; `dx` is the gradient of their mean. */
export interface LossRun {
  readonly losses: Float64Array;
  readonly dx: Float64Array;
}

export type ReferenceLoss = (x: Float64Array, t: Float64Array, n: number, columns: number) => LossRun;

const EPSILON = 1e-7;
const clip = (p: number, low: number, high: number): number => Math.min(Math.max(p, low), high);
/** 0 where clipping makes the loss flat. */
const inside = (p: number, low: number, high: number): boolean => p >= low && p <= high;

/** The mean over an example's values of f(x, t), whose slope by x is `slope`. */
function byValue(f: (x: number, t: number) => number, slope: (x: number, t: number) => number): ReferenceLoss {
  return (x, t, n) => {
    const size = x.length / n;
    const losses = new Float64Array(n);
    for (let i = 0; i < x.length; i++) losses[Math.floor(i / size)]! += f(x[i]!, t[i]!) / size;
    return { losses, dx: x.map((value, i) => slope(value, t[i]!) / x.length) };
  };
}

/** The mean over an example's rows of f(row of x, row of t), whose slopes by x are `slopes`. */
function byRow(
  f: (x: Float64Array, t: Float64Array) => number,
  slopes: (x: Float64Array, t: Float64Array) => Float64Array,
): ReferenceLoss {
  return (x, t, n, columns) => {
    const rows = x.length / columns;
    const losses = new Float64Array(n);
    const dx = new Float64Array(x.length);
    for (let row = 0; row < rows; row++) {
      const [own, target] = [x, t].map((all) => all.subarray(row * columns, (row + 1) * columns)) as [
        Float64Array,
        Float64Array,
      ];
      losses[Math.floor((row * n) / rows)]! += f(own, target) / (rows / n);
      dx.set(
        slopes(own, target).map((slope) => slope / rows),
        row * columns,
      );
    }
    return { losses, dx };
  };
}

export const meanSquaredError = byValue(
  (x, t) => (x - t) ** 2,
  (x, t) => 2 * (x - t),
);

export const meanAbsoluteError = byValue(
  (x, t) => Math.abs(x - t),
  (x, t) => Math.sign(x - t),
);

export const huber = (delta: number): ReferenceLoss =>
  byValue(
    (x, t) => (Math.abs(x - t) <= delta ? 0.5 * (x - t) ** 2 : delta * Math.abs(x - t) - 0.5 * delta ** 2),
    (x, t) => clip(x - t, -delta, delta),
  );

/** Binary cross-entropy from logits. */
export const sigmoidCrossEntropy = byValue(
  (x, t) => Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x))),
  (x, t) => sigmoidForward(Float64Array.of(x))[0]! - t,
);

/** Binary cross-entropy of probabilities; gamma 0, yes 1 and no 1 is the plain one. */
export const binaryCrossEntropy = (gamma = 0, yes = 1, no = 1): ReferenceLoss => {
  const crossEntropy = (x: number, t: number): number => {
    const p = clip(x, EPSILON, 1 - EPSILON);
    return -(t * Math.log(p) + (1 - t) * Math.log(1 - p));
  };
  const miss = (x: number, t: number): number => 1 - t * x - (1 - t) * (1 - x);
  const balance = (t: number): number => t * yes + (1 - t) * no;
  return byValue(
    (x, t) => balance(t) * miss(x, t) ** gamma * crossEntropy(x, t),
    (x, t) => {
      const slope = inside(x, EPSILON, 1 - EPSILON) ? -t / x + (1 - t) / (1 - x) : 0;
      // At 0 the power of a gamma below 1 is infinitely steep; there is nothing more to win there.
      const focus =
        gamma === 0 || miss(x, t) === 0 ? 0 : gamma * miss(x, t) ** (gamma - 1) * (1 - 2 * t) * crossEntropy(x, t);
      return balance(t) * (focus + miss(x, t) ** gamma * slope);
    },
  );
};

/** Cross-entropy of rows of probabilities, which are divided by their sum; alpha 1 and gamma 0 is the plain one. */
export const categoricalCrossEntropy = (alpha = 1, gamma = 0): ReferenceLoss =>
  byRow(
    (x, t) => {
      const sum = x.reduce((a, b) => a + b);
      return x.reduce((loss, value, i) => {
        const q = clip(value / sum, EPSILON, 1 - EPSILON);
        return loss - alpha * t[i]! * (1 - q) ** gamma * Math.log(q);
      }, 0);
    },
    (x, t) => {
      const sum = x.reduce((a, b) => a + b);
      const q = x.map((value) => value / sum);
      const byQ = q.map((value, i) => {
        const focus = gamma === 0 ? 0 : gamma * (1 - value) ** (gamma - 1) * Math.log(value);
        return t[i] === 0 || !inside(value, EPSILON, 1 - EPSILON)
          ? 0
          : alpha * t[i]! * (focus - (1 - value) ** gamma / value);
      });
      const dot = byQ.reduce((total, slope, i) => total + slope * q[i]!, 0);
      return byQ.map((slope) => (slope - dot) / sum);
    },
  );

export const kullbackLeibler = byRow(
  (x, t) =>
    x.reduce((loss, value, i) => {
      const target = clip(t[i]!, EPSILON, 1);
      return loss + target * Math.log(target / clip(value, EPSILON, 1));
    }, 0),
  (x, t) => x.map((value, i) => (inside(value, EPSILON, 1) ? -clip(t[i]!, EPSILON, 1) / value : 0)),
);
