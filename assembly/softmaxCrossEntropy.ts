// Categorical cross-entropy of a softmax, taken from the logits: loss = Σ t · (ln Σ e^z - z).   All arrays [rows, classes]
import { exp, log } from './math';

/** losses [rows] = cross-entropy of softmax(logits) against targets (one-hot or any probabilities). */
export function softmaxCrossEntropyForward(losses: usize, logits: usize, targets: usize, rows: i32, classes: i32): void {
  const rowBytes = <usize>classes << 2;
  for (let i = 0; i < rows; i++) {
    let top: f32 = -Infinity;
    for (let at: usize = 0; at < rowBytes; at += 4) top = max<f32>(top, load<f32>(logits + at));
    let sum: f64 = 0;
    for (let at: usize = 0; at < rowBytes; at += 4) sum += <f64>exp(load<f32>(logits + at) - top);
    const logSum = log(sum) + <f64>top;
    let loss: f64 = 0;
    for (let at: usize = 0; at < rowBytes; at += 4) {
      const target = <f64>load<f32>(targets + at);
      if (target != 0) loss += target * (logSum - <f64>load<f32>(logits + at));
    }
    store<f32>(losses, <f32>loss);
    losses += 4;
    logits += rowBytes;
    targets += rowBytes;
  }
}

/** dLogits = (probabilities - targets) / divisor, for the divisor `batch` the gradient of the batch's mean loss. */
export function softmaxCrossEntropyBackward(dLogits: usize, probabilities: usize, targets: usize, rows: i32, classes: i32, divisor: f32): void {
  const end = dLogits + (<usize>(rows * classes) << 2);
  while (dLogits < end) {
    store<f32>(dLogits, (load<f32>(probabilities) - load<f32>(targets)) / divisor);
    dLogits += 4;
    probabilities += 4;
    targets += 4;
  }
}
