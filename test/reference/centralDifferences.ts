// Checks a gradient against the slope of the loss, measured element by element.

/** Half the distance between the two measurements: the method's error is about STEP² = 1e-10, rounding's about 1e-16 / STEP = 1e-11. */
export const STEP = 1e-5;

/**
 * The worst |gradient − measured slope| over all elements, relative to the largest |gradient|. `loss` reads `values`, which are
 * moved one at a time and put back. NaN where something is NaN or all of `gradient` is 0, so compare with `<=`.
 */
export function gradientError(values: Float64Array, gradient: Float64Array, loss: () => number): number {
  if (gradient.length !== values.length) throw new Error(`${values.length} values but ${gradient.length} gradients`);
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    values[i] = value + STEP;
    const above = loss();
    values[i] = value - STEP;
    const below = loss();
    values[i] = value;
    worst = Math.max(worst, Math.abs(gradient[i]! - (above - below) / (2 * STEP)));
    largest = Math.max(largest, Math.abs(gradient[i]!));
  }
  return worst / largest;
}
