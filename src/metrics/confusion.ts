// Confusion matrix, and what follows from it for each class.
import { argmax } from './accuracy.js';
import type { Tensor } from '../base/tensor.js';

/** counts [classes, classes]: row i, column j says how many examples of class i were taken for class j. */
export function confusionMatrix(labels: ArrayLike<number>, probabilities: Tensor<Float32Array>): Tensor<Int32Array> {
  const classes = probabilities.shape.at(-1)!;
  const data = new Int32Array(classes * classes);
  for (let i = 0; i < labels.length; i++)
    data[labels[i]! * classes + argmax(probabilities.data, i * classes, classes)]!++;
  return { data, shape: [classes, classes] };
}

export interface ClassFigures {
  /** Share of the examples predicted as this class that are of it; NaN where there are none. */
  readonly precision: number;
  /** Share of the examples of this class that are predicted as it; NaN where there are none. */
  readonly recall: number;
  /** Examples of this class. */
  readonly count: number;
}

export function classFigures({ data, shape }: Tensor<Int32Array>): ClassFigures[] {
  const classes = shape[0]!;
  return Array.from({ length: classes }, (_, c) => {
    let count = 0;
    let taken = 0;
    for (let i = 0; i < classes; i++) {
      count += data[c * classes + i]!;
      taken += data[i * classes + c]!;
    }
    const right = data[c * classes + c]!;
    return { precision: right / taken, recall: right / count, count };
  });
}
