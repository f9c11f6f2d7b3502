// Normally distributed numbers from + - * / and square roots alone: bit-identical on every host.
import type { RandomStream } from '../base/random.js';

/** ln s for 0 < s ≤ 1, to about 1e-15: s = m · 2^-e with m near 1, then 2 · atanh((m - 1) / (m + 1)) as a series. */
export function log(s: number): number {
  let m = s;
  let e = 0;
  for (; m < 0.7071067811865476; m *= 2) e++;
  const q = (m - 1) / (m + 1);
  let sum = 0;
  for (let k = 23; k > 0; k -= 2) sum = sum * q * q + 1 / k;
  return 2 * q * sum - e * 0.6931471805599453;
}

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
