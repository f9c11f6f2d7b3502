// Activations of one number in plain f64, with their slopes at x: definitions, not shortcuts.

export interface Pointwise {
  of(x: number): number;
  slope(x: number): number;
  /** Where the slope jumps. */
  readonly kinks?: readonly number[];
}

/** 1 - erf x: a series near 0, a continued fraction beyond, both to 1e-13. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2) {
    let [sum, term] = [x, x];
    for (let n = 1; n < 60; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = x;
  for (let n = 200; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const SQRT2_PI = Math.sqrt(2 / Math.PI);

export const clippedRelu = (slope: number, threshold: number, highest: number): Pointwise => ({
  of: (x) => (x >= highest ? highest : x >= threshold ? x : slope * (x - threshold)),
  slope: (x) => (x >= highest ? 0 : x >= threshold ? 1 : slope),
  kinks: [threshold, highest],
});

export const elu = (alpha: number, scale = 1): Pointwise => ({
  of: (x) => scale * (x > 0 ? x : alpha * Math.expm1(x)),
  slope: (x) => scale * (x > 0 ? 1 : alpha * Math.exp(x)),
  kinks: alpha === 1 && scale === 1 ? [] : [0],
});

const gelu: Pointwise = {
  of: (x) => 0.5 * x * erfc(-x / Math.SQRT2),
  slope: (x) => 0.5 * erfc(-x / Math.SQRT2) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI),
};

const geluApproximate: Pointwise = {
  of: (x) => x * sigmoid(2 * SQRT2_PI * (x + 0.044715 * x ** 3)),
  slope(x) {
    const s = sigmoid(2 * SQRT2_PI * (x + 0.044715 * x ** 3));
    return s + x * s * (1 - s) * 2 * SQRT2_PI * (1 + 3 * 0.044715 * x * x);
  },
};

const silu: Pointwise = {
  of: (x) => x * sigmoid(x),
  slope: (x) => sigmoid(x) * (1 + x * sigmoid(-x)),
};

const mish: Pointwise = {
  of: (x) => x * Math.tanh(softplus(x)),
  slope(x) {
    const t = Math.tanh(softplus(x));
    return t + x * (1 - t * t) * sigmoid(x);
  },
};

const hardSigmoid: Pointwise = {
  of: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
  slope: (x) => (Math.abs(x) < 3 ? 1 / 6 : 0),
  kinks: [-3, 3],
};

const hardSwish: Pointwise = {
  of: (x) => x * hardSigmoid.of(x),
  slope: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5),
  kinks: [-3, 3],
};

/** By the names of the `activation` option. */
export const pointwise: Readonly<Record<string, Pointwise>> = {
  elu: elu(1),
  exponential: { of: Math.exp, slope: Math.exp },
  gelu,
  geluApproximate,
  hardSigmoid,
  hardSilu: hardSwish,
  hardSwish,
  leakyRelu: clippedRelu(0.2, 0, Infinity),
  mish,
  relu6: clippedRelu(0, 0, 6),
  selu: elu(1.6732632423543772, 1.0507009873554805),
  silu,
  softplus: { of: softplus, slope: sigmoid },
  softsign: { of: (x) => x / (1 + Math.abs(x)), slope: (x) => 1 / (1 + Math.abs(x)) ** 2, kinks: [] },
  swish: silu,
};
