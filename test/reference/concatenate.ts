// Inputs one behind another along an axis, which Keras counts with the batch.
import { product, type ReferenceLayer } from './layer.js';

export const concatenate: ReferenceLayer = ({ config, inputs, n }) => {
  const { axis } = config as { axis: number };
  const rank = inputs[0]!.shape.length;
  const at = axis < 0 ? rank + axis : axis - 1;
  const shape = inputs[0]!.shape.map((size, i) =>
    i === at ? inputs.reduce((total, input) => total + input.shape[at]!, 0) : size,
  );
  const outer = n * product(shape.slice(0, at));
  const inner = product(shape.slice(at + 1));
  const values = new Float64Array(outer * shape[at]! * inner);
  const visit = (move: (input: number, from: number, to: number) => void): void => {
    let before = 0;
    for (const [i, input] of inputs.entries()) {
      const size = input.shape[at]!;
      for (let o = 0; o < outer; o++)
        for (let j = 0; j < size; j++)
          for (let k = 0; k < inner; k++)
            move(i, (o * size + j) * inner + k, (o * shape[at]! + before + j) * inner + k);
      before += size;
    }
  };
  visit((i, from, to) => (values[to] = inputs[i]!.values[from]!));
  return {
    values,
    shape,
    backward(dy) {
      const gradients = inputs.map((input) => new Float64Array(input.values.length));
      visit((i, from, to) => (gradients[i]![from] = dy[to]!));
      return { inputs: gradients, weights: [] };
    },
  };
};
