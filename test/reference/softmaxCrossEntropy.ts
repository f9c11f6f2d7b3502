// Softmax and categorical cross-entropy in one: loss = mean over the batch of −Σ target · log softmax(logits).
import { softmaxForward } from './softmax.js';

export interface SoftmaxCrossEntropy {
  readonly loss: number;
  /** [n, classes] */
  readonly probabilities: Float64Array;
  /** [n, classes]: (p − t) / n */
  readonly dLogits: Float64Array;
}

/** logits, targets [n, classes]; each row of targets (one-hot, or soft labels) sums to 1. */
export function softmaxCrossEntropy(logits: Float64Array, targets: Float64Array, classes: number): SoftmaxCrossEntropy {
  const n = logits.length / classes;
  const probabilities = softmaxForward(logits, classes);
  let loss = 0;
  for (let row = 0; row < logits.length; row += classes) {
    const rowLogits = logits.subarray(row, row + classes);
    const largest = Math.max(...rowLogits);
    // log Σ exp, not log of a probability: that would be −Infinity where the probability underflows.
    const logSum = largest + Math.log(rowLogits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
    for (let c = 0; c < classes; c++) loss += (targets[row + c]! * (logSum - rowLogits[c]!)) / n;
  }
  const dLogits = probabilities.map((probability, i) => (probability - targets[i]!) / n);
  return { loss, probabilities, dLogits };
}

/** Rows of one-hot targets [n, classes] from n class indices. */
export function oneHot(labels: ArrayLike<number>, classes: number): Float64Array {
  const targets = new Float64Array(labels.length * classes);
  for (let e = 0; e < labels.length; e++) targets[e * classes + labels[e]!] = 1;
  return targets;
}
