// Sobol points, which fill a space more evenly than random ones.  S. Joe, F. Y. Kuo, "Constructing Sobol sequences with better
// two-dimensional projections" (2008): the first rows of new-joe-kuo-6.21201, https://web.maths.unsw.edu.au/~fkuo/sobol/
import { check } from '../base/errors.js';
import { makeKey, randomBits } from '../base/random.js';

/** Each dimension from the second on: degree of its polynomial, its coefficients as bits, and the first direction numbers. */
const JOE_KUO: readonly (readonly [degree: number, coefficients: number, ...first: number[]])[] = [
  [1, 0, 1],
  [2, 1, 1, 3],
  [3, 1, 1, 3, 1],
  [3, 2, 1, 1, 1],
  [4, 1, 1, 1, 3, 3],
  [4, 4, 1, 3, 5, 13],
  [5, 2, 1, 1, 5, 5, 17],
  [5, 4, 1, 1, 5, 5, 5],
  [5, 7, 1, 1, 7, 11, 19],
  [5, 11, 1, 1, 5, 1, 1],
  [5, 13, 1, 1, 1, 3, 11],
  [5, 14, 1, 3, 5, 5, 31],
  [6, 1, 1, 3, 3, 9, 7, 49],
  [6, 13, 1, 1, 1, 15, 21, 21],
  [6, 16, 1, 3, 1, 13, 27, 49],
];
const BITS = 32;

/** The points number 0 to `count` - 1 in [0, 1)^dimensions, shifted by the seed (exclusive or), so that no point is a corner. */
export function sobolPoints(count: number, dimensions: number, seed: number): readonly (readonly number[])[] {
  const most = JOE_KUO.length + 1;
  check(
    dimensions <= most,
    `sobol takes up to ${most} hyperparameters that vary, and there are ${dimensions}; search at random`,
  );
  const directions = Array.from({ length: dimensions }, (_, dimension) => directionsOf(dimension));
  const key = makeKey(seed, 9);
  const state = Array.from(directions, (_, dimension) => randomBits(key, dimension));
  return Array.from({ length: count }, (_, index) => {
    if (index > 0) {
      // Gray code: one direction number a point, that of the lowest bit that is 0.
      const bit = 31 - Math.clz32(index & -index);
      for (const [dimension, numbers] of directions.entries())
        state[dimension] = (state[dimension]! ^ numbers[bit]!) >>> 0;
    }
    return state.map((bits) => bits / 4294967296);
  });
}

function directionsOf(dimension: number): Uint32Array {
  const numbers = new Uint32Array(BITS);
  if (dimension === 0) return numbers.map((_, bit) => (1 << (31 - bit)) >>> 0);
  const [degree, coefficients, ...first] = JOE_KUO[dimension - 1]!;
  for (let bit = 0; bit < BITS; bit++) {
    if (bit < degree) {
      numbers[bit] = first[bit]! << (31 - bit);
      continue;
    }
    let number = numbers[bit - degree]! ^ (numbers[bit - degree]! >>> degree);
    for (let term = 1; term < degree; term++)
      if ((coefficients >>> (degree - 1 - term)) & 1) number ^= numbers[bit - term]!;
    numbers[bit] = number;
  }
  return numbers;
}
