// Losses of predictions x by targets t, in f64 between their f32 inputs and outputs.
//
// Forward: losses [n], of each example the mean over its `size` values, or over its rows.   x, t [n, size], or [n, rows, columns]
// Backward: dx = the loss's slope by each value / divisor; the divisor is batch · size (or batch · rows) for the gradient of the batch's mean.
import { exp64, log, log1p, power } from './math';

/** Probabilities are kept so far from 0 and 1, as in Keras. */
const EPSILON: f64 = 1e-7;

// @ts-ignore: decorator
@inline
function clip(p: f64): f64 { return min<f64>(max<f64>(p, EPSILON), 1 - EPSILON); }

// @ts-ignore: decorator
@inline
function isClipped(p: f64): bool { return !(p >= EPSILON && p <= 1 - EPSILON); }

/** ln x; NaN stays NaN, so that a loss shows it. */
// @ts-ignore: decorator
@inline
function ln(x: f64): f64 { return x == x ? log(x) : x; }

/** (x - t)² */
export function meanSquaredErrorForward(losses: usize, x: usize, t: usize, n: i32, size: i32): void {
  for (let i = 0; i < n; i++, losses += 4) {
    let sum: f64 = 0;
    for (let j = 0; j < size; j++, x += 4, t += 4) {
      const e = <f64>load<f32>(x) - <f64>load<f32>(t);
      sum += e * e;
    }
    store<f32>(losses, <f32>(sum / <f64>size));
  }
}

export function meanSquaredErrorBackward(dx: usize, x: usize, t: usize, count: i32, divisor: f32): void {
  for (let i = 0; i < count; i++, dx += 4, x += 4, t += 4) {
    store<f32>(dx, <f32>(2 * (<f64>load<f32>(x) - <f64>load<f32>(t)) / <f64>divisor));
  }
}

/** |x - t| */
export function meanAbsoluteErrorForward(losses: usize, x: usize, t: usize, n: i32, size: i32): void {
  for (let i = 0; i < n; i++, losses += 4) {
    let sum: f64 = 0;
    for (let j = 0; j < size; j++, x += 4, t += 4) sum += abs(<f64>load<f32>(x) - <f64>load<f32>(t));
    store<f32>(losses, <f32>(sum / <f64>size));
  }
}

/** The slope at 0 is 0. */
export function meanAbsoluteErrorBackward(dx: usize, x: usize, t: usize, count: i32, divisor: f32): void {
  for (let i = 0; i < count; i++, dx += 4, x += 4, t += 4) {
    const e = load<f32>(x) - load<f32>(t);
    store<f32>(dx, e == 0 ? 0 : (e > 0 ? 1 : e < 0 ? -1 : e) / divisor);
  }
}

/** e² / 2 up to |e| = delta, then the straight line delta · |e| - delta² / 2.   e = x - t */
export function huberForward(losses: usize, x: usize, t: usize, n: i32, size: i32, delta: f64): void {
  for (let i = 0; i < n; i++, losses += 4) {
    let sum: f64 = 0;
    for (let j = 0; j < size; j++, x += 4, t += 4) {
      const e = abs(<f64>load<f32>(x) - <f64>load<f32>(t));
      sum += e <= delta ? 0.5 * e * e : delta * e - 0.5 * delta * delta;
    }
    store<f32>(losses, <f32>(sum / <f64>size));
  }
}

export function huberBackward(dx: usize, x: usize, t: usize, count: i32, divisor: f32, delta: f64): void {
  for (let i = 0; i < count; i++, dx += 4, x += 4, t += 4) {
    const e = <f64>load<f32>(x) - <f64>load<f32>(t);
    store<f32>(dx, <f32>(min<f64>(max<f64>(e, -delta), delta) / <f64>divisor));
  }
}

/** Cross-entropy of sigmoid(x), taken from x: max(x, 0) - x · t + ln(1 + e^-|x|). Its slope is sigmoid(x) - t: softmaxCrossEntropyBackward. */
export function sigmoidCrossEntropyForward(losses: usize, x: usize, t: usize, n: i32, size: i32): void {
  for (let i = 0; i < n; i++, losses += 4) {
    let sum: f64 = 0;
    for (let j = 0; j < size; j++, x += 4, t += 4) {
      const v = <f64>load<f32>(x);
      sum += max<f64>(v, 0) - v * <f64>load<f32>(t) + log1p(exp64(-abs(v)));
    }
    store<f32>(losses, <f32>(sum / <f64>size));
  }
}

/**
 * Cross-entropy of yes or no of probabilities x, focused on what is hard: (1 - q)^gamma · w · -(t · ln x + (1 - t) · ln(1 - x)), where q is
 * the probability of what t says and w = t · yes + (1 - t) · no. gamma 0, yes 1, no 1: the plain cross-entropy.
 */
export function binaryCrossEntropyForward(losses: usize, x: usize, t: usize, n: i32, size: i32, gamma: f64, yes: f64, no: f64): void {
  for (let i = 0; i < n; i++, losses += 4) {
    let sum: f64 = 0;
    for (let j = 0; j < size; j++, x += 4, t += 4) {
      const p = <f64>load<f32>(x), target = <f64>load<f32>(t), c = clip(p);
      const crossEntropy = -(target * ln(c) + (1 - target) * ln(1 - c));
      const miss = 1 - target * p - (1 - target) * (1 - p);
      sum += (target * yes + (1 - target) * no) * power(miss, gamma) * crossEntropy;
    }
    store<f32>(losses, <f32>(sum / <f64>size));
  }
}

export function binaryCrossEntropyBackward(
  dx: usize, x: usize, t: usize, count: i32, divisor: f32, gamma: f64, yes: f64, no: f64,
): void {
  for (let i = 0; i < count; i++, dx += 4, x += 4, t += 4) {
    const p = <f64>load<f32>(x), target = <f64>load<f32>(t), c = clip(p);
    const crossEntropy = -(target * ln(c) + (1 - target) * ln(1 - c));
    const slope = p != p ? p : isClipped(p) ? 0 : (1 - target) / (1 - c) - target / c;
    const miss = 1 - target * p - (1 - target) * (1 - p);
    const focus = gamma == 0 ? 0 : gamma * power(miss, gamma - 1) * (1 - 2 * target) * crossEntropy;
    store<f32>(dx, <f32>((target * yes + (1 - target) * no) * (focus + power(miss, gamma) * slope) / <f64>divisor));
  }
}

/**
 * Cross-entropy of rows of probabilities, focused on what is hard: -alpha · Σ t · (1 - q)^gamma · ln q, where q = x / Σ x of the row.
 * alpha 1, gamma 0: the plain cross-entropy.
 */
export function categoricalCrossEntropyForward(
  losses: usize, x: usize, t: usize, n: i32, rows: i32, columns: i32, alpha: f64, gamma: f64,
): void {
  const rowBytes = <usize>columns << 2;
  for (let i = 0; i < n; i++, losses += 4) {
    let loss: f64 = 0;
    for (let row = 0; row < rows; row++, x += rowBytes, t += rowBytes) {
      const sum = rowSum(x, columns);
      for (let at: usize = 0; at < rowBytes; at += 4) {
        const target = <f64>load<f32>(t + at), q = clip(<f64>load<f32>(x + at) / sum);
        if (target != 0) loss -= alpha * target * power(1 - q, gamma) * ln(q);
      }
    }
    store<f32>(losses, <f32>(loss / <f64>rows));
  }
}

export function categoricalCrossEntropyBackward(
  dx: usize, x: usize, t: usize, rows: i32, columns: i32, divisor: f32, alpha: f64, gamma: f64,
): void {
  const rowBytes = <usize>columns << 2;
  for (let row = 0; row < rows; row++, dx += rowBytes, x += rowBytes, t += rowBytes) {
    const sum = rowSum(x, columns);
    // Slopes by q first, then by x through q = x / Σ x.
    let dot: f64 = 0;
    for (let at: usize = 0; at < rowBytes; at += 4)
      dot += focalSlope(<f64>load<f32>(x + at) / sum, <f64>load<f32>(t + at), gamma) * <f64>load<f32>(x + at) / sum;
    for (let at: usize = 0; at < rowBytes; at += 4) {
      const slope = focalSlope(<f64>load<f32>(x + at) / sum, <f64>load<f32>(t + at), gamma);
      store<f32>(dx + at, <f32>(alpha * (slope - dot) / sum / <f64>divisor));
    }
  }
}

function rowSum(x: usize, columns: i32): f64 {
  let sum: f64 = 0;
  for (let j = 0; j < columns; j++, x += 4) sum += <f64>load<f32>(x);
  return sum;
}

/** Derivative of -t · (1 - q)^gamma · ln q with respect to q. */
function focalSlope(q: f64, t: f64, gamma: f64): f64 {
  if (t == 0 || isClipped(q)) return q == q ? 0 : q;
  const focus = gamma == 0 ? 0 : gamma * power(1 - q, gamma - 1) * ln(q);
  return t * (focus - power(1 - q, gamma) / q);
}

/** Σ t · ln(t / x) of each row, both at least EPSILON and at most 1. */
export function kullbackLeiblerForward(losses: usize, x: usize, t: usize, n: i32, rows: i32, columns: i32): void {
  for (let i = 0; i < n; i++, losses += 4) {
    let loss: f64 = 0;
    for (let j = rows * columns; j > 0; j--, x += 4, t += 4) {
      const target = min<f64>(max<f64>(<f64>load<f32>(t), EPSILON), 1);
      loss += target * (ln(target) - ln(min<f64>(max<f64>(<f64>load<f32>(x), EPSILON), 1)));
    }
    store<f32>(losses, <f32>(loss / <f64>rows));
  }
}

export function kullbackLeiblerBackward(dx: usize, x: usize, t: usize, count: i32, divisor: f32): void {
  for (let i = 0; i < count; i++, dx += 4, x += 4, t += 4) {
    const p = <f64>load<f32>(x), target = min<f64>(max<f64>(<f64>load<f32>(t), EPSILON), 1);
    store<f32>(dx, p < EPSILON || p > 1 ? 0 : <f32>(-target / p / <f64>divisor));
  }
}

/** y = scale · t + offset: smoothed labels.   t, y: count values */
export function smoothLabels(y: usize, t: usize, count: i32, scale: f32, offset: f32): void {
  for (let i = 0; i < count; i++, y += 4, t += 4) store<f32>(y, scale * load<f32>(t) + offset);
}

/** means [n] of x [n, size] */
export function meanOfEach(means: usize, x: usize, n: i32, size: i32): void {
  for (let i = 0; i < n; i++, means += 4) {
    let sum: f64 = 0;
    for (let j = 0; j < size; j++, x += 4) sum += <f64>load<f32>(x);
    store<f32>(means, <f32>(sum / <f64>size));
  }
}

/** dx [n, size] · the weight of each example, in place.   weights [n] */
export function weighExamples(dx: usize, weights: usize, n: i32, size: i32): void {
  for (const rowBytes = <usize>size << 2; n > 0; n--, weights += 4) {
    const weight = load<f32>(weights);
    for (const end = dx + rowBytes; dx < end; dx += 4) store<f32>(dx, load<f32>(dx) * weight);
  }
}
