// Values on another scale. (The gradients of mean and variance are left out, as nothing trains them.)
import type { ReferenceLayer } from './layer.js';

export const rescaling: ReferenceLayer = ({ config, inputs: [x] }) => {
  const { scale, offset } = config as { scale: number; offset: number };
  return {
    values: x!.values.map((value) => value * scale + offset),
    shape: x!.shape,
    backward: (dy) => ({ inputs: [dy.map((gradient) => gradient * scale)], weights: [] }),
  };
};

export const normalization: ReferenceLayer = ({ inputs: [x], weights: [mean, variance] }) => {
  const deviation = (i: number): number => Math.max(Math.sqrt(variance![i % mean!.length]!), 1e-7);
  return {
    values: x!.values.map((value, i) => (value - mean![i % mean!.length]!) / deviation(i)),
    shape: x!.shape,
    backward: (dy) => ({ inputs: [dy.map((gradient, i) => gradient / deviation(i))], weights: [] }),
    statistics: [mean!, variance!],
  };
};
