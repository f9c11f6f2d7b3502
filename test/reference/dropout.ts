// Dropout with a given mask: what is kept (1) grows by 1 / (1 − rate), what is dropped (0) becomes 0.

export function dropoutForward(x: Float64Array, mask: ArrayLike<number>, rate: number): Float64Array {
  return x.map((value, i) => (value * mask[i]!) / (1 - rate));
}

export function dropoutBackward(dy: Float64Array, mask: ArrayLike<number>, rate: number): Float64Array {
  return dy.map((gradient, i) => (gradient * mask[i]!) / (1 - rate));
}
