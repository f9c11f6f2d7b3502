// Activations that act on each element alone. Each backward takes the forward's output y, as the kernels do.

export function reluForward(x: Float64Array): Float64Array {
  return x.map((value) => Math.max(value, 0));
}

/** The derivative at the kink is 0. */
export function reluBackward(dy: Float64Array, y: Float64Array): Float64Array {
  return dy.map((gradient, i) => (y[i]! > 0 ? gradient : 0));
}

export function sigmoidForward(x: Float64Array): Float64Array {
  return x.map((value) => 1 / (1 + Math.exp(-value)));
}

export function sigmoidBackward(dy: Float64Array, y: Float64Array): Float64Array {
  return dy.map((gradient, i) => gradient * y[i]! * (1 - y[i]!));
}

export function tanhForward(x: Float64Array): Float64Array {
  return x.map(Math.tanh);
}

export function tanhBackward(dy: Float64Array, y: Float64Array): Float64Array {
  return dy.map((gradient, i) => gradient * (1 - y[i]! * y[i]!));
}
