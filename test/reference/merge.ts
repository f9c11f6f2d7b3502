// Merges of several inputs, element by element with broadcasting as NumPy defines it: every element of the output asks each input for its own.
import { product, rootMeanSquare, type Activations, type ReferenceLayer } from './layer.js';

type Axes = readonly number[];

/** For each element of [n, …output], the place of each input's element in its own [n, …shape]. */
function placesIn({ shape }: Activations, output: Axes, n: number): number[] {
  const padded = [...Array<number>(output.length - shape.length).fill(1), ...shape];
  const [size, inputSize] = [product(output), product(shape)];
  return Array.from({ length: n * size }, (_, element) => {
    let [rest, place, step] = [element % size, 0, 1];
    for (let axis = output.length - 1; axis >= 0; axis--) {
      const index = rest % output[axis]!;
      rest = Math.floor(rest / output[axis]!);
      if (padded[axis]! > 1) place += index * step;
      step *= padded[axis]!;
    }
    return Math.floor(element / size) * inputSize + place;
  });
}

interface Rule {
  readonly value: (xs: readonly number[]) => number;
  /** By each of the inputs. */
  readonly slopes: (xs: readonly number[]) => readonly number[];
  /** Distance from where the slopes jump. */
  readonly margin?: (xs: readonly number[]) => number;
}

const sum = (xs: readonly number[]): number => xs.reduce((total, x) => total + x, 0);
const winner = (best: (...xs: number[]) => number): Rule => ({
  value: (xs) => best(...xs),
  slopes: (xs) => xs.map((_, i) => (i === xs.indexOf(best(...xs)) ? 1 : 0)),
  margin(xs) {
    const at = xs.indexOf(best(...xs));
    return Math.min(...xs.filter((_, i) => i !== at).map((x) => Math.abs(x - xs[at]!)));
  },
});

function mergeBy({ value, slopes, margin }: Rule): ReferenceLayer {
  return ({ inputs, n }) => {
    const rank = Math.max(...inputs.map(({ shape }) => shape.length));
    const shape = Array.from({ length: rank }, (_, axis) =>
      Math.max(...inputs.map((input) => input.shape[input.shape.length - rank + axis] ?? 1)),
    );
    const places = inputs.map((input) => placesIn(input, shape, n));
    const rows = Array.from({ length: n * product(shape) }, (_, element) =>
      inputs.map(({ values }, i) => values[places[i]![element]!]!),
    );
    // Where inputs are equal because a ReLU or padding made both 0, they are equal in f32, too.
    const distances = margin ? rows.map(margin).filter((distance) => distance > 0) : [];
    const scale = Math.max(...inputs.map(({ values }) => rootMeanSquare(values)));
    return {
      values: Float64Array.from(rows, value),
      shape,
      backward(dy) {
        const gradients = inputs.map(({ values }) => new Float64Array(values.length));
        for (const [element, xs] of rows.entries())
          for (const [i, slope] of slopes(xs).entries()) gradients[i]![places[i]![element]!]! += slope * dy[element]!;
        return { inputs: gradients, weights: [] };
      },
      ...(margin && { margin: Math.min(Infinity, ...distances) / scale }),
    };
  };
}

export const add = mergeBy({ value: sum, slopes: (xs) => xs.map(() => 1) });
export const subtract = mergeBy({ value: ([a, b]) => a! - b!, slopes: () => [1, -1] });
export const average = mergeBy({ value: (xs) => sum(xs) / xs.length, slopes: (xs) => xs.map(() => 1 / xs.length) });
export const multiply = mergeBy({
  value: product,
  slopes: (xs) => xs.map((_, i) => product(xs.filter((_, j) => j !== i))),
});
export const maximum = mergeBy(winner(Math.max));
export const minimum = mergeBy(winner(Math.min));
