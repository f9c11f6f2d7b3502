// Normally distributed numbers from + - * / and square roots alone: bit-identical on every host.
import { log } from '../base/elementary.js';
import type { RandomStream } from '../base/random.js';

/** Mean 0, standard deviation 1: Marsaglia's polar method, which takes pairs of points until one lies in the unit circle. */
export function normal(random: RandomStream): number {
  for (;;) {
    const u = 2 * random.uniform() - 1;
    const v = 2 * random.uniform() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * log(s)) / s);
  }
}

/** The same, truncated to between -2 and 2. */
export function truncatedNormal(random: RandomStream): number {
  for (;;) {
    const z = normal(random);
    if (z >= -2 && z <= 2) return z;
  }
}

/** Standard deviation of {@link truncatedNormal}: √(1 - 4 · φ(2) / (2 · Φ(2) - 1)), as Keras has it. */
export const TRUNCATED_DEVIATION = 0.8796256610342398;
