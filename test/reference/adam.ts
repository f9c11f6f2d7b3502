// Adam as Keras writes it: the bias corrections are folded into the step size, and epsilon is added after them, to sqrt(v).

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export const kerasAdam: AdamOptions = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** Step t (from 1): overwrites w, m and v, all of one length; m and v are zeros before step 1. */
export function adamStep(
  w: Float64Array,
  m: Float64Array,
  v: Float64Array,
  dw: Float64Array,
  t: number,
  options: AdamOptions,
): void {
  const { learningRate, beta1, beta2, epsilon } = options;
  const alpha = (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
  for (let i = 0; i < w.length; i++) {
    m[i] = beta1 * m[i]! + (1 - beta1) * dw[i]!;
    v[i] = beta2 * v[i]! + (1 - beta2) * dw[i]! * dw[i]!;
    w[i]! -= (alpha * m[i]!) / (Math.sqrt(v[i]!) + epsilon);
  }
}
