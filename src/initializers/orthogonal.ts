// Orthogonal matrices (Saxe et al. 2014, https://arxiv.org/abs/1312.6120).
import type { RandomStream } from '../base/random.js';
import { normal } from './normal.js';

/**
 * rows × columns: orthonormal columns, or rows where there are fewer of them. The Q of a normal matrix whose R has a positive diagonal,
 * which is what Keras' signs make of it: Gram and Schmidt's process, twice over each vector, so that rounding leaves no rest.
 */
export function orthogonal(random: RandomStream, rows: number, columns: number): Float64Array {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  // Vectors of Q one after another, filled in the order in which a length × count matrix would be.
  const q = new Float64Array(count * length);
  for (let i = 0; i < length; i++) for (let j = 0; j < count; j++) q[j * length + i] = normal(random);
  for (let j = 0; j < count; j++) {
    const own = q.subarray(j * length, (j + 1) * length);
    for (let pass = 0; pass < 2; pass++)
      for (let before = 0; before < j; before++) {
        const other = q.subarray(before * length, (before + 1) * length);
        const share = dot(own, other);
        for (let i = 0; i < length; i++) own[i]! -= share * other[i]!;
      }
    const size = Math.sqrt(dot(own, own));
    for (let i = 0; i < length; i++) own[i]! /= size;
  }
  if (rows < columns) return q;
  const matrix = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) matrix[i * columns + j] = q[j * rows + i]!;
  return matrix;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
