// The pen's movements: points, arcs and dice that the ten digits are written with.
import type { RandomStream } from '../../base/random.js';

/** x, y, x, y …: points that a smooth curve runs through; x to the right, y down, a digit about 1 high. A point given twice is a corner. */
export type Stroke = number[];

/** True with probability p. */
export function chance(random: RandomStream, p: number): boolean {
  return random.uniform() < p;
}

/** A bell-shaped number of this mean and standard deviation, never further out than 3.46 deviations: the sum of four uniforms. */
export function bell(random: RandomStream, mean: number, deviation: number): number {
  const sum = random.uniform() + random.uniform() + random.uniform() + random.uniform();
  return mean + deviation * (sum - 2) * 1.7320508075688772;
}

/**
 * `count` points on an ellipse, from the direction `from` over `turns`, both in turns: 0 is right, 0.25 down, 0.5 left, 0.75 up;
 * negative `turns` run against the clock. The radius grows by `grow` from first to last point.
 */
export function arc(
  x: number,
  y: number,
  radiusX: number,
  radiusY: number,
  from: number,
  turns: number,
  count: number,
  grow = 0,
): Stroke {
  const stroke: Stroke = [];
  for (let i = 0; i < count; i++) {
    const part = i / (count - 1);
    const [across, down] = direction(from + turns * part);
    const size = 1 + grow * part;
    stroke.push(x + radiusX * across * size, y + radiusY * down * size);
  }
  return stroke;
}

/** The unit vector of an angle in turns, from the circle's rational parametrisation in each quarter: bit-identical on every host. */
export function direction(turns: number): [number, number] {
  const quarters = (turns - Math.floor(turns)) * 4;
  const quarter = Math.floor(quarters),
    t = quarters - quarter;
  const c = (1 - t * t) / (1 + t * t),
    s = (2 * t) / (1 + t * t);
  return quarter === 0 ? [c, s] : quarter === 1 ? [-s, c] : quarter === 2 ? [-c, -s] : [s, -c];
}
