// References of the layers that are an activation alone.
import { clippedRelu, elu as eluOf, type Pointwise } from './pointwise.js';
import { rootMeanSquare, type Activations, type Applied, type ReferenceLayer } from './layer.js';
import { softmaxBackward, softmaxForward } from './softmax.js';

export function applyPointwise({ of, slope, kinks = [] }: Pointwise, { values: x, shape }: Activations): Applied {
  const distances = kinks.flatMap((kink) => [...x].map((value) => Math.abs(value - kink)));
  const margin = distances.filter((distance) => distance > 0).reduce((a, b) => Math.min(a, b), Infinity);
  return {
    values: x.map(of),
    shape,
    backward: (dy) => ({ inputs: [dy.map((gradient, i) => gradient * slope(x[i]!))], weights: [] }),
    ...(kinks.length > 0 && { margin: margin / rootMeanSquare(x) }),
  };
}

/** y = x - ln Σ e^x of each row. */
export function logSoftmax({ values: x, shape }: Activations): Applied {
  const columns = shape.at(-1)!;
  const p = softmaxForward(x, columns);
  const largest = x.map((_, i) => Math.max(...x.subarray(i - (i % columns), i - (i % columns) + columns)));
  const sums = x.map((_, i) =>
    x
      .subarray(i - (i % columns), i - (i % columns) + columns)
      .reduce((sum, value) => sum + Math.exp(value - largest[i]!), 0),
  );
  return {
    values: x.map((value, i) => value - largest[i]! - Math.log(sums[i]!)),
    shape,
    backward(dy) {
      const rowSum = (i: number): number =>
        dy.subarray(i - (i % columns), i - (i % columns) + columns).reduce((a, b) => a + b);
      return { inputs: [dy.map((gradient, i) => gradient - p[i]! * rowSum(i))], weights: [] };
    },
  };
}

export const relu: ReferenceLayer = ({ config, inputs: [x] }) => {
  const { maxValue, negativeSlope, threshold } = config as Record<string, number | null>;
  return applyPointwise(clippedRelu(negativeSlope!, threshold!, maxValue ?? Infinity), x!);
};

export const leakyReLU: ReferenceLayer = ({ config, inputs: [x] }) =>
  applyPointwise(clippedRelu((config as { negativeSlope: number }).negativeSlope, 0, Infinity), x!);

export const elu: ReferenceLayer = ({ config, inputs: [x] }) =>
  applyPointwise(eluOf((config as { alpha: number }).alpha), x!);

export const softmax: ReferenceLayer = ({ inputs: [x] }) => {
  const columns = x!.shape.at(-1)!;
  const y = softmaxForward(x!.values, columns);
  return { values: y, shape: x!.shape, backward: (dy) => ({ inputs: [softmaxBackward(dy, y, columns)], weights: [] }) };
};

/** y = x above 0, else alpha · x; alpha is [1 or size, …]. */
export const prelu: ReferenceLayer = ({ config, inputs: [x], weights: [alpha] }) => {
  const { values, shape } = x!;
  const { sharedAxes } = config as { sharedAxes: readonly number[] | null };
  const alphaShape = shape.map((size, axis) => (sharedAxes?.includes(axis + 1) ? 1 : size));
  const size = shape.reduce((a, b) => a * b, 1);
  const places = Array.from(values, (_, i) => {
    let [rest, place, stride] = [i % size, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (alphaShape[axis]! > 1) place += (rest % shape[axis]!) * stride;
      stride *= alphaShape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return place;
  });
  const { margin, ...own } = applyPointwise({ of: (v) => v, slope: () => 1, kinks: [0] }, x!);
  return {
    ...own,
    margin: margin!,
    values: values.map((v, i) => (v > 0 ? v : alpha![places[i]!]! * v)),
    backward(dy) {
      const dAlpha = new Float64Array(alpha!.length);
      for (const [i, v] of values.entries()) if (v <= 0) dAlpha[places[i]!]! += dy[i]! * v;
      const dx = dy.map((gradient, i) => (values[i]! > 0 ? gradient : alpha![places[i]!]! * gradient));
      return { inputs: [dx], weights: [dAlpha] };
    },
  };
};
