// Batch normalization of x [rows, channels], in plain f64.
import type { ReferenceLayer } from './layer.js';

export interface Moments {
  readonly mean: Float64Array;
  /** Divided by n, not n - 1. */
  readonly variance: Float64Array;
}

export function momentsOf(x: Float64Array, channels: number): Moments {
  const rows = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  x.forEach((value, i) => (mean[i % channels]! += value / rows));
  x.forEach((value, i) => (variance[i % channels]! += (value - mean[i % channels]!) ** 2 / rows));
  return { mean, variance };
}

export function batchNormalizationForward(
  x: Float64Array,
  gamma: Float64Array,
  beta: Float64Array,
  { mean, variance }: Moments,
  epsilon: number,
): Float64Array {
  return x.map((value, i) => {
    const c = i % mean.length;
    return (gamma[c]! * (value - mean[c]!)) / Math.sqrt(variance[c]! + epsilon) + beta[c]!;
  });
}

export interface Gradients {
  readonly dx: Float64Array;
  readonly dgamma: Float64Array;
  readonly dbeta: Float64Array;
}

/** `ofBatch`: the moments are those of x, and dx goes through them, too. */
export function batchNormalizationBackward(
  dy: Float64Array,
  x: Float64Array,
  gamma: Float64Array,
  { mean, variance }: Moments,
  epsilon: number,
  ofBatch: boolean,
): Gradients {
  const channels = mean.length;
  const rows = x.length / channels;
  const normal = x.map((value, i) => (value - mean[i % channels]!) / Math.sqrt(variance[i % channels]! + epsilon));
  const [dgamma, dbeta] = [new Float64Array(channels), new Float64Array(channels)];
  dy.forEach((gradient, i) => {
    dgamma[i % channels]! += gradient * normal[i]!;
    dbeta[i % channels]! += gradient;
  });
  const dx = dy.map((gradient, i) => {
    const c = i % channels;
    const through = ofBatch ? (dbeta[c]! + normal[i]! * dgamma[c]!) / rows : 0;
    return (gamma[c]! * (gradient - through)) / Math.sqrt(variance[c]! + epsilon);
  });
  return { dx, dgamma, dbeta };
}

interface Config {
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

/** Weights: gamma and beta where it has them, moving mean and variance. */
export const batchNormalization: ReferenceLayer = ({ config, inputs: [x], weights, training = false }) => {
  const { momentum, epsilon, center, scale } = config as Config;
  const { values, shape } = x!;
  const channels = shape.at(-1)!;
  const gamma = scale ? weights[0]! : new Float64Array(channels).fill(1);
  const beta = center ? weights[scale ? 1 : 0]! : new Float64Array(channels);
  const [movingMean, movingVariance] = weights.slice(-2) as [Float64Array, Float64Array];
  const moments = training ? momentsOf(values, channels) : { mean: movingMean, variance: movingVariance };
  const moved = (old: Float64Array, own: Float64Array): Float64Array =>
    training ? old.map((value, c) => momentum * value + (1 - momentum) * own[c]!) : old;
  return {
    values: batchNormalizationForward(values, gamma, beta, moments, epsilon),
    shape,
    statistics: [moved(movingMean, moments.mean), moved(movingVariance, moments.variance)],
    backward(dy) {
      const { dx, dgamma, dbeta } = batchNormalizationBackward(dy, values, gamma, moments, epsilon, training);
      return { inputs: [dx], weights: [...(scale ? [dgamma] : []), ...(center ? [dbeta] : [])] };
    },
  };
};
