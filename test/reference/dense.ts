// Fully connected layer in plain f64 loops: y = x w + b.   x [n, inputs], w [inputs, outputs], b [outputs], y [n, outputs].

export interface DenseSizes {
  readonly n: number;
  readonly inputs: number;
  readonly outputs: number;
}

export function denseForward(
  x: Float64Array,
  w: Float64Array,
  b: Float64Array,
  { n, inputs, outputs }: DenseSizes,
): Float64Array {
  const y = new Float64Array(n * outputs);
  for (let e = 0; e < n; e++)
    for (let o = 0; o < outputs; o++) {
      let sum = b[o]!;
      for (let i = 0; i < inputs; i++) sum += x[e * inputs + i]! * w[i * outputs + o]!;
      y[e * outputs + o] = sum;
    }
  return y;
}

export function denseBackwardInput(
  dy: Float64Array,
  w: Float64Array,
  { n, inputs, outputs }: DenseSizes,
): Float64Array {
  const dx = new Float64Array(n * inputs);
  for (let e = 0; e < n; e++)
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++) dx[e * inputs + i]! += dy[e * outputs + o]! * w[i * outputs + o]!;
  return dx;
}

export function denseBackwardWeights(
  dy: Float64Array,
  x: Float64Array,
  { n, inputs, outputs }: DenseSizes,
): Float64Array {
  const dw = new Float64Array(inputs * outputs);
  for (let e = 0; e < n; e++)
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++) dw[i * outputs + o]! += dy[e * outputs + o]! * x[e * inputs + i]!;
  return dw;
}

export function denseBackwardBias(dy: Float64Array, { n, outputs }: DenseSizes): Float64Array {
  const db = new Float64Array(outputs);
  for (let e = 0; e < n; e++) for (let o = 0; o < outputs; o++) db[o]! += dy[e * outputs + o]!;
  return db;
}
