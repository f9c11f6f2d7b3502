// Layer normalization of each row of x [rows, columns], in plain f64.
import type { Gradients } from './batchNormalization.js';
import type { ReferenceLayer } from './layer.js';

/** (value - mean) / deviation of its row, and 1 / deviation. */
function normalize(row: Float64Array, epsilon: number): { normal: Float64Array; reciprocal: number } {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  const reciprocal = 1 / Math.sqrt(variance + epsilon);
  return { normal: row.map((value) => (value - mean) * reciprocal), reciprocal };
}

export function layerNormalizationForward(
  x: Float64Array,
  gamma: Float64Array,
  beta: Float64Array,
  epsilon: number,
): Float64Array {
  const columns = gamma.length;
  const y = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += columns) {
    const { normal } = normalize(x.subarray(at, at + columns), epsilon);
    y.set(
      normal.map((value, c) => gamma[c]! * value + beta[c]!),
      at,
    );
  }
  return y;
}

export function layerNormalizationBackward(
  dy: Float64Array,
  x: Float64Array,
  gamma: Float64Array,
  epsilon: number,
): Gradients {
  const columns = gamma.length;
  const dx = new Float64Array(x.length);
  const [dgamma, dbeta] = [new Float64Array(columns), new Float64Array(columns)];
  for (let at = 0; at < x.length; at += columns) {
    const { normal, reciprocal } = normalize(x.subarray(at, at + columns), epsilon);
    const slopes = dy.subarray(at, at + columns);
    const g = slopes.map((gradient, c) => gradient * gamma[c]!);
    const mean = g.reduce((sum, value) => sum + value, 0) / columns;
    const product = g.reduce((sum, value, c) => sum + value * normal[c]!, 0) / columns;
    dx.set(
      g.map((value, c) => reciprocal * (value - mean - normal[c]! * product)),
      at,
    );
    slopes.forEach((gradient, c) => {
      dgamma[c]! += gradient * normal[c]!;
      dbeta[c]! += gradient;
    });
  }
  return { dx, dgamma, dbeta };
}

/** Weights: gamma and beta where it has them. */
export const layerNormalization: ReferenceLayer = ({ config, inputs: [x], weights }) => {
  const { epsilon, center, scale } = config as { epsilon: number; center: boolean; scale: boolean };
  const { values, shape } = x!;
  const gamma = scale ? weights[0]! : new Float64Array(shape.at(-1)!).fill(1);
  const beta = center ? weights.at(-1)! : new Float64Array(gamma.length);
  return {
    values: layerNormalizationForward(values, gamma, beta, epsilon),
    shape,
    backward(dy) {
      const { dx, dgamma, dbeta } = layerNormalizationBackward(dy, values, gamma, epsilon);
      return { inputs: [dx], weights: [...(scale ? [dgamma] : []), ...(center ? [dbeta] : [])] };
    },
  };
};
