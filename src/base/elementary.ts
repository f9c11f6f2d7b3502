// Logarithms, powers and cosines from + - * / alone: the host's own differ between engines.

const PI = 3.141592653589793;

/** x^n for a whole n ≥ 0. */
function wholePower(x: number, n: number): number {
  let result = 1;
  for (let square = x; n > 0; n = Math.floor(n / 2), square *= square) if (n % 2 === 1) result *= square;
  return result;
}

/** ln x for x > 0, to about 1e-15: x = m · 2^e with m near 1, then 2 · atanh((m - 1) / (m + 1)) as a series. */
export function log(x: number): number {
  let m = x;
  let e = 0;
  for (; m > 1.4142135623730951; m /= 2) e--;
  for (; m < 0.7071067811865476; m *= 2) e++;
  const q = (m - 1) / (m + 1);
  let sum = 0;
  for (let k = 23; k > 0; k -= 2) sum = sum * q * q + 1 / k;
  return 2 * q * sum - e * 0.6931471805599453;
}

/** e^x, 0 where it is below about 1e-308: e^(x / 2^k) as a series, squared k times. */
export function exp(x: number): number {
  if (x < -708) return 0;
  let k = 0;
  for (; x > 0.25 || x < -0.25; x /= 2) k++;
  let sum = 0;
  for (let n = 14; n > 0; n--) sum = (1 + sum) * (x / n);
  let value = 1 + sum;
  for (; k > 0; k--) value *= value;
  return value;
}

/** x^y for x ≥ 0 and y ≥ 0; of a whole y only products. */
export function power(x: number, y: number): number {
  const whole = Math.floor(y);
  const rest = y - whole;
  if (rest === 0) return wholePower(x, whole);
  return x === 0 ? 0 : wholePower(x, whole) * exp(rest * log(x));
}

/** cos(πx) for x in [0, 1]: exactly 1 at 0, 0 at ½ and -1 at 1. */
export function cosPi(x: number): number {
  if (x > 0.5) return -cosPi(1 - x);
  return x <= 0.25 ? series(PI * x, 0) : series(PI * (0.5 - x), 1);
}

/** cos x (from 0) or sin x (from 1), for |x| ≤ π / 4. */
function series(x: number, from: 0 | 1): number {
  let sum = 0;
  for (let n = 20 + from; n > from; n -= 2) sum = ((1 + sum) * -(x * x)) / (n * (n - 1));
  return from === 0 ? 1 + sum : x * (1 + sum);
}
