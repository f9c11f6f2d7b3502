// Softmax over the last axis in plain f64 loops.   x, y, dy, dx [rows, classes].

export function softmaxForward(x: Float64Array, classes: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += classes) {
    const logits = x.subarray(row, row + classes);
    // The row maximum goes first: exp of a large logit is Infinity, and Infinity / Infinity is NaN.
    const largest = Math.max(...logits);
    const exponentials = logits.map((logit) => Math.exp(logit - largest));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    y.set(
      exponentials.map((value) => value / sum),
      row,
    );
  }
  return y;
}

/** dx = y (dy − Σ dy y), the sum over the row. */
export function softmaxBackward(dy: Float64Array, y: Float64Array, classes: number): Float64Array {
  const dx = new Float64Array(y.length);
  for (let row = 0; row < y.length; row += classes) {
    let dot = 0;
    for (let c = 0; c < classes; c++) dot += dy[row + c]! * y[row + c]!;
    for (let c = 0; c < classes; c++) dx[row + c] = y[row + c]! * (dy[row + c]! - dot);
  }
  return dx;
}
