// Examples of a tensor by their numbers.
import { sizeOf } from '../base/shape.js';
import { plainTensor, type Tensor, type TensorData } from '../base/tensor.js';

/** A copy of the examples with these numbers, in their order. */
export function takeRows<Data extends TensorData>(tensor: Tensor<Data>, order: Uint32Array): Tensor<Data> {
  const {
    data,
    shape: [, ...example],
  } = plainTensor(tensor);
  const size = sizeOf(example);
  const rows = data.slice(0, order.length * size) as Data;
  for (const [i, row] of order.entries()) rows.set(data.subarray(row * size, (row + 1) * size), i * size);
  return { data: rows, shape: [order.length, ...example] };
}
